#pragma once

#include <optional>
#include <span>
#include <string>

#include "transform/internal/jinja/builtin.h"

namespace smelt::transform::jinja {

// The tables of filters, by what they work on; FindFilter searches all of them.
std::span<const Builtin> TextFilters();
std::span<const Builtin> SequenceFilters();
std::span<const Builtin> NumberFilters();
std::span<const Builtin> HtmlFilters();

/// JSON as Python's json module writes it: ", " and ": " between the parts, characters beyond ASCII escaped.
/// `indent` below 0 puts everything in one line.
std::string PythonJson(const Json& json, bool sort_keys, int indent = -1);

/// How Python's pprint writes a value: what does not fit a line of 80 characters over several, dicts by their keys.
/// Long texts are not broken.
std::string PrettyText(const Value& value);

/// The value of a Python literal ("1", "True", "'a'", "[1, 2]"), nothing when `text` is none.
std::optional<Value> ParseLiteral(const std::string& text);

}  // namespace smelt::transform::jinja
