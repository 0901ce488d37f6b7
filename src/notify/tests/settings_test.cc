#include "notify/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace smelt::notify {
namespace {

Result<Settings> Parse(std::string_view yaml) {
  const auto node = ConfigNode::ParseYaml(yaml, "smelt.yml");
  EXPECT_TRUE(node) << node.error().ToString();
  return ParseSettings(*node, "/project");
}

constexpr std::string_view kChannels = R"(
channels:
  mail:
    type: email
    host: smtp.example.com
    username: alerts
    password: {env: SMTP_PASSWORD}
    from: "smelt <alerts@example.com>"
    to: [oncall@example.com, "Ops <ops@example.com>"]
  team: {type: slack, url: {env: SLACK_URL}}
  pager: {type: pagerduty, routing_key: {file: secrets/pager}, retries: {attempts: 2, delay: 5s}}
  hook: {type: webhook, url: "https://example.com/hook", secret: {env: HOOK_KEY}, headers: {Authorization: {env: TOKEN}}}
)";

TEST(Settings, ReadsChannelsAndRoutes) {
  const auto settings = Parse(std::string(kChannels) + R"(
routes:
  - name: night
    pipeline: [daily, "load_*"]
    severity: error
    channels: [pager, mail]
    group_by: task
    repeat: 4h
    continue: true
    quiet_hours: {from: "22:00", to: "07:30", timezone: Europe/Berlin, days: [fri, sat], unless: error}
  - channels: team
link: "https://example.com/runs/{run_id}"
samples: {rows: 3, mask: all, columns_shown: [status]}
)");
  ASSERT_TRUE(settings) << settings.error().ToString();
  ASSERT_EQ(settings->channels.size(), 4U);
  const Channel& mail = *settings->Find("mail");
  EXPECT_EQ(mail.server.port, 587);
  EXPECT_EQ(mail.server.encryption, MailEncryption::kStartTls);
  EXPECT_EQ(mail.to.size(), 2U);
  EXPECT_EQ(settings->Find("pager")->key->file, "/project/secrets/pager");
  EXPECT_EQ(settings->Find("pager")->retries.attempts_max, 2);
  EXPECT_EQ(settings->Find("pager")->retries.delay_ms, 5'000);
  EXPECT_EQ(settings->Find("nobody"), nullptr);
  const Route& night = settings->routes.front();
  EXPECT_EQ(night.severity, Severity::kError);
  EXPECT_EQ(night.group_by, GroupBy::kTask);
  EXPECT_EQ(night.repeat_ms, 4 * 3'600'000);
  EXPECT_TRUE(night.go_on);
  EXPECT_EQ(night.quiet_hours->to_minute, 450);
  EXPECT_TRUE(night.quiet_hours->weekdays[5]);
  EXPECT_FALSE(night.quiet_hours->weekdays[0]);
  EXPECT_EQ(settings->routes.back().name, "route 2");
  EXPECT_EQ(settings->samples.mask, Masking::kAll);
}

/// A mistake, the line on which it stands in the document below, and words of message and cure.
struct Mistake {
  std::string_view yaml;
  ErrorCode code;
  std::int64_t line;
  std::string_view words;
};

TEST(Settings, MistakesNameLineAndCure) {
  const Mistake mistakes[] = {
      {"channels:\n  a: {type: slak, url: {env: X}}\nroutes: []", ErrorCode::kConfigValueInvalid, 2, "slack"},
      {"channels:\n  a: {type: slack, url: \"https://hooks.example.com/T1/B2\"}\nroutes: []",
       ErrorCode::kConfigValueInvalid, 2, "{env: VARIABLE}"},
      {"channels:\n  a:\n    type: slack\n    url: {env: X}\n    chanel: b\nroutes: []", ErrorCode::kConfigKeyUnknown,
       5, "chanel"},
      {"channels: {}\nroutes:\n  - {channels: [tema]}", ErrorCode::kConfigValueInvalid, 3, "tema"},
      {"channels: {}\nroutes:\n  - channels: []\n    quiet_hours: {from: \"25:00\", to: \"07:00\"}",
       ErrorCode::kConfigValueInvalid, 4, "25:00"},
      {"channels: {}\nroutes:\n  - channels: []\n    quiet_hours: {from: \"22:00\", to: \"07:00\", timezone: Mars/One}",
       ErrorCode::kConfigValueInvalid, 4, "Mars/One"},
      {"channels:\n  m: {type: email, host: h, from: \"a@b\\r\\nBcc: c@d\", to: c@d}\nroutes: []",
       ErrorCode::kConfigValueInvalid, 2, "mail address"},
      {"channels:\n  m: {type: email, host: h, username: u, from: a@b, to: c@d}\nroutes: []",
       ErrorCode::kConfigKeyMissing, 2, "password"},
      {"channels: {}\nroutes:\n  - {channels: [], severity: fatal}", ErrorCode::kConfigValueInvalid, 3, "critical"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto settings = Parse(mistake.yaml);
    ASSERT_FALSE(settings) << mistake.yaml;
    const Error& error = settings.error();
    EXPECT_EQ(error.code(), mistake.code) << error.ToString();
    EXPECT_EQ(error.line(), mistake.line) << error.ToString();
    EXPECT_NE(error.ToString().find(mistake.words), std::string::npos) << error.ToString();
  }
}

TEST(Settings, SecretsAreReadWhenNeeded) {
  const auto settings = Parse(std::string(kChannels) + "routes: []\n");
  ASSERT_TRUE(settings);
  const SecretSource& url = *settings->Find("team")->secret_url;
  unsetenv("SLACK_URL");
  const auto missing = url.Read();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kAlertSecretMissing);
  EXPECT_EQ(missing.error().line(), 10);
  setenv("SLACK_URL", "https://hooks.example.com/x", 1);
  EXPECT_EQ(url.Read()->Reveal(), "https://hooks.example.com/x");
  unsetenv("SLACK_URL");
}

}  // namespace
}  // namespace smelt::notify
