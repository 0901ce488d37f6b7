#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "transform/internal/jinja/object.h"

namespace smelt::transform::jinja {

/// A method of objects of type T.
template <typename T>
struct ObjectMethod {
  std::string_view name;
  Result<Value> (*run)(T& self, Interpreter& interpreter, const Arguments& arguments);
};

/// The method called `name` of `self` as a value; nothing when the table has none.
template <typename T, std::size_t kCount>
std::optional<Value> BoundObjectMethod(T& self, const ObjectMethod<T> (&table)[kCount], std::string_view name) {
  auto found = std::ranges::find(table, name, &ObjectMethod<T>::name);
  if (found == std::end(table)) return std::nullopt;
  auto held = std::static_pointer_cast<T>(self.shared_from_this());
  auto body = [held, run = found->run](Interpreter& interpreter, Arguments arguments) {
    return run(*held, interpreter, arguments);
  };
  return Function::Make(std::string(name), std::move(body), {Value(held)});
}

/// A class of Python: called to make an object, with functions and constants as attributes.
class ClassObject final : public Object {
 public:
  using Body = Result<Value> (*)(Interpreter&, Arguments);

  ClassObject(std::string name, Body make) : name_(std::move(name)), make_(make) {}

  void Add(const std::string& name, Body function) { Add(name, Function::Make(name, function)); }
  void Add(const std::string& name, Value value) { members_->Set(name, std::move(value)); }

  std::string type_name() const override { return "type"; }
  std::string ToText() const override { return "<class '" + name_ + "'>"; }
  bool callable() const override { return true; }
  std::optional<Value> Attribute(std::string_view name) override {
    if (name == "__name__") return Value(name_.substr(name_.rfind('.') + 1));
    return members_->Attribute(name);
  }
  Result<Value> Call(Interpreter& interpreter, Arguments arguments) override {
    return make_(interpreter, std::move(arguments));
  }

 private:
  std::string name_;
  Body make_;
  std::shared_ptr<Namespace> members_ = std::make_shared<Namespace>();
};

}  // namespace smelt::transform::jinja
