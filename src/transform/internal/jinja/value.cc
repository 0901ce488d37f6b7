#include "transform/internal/jinja/value.h"

#include <fmt/format.h>

#include <functional>

#include "base/json.h"
#include "transform/internal/jinja/decimal.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

/// How far a walk through a value may still go.
struct Walk {
  std::int64_t visits_left = kVisitsMax;

  bool Enter(int depth) { return depth <= kContainerDepthMax && --visits_left >= 0; }
};

/// The order of a decimal and another number; nothing for other values.
std::optional<int> DecimalOrder(const Value& left, const Value& right) {
  if (auto decimal = left.As<Decimal>()) return decimal->OrderTo(right);
  auto decimal = right.As<Decimal>();
  const auto order = decimal == nullptr ? std::nullopt : decimal->OrderTo(left);
  return order ? std::optional(-*order) : std::nullopt;
}

bool EqualAt(const Value& left, const Value& right, int depth, Walk& walk);

bool EqualItems(const List& left, const List& right, int depth, Walk& walk) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!EqualAt(left[i], right[i], depth, walk)) return false;
  }
  return true;
}

bool EqualDicts(const Dict& left, const Dict& right, int depth, Walk& walk) {
  if (left.size() != right.size()) return false;
  for (const auto& [key, value] : left.entries()) {
    const Value* other = right.Find(key);
    if (other == nullptr || !EqualAt(value, *other, depth, walk)) return false;
  }
  return true;
}

bool EqualAt(const Value& left, const Value& right, int depth, Walk& walk) {
  if (left.is_number() && right.is_number()) {
    return left.is_integral() && right.is_integral() ? left.integer() == right.integer()
                                                     : left.number() == right.number();
  }
  if (left.kind() != right.kind()) return DecimalOrder(left, right) == 0;
  if (left.is_text()) return left.text() == right.text();
  if (!walk.Enter(depth)) return false;
  switch (left.kind()) {
    case Kind::kUndefined:
    case Kind::kNone: return true;
    case Kind::kList:
    case Kind::kTuple: return EqualItems(left.items(), right.items(), depth + 1, walk);
    case Kind::kDict: return EqualDicts(left.dict(), right.dict(), depth + 1, walk);
    case Kind::kObject: return left.object().Equals(right.object());
    default: return false;
  }
}

std::size_t Mix(std::size_t seed, std::size_t hash) {
  return seed ^ (hash + 0x9E3779B97F4A7C15ULL + (seed << 6));
}

std::size_t HashAt(const Value& value, int depth, Walk& walk) {
  if (value.is_number()) return std::hash<double>()(value.number());
  if (value.is_text()) return std::hash<std::string>()(value.text());
  if (value.is_object()) return value.object().Hash();
  auto hash = static_cast<std::size_t>(value.kind());
  if (!value.is_tuple() || !walk.Enter(depth)) return hash;
  for (const Value& item : value.items()) hash = Mix(hash, HashAt(item, depth + 1, walk));
  return hash;
}

bool HashableAt(const Value& value, int depth, Walk& walk) {
  if (value.is_list() || value.is_dict()) return false;
  if (value.is_object()) return value.object().hashable();
  if (!value.is_tuple()) return true;
  if (!walk.Enter(depth)) return false;
  for (const Value& item : value.items()) {
    if (!HashableAt(item, depth + 1, walk)) return false;
  }
  return true;
}

Result<int> CompareItems(const List& left, const List& right, int depth);

Result<int> CompareAt(const Value& left, const Value& right, int depth) {
  if (left.is_number() && right.is_number()) {
    if (left.is_integral() && right.is_integral()) {
      return left.integer() < right.integer() ? -1 : left.integer() > right.integer() ? 1 : 0;
    }
    return left.number() < right.number() ? -1 : left.number() > right.number() ? 1 : 0;
  }
  if (left.is_text() && right.is_text()) return left.text().compare(right.text());
  if (left.kind() == right.kind() && left.is_sequence() && depth <= kContainerDepthMax) {
    return CompareItems(left.items(), right.items(), depth + 1);
  }
  if (left.is_object() && right.is_object()) {
    auto less = left.object().Satisfies(Operator::kLess, right.object());
    if (less) return *less ? -1 : left.Equals(right) ? 0 : 1;
  }
  if (auto order = DecimalOrder(left, right)) return *order;
  for (const Value* side : {&left, &right}) {
    if (side->is_undefined()) return Fail(ErrorCode::kJinjaUndefined, side->undefined_hint());
  }
  return Fail(ErrorCode::kJinjaType,
              fmt::format("'{}' and '{}' cannot be ordered", left.type_name(), right.type_name()));
}

