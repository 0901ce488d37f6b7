#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

class Interpreter;
enum class Operator;

/// What a call passes: positional arguments, then named ones in the order written.
struct Arguments {
  List positional;
  std::vector<std::pair<std::string, Value>> named;

  /// The value of a named argument, removed from `named`; nothing when it was not given.
  std::optional<Value> TakeNamed(std::string_view name);
  /// Matches the arguments with parameter names; those that were not given are undefined values.
  /// Errors: kJinjaType for too many, unknown, doubled or missing arguments (the first `required` must be given).
  Result<List> Bind(std::string_view function, std::span<const std::string_view> names, std::size_t required) const;
  Result<List> Bind(std::string_view function, std::initializer_list<std::string_view> names,
                    std::size_t required) const {
    return Bind(function, std::span(names.begin(), names.size()), required);
  }
};

/// A value that C++ code implements: a relation, the target, a macro, a namespace. Confined to one thread.
class Object : public std::enable_shared_from_this<Object> {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  /// What messages call it.
  virtual std::string type_name() const = 0;
  /// What `{{ }}` prints.
  virtual std::string ToText() const { return "<" + type_name() + ">"; }
  /// How it looks within a printed list or dict.
  virtual std::string Repr() const { return ToText(); }
  virtual bool Truthy() const { return true; }
  virtual bool Equals(const Object& other) const { return this == &other; }
  /// `object.name`; methods are attributes that can be called. Nothing when there is none.
  virtual std::optional<Value> Attribute(std::string_view name);
  /// `object[key]`; nothing when there is none.
  virtual std::optional<Value> Item(const Value& key);
  /// `{% set object.name = value %}`. Errors: kJinjaType by default.
  virtual Status SetAttribute(std::string_view name, Value value);
  /// The members when it can be iterated; what gives its members once only gives none from then on.
  virtual std::optional<List> Members() const { return std::nullopt; }
  /// The error that made its members impossible to find, if there was one: it counts when they are asked for.
  virtual Status Readable() const { return {}; }
  /// Whether it can be iterated; asking takes nothing from it.
  virtual bool iterable() const { return Members().has_value(); }
  /// Python's len(); nothing when it has none.
  virtual std::optional<std::int64_t> Length() const;
  /// Whether it has elements by position, and whether it is a mapping from keys to values.
  virtual bool is_sequence() const { return false; }
  virtual bool is_mapping() const { return false; }
  /// Whether it can be a key, and its hash then: equal objects have equal ones.
  virtual bool hashable() const { return true; }
  virtual std::size_t Hash() const { return std::hash<const void*>()(this); }
  /// `item in object`; nothing: its members are searched.
  virtual Result<std::optional<bool>> Contains(const Value& item) const;
  /// Arithmetic with this object on one side; nothing when it does not support the operation.
  virtual Result<std::optional<Value>> Calculate(Operator operation, const Value& other, bool is_left) const;
  /// Python's format(object, specification); nothing when it has no form of its own.
  virtual std::optional<std::string> Formatted(std::string_view) const { return std::nullopt; }
  /// The comparisons <, <=, > and >= with another object; nothing when they have no order.
  virtual std::optional<bool> Satisfies(Operator operation, const Object& other) const;
  /// The values that templates gave it to keep.
  virtual List Held() const { return {}; }
  virtual bool callable() const { return false; }
  virtual Result<Value> Call(Interpreter& interpreter, Arguments arguments);
  /// Its content as JSON, nothing when it has none.
  virtual std::optional<Json> ToJson() const;
};

/// A function written in C++.
class Function final : public Object {
 public:
  using Body = std::function<Result<Value>(Interpreter&, Arguments)>;

  /// `held`: the values of templates that `body` keeps.
  Function(std::string name, Body body, List held)
      : name_(std::move(name)), body_(std::move(body)), held_(std::move(held)) {}

  static Value Make(std::string name, Body body, List held = {}) {
    return Value(std::make_shared<Function>(std::move(name), std::move(body), std::move(held)));
  }

  std::string type_name() const override { return "function " + name_; }
  bool callable() const override { return true; }
  List Held() const override { return held_; }
  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override {
    return body_(interpreter, std::move(arguments));
  }

 private:
  std::string name_;
  Body body_;
  List held_;
};

/// A fixed set of named attributes, also reachable by subscript: `target`, `exceptions`, `flags`.
class Record : public Object {
 public:
  explicit Record(std::string type_name) : type_name_(std::move(type_name)) {}

  void Set(std::string name, Value value) { fields_.insert_or_assign(std::move(name), std::move(value)); }

  std::string type_name() const override { return type_name_; }
  std::optional<Value> Attribute(std::string_view name) override;
  std::optional<Value> Item(const Value& key) override;
  std::optional<Json> ToJson() const override;
  List Held() const override;
  bool is_mapping() const override { return true; }

 protected:
  const std::map<std::string, Value, std::less<>>& fields() const { return fields_; }

 private:
  std::string type_name_;
  std::map<std::string, Value, std::less<>> fields_;
};

/// `namespace(...)`: the one thing that `{% set x.y = … %}` may change from an inner scope.
class Namespace final : public Record {
 public:
  Namespace() : Record("Namespace") {}
  std::string ToText() const override;
  std::optional<Value> Attribute(std::string_view name) override;
  bool is_mapping() const override { return false; }
  Status SetAttribute(std::string_view name, Value value) override;
};

}  // namespace smelt::transform::jinja
