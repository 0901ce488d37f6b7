#include "observe/lineage_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/ascii.h"
#include "base/config.h"
#include "base/environment.h"
#include "observe/internal/kafka_producer.h"

namespace smelt::observe {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEndpoint = "api/v1/lineage";

std::string Join(std::string url, std::string_view endpoint) {
  while (url.ends_with('/')) url.pop_back();
  while (endpoint.starts_with('/')) endpoint.remove_prefix(1);
  return fmt::format("{}/{}", url, endpoint);
}

bool IsHttp(std::string_view url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

/// The file to read; nothing when there is none. One that is named must be there.
std::optional<std::string> FindFile(const std::string& folder) {
  if (std::string named = EnvironmentVariable("OPENLINEAGE_CONFIG"); !named.empty()) return named;
  std::vector<fs::path> places = {fs::path(folder) / "openlineage.yml"};
  if (const std::string home = EnvironmentVariable("HOME"); !home.empty()) {
    places.push_back(fs::path(home) / ".openlineage/openlineage.yml");
  }
  std::error_code ignored;
  for (const fs::path& place : places) {
    if (fs::exists(place, ignored)) return place.string();
  }
  return std::nullopt;
}

Status ReadAuth(const ConfigNode& node, LineageTarget& target) {
  const auto auth = node.Find("auth");
  if (!auth) return {};
  SMELT_ASSIGN(const std::string type, auth->StringOr("type", ""));
  if (type != "api_key") {
    return Fail(auth->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the auth type '{}' is not known", type))
                    .Hint("use {type: api_key, api_key: …}"));
  }
  // Both spellings are in use.
  SMELT_ASSIGN(std::string key, auth->StringOr("api_key", ""));
  if (key.empty()) {
    SMELT_ASSIGN(key, auth->StringOr("apiKey", ""));
  }
  target.api_key = Secret(key);
  return {};
}

Result<LineageTarget> ReadHttp(const ConfigNode& node) {
  LineageTarget target{.transport = LineageTransport::kHttp};
  SMELT_ASSIGN(const ConfigNode url, node.Require("url"));
  SMELT_ASSIGN(const std::string address, url.AsString());
  if (!IsHttp(address)) {
    return Fail(url.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not an http address", address))
                    .Hint("it begins with http:// or https://"));
  }
  SMELT_ASSIGN(const std::string endpoint, node.StringOr("endpoint", std::string(kEndpoint)));
  target.url = Join(address, endpoint);
  if (const auto timeout = node.Find("timeout")) {
    SMELT_ASSIGN(const double seconds, timeout->AsDouble());
    constexpr double kSecondsMax = 3'600;
    target.timeout_ms = static_cast<std::int64_t>(std::clamp(seconds, 0.001, kSecondsMax) * 1'000);
  }
  SMELT_TRY(ReadAuth(node, target));
  const auto headers = node.Find("custom_headers");
  if (!headers) return target;
  for (const std::string& name : headers->keys()) {
    SMELT_ASSIGN(std::string value, headers->Find(name)->AsString());
    target.headers.emplace_back(name, std::move(value));
  }
  return target;
}

Result<LineageTarget> ReadFileTarget(const ConfigNode& node) {
  LineageTarget target;
  SMELT_ASSIGN(const ConfigNode path, node.Require("log_file_path"));
  SMELT_ASSIGN(const std::string text, path.AsString());
  target.path = (fs::path(node.file()).parent_path() / text).lexically_normal().string();
  SMELT_ASSIGN(target.append, node.BoolOr("append", false));
  return target;
}

Result<LineageTarget> ReadKafka(const ConfigNode& node) {
  LineageTarget target{.transport = LineageTransport::kKafka};
  SMELT_ASSIGN(const ConfigNode topic, node.Require("topic"));
  SMELT_ASSIGN(target.topic, topic.AsString());
  SMELT_ASSIGN(target.message_key, node.StringOr("messageKey", ""));
  if (target.message_key.empty()) {
    SMELT_ASSIGN(target.message_key, node.StringOr("message_key", ""));
  }
  SMELT_ASSIGN(const ConfigNode config, node.Require("config"));
  SMELT_TRY(config.Require("bootstrap.servers"));
  for (const std::string& name : config.keys()) {
    // Those of the Java client beside the properties of librdkafka: how keys and values become bytes.
    if (name == "key.serializer" || name == "value.serializer") continue;
    const ConfigNode property = *config.Find(name);
    SMELT_ASSIGN(std::string value, property.AsString());
    if (const Status taken = internal::CheckKafkaProperty(name, value); !taken) {
      return Fail(Error(taken.error()).At(property.file(), property.line(), property.column()));
    }
    target.properties.emplace_back(name, std::move(value));
  }
  return target;
}

Status ReadTransport(const ConfigNode& node, std::vector<LineageTarget>& targets) {
  SMELT_ASSIGN(const ConfigNode type_node, node.Require("type"));
  SMELT_ASSIGN(const std::string type, type_node.AsString());
  if (type == "noop") return {};
  if (type == "console") {
    targets.push_back({.transport = LineageTransport::kConsole});
    return {};
  }
  if (type == "http" || type == "async_http") {
    SMELT_ASSIGN(LineageTarget target, ReadHttp(node));
    targets.push_back(std::move(target));
    return {};
  }
  if (type == "file") {
    SMELT_ASSIGN(LineageTarget target, ReadFileTarget(node));
    targets.push_back(std::move(target));
    return {};
  }
  if (type == "kafka") {
    SMELT_ASSIGN(LineageTarget target, ReadKafka(node));
    targets.push_back(std::move(target));
    return {};
  }
  if (type == "composite") {
    SMELT_ASSIGN(const ConfigNode transports, node.Require("transports"));
    for (const ConfigNode& one : transports.items()) SMELT_TRY(ReadTransport(one, targets));
    for (const std::string& name : transports.keys()) SMELT_TRY(ReadTransport(*transports.Find(name), targets));
    return {};
  }
  return Fail(type_node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the transport '{}' is not known", type))
                  .Hint("smelt sends events by http, kafka, file, console and composite; noop sends none"));
}

}  // namespace

Result<LineageSettings> FindLineageSettings(const std::string& folder) {
  LineageSettings settings;
  settings.name_space = EnvironmentVariable("OPENLINEAGE_NAMESPACE");
  if (EqualsIgnoringCase(EnvironmentVariable("OPENLINEAGE_DISABLED"), "true")) return settings;
  if (const auto file = FindFile(folder)) {
    SMELT_ASSIGN(const ConfigNode node, ConfigNode::ReadFile(*file));
    if (const auto transport = node.Find("transport")) {
      SMELT_TRY(ReadTransport(*transport, settings.targets));
      return settings;
    }
  }
  const std::string url = EnvironmentVariable("OPENLINEAGE_URL");
  if (url.empty()) return settings;
  if (!IsHttp(url)) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("OPENLINEAGE_URL: '{}' is not an http address", url))
                    .Hint("it begins with http:// or https://"));
  }
  const std::string endpoint = EnvironmentVariable("OPENLINEAGE_ENDPOINT");
  LineageTarget target{.transport = LineageTransport::kHttp};
  target.url = Join(url, endpoint.empty() ? kEndpoint : std::string_view(endpoint));
  target.api_key = Secret(EnvironmentVariable("OPENLINEAGE_API_KEY"));
  settings.targets.push_back(std::move(target));
  return settings;
}

}  // namespace smelt::observe
