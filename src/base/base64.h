#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smelt {

/// The Base64 form of bytes, with padding and without line breaks (RFC 4648, section 4).
std::string Base64Encode(std::string_view bytes);

/// The bytes behind a Base64 text; nothing when it is none. Padding may be missing; line breaks are not taken.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace smelt
