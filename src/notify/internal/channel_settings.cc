#include "notify/internal/channel_settings.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "notify/internal/config_values.h"
#include "notify/internal/mail_address.h"

namespace smelt::notify::internal {
namespace {

constexpr std::string_view kPagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";
constexpr int kPortMax = 65'535;
constexpr int kAttemptsMax = 20;

Status CheckKeys(const ConfigNode& node, std::vector<std::string_view> own) {
  own.insert(own.end(), {"type", "timeout", "retries"});
  return node.AllowKeys(own);
}

Result<std::string> Address(const ConfigNode& node) {
  SMELT_ASSIGN(std::string text, node.AsString());
  if (ParseMailAddress(text)) return text;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not a mail address", text))
                  .Hint("write name@example.com or \"Some Name <name@example.com>\""));
}

Result<std::string> Url(const ConfigNode& node) {
  SMELT_ASSIGN(std::string text, node.AsString());
  if (text.starts_with("https://") || text.starts_with("http://")) return text;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not an http address", text))
                  .Hint("it begins with https:// (or http:// on the same machine)"));
}

Status ParseServer(const ConfigNode& node, Channel& channel) {
  SMELT_ASSIGN(const ConfigNode host, node.Require("host"));
  SMELT_ASSIGN(channel.server.host, host.AsString());
  SMELT_ASSIGN(const std::string tls, Choice(node, "tls", "starttls", {"starttls", "tls", "none"}));
  constexpr int kSubmissionPort = 587, kTlsPort = 465, kPlainPort = 25;
  std::int64_t port = kSubmissionPort;
  if (tls == "tls") {
    channel.server.encryption = MailEncryption::kTls;
    port = kTlsPort;
  } else if (tls == "none") {
    channel.server.encryption = MailEncryption::kNone;
    port = kPlainPort;
  }
  SMELT_ASSIGN(port, node.IntOr("port", port));
  if (port < 1 || port > kPortMax) {
    return Fail(node.Find("port")
                    ->ErrorHere(ErrorCode::kConfigValueInvalid,
                                fmt::format("{} is no port: a port is a number from 1 to 65535", port))
                    .Hint("leave it out for the usual one of `tls`"));
  }
  channel.server.port = static_cast<int>(port);
  SMELT_ASSIGN(channel.server.username, node.StringOr("username", ""));
  return {};
}

Status ParseEmail(const ConfigNode& node, const std::string& folder, Channel& channel) {
  SMELT_TRY(CheckKeys(node, {"host", "port", "tls", "username", "password", "ca_file", "from", "to"}));
  SMELT_TRY(ParseServer(node, channel));
  SMELT_ASSIGN(channel.server.ca_file, node.StringOr("ca_file", ""));
  if (!channel.server.ca_file.empty()) {
    channel.server.ca_file = (std::filesystem::path(folder) / channel.server.ca_file).lexically_normal().string();
  }
  if (const auto password = node.Find("password")) {
    SMELT_ASSIGN(channel.login, ParseSecret(*password, folder));
  }
  if (channel.login.has_value() == channel.server.username.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, "a login is a username and a password")
                    .Hint("give both, or neither for a server that wants no login"));
  }
  SMELT_ASSIGN(const ConfigNode from, node.Require("from"));
  SMELT_ASSIGN(channel.from, Address(from));
  SMELT_ASSIGN(const ConfigNode to, node.Require("to"));
  if (!to.is_list()) {
    SMELT_ASSIGN(channel.to.emplace_back(), Address(to));
    return {};
  }
  for (const ConfigNode& one : to.items()) {
    SMELT_ASSIGN(channel.to.emplace_back(), Address(one));
  }
  if (channel.to.empty()) return Fail(to.ErrorHere(ErrorCode::kConfigValueInvalid, "'to' names nobody"));
  return {};
}

