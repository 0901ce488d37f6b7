#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace smelt::engine {

using AsciiSet = std::bitset<128>;

/// A regular expression as a tree, as far as AsciiRegex knows it.
struct RegexNode {
  enum class Kind {
    kSequence,   ///< all children, one after another; without children, the empty text
    kChoice,     ///< one of the children
    kRepeat,     ///< the only child, so many times
    kCharacter,  ///< one character of `set`
    kBegin,
    kEnd,
  };
  static constexpr int kUnbounded = -1;

  Kind kind = Kind::kSequence;
  std::vector<RegexNode> children = {};
  AsciiSet set = {};
  int times_min = 0;
  int times_max = 0;  ///< or kUnbounded
};

/// Reads a pattern of RE2's syntax. Nothing when it has something that AsciiRegex does not know, or is no pattern.
std::optional<RegexNode> ParseRegex(std::string_view pattern);

}  // namespace smelt::engine
