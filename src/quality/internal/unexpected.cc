#include "quality/internal/unexpected.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "quality/internal/literal.h"

namespace smelt::quality {
namespace {

/// The places of UnexpectedRowSql's list.
enum Part : std::uint8_t { kValuePart, kPositionPart, kIndexPart, kRowPart };

std::string ObjectSql(const std::vector<Column>& columns) {
  std::string parts;
  for (const Column& column : columns) {
    parts += fmt::format("{}{}, {}", parts.empty() ? "" : ", ", engine::QuoteLiteral(column.name),
                         JsonSql(column.sql, column.kind));
  }
  return "json_object(" + parts + ")";
}

std::string ValueSql(const RowCheck& check) {
  if (check.shape == RowCheck::Shape::kValue) return JsonSql(check.columns[0].sql, check.columns[0].kind);
  if (check.shape == RowCheck::Shape::kRecord) return ObjectSql(check.columns);
  std::string parts;
  for (const Column& column : check.columns) {
    parts += (parts.empty() ? "" : ", ") + JsonSql(column.sql, column.kind);
  }
  return "json_array(" + parts + ")";
}

/// The columns that say which row it is: those asked for and, unless values are excluded, those judged.
std::vector<Column> IndexColumns(const RowCheck& check, const Frame& frame, const ResultOptions& options) {
  std::vector<Column> columns;
  if (!options.exclude_unexpected_values) columns = check.columns;
  for (const std::string& name : options.unexpected_index_column_names) {
    if (const Column* column = frame.Find(name)) columns.push_back(*column);
  }
  return columns;
}

/// A record becomes the list of its values: the form in which Great Expectations counts records.
Json Flattened(const Json& value) {
  if (!value.is_object()) return value;
  Json values = Json::array();
  for (const Json& part : value) values.push_back(part);
  return values;
}

/// The number that a value is: JSON has no infinities, which are texts.
std::optional<double> Number(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

/// Python's order of two values, missing ones first; nothing where it has none.
std::optional<bool> IsLess(const Json& a, const Json& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
  if (a.is_string() && b.is_string()) {
    const bool infinities = Number(a) && Number(b);
    return infinities ? *Number(a) < *Number(b) : a < b;
  }
  if (a.is_number() && b.is_number()) return a < b;
  if (const auto x = Number(a), y = Number(b); x && y) return *x < *y;
  if (!a.is_array() || !b.is_array()) return std::nullopt;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i] != b[i]) return IsLess(a[i], b[i]);
  }
  return a.size() < b.size();
}

/// How often each value occurs, the most frequent first, then by value; at most `count_max` of them. Nothing when
/// values that occur equally often have no order.
std::optional<Json> CountValues(const Json& values, int count_max) {
  std::vector<std::pair<Json, std::int64_t>> counts;
  for (const Json& value : values) {
    Json key = Flattened(value);
    const auto found = std::ranges::find(counts, key, &std::pair<Json, std::int64_t>::first);
    if (found == counts.end()) {
      counts.emplace_back(std::move(key), 1);
    } else {
      ++found->second;
    }
  }
  std::ranges::stable_sort(counts, std::greater(), &std::pair<Json, std::int64_t>::second);
  if (counts.size() > static_cast<std::size_t>(count_max)) counts.resize(static_cast<std::size_t>(count_max));
  bool ordered = true;
  std::ranges::stable_sort(counts, [&](const auto& a, const auto& b) {
    if (a.second != b.second) return a.second > b.second;
    const std::optional<bool> less = IsLess(a.first, b.first);
    ordered = ordered && less.has_value();
    return less.value_or(false);
  });
  if (!ordered) return std::nullopt;
  Json list = Json::array();
  for (auto& [value, count] : counts) list.push_back({{"value", std::move(value)}, {"count", count}});
  return list;
}

Json PartsOf(const Json& rows, Part part, int count_max) {
  Json list = Json::array();
  for (const Json& row : rows) {
    if (std::ssize(list) >= count_max) break;
    list.push_back(row.at(part));
  }
  return list;
}

/// One entry per row; without values, one object of a list per column.
Json IndexList(const Json& rows, const ResultOptions& options, int count_max) {
  if (options.unexpected_index_column_names.empty()) return PartsOf(rows, kPositionPart, count_max);
  Json entries = PartsOf(rows, kIndexPart, count_max);
  if (!options.exclude_unexpected_values || entries.empty()) return entries;
  Json lists = Json::object();
  for (const Json& entry : entries) {
    for (const auto& [name, value] : entry.items()) lists[name].push_back(value);
  }
  return Json::array({std::move(lists)});
}

}  // namespace

int UnexpectedRowsWanted(const ResultOptions& options) {
  if (options.format == ResultFormat::kBooleanOnly) return 0;
  return options.format == ResultFormat::kComplete ? kUnexpectedIndexMax : options.partial_unexpected_count;
}

bool TellsWhere(const Frame& frame, const ResultOptions& options) {
  if (options.format < ResultFormat::kSummary) return false;
  return !options.unexpected_index_column_names.empty() || !frame.numbered_relation().empty();
}

std::string UnexpectedRowSql(const RowCheck& check, const Frame& frame, const ResultOptions& options) {
  const bool where = TellsWhere(frame, options);
  const bool by_column = !options.unexpected_index_column_names.empty();
  return fmt::format("json_array({}, {}, {}, {})", options.exclude_unexpected_values ? "null" : ValueSql(check),
                     where && !by_column ? kRowNumber : "null",
                     where && by_column ? ObjectSql(IndexColumns(check, frame, options)) : "null",
                     options.include_unexpected_rows ? ObjectSql(frame.columns()) : "null");
}

Json UnexpectedFields(const Json& rows, bool tells_where, const ResultOptions& options) {
  const int partial = options.partial_unexpected_count;
  const bool values = !options.exclude_unexpected_values;
  Json fields = Json::object();
  if (values) fields["partial_unexpected_list"] = PartsOf(rows, kValuePart, partial);
  if (!options.unexpected_index_column_names.empty()) {
    fields["unexpected_index_column_names"] = options.unexpected_index_column_names;
  }
  if (options.include_unexpected_rows) fields["unexpected_rows"] = PartsOf(rows, kRowPart, partial);
  if (options.format == ResultFormat::kBasic) return fields;
  const bool complete = options.format == ResultFormat::kComplete;
  if (partial > 0) {
    const Json counted = PartsOf(rows, kValuePart, complete ? kUnexpectedListMax : partial);
    auto counts = values ? CountValues(counted, partial) : std::nullopt;
    if (counts) fields["partial_unexpected_counts"] = *std::move(counts);
    if (tells_where) {
      const bool in_lists = options.exclude_unexpected_values;
      fields["partial_unexpected_index_list"] = IndexList(rows, options, in_lists ? kUnexpectedIndexMax : partial);
    }
  }
  if (!complete) return fields;
  if (values) fields["unexpected_list"] = PartsOf(rows, kValuePart, kUnexpectedListMax);
  if (tells_where) fields["unexpected_index_list"] = IndexList(rows, options, kUnexpectedIndexMax);
  return fields;
}

}  // namespace smelt::quality