Status ParseSlack(const ConfigNode& node, const std::string& folder, Channel& channel) {
  SMELT_TRY(CheckKeys(node, {"url"}));
  SMELT_ASSIGN(const ConfigNode url, node.Require("url"));
  SMELT_ASSIGN(channel.secret_url, ParseSecret(url, folder));
  return {};
}

Status ParsePagerDuty(const ConfigNode& node, const std::string& folder, Channel& channel) {
  SMELT_TRY(CheckKeys(node, {"routing_key", "url"}));
  SMELT_ASSIGN(const ConfigNode key, node.Require("routing_key"));
  SMELT_ASSIGN(channel.key, ParseSecret(key, folder));
  channel.url = kPagerDutyUrl;
  if (const auto url = node.Find("url")) {
    SMELT_ASSIGN(channel.url, Url(*url));
  }
  return {};
}

Status ParseWebhook(const ConfigNode& node, const std::string& folder, Channel& channel) {
  SMELT_TRY(CheckKeys(node, {"url", "secret", "headers"}));
  SMELT_ASSIGN(const ConfigNode url, node.Require("url"));
  if (url.is_map()) {
    SMELT_ASSIGN(channel.secret_url, ParseSecret(url, folder));
  } else {
    SMELT_ASSIGN(channel.url, Url(url));
  }
  if (const auto secret = node.Find("secret")) {
    SMELT_ASSIGN(channel.key, ParseSecret(*secret, folder));
  }
  const auto headers = node.Find("headers");
  if (!headers) return {};
  if (!headers->is_map()) return Fail(headers->ErrorHere(ErrorCode::kConfigValueInvalid, "'headers' is a map"));
  for (const std::string& name : headers->keys()) {
    SMELT_ASSIGN(SecretSource source, ParseSecret(*headers->Find(name), folder));
    channel.headers.emplace_back(name, std::move(source));
  }
  return {};
}

Status ParseRetries(const ConfigNode& node, RetryPolicy& policy) {
  SMELT_TRY(node.AllowKeys({"attempts", "delay", "delay_max"}));
  SMELT_ASSIGN(const std::int64_t attempts, node.IntOr("attempts", policy.attempts_max));
  if (attempts < 1 || attempts > kAttemptsMax) {
    return Fail(node.Find("attempts")
                    ->ErrorHere(ErrorCode::kConfigValueInvalid,
                                fmt::format("'attempts' is a number from 1 to {}", kAttemptsMax)));
  }
  policy.attempts_max = static_cast<int>(attempts);
  if (const auto delay = node.Find("delay")) {
    SMELT_ASSIGN(policy.delay_ms, delay->AsDurationMs());
  }
  if (const auto delay_max = node.Find("delay_max")) {
    SMELT_ASSIGN(policy.delay_max_ms, delay_max->AsDurationMs());
  }
  return {};
}

}  // namespace

Result<Channel> ParseChannel(const std::string& name, const ConfigNode& node, const std::string& folder) {
  if (!node.is_map()) return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a channel is a map"));
  Channel channel;
  channel.name = name;
  SMELT_TRY(node.Require("type"));
  SMELT_ASSIGN(const std::string type, Choice(node, "type", "", {"email", "slack", "pagerduty", "webhook"}));
  if (type == "email") {
    channel.kind = ChannelKind::kEmail;
    SMELT_TRY(ParseEmail(node, folder, channel));
  } else if (type == "slack") {
    channel.kind = ChannelKind::kSlack;
    SMELT_TRY(ParseSlack(node, folder, channel));
  } else if (type == "pagerduty") {
    channel.kind = ChannelKind::kPagerDuty;
    SMELT_TRY(ParsePagerDuty(node, folder, channel));
  } else {
    SMELT_TRY(ParseWebhook(node, folder, channel));
  }
  if (const auto timeout = node.Find("timeout")) {
    SMELT_ASSIGN(channel.timeout_ms, timeout->AsDurationMs());
  }
  if (const auto retries = node.Find("retries")) SMELT_TRY(ParseRetries(*retries, channel.retries));
  return channel;
}

}  // namespace smelt::notify::internal
