#include "observe/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/testing/loopback_server.h"
#include "observe/traces.h"

namespace smelt::observe {
namespace {

TEST(Metrics, TextFormat) {
  MetricSet metrics;
  metrics.Declare("runs_total", MetricType::kCounter, "Runs with a \\ and\na line end");
  metrics.Declare("nothing", MetricType::kGauge, "Has no value");
  metrics.Declare("ratio", MetricType::kGauge, "Of two");
  metrics.Add("runs_total", 12'345'678'901, {{"pipeline", "a\"b\\c\nd"}, {"status", "ok"}});
  metrics.Add("ratio", 0.25);
  metrics.Add("ratio", std::nan(""), {{"x", "y"}});
  EXPECT_EQ(metrics.Text(),
            "# HELP runs_total Runs with a \\\\ and\\na line end\n# TYPE runs_total counter\n"
            "runs_total{pipeline=\"a\\\"b\\\\c\\nd\",status=\"ok\"} 12345678901\n"
            "# HELP ratio Of two\n# TYPE ratio gauge\nratio 0.25\nratio{x=\"y\"} NaN\n");
  EXPECT_EQ(MetricName("crm.accounts-v2"), "crm_accounts_v2");
}

TEST(Traces, SpansInTheFormOfOtlp) {
  const Span span{.trace_id = TraceIdOf("r"),
                  .span_id = SpanIdOf("r/t"),
                  .parent_id = SpanIdOf("r"),
                  .name = "task t",
                  .started_us = 1'700'000'000'000'001,
                  .finished_us = 1'700'000'000'000'002,
                  .attributes = {{"rows", 3}, {"ok", false}, {"share", 0.5}, {"name", "x"}},
                  .failed = true,
                  .message = "why"};
  const Json json = TracesToJson({span}, "shop");
  const Json& only = json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(only["traceId"].get<std::string>().size(), 32U);
  EXPECT_EQ(only["spanId"].get<std::string>().size(), 16U);
  EXPECT_EQ(only["startTimeUnixNano"], "1700000000000001000");
  EXPECT_EQ(only["attributes"][0]["value"]["intValue"], "3");
  EXPECT_EQ(JsonText(only["status"]), R"({"code":2,"message":"why"})");
}

TEST(Traces, TargetsFromTheStandardsVariables) {
  unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
  unsetenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  EXPECT_FALSE(FindTraceTarget()->has_value());
  setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", 1);
  setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b,x=y", 1);
  const auto target = *FindTraceTarget();
  EXPECT_EQ(target->url, "http://localhost:4318/v1/traces");
  ASSERT_EQ(target->headers.size(), 2U);
  EXPECT_EQ(target->headers[0].second.Reveal(), "a b");
  setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", 1);
  EXPECT_EQ(FindTraceTarget().error().code(), ErrorCode::kConfigValueInvalid);
  unsetenv("OTEL_EXPORTER_OTLP_PROTOCOL");
  unsetenv("OTEL_EXPORTER_OTLP_HEADERS");
  unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
}

}  // namespace
}  // namespace smelt::observe
