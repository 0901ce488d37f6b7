#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/secret.h"

namespace smelt::observe {

/// A piece of work with a begin and an end.
struct Span {
  std::string trace_id = {};   ///< 32 hex digits
  std::string span_id = {};    ///< 16 hex digits
  std::string parent_id = {};  ///< empty: the root
  std::string name = {};
  std::int64_t started_us = 0, finished_us = 0;
  Json attributes = Json::object();  ///< texts, numbers and truth values
  bool failed = false;
  std::string message = {};  ///< why it failed
};

/// Where traces go.
struct TraceTarget {
  std::string url = {};
  std::vector<std::pair<std::string, Secret>> headers = {};
  std::int64_t timeout_ms = 10'000;
  std::string service = "smelt";
};

/// Reads the standard's variables: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_EXPORTER_OTLP_ENDPOINT with v1/traces
/// behind it, …_HEADERS, …_TIMEOUT, OTEL_SERVICE_NAME; OTEL_SDK_DISABLED and OTEL_TRACES_EXPORTER=none switch off.
/// Nothing when no endpoint is named. Errors: kConfigValueInvalid: a protocol other than http/json, a bad address.
Result<std::optional<TraceTarget>> FindTraceTarget();

/// An ExportTraceServiceRequest of OTLP 1.x in JSON.
Json TracesToJson(const std::vector<Span>& spans, const std::string& service);

/// Sends spans; tries three times. Errors: kHttpUnreachable, kHttpInterrupted (also for an answer that is no success).
Status SendTraces(const TraceTarget& target, const std::vector<Span>& spans, std::stop_token stop);

/// The ids that follow from a name: 32 and 16 hex digits.
std::string TraceIdOf(std::string_view name);
std::string SpanIdOf(std::string_view name);

}  // namespace smelt::observe
