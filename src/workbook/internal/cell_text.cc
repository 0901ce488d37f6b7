#include "workbook/internal/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace smelt::workbook::internal {
namespace {

/// "_xHHHH_": an escaped character.
constexpr std::size_t kEscapeLength = 7;

bool IsEscape(std::string_view text) {
  return text.size() >= kEscapeLength && text.starts_with("_x") && text[kEscapeLength - 1] == '_' &&
         std::ranges::all_of(text.substr(2, 4), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool HasNoPlaceInXml(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n') || c == 0xFFFE || c == 0xFFFF;
}

}  // namespace

char32_t ReadCharacter(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[at + offset]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1 || at + length > text.size()) {
    ++at;
    return first;
  }
  char32_t character = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) character = character << 6U | (byte(i) & 0x3FU);
  at += length;
  return character;
}

void AppendCharacter(char32_t character, std::string& text) {
  const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | (character >> shift & 0x3FU)); };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xC0U | character >> 6U);
    tail(0);
  } else if (character < 0x10000) {
    text += static_cast<char>(0xE0U | character >> 12U);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | character >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::size_t Utf16Length(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size();) length += ReadCharacter(text, at) > 0xFFFF ? 2 : 1;
  return length;
}

std::size_t LongestLine(std::string_view text) {
  std::size_t longest = 0, length = 0;
  for (std::size_t at = 0; at < text.size();) {
    length = ReadCharacter(text, at) == '\n' ? 0 : length + 1;
    longest = std::max(longest, length);
  }
  return longest;
}

std::string EscapeCellText(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    if (IsEscape(text.substr(at))) escaped += "_x005F";
    const char32_t c = ReadCharacter(text, at);
    if (HasNoPlaceInXml(c)) {
      escaped += fmt::format("_x{:04X}_", static_cast<unsigned>(c));
    } else {
      escaped += text.substr(from, at - from);
    }
  }
  return escaped;
}

}  // namespace smelt::workbook::internal
