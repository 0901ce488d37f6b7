#include "transform/internal/project/value_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/config.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform {

using jinja::List;
using jinja::Value;

namespace {

/// A type of agate: it is told by its name.
Value TypeValue(const std::string& type) {
  auto record = std::make_shared<jinja::Record>(type);
  record->Set("name", type);
  return Value(std::move(record));
}

}  // namespace

ValueTable::ValueTable(std::vector<Column> columns, std::vector<List> rows)
    : columns_(std::move(columns)), rows_(std::move(rows)) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (const Column& column : columns_) names->push_back(column.name);
  names_ = std::move(names);
}

const NamedSequence& ValueTable::Rows() const {
  if (row_values_ == nullptr) {
    List rows;
    rows.reserve(rows_.size());
    for (const List& row : rows_) rows.emplace_back(std::make_shared<NamedSequence>("agate.Row", row, names_));
    row_values_ = std::make_shared<NamedSequence>("agate.MappedSequence", std::move(rows), nullptr);
  }
  return *row_values_;
}

Value ValueTable::Columns() const {
  if (!column_values_) {
    List columns;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      List cells;
      cells.reserve(rows_.size());
      for (const List& row : rows_) cells.push_back(row[i]);
      columns.push_back(
          NamedSequence::Column(columns_[i].name, i, TypeValue(columns_[i].type), std::move(cells), nullptr));
    }
    column_values_ = Value(std::make_shared<NamedSequence>("agate.MappedSequence", std::move(columns), names_));
  }
  return *column_values_;
}

std::string ValueTable::ToText() const {
  std::vector<std::vector<std::string>> lines;
  for (const Column& column : columns_) lines.push_back({column.name, column.type});
  return TableText({"column", "data_type"}, lines, {false, false});
}

std::optional<List> ValueTable::Members() const {
  return Rows().values();
}

List ValueTable::Held() const {
  List held;
  for (const List& row : rows_) held.insert(held.end(), row.begin(), row.end());
  return held;
}

std::optional<Value> ValueTable::Item(const Value& key) {
  Rows();
  return key.is_integral() ? row_values_->Item(key) : std::nullopt;
}

std::optional<Value> ValueTable::Attribute(std::string_view name) {
  if (name == "columns") return Columns();
  if (name == "rows") return Rows(), Value(row_values_);
  if (name == "column_names") return Value::MakeTuple(List(names_->begin(), names_->end()));
  if (name == "row_names") return Value::None();
  if (name == "column_types") {
    List types;
    for (const Column& column : columns_) types.push_back(TypeValue(column.type));
    return Value::MakeTuple(std::move(types));
  }
  if (auto method = TableMethod(*this, name)) return method;
  return TableOutputMethod(*this, name);
}

Result<std::size_t> ValueTable::Find(std::string_view column) const {
  auto found = std::ranges::find(columns_, column, &Column::name);
  if (found != columns_.end()) return static_cast<std::size_t>(found - columns_.begin());
  const std::string near = NearestWord(column, std::vector<std::string_view>(names_->begin(), names_->end()));
  return Fail(Error(ErrorCode::kJinjaUndefined, fmt::format("the table has no column '{}'", column))
                  .Hint(near.empty() ? fmt::format("it has {}", fmt::join(*names_, ", "))
                                     : fmt::format("did you mean '{}'?", near)));
}

std::string TableText(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                      const std::vector<bool>& to_right) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::size_t width = jinja::CharacterCount(header[i]);
    for (const auto& row : rows) width = std::max<std::size_t>(width, jinja::CharacterCount(row[i]));
    widths.push_back(width);
  }
  auto line = [&](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string blanks(widths[i] - jinja::CharacterCount(cells[i]), ' ');
      text += to_right[i] ? fmt::format(" {}{} |", blanks, cells[i]) : fmt::format(" {}{} |", cells[i], blanks);
    }
    return text + "\n";
  };
  std::vector<std::string> rules;
  for (std::size_t width : widths) rules.emplace_back(width, '-');
  std::string text = line(header) + line(rules);
  for (const auto& row : rows) text += line(row);
  return text;
}

}  // namespace smelt::transform
