#include "observe/traces.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "base/digest.h"
#include "base/environment.h"
#include "base/http.h"
#include "base/retry.h"
#include "base/version.h"

namespace smelt::observe {
namespace {

/// The variable for traces if it is set, else that for all signals.
std::string ForTraces(std::string_view name) {
  const std::string own = EnvironmentVariable(fmt::format("OTEL_EXPORTER_OTLP_TRACES_{}", name).c_str());
  return own.empty() ? EnvironmentVariable(fmt::format("OTEL_EXPORTER_OTLP_{}", name).c_str()) : own;
}

/// "%20" is a space.
std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// "name=value,name=value".
std::vector<std::pair<std::string, Secret>> ReadHeaders(std::string_view text) {
  std::vector<std::pair<std::string, Secret>> headers;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view one = text.substr(0, comma);
    const auto equals = one.find('=');
    if (equals != std::string_view::npos && equals > 0) {
      headers.emplace_back(std::string(one.substr(0, equals)), Secret(PercentDecode(one.substr(equals + 1))));
    }
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return headers;
}

Json Attribute(const std::string& key, const Json& value) {
  Json typed;
  if (value.is_boolean()) {
    typed = {{"boolValue", value}};
  } else if (value.is_number_integer()) {
    // 64-bit integers are texts in the JSON form of Protocol Buffers.
    typed = {{"intValue", JsonText(value)}};
  } else if (value.is_number()) {
    typed = {{"doubleValue", value}};
  } else {
    typed = {{"stringValue", value.is_string() ? value : Json(JsonText(value))}};
  }
  return {{"key", key}, {"value", std::move(typed)}};
}

Json SpanToJson(const Span& span) {
  constexpr int kInternal = 1, kOk = 1, kError = 2;
  Json json = {{"traceId", span.trace_id}, {"spanId", span.span_id}};
  if (!span.parent_id.empty()) json["parentSpanId"] = span.parent_id;
  json["name"] = span.name;
  json["kind"] = kInternal;
  json["startTimeUnixNano"] = fmt::format("{}000", span.started_us);
  json["endTimeUnixNano"] = fmt::format("{}000", span.finished_us);
  json["attributes"] = Json::array();
  for (const auto& [key, value] : span.attributes.items()) json["attributes"].push_back(Attribute(key, value));
  json["status"] = {{"code", span.failed ? kError : kOk}};
  if (span.failed && !span.message.empty()) json["status"]["message"] = span.message;
  return json;
}

}  // namespace

Result<std::optional<TraceTarget>> FindTraceTarget() {
  if (EnvironmentVariable("OTEL_SDK_DISABLED") == "true" || EnvironmentVariable("OTEL_TRACES_EXPORTER") == "none")
    return std::nullopt;
  TraceTarget target;
  target.url = EnvironmentVariable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (target.url.empty()) {
    target.url = EnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT");
    if (target.url.empty()) return std::nullopt;
    target.url += target.url.ends_with('/') ? "v1/traces" : "/v1/traces";
  }
  const std::string protocol = ForTraces("PROTOCOL");
  if (!protocol.empty() && protocol != "http/json") {
    return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("traces are not sent by the protocol '{}'", protocol))
                    .Hint("set OTEL_EXPORTER_OTLP_PROTOCOL=http/json and the endpoint of OTLP over HTTP (port 4318)"));
  }
  if (!target.url.starts_with("http://") && !target.url.starts_with("https://")) {
    return Fail(Error(ErrorCode::kConfigValueInvalid,
                      fmt::format("OTEL_EXPORTER_OTLP_ENDPOINT: '{}' is not an http address", target.url))
                    .Hint("it begins with http:// or https://"));
  }
  target.headers = ReadHeaders(ForTraces("HEADERS"));
  if (const std::string timeout = ForTraces("TIMEOUT"); !timeout.empty()) {
    std::from_chars(timeout.data(), timeout.data() + timeout.size(), target.timeout_ms);
  }
  if (const std::string service = EnvironmentVariable("OTEL_SERVICE_NAME"); !service.empty()) target.service = service;
  return target;
}

Json TracesToJson(const std::vector<Span>& spans, const std::string& service) {
  Json list = Json::array();
  for (const Span& span : spans) list.push_back(SpanToJson(span));
  const Json resource = {{"attributes", Json::array({Attribute("service.name", service),
                                                     Attribute("service.version", std::string(kSmeltVersion))})}};
  const Json scope = {{"scope", {{"name", "smelt"}, {"version", kSmeltVersion}}}, {"spans", std::move(list)}};
  return {{"resourceSpans", Json::array({{{"resource", resource}, {"scopeSpans", Json::array({scope})}}})}};
}

Status SendTraces(const TraceTarget& target, const std::vector<Span>& spans, std::stop_token stop) {
  const std::string body = JsonText(TracesToJson(spans, target.service));
  HttpClient client;
  HttpRequest request;
  request.method = "POST";
  request.url = target.url;
  request.headers = {{"Content-Type", "application/json"}};
  for (const auto& [name, value] : target.headers) request.headers.emplace_back(name, value.Reveal());
  request.body = body;
  request.timeout_ms = target.timeout_ms;
  request.stop = stop;
  constexpr RetryPolicy kRetries{.attempts_max = 3, .delay_ms = 200, .delay_max_ms = 2'000};
  constexpr int kOk = 200, kRedirect = 300, kTooMany = 429, kServerError = 500;
  for (int attempt = 1;; ++attempt) {
    const auto response = client.Send(request);
    if (response && response->status >= kOk && response->status < kRedirect) return {};
    const bool may_pass = !response || response->status >= kServerError || response->status == kTooMany;
    if (may_pass && attempt < kRetries.attempts_max && SleepFor(RetryDelayMs(kRetries, attempt + 1), stop)) continue;
    if (!response) return std::unexpected(response.error());
    return Fail(ErrorCode::kHttpInterrupted, fmt::format("{} answered {}", target.url, response->status));
  }
}

std::string TraceIdOf(std::string_view name) {
  return Md5Hex(name);
}

std::string SpanIdOf(std::string_view name) {
  constexpr std::size_t kDigits = 16;
  return Md5Hex(name).substr(0, kDigits);
}

}  // namespace smelt::observe
