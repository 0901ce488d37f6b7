#pragma once

#include <string_view>

namespace smelt::quality {

/// Whether Python's `json.loads` reads a text: JSON (RFC 8259) and, beside it, NaN, Infinity and -Infinity, numbers
/// of any size, and halves of surrogate pairs where they are escaped.
bool IsPythonJson(std::string_view text);

}  // namespace smelt::quality
