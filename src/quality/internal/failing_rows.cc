#include "quality/internal/failing_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "quality/internal/expectation.h"
#include "quality/internal/registry.h"
#include "quality/internal/row_check.h"
#include "quality/internal/row_condition.h"

namespace smelt::quality {
namespace {

/// The rows that a rule finds unexpected, as a query. `number` tells the rules of one search apart.
Result<std::string> UnexpectedRows(engine::Session& session, const Frame& frame, const Registry& registry,
                                   const ExpectationConfig& config, std::size_t number) {
  SMELT_ASSIGN(std::string condition, ConditionSql(config.kwargs, frame));
  const Call call(config, frame, std::move(condition));
  SMELT_ASSIGN(Check check, registry.Find(config.type)->compile(call));
  auto* rows = std::get_if<RowCheck>(&check);
  SMELT_ASSERT(rows != nullptr);
  RowQuery query(std::move(*rows), call);
  SMELT_ASSERT(!query.NeedsFacts());
  if (query.check().value_test) SMELT_TRY(query.TestValues(session, number));
  return query.UnexpectedRowsSql();
}

}  // namespace

std::string RowRule::Text() const {
  Json kwargs = config->kwargs;
  for (const char* name : {"column", "result_format", "batch_id", "catch_exceptions", "include_config", "meta"}) {
    kwargs.erase(name);
  }
  std::string text = config->type;
  if (!kwargs.empty()) text += " " + JsonText(kwargs);
  return text;
}

Status FindFailingRows(engine::Session& session, const Frame& frame, std::span<const RowRule> rules) {
  const Registry registry;
  const std::string rest =
      fmt::format("(select * from {} anti join {} using ({}, {}))", frame.relation(), kFailingRows, kRowKeyA, kRowKeyB);
  const Frame good({.source = rest}, frame.schema(), frame.columns());
  SMELT_TRY(session.Execute(
      fmt::format("create or replace temporary table {} as select {}, {}, 0 as rule from (select * from {} limit 0)",
                  kFailingRows, kRowKeyA, kRowKeyB, frame.source())));
  std::vector<std::size_t> order(rules.size());
  std::iota(order.begin(), order.end(), 0);
  const auto looks_at_others = [&](std::size_t i) {
    return registry.Find(rules[i].config->type)->scope != RowScope::kAlone;
  };
  std::ranges::stable_sort(order, {}, looks_at_others);
  for (const std::size_t i : order) {
    auto unexpected = UnexpectedRows(session, looks_at_others(i) ? good : frame, registry, *rules[i].config, i);
    if (!unexpected) return Fail(std::move(unexpected.error()).Context(rules[i].config->type));
    SMELT_TRY(session.Execute(fmt::format("insert into {0} select {1}, {2}, {3} from ({4}) where {2} is not null",
                                          kFailingRows, kRowKeyA, kRowKeyB, i, *unexpected)));
  }
  return {};
}

}  // namespace smelt::quality