Result<int> CompareItems(const List& left, const List& right, int depth) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    if (left[i].Equals(right[i])) continue;
    return CompareAt(left[i], right[i], depth);
  }
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

Result<Json> JsonAt(const Value& value, int depth, Walk& walk);

Result<Json> JsonOfDict(const Dict& dict, int depth, Walk& walk) {
  Json json = Json::object();
  for (const auto& [key, member] : dict.entries()) {
    SMELT_ASSIGN(Json converted, JsonAt(member, depth + 1, walk));
    // As Python's json module writes keys that are no strings.
    std::string name = key.is_none() ? "null" : key.is_boolean() ? (key.Truthy() ? "true" : "false") : key.ToText();
    json[name] = std::move(converted);
  }
  return json;
}

Result<Json> JsonAt(const Value& value, int depth, Walk& walk) {
  if (!walk.Enter(depth)) return Fail(ErrorCode::kJinjaLimit, "the value is too deep or too large for JSON");
  switch (value.kind()) {
    case Kind::kNone: return Json(nullptr);
    case Kind::kBoolean: return Json(value.Truthy());
    case Kind::kInteger: return Json(value.integer());
    case Kind::kReal: return Json(value.number());
    case Kind::kText: return Json(value.text());
    case Kind::kDict: return JsonOfDict(value.dict(), depth, walk);
    case Kind::kList:
    case Kind::kTuple: {
      Json json = Json::array();
      for (const Value& item : value.items()) {
        SMELT_ASSIGN(Json converted, JsonAt(item, depth + 1, walk));
        json.push_back(std::move(converted));
      }
      return json;
    }
    case Kind::kUndefined: return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
    case Kind::kObject:
      if (auto json = value.object().ToJson()) return *std::move(json);
      break;
  }
  return Fail(ErrorCode::kJinjaType, fmt::format("{} cannot be written as JSON", value.type_name()));
}

}  // namespace

Value Value::None() {
  Value value;
  value.data_ = NoneData{};
  return value;
}

Value Value::Undefined(std::string hint) {
  Value value;
  value.data_ = UndefinedData{std::make_shared<const std::string>(std::move(hint))};
  return value;
}

Value Value::MakeList(List items) {
  Value value;
  value.data_ = std::make_shared<Sequence>(Sequence{std::move(items), false});
  return value;
}

Value Value::MakeTuple(List items) {
  Value value;
  value.data_ = std::make_shared<Sequence>(Sequence{std::move(items), true});
  return value;
}

Value Value::MakeDict() {
  return MakeDict(Dict());
}

Value Value::MakeDict(Dict entries) {
  Value value;
  value.data_ = std::make_shared<Dict>(std::move(entries));
  return value;
}

Value Value::FromJson(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return Value(json.get<bool>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return Value(json.get<std::int64_t>());
    case Json::value_t::number_float: return Value(json.get<double>());
    case Json::value_t::string: return Value(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      List items;
      items.reserve(json.size());
      for (const Json& item : json) items.push_back(FromJson(item));
      return MakeList(std::move(items));
    }
    case Json::value_t::object: {
      Dict dict;
      for (const auto& [key, member] : json.items()) dict.Set(key, FromJson(member));
      return MakeDict(std::move(dict));
    }
    default: return None();
  }
}

Kind Value::kind() const {
  switch (data_.index()) {
    case 0: return Kind::kUndefined;
    case 1: return Kind::kNone;
    case 2: return Kind::kBoolean;
    case 3: return Kind::kInteger;
    case 4: return Kind::kReal;
    case 5: return Kind::kText;
    case 6: return std::get<SequencePointer>(data_)->is_tuple ? Kind::kTuple : Kind::kList;
    case 7: return Kind::kDict;
    default: return Kind::kObject;
  }
}

