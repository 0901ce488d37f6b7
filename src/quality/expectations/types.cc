#include <algorithm>

#include "quality/expectations/expectations.h"
#include "quality/internal/type_names.h"

namespace smelt::quality {
namespace {

/// Columns of a lake are typed: the type of the column is the type of each of its values.
Result<Check> OfType(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  return Judgement{HasType(column, call.Text("type_")), {{"observed_value", column.type}}};
}

Result<Check> InTypeList(const Call& call) {
  SMELT_ASSIGN(const Column column, call.GetColumn());
  const Json& types = call.Value("type_list");
  const bool any = types.is_null() || std::any_of(types.begin(), types.end(), [&](const Json& type) {
                     return HasType(column, type.get<std::string>());
                   });
  return Judgement{any, {{"observed_value", column.type}}};
}

std::vector<Kwarg> TypeKwargs() {
  return {{"column", KwargKind::kColumn, true, "The column."},
          {"type_", KwargKind::kText, true, "A type in the words of SQL, Spark, pandas or Python."},
          {"mostly", KwargKind::kFraction, false, "Has no effect: all values of a column have its type."}};
}

}  // namespace

std::vector<Expectation> TypeExpectations() {
  return {
      {"expect_column_values_to_be_of_type", "The column is of this type.", Domain::kTable, TypeKwargs(),
       R"({"column": "order_purchase_timestamp", "type_": "datetime"})", OfType},
      {"expect_column_type_to_be", "The column is of this type.", Domain::kTable, TypeKwargs(),
       R"json({"column": "price", "type_": "DECIMAL(10,2)"})json", OfType},
      {"expect_column_values_to_be_in_type_list",
       "The column is of one of these types.",
       Domain::kTable,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"type_list", KwargKind::kTexts, false, "Types in the words of SQL, Spark, pandas or Python."},
        {"mostly", KwargKind::kFraction, false, "Has no effect: all values of a column have its type."}},
       R"({"column": "order_item_id", "type_list": ["INTEGER", "BIGINT"]})",
       InTypeList},
  };
}

}  // namespace smelt::quality
