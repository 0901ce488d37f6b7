#include "pipeline/internal/items.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pipeline/expression.h"

namespace smelt::pipeline::internal {
namespace {

using state::TaskStatus;

/// A task with more items is a mistake, or work for a query.
constexpr std::size_t kItemsMax = 10'000;

Error Invalid(const ForEach& each, std::string message) {
  return each.place.ErrorHere(ErrorCode::kConfigValueInvalid, std::move(message));
}

Result<Json> CheckItems(const ForEach& each, Json items) {
  if (!items.is_array()) {
    return Fail(Invalid(each, fmt::format("'for_each' gives {}, which is no list", JsonText(items).substr(0, 80)))
                    .Hint("name a list: a param of type list, or tasks.<name>.rows of a task of type sql"));
  }
  if (items.size() <= kItemsMax) return items;
  return Fail(Invalid(each, fmt::format("'for_each' gives {} items; {} are the most", items.size(), kItemsMax))
                  .Hint("do more than one item at a time"));
}

void Add(std::int64_t& sum, std::int64_t part) {
  if (part >= 0) sum = std::max<std::int64_t>(sum, 0) + part;
}

/// The worst of two states, seen from the whole.
TaskStatus Worse(TaskStatus one, TaskStatus other) {
  // Behind failures come items that were not begun or not ended.
  const auto rank = [](TaskStatus status) {
    switch (status) {
      case TaskStatus::kNothing: return 0;
      case TaskStatus::kDone: return 1;
      case TaskStatus::kWarned: return 2;
      case TaskStatus::kFailed:
      case TaskStatus::kDied: return 4;
      default: return 3;
    }
  };
  return rank(one) >= rank(other) ? one : other;
}

}  // namespace

std::string ItemName(std::string_view task, std::size_t index) {
  return fmt::format("{}[{}]", task, index);
}

Result<TaskFunction> FindItems(const ForEach& each, const Json& names, const QueryFunction& query) {
  Json items = each.items;
  if (each.expression) {
    auto value = each.expression->Evaluate(names);
    if (!value) return Fail(Error(value.error()).At(each.place.file(), each.place.line(), each.place.column()));
    items = std::move(*value);
  }
  if (each.sql.empty()) {
    SMELT_ASSIGN(items, CheckItems(each, std::move(items)));
    return [items](const TaskContext&) -> Result<TaskOutcome> { return TaskOutcome{.details = {{"items", items}}}; };
  }
  if (!query) return Fail(Invalid(each, "there is no lake to ask for the items").Hint("write them as a list"));
  SMELT_ASSIGN(const std::string sql, RenderText(each.sql, names));
  return [each, sql, &query](const TaskContext& context) -> Result<TaskOutcome> {
    SMELT_ASSIGN(Json rows, query(sql, context.stop));
    SMELT_ASSIGN(const Json found, CheckItems(each, std::move(rows)));
    return TaskOutcome{.details = {{"items", found}}};
  };
}

Json TakeItems(TaskOutcome& outcome) {
  Json items = std::move(outcome.details["items"]);
  outcome.details = {{"items", items.size()}};
  return items;
}

void SumItems(const std::vector<const TaskReport*>& parts, TaskReport& report) {
  TaskOutcome& sum = report.outcome;
  sum = TaskOutcome{.status = StepStatus::kNothing, .details = {{"items", parts.size()}, {"output", Json::array()}}};
  report.status = TaskStatus::kNothing;
  std::size_t failed = 0;
  const TaskReport* first_failed = nullptr;
  for (const TaskReport* part : parts) {
    report.status = Worse(report.status, part->status);
    Add(sum.rows_in, part->outcome.rows_in);
    Add(sum.rows_out, part->outcome.rows_out);
    Add(sum.rows_quarantined, part->outcome.rows_quarantined);
    sum.commits += part->outcome.commits;
    const auto output = part->outcome.details.find("output");
    sum.details["output"].push_back(output == part->outcome.details.end() ? Json() : *output);
    if (!part->error || part->status != TaskStatus::kFailed) continue;
    if (failed++ == 0) first_failed = part;
  }
  if (first_failed != nullptr) {
    report.error = Error(first_failed->error->code(),
                         fmt::format("{} of the {} items of the task '{}' failed: {}: {}", failed, parts.size(),
                                     report.name, first_failed->name, first_failed->error->message()))
                       .Hint(first_failed->error->hint());
    sum.status = StepStatus::kFailed;
  } else if (report.status == TaskStatus::kSkipped) {
    report.status = TaskStatus::kInterrupted;
  }
  if (report.status == TaskStatus::kDone) sum.status = StepStatus::kDone;
  if (report.status == TaskStatus::kWarned) sum.status = StepStatus::kWarned;
}

}  // namespace smelt::pipeline::internal
