// The methods of agate's tables that templates call.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/unicode.h"
#include "transform/internal/modules/object_methods.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/project/value_table.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

using Positions = std::vector<std::size_t>;

Positions AllRows(const ValueTable& table) {
  Positions all(table.rows().size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Value WithRows(const ValueTable& table, const Positions& positions) {
  std::vector<List> rows;
  rows.reserve(positions.size());
  for (std::size_t position : positions) rows.push_back(table.rows()[position]);
  return Value(std::make_shared<ValueTable>(table.columns(), std::move(rows)));
}

Value WithColumns(const ValueTable& table, const Positions& positions) {
  std::vector<ValueTable::Column> columns;
  for (std::size_t position : positions) columns.push_back(table.columns()[position]);
  std::vector<List> rows;
  for (const List& row : table.rows()) {
    List cells;
    for (std::size_t position : positions) cells.push_back(row[position]);
    rows.push_back(std::move(cells));
  }
  return Value(std::make_shared<ValueTable>(std::move(columns), std::move(rows)));
}

/// The columns that an argument names: one name, or several.
Result<Positions> ColumnsOf(const ValueTable& table, const Value& key) {
  List names{key};
  if (!key.is_text()) {
    SMELT_ASSIGN(names, jinja::Iterate(key));
  }
  Positions positions;
  for (const Value& name : names) {
    SMELT_ASSIGN(std::size_t position, table.Find(name.ToText()));
    positions.push_back(position);
  }
  return positions;
}

/// What an argument stands for in each row: a column's value, a tuple of several, or what a function says of the row.
Result<List> KeysOf(const ValueTable& table, const Value& key, Interpreter& interpreter) {
  List keys;
  if (key.is_object() && key.object().callable()) {
    for (const Value& row : table.Members().value_or(List())) {
      Arguments arguments;
      arguments.positional = {row};
      SMELT_ASSIGN(Value one, interpreter.Call(key, std::move(arguments)));
      keys.push_back(std::move(one));
    }
    return keys;
  }
  SMELT_ASSIGN(const Positions columns, ColumnsOf(table, key));
  for (const List& row : table.rows()) {
    List parts;
    for (std::size_t column : columns) parts.push_back(row[column]);
    keys.push_back(key.is_text() ? parts.front() : Value::MakeTuple(std::move(parts)));
  }
  return keys;
}

Result<Value> Select(ValueTable& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("select", {"key"}, 1));
  SMELT_ASSIGN(const Positions columns, ColumnsOf(self, bound[0]));
  return WithColumns(self, columns);
}

Result<Value> Exclude(ValueTable& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("exclude", {"key"}, 1));
  SMELT_ASSIGN(const Positions excluded, ColumnsOf(self, bound[0]));
  Positions kept;
  for (std::size_t i = 0; i < self.columns().size(); ++i) {
    if (std::ranges::find(excluded, i) == excluded.end()) kept.push_back(i);
  }
  return WithColumns(self, kept);
}

Result<Value> Rename(ValueTable& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("rename", {"column_names"}, 1));
  std::vector<ValueTable::Column> columns = self.columns();
  if (bound[0].is_dict()) {
    for (ValueTable::Column& column : columns) {
      if (const Value* name = bound[0].dict().Find(Value(column.name))) column.name = name->ToText();
    }
  } else {
    SMELT_ASSIGN(List names, jinja::Iterate(bound[0]));
    if (names.size() != columns.size()) {
      return Fail(ErrorCode::kJinjaType,
                  fmt::format("rename(): {} names for {} columns", names.size(), columns.size()));
    }
    for (std::size_t i = 0; i < names.size(); ++i) columns[i].name = names[i].ToText();
  }
  return Value(std::make_shared<ValueTable>(std::move(columns), self.rows()));
}

Result<Value> Where(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("where", {"test"}, 1));
  SMELT_ASSIGN(const List verdicts, KeysOf(self, bound[0], interpreter));
  Positions kept = AllRows(self);
  std::erase_if(kept, [&verdicts](std::size_t row) { return !verdicts[row].Truthy(); });
  return WithRows(self, kept);
}

Result<Value> Limit(ValueTable& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("limit", {"start_or_stop", "stop", "step"}, 0));
  if (bound[1].is_absent() && bound[2].is_absent()) std::swap(bound[0], bound[1]);
  List all;
  for (std::size_t row : AllRows(self)) all.emplace_back(row);
  SMELT_ASSIGN(const Value taken, jinja::Slice(Value::MakeList(std::move(all)), bound[0], bound[1], bound[2]));
  Positions positions;
  for (const Value& row : taken.items()) positions.push_back(static_cast<std::size_t>(row.integer()));
  return WithRows(self, positions);
}

