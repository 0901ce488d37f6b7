#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"
#include "quality/internal/value_counts.h"
#include "quality/result.h"

namespace smelt::quality {
namespace {

/// The values of a column against a set, both ways: figures are computed where the rows are, and never hold more values
/// than the set has or a sample needs.
class SetComparison {
 public:
  SetComparison(const Call& call, Column column) : call_(call), column_(std::move(column)) {
    for (const Json& value : call.Value("value_set")) {
      auto literal = value.is_null() ? std::nullopt : MemberLiteral(value, column_);
      if (!literal) continue;
      literals_ += (literals_.empty() ? "" : ", ") + *literal;
      comparable_.push_back(value);
    }
  }

  /// How many different values are not in the set.
  std::string UnexpectedCount() const {
    return fmt::format("(select count(*) from {} where not {})", ValuesWhere(call_, column_, Unexpected()),
                       InList("smelt_value", literals_));
  }

  /// A sample of them.
  std::string UnexpectedSample() const {
    return fmt::format(
        "(select to_json(list({} order by smelt_value)) from (select distinct {} as smelt_value {} "
        "order by smelt_value limit {}))",
        JsonSql("smelt_value", column_.kind), column_.sql, call_.From(Unexpected()), kPartialUnexpectedMax);
  }

  /// The positions (from 1) of the values of the set that occur.
  std::string FoundPositions() const {
    if (literals_.empty()) return "min('[]')";
    return fmt::format("(select to_json(list(distinct list_position([{0}], smelt_value))) from {1} where {2})",
                       literals_, ValuesWhere(call_, column_, InList(column_.sql, literals_)),
                       InList("smelt_value", literals_));
  }

  /// The values of the set that FoundPositions leaves out. Null is never found: missing values are no values.
  static Json Missing(const Json& value_set, const Json& comparable, const Json& positions) {
    Json missing = Json::array();
    std::size_t position = 0;
    for (const Json& value : value_set) {
      const bool can_occur = position < comparable.size() && comparable[position] == value;
      if (can_occur) ++position;
      const bool found = can_occur && positions.is_array() &&
                         std::find(positions.begin(), positions.end(), Json(position)) != positions.end();
      if (!found) missing.push_back(value);
    }
    return missing;
  }

  const Json& comparable() const { return comparable_; }

 private:
  std::string Unexpected() const {
    return fmt::format("{} is not null and not {}", column_.sql, InList(column_.sql, literals_));
  }

  const Call& call_;
  Column column_;
  std::string literals_;
  Json comparable_ = Json::array();
};

enum class Relation { kSubset, kSuperset, kEqual };

std::function<Result<Check>(const Call&)> Compare(Relation relation) {
  return [relation](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(const Column column, call.GetColumn());
    const SetComparison sets(call, call.Comparable(column));
    const bool wants_subset = relation != Relation::kSuperset;
    const bool wants_superset = relation != Relation::kSubset;
    FigureCheck check;
    if (wants_subset) check.figures.push_back(sets.UnexpectedCount());
    if (wants_superset) check.figures.push_back(sets.FoundPositions());
    check.judge = [=, value_set = call.Value("value_set"),
                   comparable = sets.comparable()](const std::vector<Json>& figures) {
      Judgement judgement{true, {{"observed_value", nullptr}}};
      if (wants_subset) {
        judgement.success = figures.front() == 0;
        judgement.result["unexpected_count"] = figures.front();
        judgement.result["partial_unexpected_list"] = Json::array();
      }
      if (wants_superset) {
        const Json missing = SetComparison::Missing(value_set, comparable, figures.back());
        judgement.success = judgement.success && missing.empty();
        judgement.result["missing_count"] = missing.size();
        judgement.result["partial_missing_list"] = FirstOf(missing, kPartialUnexpectedMax);
      }
      return judgement;
    };
    if (wants_subset) check.explain.emplace_back("partial_unexpected_list", sets.UnexpectedSample());
    return check;
  };
}

std::vector<Kwarg> SetKwargs() {
  return {{"column", KwargKind::kColumn, true, "The column."},
          {"value_set", KwargKind::kValues, true, "The set."},
          {"parse_strings_as_datetimes", KwargKind::kFlag, false, "Compare texts as timestamps."}};
}

}  // namespace

std::vector<Expectation> DistinctValueExpectations() {
  return {
      {"expect_column_distinct_values_to_be_in_set", "The column has no value outside the set.", Domain::kFigures,
       SetKwargs(), R"({"column": "currency", "value_set": ["BRL", "EUR"]})", Compare(Relation::kSubset)},
      {"expect_column_distinct_values_to_contain_set", "Every value of the set occurs in the column.", Domain::kFigures,
       SetKwargs(), R"({"column": "payment_type", "value_set": ["credit_card", "boleto"]})",
       Compare(Relation::kSuperset)},
      {"expect_column_distinct_values_to_equal_set", "The column's values and the set are the same.", Domain::kFigures,
       SetKwargs(), R"({"column": "review_score", "value_set": [1, 2, 3, 4, 5]})", Compare(Relation::kEqual)},
  };
}

}  // namespace smelt::quality
