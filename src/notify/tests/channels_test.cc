#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/testing/loopback_server.h"
#include "notify/channels/email.h"
#include "notify/channels/pagerduty.h"
#include "notify/channels/post.h"
#include "notify/channels/slack.h"
#include "notify/channels/webhook.h"
#include "notify/delivery.h"
#include "notify/internal/mail_address.h"

namespace smelt::notify {
namespace {

using smelt::testing::LoopbackServer;

Alert Example() {
  Alert alert{.id = "a1", .incident = "i1"};
  alert.title = "daily: 2 problems in checks";
  alert.project = "shop";
  alert.pipeline = "daily";
  alert.run_id = "20240110T000000Z-abc";
  alert.run_status = "failed";
  alert.link = "https://example.com/runs/1?a=1&b=2";
  alert.created_us = 1'704'888'000'000'000;
  alert.started_us = alert.created_us;
  alert.problems = {{.task = "checks",
                     .name = "suite <orders>",
                     .kind = "suite",
                     .message = "1 & 2 `code` ```",
                     .samples = {{.of = "amount", .columns = {"amount"}, .rows = {{"-5"}, {"```"}}}}}};
  alert.problems_total = 2;
  return alert;
}

TEST(Channels, AlertsSurviveTheirJsonForm) {
  const Alert alert = Example();
  EXPECT_EQ(ToJson(AlertFromJson(ToJson(alert))), ToJson(alert));
  EXPECT_EQ(AlertFromJson("not an alert").runs, 1);
}

TEST(Channels, MailsCarryAttachmentsBesideTheirText) {
  Alert alert = Example();
  alert.attachments = {{.name = "daily \"kpi\".pdf", .type = "application/pdf", .content = std::string("%PDF\0", 5)}};
  Channel channel;
  channel.from = "smelt <alerts@example.com>";
  channel.to = {"board@example.com"};
  const std::string mail = channels::MailContent(channel, alert);
  EXPECT_NE(mail.find("Content-Type: multipart/mixed; boundary=\"=-a1\""), std::string::npos);
  EXPECT_NE(mail.find("filename=\"daily _kpi_.pdf\"\r\n\r\n" + Base64Encode(std::string("%PDF\0", 5)) + "\r\n--=-a1--"),
            std::string::npos);
  EXPECT_EQ(JsonText(ToJson(alert)).find("PDF"), std::string::npos);
}

TEST(Channels, PagerDutyKnowsIncidentsByTheirId) {
  Alert alert = Example();
  const Json trigger = channels::PagerDutyEvent(alert);
  EXPECT_EQ(trigger["event_action"], "trigger");
  EXPECT_EQ(trigger["dedup_key"], "i1");
  EXPECT_EQ(trigger["payload"]["severity"], "error");
  alert.title = std::string(3'000, 'x');
  EXPECT_LE(channels::PagerDutyEvent(alert)["payload"]["summary"].get<std::string>().size(), 1'024U);
  alert.action = Action::kResolve;
  EXPECT_EQ(JsonText(channels::PagerDutyEvent(alert)),
            R"({"event_action":"resolve","dedup_key":"i1","client":"smelt"})");
}

TEST(Channels, SlackMessagesEscapeAndStayWithinLimits) {
  Alert alert = Example();
  alert.problems.resize(20, alert.problems.front());
  alert.problems[0].message = std::string(9'000, 'x');
  alert.problems_total = 300;
  const Json message = channels::SlackMessage(alert);
  EXPECT_LE(message["blocks"].size(), 50U);
  const std::string text = message["blocks"][3]["text"]["text"];
  EXPECT_NE(text.find("suite &lt;orders&gt;"), std::string::npos) << text;
  EXPECT_EQ(text.find("```\n```"), std::string::npos) << "a value must not end the block: " << text;
  for (const Json& block : message["blocks"]) {
    const Json text = block.value("text", Json({{"text", ""}}));
    EXPECT_LE(text["text"].get<std::string>().size(), 3'000U);
  }
}

// The example of the specification of Standard Webhooks.
TEST(Channels, WebhooksAreSignedAsTheStandardSays) {
  const Secret key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  EXPECT_EQ(channels::Signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Channels, MailHasBothFormsAndNoForeignHeaders) {
  Channel channel{.name = "mail", .kind = ChannelKind::kEmail};
  channel.from = "smelt <alerts@example.com>";
  channel.to = {"Ö <a@b.de>", "c@d.de"};
  Alert alert = Example();
  alert.title = "Bestellungen für Köln\r\nBcc: evil@example.com";
  const std::string mail = channels::MailContent(channel, alert);
  EXPECT_EQ(mail.find("\r\nBcc:"), std::string::npos);
  EXPECT_NE(mail.find("\r\nMessage-ID: <a1@example.com>\r\n"), std::string::npos);
  EXPECT_NE(mail.find("Date: Wed, 10 Jan 2024 12:00:00 +0000\r\n"), std::string::npos) << mail.substr(0, 200);
  for (std::size_t begin = 0; begin < mail.size();) {
    const auto end = mail.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - begin, 998U);
    begin = end + 2;
  }
}

TEST(Channels, Addresses) {
  EXPECT_EQ(internal::ParseMailAddress("Ops <ops@example.com>")->address, "ops@example.com");
  EXPECT_EQ(internal::ParseMailAddress("\"A, B\" <a@b.c>")->name, "A, B");
  for (const char* none : {"", "a", "a@", "@b", "a@b@c", "a b@c", "a@b>", "A <a@b", "a@b,c@d", "a@b\nX: y"}) {
    EXPECT_FALSE(internal::ParseMailAddress(none)) << none;
  }
}

/// A channel to a server of a test.
Channel Hook(const LoopbackServer& server) {
  return {.name = "hook", .kind = ChannelKind::kWebhook, .url = server.url() + "/secret/path"};
}

TEST(Delivery, WhatMayPassAndWhatMayNot) {
  std::string answer;
  LoopbackServer server([&](const std::string&) { return answer; });
  answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
  EXPECT_TRUE(SendAlert(Hook(server), Example()));
  answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(SendAlert(Hook(server), Example()).error().code(), ErrorCode::kAlertDelayed);
  HttpClient client;
  EXPECT_EQ(channels::SendPost(client, Hook(server), {.url = server.url()}, {}).wait_ms, 7'000);
  answer = "HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(channels::SendPost(client, Hook(server), {.url = server.url()}, {}).wait_ms, 0) << "that is over";
  answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno_team";
  const Status refused = SendAlert(Hook(server), Example());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kAlertRefused);
  EXPECT_NE(refused.error().message().find("no_team"), std::string::npos);
  answer.clear();
  const Status cut = SendAlert(Hook(server), Example());
  EXPECT_EQ(cut.error().code(), ErrorCode::kAlertDelayed);
  EXPECT_EQ(cut.error().ToString().find("secret/path"), std::string::npos) << cut.error().ToString();
}

}  // namespace
}  // namespace smelt::notify