Result<Value> OrderBy(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("order_by", {"key", "reverse"}, 1));
  SMELT_ASSIGN(const List keys, KeysOf(self, bound[0], interpreter));
  Positions positions = AllRows(self);
  SMELT_TRY(SortNoneLast(
      positions, [&keys](std::size_t row) { return keys[row]; }, bound[1].Truthy()));
  return WithRows(self, positions);
}

Result<Value> Distinct(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("distinct", {"key"}, 0));
  Value key = bound[0];
  if (key.is_absent()) {
    List names;
    for (const ValueTable::Column& column : self.columns()) names.emplace_back(column.name);
    key = Value::MakeList(std::move(names));
  }
  SMELT_ASSIGN(const List keys, KeysOf(self, key, interpreter));
  jinja::Dict seen;
  Positions first;
  for (std::size_t row : AllRows(self)) {
    if (seen.Find(keys[row]) != nullptr) continue;
    seen.Set(keys[row], Value(true));
    first.push_back(row);
  }
  return WithRows(self, first);
}

/// A table for each value of a column, by its text.
Result<Value> GroupBy(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("group_by", {"key"}, 1));
  SMELT_ASSIGN(const List keys, KeysOf(self, bound[0], interpreter));
  auto names = std::make_shared<std::vector<std::string>>();
  std::vector<Positions> groups;
  for (std::size_t row : AllRows(self)) {
    const std::string name = keys[row].ToText();
    const auto found = std::ranges::find(*names, name) - names->begin();
    if (static_cast<std::size_t>(found) == names->size()) {
      names->push_back(name);
      groups.emplace_back();
    }
    groups[static_cast<std::size_t>(found)].push_back(row);
  }
  List tables;
  for (const Positions& group : groups) tables.push_back(WithRows(self, group));
  return Value(std::make_shared<NamedSequence>("agate.TableSet", std::move(tables), std::move(names)));
}

std::string CellText(const Value& value, std::size_t width) {
  std::string text = value.is_none() ? "" : value.ToText();
  if (jinja::CharacterCount(text) <= width) return text;
  std::string cut;
  for (const Value& character : jinja::Iterate(Value(text)).value_or(List())) {
    if (jinja::CharacterCount(cut) + 3 >= width) break;
    cut += character.text();
  }
  return cut + "...";
}

/// `print_table(max_rows, max_columns, max_column_width)`: shows the table to the user.
Result<Value> PrintTable(ValueTable& self, Interpreter& interpreter, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("print_table", {"max_rows", "max_columns", "output", "max_column_width"}, 0));
  auto bounded = [&bound](std::size_t i, std::size_t fallback, std::size_t size) {
    const bool is_given = bound[i].is_integral() && bound[i].integer() >= 0;
    return std::min(is_given             ? static_cast<std::size_t>(bound[i].integer())
                    : bound[i].is_none() ? size
                                         : fallback,
                    size);
  };
  constexpr std::size_t kNoWidth = 1'000'000;
  const std::size_t width = std::max<std::size_t>(bounded(3, 20, kNoWidth), 4);
  const std::size_t rows = bounded(0, 20, self.rows().size()), columns = bounded(1, 6, self.columns().size());
  std::vector<std::string> header;
  std::vector<bool> to_right;
  for (std::size_t i = 0; i < columns; ++i) {
    header.push_back(CellText(Value(self.columns()[i].name), width));
    to_right.push_back(self.columns()[i].type != "Text");
  }
  std::vector<std::vector<std::string>> lines(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns; ++i) lines[row].push_back(CellText(self.rows()[row][i], width));
  }
  if (rows < self.rows().size()) lines.emplace_back(columns, "...");
  if (columns < self.columns().size()) {
    header.emplace_back("...");
    to_right.push_back(false);
    for (auto& line : lines) line.emplace_back("...");
  }
  std::string text = TableText(header, lines, to_right);
  text.pop_back();
  if (const auto& print = RenderContext::Of(interpreter).project().options.print) print(text);
  return Value::None();
}

constexpr jinja::ObjectMethod<ValueTable> kTableMethods[] = {
    {"distinct", Distinct},      {"exclude", Exclude}, {"group_by", GroupBy}, {"limit", Limit}, {"order_by", OrderBy},
    {"print_table", PrintTable}, {"rename", Rename},   {"select", Select},    {"where", Where},
};

}  // namespace

std::optional<Value> TableMethod(ValueTable& table, std::string_view name) {
  return BoundObjectMethod(table, kTableMethods, name);
}

}  // namespace smelt::transform
