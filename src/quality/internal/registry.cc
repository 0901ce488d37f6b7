#include "quality/internal/registry.h"

#include <algorithm>
#include <iterator>

#include "quality/expectations/expectations.h"

namespace smelt::quality {

std::vector<Expectation> AllExpectations() {
  std::vector<Expectation> all;
  for (auto* list : {TableColumnExpectations, TableRowCountExpectations, NullExpectations, UniquenessExpectations,
                     SetExpectations, RangeExpectations, TypeExpectations, PatternExpectations, ParseableExpectations,
                     OrderExpectations, AggregateExpectations, DistributionExpectations, DivergenceExpectations,
                     OutlierExpectations, DistinctValueExpectations, ColumnPairExpectations, MulticolumnExpectations,
                     CustomSqlExpectations, ServiceLevelExpectations}) {
    std::ranges::move(list(), std::back_inserter(all));
  }
  return all;
}

Registry::Registry() : all_(AllExpectations()) {}

const Expectation* Registry::Find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Expectation::name);
  return found == all_.end() ? nullptr : &*found;
}

std::vector<std::string_view> Registry::names() const& {
  std::vector<std::string_view> names;
  for (const Expectation& expectation : all_) names.push_back(expectation.name);
  return names;
}

std::vector<Kwarg> AllowedKwargs(const Expectation& expectation) {
  std::vector<Kwarg> kwargs = expectation.kwargs;
  if (expectation.domain == Domain::kRows) {
    kwargs.push_back({"mostly", KwargKind::kFraction, false,
                      "The share of the judged rows that has to satisfy the expectation; 1 by default."});
  }
  if (expectation.domain != Domain::kTable) {
    kwargs.push_back({"row_condition", KwargKind::kCondition, false, "Judge only the rows that satisfy this."});
    kwargs.push_back(
        {"condition_parser",
         KwargKind::kText,
         false,
         "The language of row_condition.",
         {"great_expectations", "great_expectations__experimental__", "pandas", "spark", "duckdb", "sql"}});
  }
  kwargs.push_back({"result_format", KwargKind::kResultFormat, false, "How much the result tells."});
  kwargs.push_back({"severity",
                    KwargKind::kText,
                    false,
                    "What a failure means; better placed beside kwargs.",
                    {"critical", "error", "warning", "warn", "info"}});
  for (const char* ignored : {"batch_id", "catch_exceptions", "include_config", "meta", "auto", "profiler_config",
                              "output_strftime_format", "allow_cross_type_comparisons"}) {
    kwargs.push_back({ignored, KwargKind::kIgnored, false, ""});
  }
  return kwargs;
}

}  // namespace smelt::quality
