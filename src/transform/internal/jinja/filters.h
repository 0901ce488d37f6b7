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

/// JSON as Python's json module writes it: ", " and ": " between the parts, characters beyond ASCII escaped.
/// `indent` below 0 puts everything in one line.
std::string PythonJson(const Json& json, bool sort_keys, int indent = -1);

/// The value of a Python literal ("1", "True", "'a'", "[1, 2]"), nothing when `text` is none.
std::optional<Value> ParseLiteral(const std::string& text);

}  // namespace smelt::transform::jinja
