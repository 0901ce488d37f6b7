#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/range.h"
#include "quality/internal/table_name.h"

namespace smelt::quality {
namespace {

Part Rows(const Call& call) {
  return {call.Over("count(*)"), "BIGINT", Part::Merge::kSum};
}

Result<Check> RowCountBetween(const Call& call) {
  SMELT_ASSIGN(const Range range, OrderedRangeOf(call));
  const Part rows = Rows(call);
  // Only its bounds can be wrong, and they are so whatever the aggregate.
  SMELT_TRY(InRange("(" + rows.sql + ")", range, NumberColumn(rows.sql)));
  const auto figures = [range](const std::vector<std::string>& parts) -> std::vector<std::string> {
    const auto in_range = InRange("(" + parts[0] + ")", range, NumberColumn(parts[0]));
    return {parts[0], fmt::format("to_json({})", in_range.value_or("null"))};
  };
  return CheckOfParts({rows}, figures, JudgeObserved);
}

Result<Check> RowCountEquals(const Call& call) {
  const auto judge = [value = call.Value("value")](const std::vector<Json>& figures) {
    return Judgement{figures[0] == value, {{"observed_value", figures[0]}}};
  };
  return CheckOfParts(
      {Rows(call)}, [](const std::vector<std::string>& parts) { return parts; }, judge);
}

Result<Check> RowCountEqualsOther(const Call& call) {
  const auto other = ParseTableName(call.Text("other_table_name"), call.frame().schema());
  if (!other) {
    return Fail(ErrorCode::kQualityNotApplicable,
                fmt::format("\"{}\" is not the name of a table of the lake", call.Text("other_table_name")));
  }
  return FigureCheck{
      {call.Over("count(*)"), fmt::format("(select count(*) from {})", other->sql())},
      [](const std::vector<Json>& figures) {
        return Judgement{figures[0] == figures[1], {{"observed_value", {{"self", figures[0]}, {"other", figures[1]}}}}};
      }};
}

}  // namespace

std::vector<Expectation> TableRowCountExpectations() {
  return {
      {"expect_table_row_count_to_be_between", "The table has a number of rows between the bounds.", Domain::kFigures,
       RangeKwargs(), R"({"min_value": 90000, "max_value": 110000})", RowCountBetween},
      {"expect_table_row_count_to_equal",
       "The table has this many rows.",
       Domain::kFigures,
       {{"value", KwargKind::kNumber, true, "The number of rows."}},
       R"({"value": 71})",
       RowCountEquals},
      {"expect_table_row_count_to_equal_other_table",
       "The table has as many rows as another one.",
       Domain::kFigures,
       {{"other_table_name", KwargKind::kTable, true, "`schema.table`, or a table of the same schema."}},
       R"({"other_table_name": "bronze.orders"})",
       RowCountEqualsOther},
  };
}

}  // namespace smelt::quality
