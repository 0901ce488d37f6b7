#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace smelt::delta {

inline char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The text with the letters A–Z in lower case: how names are compared without case, whatever the locale.
inline std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return LowerAscii(c); });
  return lower;
}

inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return LowerAscii(c); }, [](char c) { return LowerAscii(c); });
}

}  // namespace smelt::delta
