#include "transform/internal/jinja/iterables.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/set_object.h"

namespace smelt::transform::jinja {

Result<Value> Range::Make(std::int64_t start, std::int64_t stop, std::int64_t step) {
  if (step == 0) return Fail(ErrorCode::kJinjaType, "range() needs a step that is not zero");
  // Without signs: the distance of two integers may not fit one.
  auto from = static_cast<std::uint64_t>(step > 0 ? start : stop),
       to = static_cast<std::uint64_t>(step > 0 ? stop : start);
  auto stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  bool empty = step > 0 ? start >= stop : start <= stop;
  std::uint64_t length = empty ? 0 : (to - from - 1) / stride + 1;
  if (length > kNumbersMax) {
    return Fail(ErrorCode::kJinjaLimit, fmt::format("range() makes at most {} numbers", kNumbersMax));
  }
  return Value(std::make_shared<Range>(start, stop, step, static_cast<std::int64_t>(length)));
}

std::string Range::ToText() const {
  return step_ == 1 ? fmt::format("range({}, {})", start_, stop_)
                    : fmt::format("range({}, {}, {})", start_, stop_, step_);
}

bool Range::Equals(const Object& other) const {
  const auto* range = dynamic_cast<const Range*>(&other);
  if (range == nullptr || range->length_ != length_) return false;
  return length_ == 0 || (start_ == range->start_ && (length_ == 1 || step_ == range->step_));
}

std::optional<Value> Range::Attribute(std::string_view name) {
  if (name == "start") return Value(start_);
  if (name == "stop") return Value(stop_);
  if (name == "step") return Value(step_);
  if (name != "index" && name != "count") return std::nullopt;
  auto self = std::static_pointer_cast<Range>(shared_from_this());
  auto body = [self, counts = name == "count"](Interpreter&, Arguments arguments) -> Result<Value> {
    SMELT_ASSIGN(List bound, arguments.Bind("index", {"value"}, 1));
    List members = *self->Members();
    auto found = std::ranges::find_if(members, [&](const Value& member) { return member.Equals(bound[0]); });
    if (counts) return Value(found == members.end() ? 0 : 1);
    if (found == members.end()) return Fail(ErrorCode::kJinjaType, "index(): the range does not contain it");
    return Value(found - members.begin());
  };
  return Function::Make(std::string(name), std::move(body), {Value(self)});
}

std::optional<Value> Range::Item(const Value& key) {
  if (!key.is_integral()) return std::nullopt;
  std::int64_t index = key.integer() < 0 ? key.integer() + length_ : key.integer();
  if (index < 0 || index >= length_) return std::nullopt;
  return Value(At(index));
}

std::optional<List> Range::Members() const {
  List numbers;
  numbers.reserve(static_cast<std::size_t>(length_));
  for (std::int64_t i = 0; i < length_; ++i) numbers.emplace_back(At(i));
  return numbers;
}

Result<std::optional<bool>> Range::Contains(const Value& item) const {
  if (!item.is_integral()) return std::optional<bool>();
  for (std::int64_t i = 0; i < length_; ++i) {
    if (At(i) == item.integer()) return std::optional<bool>(true);
  }
  return std::optional<bool>(false);
}

Value Range::Slice(std::int64_t from, std::int64_t to, std::int64_t stride) const {
  std::int64_t distance = stride > 0 ? to - from : from - to, width = stride > 0 ? stride : -stride;
  std::int64_t length = distance <= 0 ? 0 : (distance - 1) / width + 1;
  return Value(std::make_shared<Range>(At(from), At(to), step_ * stride, length));
}

Value Iterator::Make(std::string shown, Result<List> items) {
  if (items) return Value(std::make_shared<Iterator>(std::move(shown), *std::move(items)));
  auto failed = std::make_shared<Iterator>(std::move(shown), List());
  failed->error_ = std::move(items).error();
  return Value(std::move(failed));
}

Status Iterator::Readable() const {
  if (error_) return Fail(*error_);
  return {};
}

std::optional<Value> Iterator::Next() {
  if (next_ == items_.size()) return std::nullopt;
  return items_[next_++];
}

std::string Iterator::ToText() const {
  return fmt::format("<{} at {}>", shown_, fmt::ptr(this));
}

std::optional<List> Iterator::Members() const {
  List rest(std::make_move_iterator(items_.begin() + static_cast<std::ptrdiff_t>(next_)),
            std::make_move_iterator(items_.end()));
  items_.clear();
  next_ = 0;
  return rest;
}

std::string DictView::type_name() const {
  return part_ == Part::kKeys ? "dict_keys" : part_ == Part::kValues ? "dict_values" : "dict_items";
}

std::string DictView::ToText() const {
  return type_name() + "(" + Value::MakeList(*Members()).Repr() + ")";
}

bool DictView::Truthy() const {
  return !dict_.dict().empty();
}

bool DictView::Equals(const Object& other) const {
  if (part_ == Part::kValues) return this == &other;
  if (dynamic_cast<const DictView*>(&other) == nullptr && dynamic_cast<const Set*>(&other) == nullptr) return false;
  auto own = Set::From(*Members()), others = Set::From(*other.Members());
  return own && others && own->Equals(*others);
}

std::optional<List> DictView::Members() const {
  List members;
  members.reserve(dict_.dict().size());
  for (const auto& [key, value] : dict_.dict().entries()) {
    members.push_back(part_ == Part::kKeys ? key : part_ == Part::kValues ? value : Value::MakeTuple({key, value}));
  }
  return members;
}

std::optional<std::int64_t> DictView::Length() const {
  return static_cast<std::int64_t>(dict_.dict().size());
}

Result<std::optional<Value>> DictView::Calculate(Operator operation, const Value& other, bool is_left) const {
  if (operation != Operator::kSubtract || part_ == Part::kValues || !is_left) return std::optional<Value>();
  SMELT_ASSIGN(List others, Iterate(other));
  SMELT_ASSIGN(Set own, Set::From(*Members()));
  SMELT_ASSIGN(Set subtracted, Set::From(std::move(others)));
  return std::optional<Value>(own.Without(subtracted));
}

}  // namespace smelt::transform::jinja
