#include "transform/internal/project/named_sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/modules/object_methods.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::List;
using jinja::Value;

/// Values that are shown when a sequence is printed.
constexpr std::size_t kShown = 5;

Result<Value> Values(NamedSequence& self, Interpreter&, const Arguments&) {
  return Value::MakeTuple(self.values());
}

Result<Value> Keys(NamedSequence& self, Interpreter&, const Arguments&) {
  if (self.names() == nullptr) return Value::None();
  return Value::MakeTuple(List(self.names()->begin(), self.names()->end()));
}

Result<Value> Items(NamedSequence& self, Interpreter&, const Arguments&) {
  List pairs;
  for (std::size_t i = 0; self.names() != nullptr && i < self.values().size(); ++i) {
    pairs.push_back(Value::MakeTuple({(*self.names())[i], self.values()[i]}));
  }
  return Value::MakeTuple(std::move(pairs));
}

Result<Value> ToDict(NamedSequence& self, Interpreter&, const Arguments&) {
  if (self.names() == nullptr) return Fail(ErrorCode::kJinjaType, "dict(): the values have no names");
  jinja::Dict dict;
  for (std::size_t i = 0; i < self.values().size(); ++i) dict.Set((*self.names())[i], self.values()[i]);
  return Value::MakeDict(std::move(dict));
}

Result<Value> Get(NamedSequence& self, Interpreter&, const Arguments& arguments) {
  SMELT_ASSIGN(List bound, arguments.Bind("get", {"key", "default"}, 1));
  if (auto found = self.Item(bound[0])) return *std::move(found);
  return bound[1].is_undefined() ? Value::None() : bound[1];
}

constexpr jinja::ObjectMethod<NamedSequence> kSequenceMethods[] = {
    {"dict", ToDict}, {"get", Get}, {"items", Items}, {"keys", Keys}, {"values", Values},
};

Value Answering(std::string name, Value answer) {
  auto body = [answer](Interpreter&, Arguments) { return Result<Value>(answer); };
  return Function::Make(std::move(name), std::move(body), {answer});
}

List Distinct(const List& values) {
  List distinct;
  jinja::Dict seen;
  for (const Value& value : values) {
    if (seen.Find(value) != nullptr) continue;
    seen.Set(value, Value(true));
    distinct.push_back(value);
  }
  return distinct;
}

List WithoutNones(List values) {
  std::erase_if(values, [](const Value& value) { return value.is_none(); });
  return values;
}

/// A method that sorts when it is called: some values have no order.
Value Sorter(std::string name, List values) {
  auto body = [values](Interpreter&, Arguments) -> Result<Value> {
    std::vector<std::size_t> positions(values.size());
    std::iota(positions.begin(), positions.end(), 0);
    SMELT_TRY(SortNoneLast(
        positions, [&values](std::size_t i) { return values[i]; }, false));
    List sorted;
    for (std::size_t position : positions) sorted.push_back(values[position]);
    return Value::MakeList(std::move(sorted));
  };
  return Function::Make(std::move(name), std::move(body), values);
}

}  // namespace

Value NamedSequence::Column(std::string name, std::size_t index, Value type, List values, Names rows) {
  auto column = std::make_shared<NamedSequence>("agate.Column", std::move(values), std::move(rows));
  column->column_ = ColumnParts{std::move(name), index, std::move(type)};
  return Value(std::move(column));
}

std::string NamedSequence::ToText() const {
  std::string text;
  for (std::size_t i = 0; i < std::min(values_.size(), kShown); ++i) {
    text += (i == 0 ? "" : ", ") + values_[i].Repr();
  }
  if (values_.size() > kShown) text += ", ...";
  return fmt::format("<{}: ({})>", shown_, text);
}

bool NamedSequence::Equals(const jinja::Object& other) const {
  const auto* sequence = dynamic_cast<const NamedSequence*>(&other);
  return sequence != nullptr && Value::MakeTuple(sequence->values_).Equals(Value::MakeTuple(values_));
}

std::optional<Value> NamedSequence::ByName(std::string_view name) const {
  if (names_ == nullptr) return std::nullopt;
  auto found = std::ranges::find(*names_, name);
  if (found == names_->end()) return std::nullopt;
  return values_[static_cast<std::size_t>(found - names_->begin())];
}

std::optional<Value> NamedSequence::Item(const Value& key) {
  if (key.is_text()) return ByName(key.text());
  if (!key.is_integral()) return std::nullopt;
  const auto count = static_cast<std::int64_t>(values_.size());
  const std::int64_t position = key.integer() < 0 ? key.integer() + count : key.integer();
  if (position < 0 || position >= count) return std::nullopt;
  return values_[static_cast<std::size_t>(position)];
}

std::optional<Value> NamedSequence::ColumnAttribute(std::string_view name) const {
  if (name == "name") return Value(column_->name);
  if (name == "index") return Value(column_->index);
  if (name == "data_type") return column_->type;
  if (name == "values_distinct") return Answering("values_distinct", Value::MakeTuple(Distinct(values_)));
  if (name == "values_without_nulls") return Answering("values_without_nulls", Value::MakeTuple(WithoutNones(values_)));
  if (name == "values_sorted") return Sorter("values_sorted", values_);
  if (name == "values_without_nulls_sorted") return Sorter("values_without_nulls_sorted", WithoutNones(values_));
  return std::nullopt;
}

std::optional<Value> NamedSequence::Attribute(std::string_view name) {
  if (column_) {
    if (auto found = ColumnAttribute(name)) return found;
  }
  return BoundObjectMethod(*this, kSequenceMethods, name);
}

Status SortNoneLast(std::vector<std::size_t>& positions, const std::function<Value(std::size_t)>& key, bool reverse) {
  std::optional<Error> failure;
  std::ranges::stable_sort(positions, [&](std::size_t left, std::size_t right) {
    const Value a = key(left), b = key(right);
    if (failure || a.is_none() || b.is_none())
      return reverse ? a.is_none() && !b.is_none() : !a.is_none() && b.is_none();
    auto order = jinja::Compare(a, b);
    if (!order) failure = order.error();
    return order && (reverse ? *order > 0 : *order < 0);
  });
  if (failure) return Fail(*std::move(failure));
  return {};
}

}  // namespace smelt::transform
