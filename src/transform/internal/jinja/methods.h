#pragma once

#include <optional>
#include <string_view>

#include "transform/internal/jinja/builtin.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Python's methods of strings, lists, tuples and dicts: the one called `name`, or null.
const Builtin* FindMethod(const Value& value, std::string_view name);

/// The method as a value that can be called later; nothing when the type has no such method.
std::optional<Value> BoundMethod(const Value& value, std::string_view name);

/// The methods of numbers, by name.
std::span<const Builtin> NumberMethods();
/// The methods of strings, by name.
std::span<const Builtin> TextMethods();

/// Python's dict(value): a copy of a dict, or one made of pairs. Errors: kJinjaType.
Result<Dict> DictFrom(const Value& value);

/// The lines of `text` as Python's splitlines() finds them, with their ends when `keep_ends`.
std::vector<std::string_view> SplitLines(std::string_view text, bool keep_ends);

/// `text` with the first `count` occurrences of `from` replaced; all when it is negative.
std::string ReplaceText(std::string_view text, std::string_view from, std::string_view to, std::int64_t count);

}  // namespace smelt::transform::jinja
