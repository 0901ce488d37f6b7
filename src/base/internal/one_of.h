#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace smelt::internal {

inline bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

}  // namespace smelt::internal
