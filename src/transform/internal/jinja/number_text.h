#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace smelt::transform::jinja {

/// The number that Python's float() reads from a text, spaces around it and underscores within allowed.
std::optional<double> ReadReal(std::string_view text);

/// The number that Python's int(text, base) reads: "0x" and the like are allowed before digits of their base. Nothing
/// when it is no integer of 64 bits.
std::optional<std::int64_t> ReadInteger(std::string_view text, int base);

}  // namespace smelt::transform::jinja
