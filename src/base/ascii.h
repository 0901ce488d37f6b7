#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace smelt {

/// The letter in lower case, if it is one of A–Z; any other byte as it is, whatever the locale.
inline char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The text with the letters A–Z in lower case.
inline std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return LowerAscii(c); });
  return lower;
}

/// Whether the texts differ in nothing but the case of the letters A–Z.
inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return LowerAscii(c); }, [](char c) { return LowerAscii(c); });
}

}  // namespace smelt
