#include "transform/internal/run/source_age.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "transform/internal/project/operation_resolver.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/render_node.h"

namespace smelt::transform {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kPeriods = {
    {{"minute", 60}, {"hour", 3'600}, {"day", 86'400}}};
/// The age of what has no rows: since the year 1, as dbt has it.
constexpr std::int64_t kFirstMoment = -62'135'596'800'000'000;

/// A threshold of a freshness configuration in seconds; nothing: it is not set.
Result<std::optional<std::int64_t>> Threshold(const SourceTable& source, const char* key) {
  const Json& threshold = source.freshness.value(key, Json());
  if (!threshold.is_object()) return std::optional<std::int64_t>();
  const Json count = threshold.value("count", Json()), period = threshold.value("period", Json());
  if (count.is_null() || period.is_null()) return std::optional<std::int64_t>();
  for (const auto& [name, seconds] : kPeriods) {
    if (period == name && count.is_number_integer()) return std::optional(count.get<std::int64_t>() * seconds);
  }
  return Fail(Error(ErrorCode::kDbtConfigInvalid,
                    fmt::format("{} of the source {}.{} is {}", key, source.source, source.table, JsonText(threshold)))
                  .Hint("write {count: 12, period: hour}; a period is minute, hour or day")
                  .At(source.file, source.line));
}

/// "3 days", "5 hours", "12 minutes".
std::string SpanText(double seconds) {
  for (auto period = kPeriods.rbegin(); period != kPeriods.rend(); ++period) {
    const auto count = static_cast<std::int64_t>(std::floor(seconds / static_cast<double>(period->second)));
    if (count >= 2 || (count == 1 && period == kPeriods.rend() - 1)) {
      return fmt::format("{} {}{}", count, period->first, count == 1 ? "" : "s");
    }
  }
  return fmt::format("{} seconds", static_cast<std::int64_t>(seconds));
}

/// The question for the newest row.
Result<std::string> NewestSql(const RunContext& run, engine::Session& session, const SourceTable& source) {
  const ProjectState& state = run.project.state();
  if (source.loaded_at_query.empty()) {
    const Json filter = source.freshness.value("filter", Json());
    const std::string where =
        filter.is_string() && !filter.get<std::string>().empty() ? "\nwhere " + filter.get<std::string>() : "";
    return fmt::format("select max({}) as newest from {}{}", source.loaded_at_field, source.relation.Sql(), where);
  }
  SMELT_ASSIGN(Node node, MakeOperation(state, source.package, source.table, source.loaded_at_query, source.file));
  node.relation = source.relation;
  RenderFindings findings;
  RenderContext context(state, &node, RenderPhase::kRun, findings);
  context.set_run(&session, run.run_id);
  const jinja::Value described = jinja::Value::FromJson(DescribeSource(source));
  context.Set("source_node", described);
  context.Set("model", described);
  context.Set("this", jinja::Value(std::make_shared<Relation>(source.relation, "table")));
  SMELT_ASSIGN(std::string sql, CompileIn(context, {&session, false, run.run_id}));
  return fmt::format("select * from (\n{}\n) as query(newest)", sql);
}

Status AskForNewest(const RunContext& run, engine::Session& session, const SourceTable& source,
                    SourceFreshness& result) {
  SMELT_ASSIGN(const std::string sql, NewestSql(run, session, source));
  auto found = session.Query(fmt::format("select epoch_us(newest), epoch_us(now()) from (\n{}\n)", sql));
  if (!found) {
    const bool binds = found.error().code() == ErrorCode::kSqlBinding;
    const std::string hint = binds ? "the newest row is found by a timestamp: cast the column, loaded_at_field: "
                                     "\"loaded_at::timestamp\""
                                   : found.error().hint();
    return Fail(Error(found.error().code(), found.error().message()).Hint(hint).At(source.file, source.line));
  }
  result.loaded_micros = found->Int(0, 0);
  result.checked_micros = found->Int(0, 1).value_or(NowMicros());
  return {};
}

/// The last commit, where nothing says which column tells when rows were loaded.
Status LookAtTheLog(const RunContext& run, const SourceTable& source, SourceFreshness& result) {
  SMELT_ASSIGN(auto info, run.engine.FindTable(source.relation.schema, source.relation.identifier));
  const std::string name = source.relation.Text();
  if (!info) {
    return Fail(Error(ErrorCode::kSqlCatalog, fmt::format("there is no table {}", name))
                    .Hint("load it, or correct schema and identifier of the source")
                    .At(source.file, source.line));
  }
  if (info->is_view) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("{} is a view, which has no commits", name))
                    .Hint("set loaded_at_field or loaded_at_query")
                    .At(source.file, source.line));
  }
  result.loaded_micros = info->timestamp_ms * 1'000;
  result.checked_micros = NowMicros();
  return {};
}

}  // namespace

Status MeasureAge(const RunContext& run, engine::Session& session, const SourceTable& source, SourceFreshness& result) {
  const bool asks = !source.loaded_at_field.empty() || !source.loaded_at_query.empty();
  SMELT_ASSIGN(const auto warn_after, Threshold(source, "warn_after"));
  SMELT_ASSIGN(const auto error_after, Threshold(source, "error_after"));
  SMELT_TRY(asks ? AskForNewest(run, session, source, result) : LookAtTheLog(run, source, result));
  result.age_seconds = static_cast<double>(result.checked_micros - result.loaded_micros.value_or(kFirstMoment)) / 1e6;
  const auto exceeds = [&](const std::optional<std::int64_t>& seconds) {
    return seconds && result.age_seconds > static_cast<double>(*seconds);
  };
  result.verdict = exceeds(error_after) ? "error" : exceeds(warn_after) ? "warn" : "pass";
  if (result.verdict == "pass") return {};
  result.step.status = result.verdict == "error" ? StepStatus::kFailed : StepStatus::kWarned;
  if (result.verdict == "error") result.step.details["stale"] = true;
  const std::string limit = SpanText(static_cast<double>(result.verdict == "error" ? *error_after : *warn_after));
  result.step.message = result.loaded_micros
                            ? fmt::format("the newest row is {} old, more than {}", SpanText(result.age_seconds), limit)
                            : std::string("there are no rows");
  return {};
}

}  // namespace smelt::transform
