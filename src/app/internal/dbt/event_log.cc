#include "app/internal/dbt/event_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "app/internal/terminal/folded_steps.h"
#include "base/clock.h"
#include "base/version.h"
#include "transform/invoke.h"

namespace smelt::app {
namespace {

/// How dbt calls the event that ends a node of a kind.
struct ResultEvent {
  std::string_view kind, name, code;
};
constexpr ResultEvent kResultEvents[] = {
    {"model", "LogModelResult", "Q012"},          {"test", "LogTestResult", "Q007"},
    {"unit_test", "LogTestResult", "Q007"},       {"operation", "LogHookEndLine", "Q033"},
    {"source", "LogFreshnessResult", "Q018"},     {"seed", "LogSeedResult", "Q016"},
    {"snapshot", "LogSnapshotResult", "Q015"},    {"exposure", "LogNodeNoOpResult", "Q019"},
    {"saved_query", "LogNodeNoOpResult", "Q019"},
};

ResultEvent EventOf(const StepResult& step) {
  if (step.status == StepStatus::kSkipped) return {step.kind, "SkippingDetails", "Q033"};
  for (const ResultEvent& event : kResultEvents) {
    if (event.kind == step.kind) return event;
  }
  return {step.kind, "LogNodeResult", "Q036"};
}

std::string_view LevelOf(StepStatus status) {
  if (status == StepStatus::kFailed) return "error";
  return status == StepStatus::kWarned ? "warn" : "info";
}

int RankOf(std::string_view level) {
  constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
  return static_cast<int>(std::ranges::find(kLevels, level) - kLevels.begin());
}

std::string_view VerdictOf(const StepResult& step) {
  switch (step.status) {
    case StepStatus::kDone:
    case StepStatus::kNothing:
      if (IsDescribedStep(step)) return "NO-OP";
      return IsTestStep(step) || step.kind == "source" ? "PASS" : "OK";
    case StepStatus::kWarned: return "WARN";
    case StepStatus::kFailed:
      if (step.details.contains("stale")) return "ERROR STALE";
      return IsTestStep(step) && step.details.contains("failures") ? "FAIL" : "ERROR";
    case StepStatus::kSkipped: return "SKIP";
  }
  SMELT_ASSERT(false);
}

}  // namespace

void DbtEventLog::Write(std::string_view name, std::string_view code, std::string_view level,
                        const std::string& message, const Json& data) {
  if (RankOf(level) < RankOf(style_.lowest)) return;
  if (!style_.as_json) {
    const std::string text =
        fmt::format("{} [{:5}] [MainThread]: {}\n", FormatUtcMicros(NowMicros()).substr(11), level, message);
    const std::lock_guard guard(lock_);
    out_ << text << std::flush;
    return;
  }
  const Json line = {{"data", data},
                     {"info",
                      {{"category", ""},
                       {"code", code},
                       {"extra", Json::object()},
                       {"invocation_id", invocation_id_},
                       {"level", level},
                       {"msg", message},
                       {"name", name},
                       {"pid", getpid()},
                       {"thread", "MainThread"},
                       {"ts", FormatUtcMicros(NowMicros())}}}};
  const std::string text = JsonText(line) + "\n";
  const std::lock_guard guard(lock_);
  out_ << text << std::flush;
}

void DbtEventLog::RunStarted(int threads, std::string_view target) {
  Write("MainReportVersion", "A001", "info", fmt::format("Running with smelt={}", kSmeltVersion),
        {{"version", fmt::format("={}", transform::kDbtVersion)}, {"log_version", 3}});
  Write("ConcurrencyLine", "Q027", "info", fmt::format("Concurrency: {} threads (target='{}')", threads, target),
        {{"num_threads", threads}, {"target_name", target}});
}

void DbtEventLog::Warned(std::string_view text) {
  Write("JinjaLogWarning", "I061", "warn", std::string(text), {{"msg", text}});
}

void DbtEventLog::Failed(const Error& error) {
  Write("MainEncounteredError", "Z002", "error", "Encountered an error:\n" + error.ToString(),
        {{"exc", error.ToString()}});
}

void DbtEventLog::Printed(std::string_view text) {
  Write("JinjaLogInfo", "I062", "info", std::string(text), {{"msg", text}});
}

void DbtEventLog::StepStarted(std::string_view name, std::string_view kind) {
  const std::string description = fmt::format("{} {}", kind, name);
  Write("LogStartLine", "Q011", "info", "START " + description,
        {{"description", description}, {"node_info", {{"node_name", name}, {"resource_type", kind}}}});
}

void DbtEventLog::StepProgress(std::string_view /*name*/, std::int64_t /*done*/, std::int64_t /*total*/,
                               std::string_view /*unit*/) {}

void DbtEventLog::StepFinished(const StepResult& step) {
  const ResultEvent event = EventOf(step);
  const std::string_view verdict = VerdictOf(step);
  std::string message = fmt::format("{} {} {} in {:.2f}s", verdict, step.kind, step.name, step.seconds);
  if (!step.message.empty()) message += ": " + step.message;
  Json data = {{"description", fmt::format("{} {}", step.kind, step.name)},
               {"execution_time", step.seconds},
               {"node_info", {{"node_name", step.name}, {"resource_type", step.kind}}},
               {"status", verdict}};
  if (const auto failures = step.details.find("failures"); failures != step.details.end()) {
    data["num_failures"] = *failures;
  }
  Write(event.name, event.code, LevelOf(step.status), message, data);
}

void DbtEventLog::RunFinished(const NodeCounts& counts, double seconds) {
  Write("FinishedRunningStats", "E047", "info", fmt::format("Finished running in {:.2f} seconds", seconds),
        {{"execution_time", seconds}});
  const Json stats = {{"error", counts.error}, {"noop", counts.noop},     {"pass", counts.pass},
                      {"skip", counts.skip},   {"total", counts.total()}, {"warn", counts.warn}};
  Write("StatsLine", "Z023", "info", SummaryLine(counts), {{"stats", stats}});
}

}  // namespace smelt::app
