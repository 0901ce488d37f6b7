#include "transform/internal/jinja/builtin.h"

#include <fmt/format.h>

namespace smelt::transform::jinja {

Result<std::string> BuiltinCall::Text(std::size_t index) const {
  const Value& value = arguments[index];
  if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
  if (!value.is_text()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs a string, not '{}'", name, value.type_name()));
  }
  return value.text();
}

Result<std::int64_t> BuiltinCall::Integer(std::size_t index, std::int64_t fallback) const {
  const Value* value = Given(index);
  if (value == nullptr) return fallback;
  if (!value->is_integral()) {
    return Fail(ErrorCode::kJinjaType, fmt::format("{}() needs an integer, not '{}'", name, value->type_name()));
  }
  return value->integer();
}

Result<Value> RunBuiltin(const Builtin& builtin, Interpreter& interpreter, const Value& input, Arguments arguments) {
  BuiltinCall call{interpreter, builtin.name, input, {}, {}};
  if (builtin.variadic) {
    call.raw = std::move(arguments);
  } else {
    auto count = static_cast<std::size_t>(std::ranges::find(builtin.parameters, std::string_view()) -
                                          builtin.parameters.begin());
    SMELT_ASSIGN(call.arguments,
                 arguments.Bind(builtin.name, std::span(builtin.parameters).first(count), builtin.required));
  }
  return builtin.run(call);
}

}  // namespace smelt::transform::jinja
