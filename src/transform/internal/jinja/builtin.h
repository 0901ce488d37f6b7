#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// One call of a built-in filter, test or method.
struct BuiltinCall {
  Interpreter& interpreter;
  std::string_view name;
  const Value& input;  ///< what is filtered or tested, or whose method it is
  List arguments;      ///< one per parameter, undefined when not given; empty for variadic ones
  Arguments raw;       ///< as passed, for variadic ones

  /// The argument at `index` when it was given (none counts as not given).
  const Value* Given(std::size_t index) const { return arguments[index].is_absent() ? nullptr : &arguments[index]; }
  /// Typed arguments. Errors: kJinjaType naming the function.
  Result<std::string> Text(std::size_t index) const;
  Result<std::int64_t> Integer(std::size_t index, std::int64_t fallback) const;
};

using BuiltinBody = Result<Value> (*)(BuiltinCall&);

/// The descriptor of a built-in filter, test or method.
struct Builtin {
  static constexpr std::size_t kParametersMax = 5;

  std::string_view name;
  BuiltinBody run;
  std::array<std::string_view, kParametersMax> parameters = {};
  std::size_t required = 0;
  bool variadic = false;  ///< binds its arguments itself
};

/// Binds the arguments and runs `builtin`. Errors: kJinjaType for arguments that do not fit, and those of the function.
Result<Value> RunBuiltin(const Builtin& builtin, Interpreter& interpreter, const Value& input, Arguments arguments);

/// The filter or test of that name, or null.
const Builtin* FindFilter(std::string_view name);
const Builtin* FindTest(std::string_view name);
/// The names of all filters and of all tests, for suggestions.
std::vector<std::string_view> FilterNames();
std::vector<std::string_view> TestNames();

/// Finds `name` in a table sorted by name.
constexpr const Builtin* FindBuiltin(std::span<const Builtin> table, std::string_view name) {
  auto found = std::ranges::lower_bound(table, name, {}, &Builtin::name);
  return found != table.end() && found->name == name ? &*found : nullptr;
}

constexpr bool SortedByName(std::span<const Builtin> table) {
  return std::ranges::is_sorted(table, {}, &Builtin::name);
}

}  // namespace smelt::transform::jinja
