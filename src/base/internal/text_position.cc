#include "base/internal/text_position.h"

#include <simdjson.h>

#include <algorithm>

#include "base/config.h"

namespace smelt {
namespace internal {

TextPosition PositionAt(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  // Continuation bytes of UTF-8 (10xxxxxx) belong to the character before them.
  const auto characters = std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; });
  return {.line = 1 + std::ranges::count(before, '\n'), .column = 1 + characters};
}

}  // namespace internal

std::optional<std::int64_t> FirstLineNotUtf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  std::int64_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (!simdjson::validate_utf8(text.data() + begin, end - begin)) break;
    begin = end + 1;
  }
  return line;
}

}  // namespace smelt
