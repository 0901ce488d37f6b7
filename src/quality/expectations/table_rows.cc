#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/range.h"
#include "quality/internal/table_name.h"

namespace smelt::quality {
namespace {

Result<Check> RowCountBetween(const Call& call) {
  SMELT_ASSIGN(const Range range, RangeOf(call));
  const std::string rows = call.Over("count(*)");
  SMELT_ASSIGN(const std::string in_range, InRange("(" + rows + ")", range, NumberColumn(rows)));
  return FigureCheck{{rows, fmt::format("to_json({})", in_range)}, JudgeObserved};
}

Result<Check> RowCountEquals(const Call& call) {
  return FigureCheck{{call.Over("count(*)")}, [value = call.Value("value")](const std::vector<Json>& figures) {
                       return Judgement{figures[0] == value, {{"observed_value", figures[0]}}};
                     }};
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
