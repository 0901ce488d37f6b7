#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smelt::internal {

/// A place in a text as editors show it: both count from 1, columns in characters.
struct TextPosition {
  std::int64_t line = 1;
  std::int64_t column = 1;
};

/// The position of the byte at `offset`; an offset behind the end means the end.
TextPosition PositionAt(std::string_view text, std::size_t offset);

}  // namespace smelt::internal
