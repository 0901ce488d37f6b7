#include "transform/internal/project/query_result.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>
#include <vector>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

using Names = std::shared_ptr<const std::vector<std::string>>;

/// Values in order that may have names: a row, a column, the rows of a table, its columns.
class NamedSequence final : public jinja::Object {
 public:
  NamedSequence(std::string type_name, List values, Names names, std::string name = {})
      : type_name_(std::move(type_name)),
        name_(std::move(name)),
        values_(std::move(values)),
        names_(std::move(names)) {}

  std::string type_name() const override { return type_name_; }
  std::string ToText() const override { return Value::MakeTuple(values_).ToText(); }
  bool Truthy() const override { return !values_.empty(); }
  std::optional<List> Members() const override { return values_; }

  std::optional<Value> Item(const Value& key) override {
    if (key.is_text()) return ByName(key.text());
    if (!key.is_integral()) return std::nullopt;
    auto count = static_cast<std::int64_t>(values_.size());
    std::int64_t position = key.integer() < 0 ? key.integer() + count : key.integer();
    if (position < 0 || position >= count) return std::nullopt;
    return values_[static_cast<std::size_t>(position)];
  }

  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "name" && !name_.empty()) return Value(name_);
    if (name == "values") return Method("values", Value::MakeTuple(values_));
    if (names_ == nullptr) return std::nullopt;
    if (name == "keys") return Method("keys", Value::MakeTuple(List(names_->begin(), names_->end())));
    if (name == "dict") return Method("dict", ToDict());
    if (name == "items") {
      List pairs;
      for (std::size_t i = 0; i < values_.size(); ++i) pairs.push_back(Value::MakeTuple({(*names_)[i], values_[i]}));
      return Method("items", Value::MakeList(std::move(pairs)));
    }
    return ByName(name);
  }

 private:
  static Value Method(std::string name, Value answer) {
    return Function::Make(std::move(name),
                          [answer = std::move(answer)](Interpreter&, Arguments) { return Result<Value>(answer); });
  }

  std::optional<Value> ByName(std::string_view name) const {
    if (names_ == nullptr) return std::nullopt;
    auto found = std::ranges::find(*names_, name);
    if (found == names_->end()) return std::nullopt;
    return values_[static_cast<std::size_t>(found - names_->begin())];
  }

  Value ToDict() const {
    jinja::Dict dict;
    for (std::size_t i = 0; i < values_.size(); ++i) dict.Set((*names_)[i], values_[i]);
    return Value::MakeDict(std::move(dict));
  }

  std::string type_name_;
  std::string name_;
  List values_;
  Names names_;  ///< null: the values have none
};

template <typename Number>
std::optional<Value> ParseNumber(const std::string& text) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Value(number);
}

Value CellValue(const engine::Cell& cell, const engine::ResultColumn& column) {
  if (!cell) return Value::None();
  std::optional<Value> number;
  switch (column.kind) {
    case engine::TypeKind::kBoolean: return Value(*cell == "true");
    case engine::TypeKind::kInteger: number = ParseNumber<std::int64_t>(*cell); break;
    case engine::TypeKind::kDecimal:
    case engine::TypeKind::kFloat: number = ParseNumber<double>(*cell); break;
    default: break;
  }
  return number ? *number : Value(*cell);
}

std::vector<List> RowValues(const engine::ResultTable& table) {
  std::vector<List> rows;
  rows.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    List values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) values.push_back(CellValue(row[i], table.columns[i]));
    rows.push_back(std::move(values));
  }
  return rows;
}

}  // namespace

Value MakeQueryResult(const engine::ResultTable& table) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (const engine::ResultColumn& column : table.columns) names->push_back(column.name);
  std::vector<List> values = RowValues(table);
  List rows, columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    List cells;
    for (const List& row : values) cells.push_back(row[i]);
    columns.emplace_back(std::make_shared<NamedSequence>("column", std::move(cells), nullptr, table.columns[i].name));
  }
  for (List& row : values) rows.emplace_back(std::make_shared<NamedSequence>("row", std::move(row), names));
  auto result = std::make_shared<jinja::Record>("query result");
  result->Set("rows", std::make_shared<NamedSequence>("rows", std::move(rows), nullptr));
  result->Set("columns", std::make_shared<NamedSequence>("columns", std::move(columns), names));
  result->Set("column_names", Value::MakeTuple(List(names->begin(), names->end())));
  return Value(std::move(result));
}

Value MakeStatementResult(const engine::ResultTable& table) {
  List data;
  for (List& row : RowValues(table)) data.push_back(Value::MakeList(std::move(row)));
  auto result = std::make_shared<jinja::Record>("statement result");
  result->Set("table", MakeQueryResult(table));
  result->Set("data", Value::MakeList(std::move(data)));
  return Value(std::move(result));
}

}  // namespace smelt::transform