std::int64_t Value::integer() const {
  if (const bool* boolean = std::get_if<bool>(&data_)) return *boolean ? 1 : 0;
  return std::get<std::int64_t>(data_);
}

double Value::number() const {
  return is_real() ? std::get<double>(data_) : static_cast<double>(integer());
}

const std::string& Value::text() const {
  return *std::get<TextData>(data_);
}

List& Value::items() const {
  return std::get<SequencePointer>(data_)->items;
}

Dict& Value::dict() const {
  return *std::get<DictPointer>(data_);
}

Object& Value::object() const {
  return *std::get<ObjectPointer>(data_);
}

std::shared_ptr<Object> Value::object_pointer() const {
  return std::get<ObjectPointer>(data_);
}

std::string Value::undefined_hint() const {
  const auto& hint = std::get<UndefinedData>(data_).hint;
  return hint == nullptr ? "the value is undefined" : *hint;
}

bool Value::Truthy() const {
  switch (kind()) {
    case Kind::kUndefined:
    case Kind::kNone: return false;
    case Kind::kBoolean:
    case Kind::kInteger: return integer() != 0;
    case Kind::kReal: return number() != 0;
    case Kind::kText: return !text().empty();
    case Kind::kList:
    case Kind::kTuple: return !items().empty();
    case Kind::kDict: return !dict().empty();
    case Kind::kObject: return object().Truthy();
  }
  return false;
}

std::string Value::type_name() const {
  switch (kind()) {
    case Kind::kUndefined: return "undefined";
    case Kind::kNone: return "NoneType";
    case Kind::kBoolean: return "bool";
    case Kind::kInteger: return "int";
    case Kind::kReal: return "float";
    case Kind::kText: return "str";
    case Kind::kList: return "list";
    case Kind::kTuple: return "tuple";
    case Kind::kDict: return "dict";
    case Kind::kObject: return object().type_name();
  }
  return {};
}

bool Value::SameAs(const Value& other) const {
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::kList:
    case Kind::kTuple: return &items() == &other.items();
    case Kind::kDict: return &dict() == &other.dict();
    case Kind::kObject: return &object() == &other.object();
    default: return Equals(other);
  }
}

bool Value::Equals(const Value& other) const {
  Walk walk;
  return EqualAt(*this, other, 0, walk);
}

std::size_t Value::Hash() const {
  Walk walk;
  return HashAt(*this, 0, walk);
}

bool Value::Hashable() const {
  Walk walk;
  return HashableAt(*this, 0, walk);
}

std::string Value::ToText() const {
  return is_text() ? text() : PythonText(*this);
}

std::string Value::Repr() const {
  return PythonRepr(*this);
}

Result<int> Compare(const Value& left, const Value& right) {
  return CompareAt(left, right, 0);
}

Result<Json> ToJson(const Value& value) {
  Walk walk;
  return JsonAt(value, 0, walk);
}

Result<List> Iterate(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined: return List();
    case Kind::kList:
    case Kind::kTuple: return value.items();
    case Kind::kText: {
      List characters;
      for (std::string_view character : Characters(value.text())) characters.emplace_back(character);
      return characters;
    }
    case Kind::kDict: {
      List keys;
      keys.reserve(value.dict().size());
      for (const auto& [key, member] : value.dict().entries()) keys.push_back(key);
      return keys;
    }
    case Kind::kObject:
      SMELT_TRY(value.object().Readable());
      if (auto members = value.object().Members()) return *std::move(members);
      break;
    default: break;
  }
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' cannot be iterated", value.type_name()));
}

Result<std::int64_t> Length(const Value& value) {
  if (value.is_text()) return static_cast<std::int64_t>(CharacterCount(value.text()));
  if (value.is_dict()) return static_cast<std::int64_t>(value.dict().size());
  if (value.is_sequence()) return static_cast<std::int64_t>(value.items().size());
  if (value.is_undefined()) return 0;
  if (value.is_object()) {
    if (auto length = value.object().Length()) return *length;
  }
  return Fail(ErrorCode::kJinjaType, fmt::format("'{}' has no length", value.type_name()));
}

}  // namespace smelt::transform::jinja
