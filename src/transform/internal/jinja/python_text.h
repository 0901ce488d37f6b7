#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// Python's str() and repr() of a value.
std::string PythonText(const Value& value);
std::string PythonRepr(const Value& value);
/// Python's ascii(): the repr with all that is not ASCII escaped.
std::string PythonAscii(const Value& value);
/// Python's repr of a float: the shortest text that reads back the same.
std::string PythonReal(double value);

/// `format % arguments`: a tuple supplies several values, a dict the named ones, anything else a single one.
/// Errors: kJinjaType.
Result<std::string> PercentFormat(std::string_view format, const Value& arguments);

/// `format.format(...)` with fields ({}, {0}, {name}, {0.attribute}, {name[key]}), conversions and format
/// specifications. Errors: kJinjaType.
Result<std::string> BraceFormat(std::string_view format, const Arguments& arguments);

/// Python's format(value, specification). Errors: kJinjaType.
Result<std::string> FormatValue(const Value& value, std::string_view specification);

}  // namespace smelt::transform::jinja
