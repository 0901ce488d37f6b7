#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smelt::transform::jinja {

/// The line of `source` at `offset` with a caret under the place, each on a line of its own, starting with a newline.
std::string CaretLines(std::string_view source, std::uint32_t offset);

}  // namespace smelt::transform::jinja
