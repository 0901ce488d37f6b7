#include <strings.h>

#include <algorithm>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"

/// Expectations on the names of a table's columns: judged without reading a row.
namespace smelt::quality {
namespace {

bool SameName(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

std::vector<std::string> Names(const Frame& frame) {
  std::vector<std::string> names;
  for (const Column& column : frame.columns()) names.push_back(column.name);
  return names;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::any_of(names, [&](const std::string& other) { return SameName(name, other); });
}

Result<Check> ColumnExists(const Call& call) {
  const Column* column = call.frame().Find(call.Text("column"));
  const Json& index = call.Value("column_index");
  if (column == nullptr) return Judgement{false, Json::object()};
  return Judgement{index.is_null() || column - call.frame().columns().data() == index, Json::object()};
}

Result<Check> ColumnCountEquals(const Call& call) {
  const std::size_t count = call.frame().columns().size();
  return Judgement{Json(count) == call.Value("value"), {{"observed_value", count}}};
}

Result<Check> ColumnCountBetween(const Call& call) {
  const Json count = call.frame().columns().size();
  const Json& low = call.Value("min_value");
  const Json& high = call.Value("max_value");
  return Judgement{(low.is_null() || low <= count) && (high.is_null() || count <= high), {{"observed_value", count}}};
}

Result<Check> ColumnsInOrder(const Call& call) {
  const std::vector<std::string> found = Names(call.frame());
  const Json& wanted = call.Value("column_list");
  Json mismatched = Json::array();
  for (std::size_t i = 0; i < std::max(found.size(), wanted.size()); ++i) {
    const Json name = i < wanted.size() ? wanted[i] : Json();
    const Json column = i < found.size() ? Json(found[i]) : Json();
    if (name.is_string() && column.is_string() && SameName(name.get<std::string>(), found[i])) continue;
    mismatched.push_back({{"Expected Column Position", i}, {"Expected", name}, {"Found", column}});
  }
  Judgement judgement{mismatched.empty(), {{"observed_value", found}}};
  if (!mismatched.empty()) judgement.result["details"] = {{"mismatched", mismatched}};
  return judgement;
}

/// `exact_match` false allows further columns. Names are told in alphabetical order.
Result<Check> ColumnsAsSet(const Call& call) {
  std::vector<std::string> found = Names(call.frame());
  auto wanted = call.Value("column_set").get<std::vector<std::string>>();
  std::ranges::sort(found);
  std::ranges::sort(wanted);
  Json mismatched = Json::object();
  for (const std::string& name : found) {
    if (!Contains(wanted, name)) mismatched["unexpected"].push_back(name);
  }
  for (const std::string& name : wanted) {
    if (!Contains(found, name)) mismatched["missing"].push_back(name);
  }
  const bool success = mismatched.empty() || (!call.Flag("exact_match", true) && !mismatched.contains("missing"));
  Judgement judgement{success, {{"observed_value", found}}};
  if (!mismatched.empty()) judgement.result["details"] = {{"mismatched", mismatched}};
  return judgement;
}

}  // namespace

std::vector<Expectation> TableColumnExpectations() {
  return {
      {"expect_column_to_exist",
       "The table has this column.",
       Domain::kTable,
       {{"column", KwargKind::kColumn, true, "The column."},
        {"column_index", KwargKind::kNumber, false, "Its place, counted from 0."}},
       R"({"column": "order_id"})",
       ColumnExists},
      {"expect_table_column_count_to_equal",
       "The table has this many columns.",
       Domain::kTable,
       {{"value", KwargKind::kNumber, true, "The number of columns."}},
       R"({"value": 8})",
       ColumnCountEquals},
      {"expect_table_column_count_to_be_between",
       "The table has a number of columns between the bounds.",
       Domain::kTable,
       {{"min_value", KwargKind::kNumber, false, "The lower bound."},
        {"max_value", KwargKind::kNumber, false, "The upper bound."}},
       R"({"min_value": 5, "max_value": 12})",
       ColumnCountBetween},
      {"expect_table_columns_to_match_ordered_list",
       "The table has exactly these columns in this order.",
       Domain::kTable,
       {{"column_list", KwargKind::kTexts, true, "The names."}},
       R"({"column_list": ["order_id", "customer_id", "order_status"]})",
       ColumnsInOrder},
      {"expect_table_columns_to_match_set",
       "The table has exactly these columns, in any order.",
       Domain::kTable,
       {{"column_set", KwargKind::kTexts, true, "The names."},
        {"exact_match", KwargKind::kFlag, false, "Further columns are a failure too; true by default."}},
       R"({"column_set": ["order_id", "price"], "exact_match": false})",
       ColumnsAsSet},
  };
}

}  // namespace smelt::quality
