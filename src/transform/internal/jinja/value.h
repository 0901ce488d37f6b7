#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json_fwd.h"

namespace smelt::transform::jinja {

class Dict;
class Object;
class Value;
using List = std::vector<Value>;

enum class Kind { kUndefined, kNone, kBoolean, kInteger, kReal, kText, kList, kTuple, kDict, kObject };

/// A value as a template sees it, with Python's semantics: lists and dicts are shared and mutable, everything else is
/// immutable. Copies are cheap. Confined to one thread.
class Value {
 public:
  /// An undefined value that nobody named.
  Value() = default;
  Value(bool value) : data_(value) {}  // NOLINT: a value is what it holds
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Value(T value)
      : data_(static_cast<std::int64_t>(value)) {}                                          // NOLINT
  Value(double value) : data_(value) {}                                                     // NOLINT
  Value(std::string text) : data_(std::make_shared<const std::string>(std::move(text))) {}  // NOLINT
  Value(std::string_view text) : Value(std::string(text)) {}                                // NOLINT
  Value(const char* text) : Value(std::string(text)) {}                                     // NOLINT
  template <std::derived_from<Object> T>
  Value(std::shared_ptr<T> object) : data_(std::shared_ptr<Object>(std::move(object))) {}  // NOLINT

  static Value None();
  /// `hint` is what using the value will complain about: "'x' is undefined".
  static Value Undefined(std::string hint);
  static Value MakeList(List items = {});
  static Value MakeTuple(List items = {});
  static Value MakeDict();
  static Value MakeDict(Dict entries);
  static Value FromJson(const Json& json);

  Kind kind() const;
  bool is_undefined() const { return std::holds_alternative<UndefinedData>(data_); }
  bool is_none() const { return std::holds_alternative<NoneData>(data_); }
  /// Undefined or none: what an optional argument looks like when it was not given.
  bool is_absent() const { return is_undefined() || is_none(); }
  bool is_boolean() const { return std::holds_alternative<bool>(data_); }
  bool is_text() const { return std::holds_alternative<TextData>(data_); }
  bool is_sequence() const { return std::holds_alternative<SequencePointer>(data_); }
  bool is_list() const { return kind() == Kind::kList; }
  bool is_tuple() const { return kind() == Kind::kTuple; }
  bool is_dict() const { return std::holds_alternative<DictPointer>(data_); }
  bool is_object() const { return std::holds_alternative<ObjectPointer>(data_); }
  /// Integer or boolean: Python's bool is an int.
  bool is_integral() const { return is_boolean() || std::holds_alternative<std::int64_t>(data_); }
  bool is_real() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_integral() || is_real(); }

  // Accessors; the kind must be the right one.
  std::int64_t integer() const;  ///< of an integer or boolean
  double number() const;         ///< of any number
  const std::string& text() const;
  List& items() const;  ///< of a list or tuple
  Dict& dict() const;
  Object& object() const;
  std::shared_ptr<Object> object_pointer() const;
  /// The native object of type T, or null when this is something else.
  template <typename T>
  std::shared_ptr<T> As() const {
    return is_object() ? std::dynamic_pointer_cast<T>(object_pointer()) : nullptr;
  }
  /// What an undefined value complains about.
  std::string undefined_hint() const;

  bool Truthy() const;
  /// Python's name of the type: "str", "int", "NoneType", "list".
  std::string type_name() const;
  /// Whether both are the same object (`is sameas`).
  bool SameAs(const Value& other) const;
  /// Python's ==.
  bool Equals(const Value& other) const;
  /// Equal values of hashable kinds have equal hashes.
  std::size_t Hash() const;
  /// Whether the value can be a dict key: no list or dict within, and not absurdly deep.
  bool Hashable() const;
  /// Python's str(): what `{{ }}` prints.
  std::string ToText() const;
  /// Python's repr().
  std::string Repr() const;

 private:
  struct NoneData {};
  struct UndefinedData {
    std::shared_ptr<const std::string> hint;
  };
  struct Sequence {
    List items;
    bool is_tuple = false;
  };
  using TextData = std::shared_ptr<const std::string>;
  using SequencePointer = std::shared_ptr<Sequence>;
  using DictPointer = std::shared_ptr<Dict>;
  using ObjectPointer = std::shared_ptr<Object>;

  std::variant<UndefinedData, NoneData, bool, std::int64_t, double, TextData, SequencePointer, DictPointer,
               ObjectPointer>
      data_;
};

/// Orders two values as Python's < does: negative, zero, positive. Errors: kJinjaType when they have no order.
Result<int> Compare(const Value& left, const Value& right);

/// The value as JSON. Errors: kJinjaType for values that JSON cannot hold (undefined, functions, deep nesting).
Result<Json> ToJson(const Value& value);

/// The members of anything iterable: list, tuple, keys of a dict, characters of a string, nothing for undefined.
/// Errors: kJinjaType.
Result<List> Iterate(const Value& value);

/// Python's len(). Errors: kJinjaType.
Result<std::int64_t> Length(const Value& value);

/// How deep containers may lie in one another before printing or comparing them gives up.
inline constexpr int kContainerDepthMax = 100;
/// Values that one comparison, conversion or search may visit: the same list can be reached on very many ways.
inline constexpr std::int64_t kVisitsMax = 4'000'000;

}  // namespace smelt::transform::jinja
