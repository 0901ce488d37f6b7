#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace smelt::engine {

/// Finds a regular expression in ASCII texts with one table look-up per byte: a deterministic automaton, made at once
/// and never grown. It gives the answers of RE2's partial match or none: what it leaves open is RE2's to decide.
///
/// Known of RE2's syntax: literals, `.`, classes with ranges, `\d \D \w \W \s \S`, `\p{L} \p{N} \p{Nd} \p{Z}` and their
/// negations, escapes of control characters and code points, groups without a name, `|`, `* + ? {n} {n,} {n,m}` and
/// their lazy forms, `^ \A $ \z` as the ends of the text. Immutable; may be used from many threads.
class AsciiRegex {
 public:
  /// Nothing when the pattern has something else (flags, names, `\b`, POSIX classes, bytes beyond ASCII), is no
  /// pattern, or needs more than 250 states.
  static std::optional<AsciiRegex> Compile(std::string_view pattern);

  /// How many texts FindEach takes.
  static constexpr std::size_t kTogether = 4;

  /// Whether the pattern occurs in the text; nothing when a byte beyond ASCII comes before the answer.
  std::optional<bool> Find(std::string_view text) const { return Answer(Continue(initial_, text)); }

  /// The same of several texts at once, in less time: no look-up of one waits for those of the others.
  std::array<std::optional<bool>, kTogether> FindEach(const std::array<std::string_view, kTogether>& texts) const {
    std::size_t length = texts[0].size();
    for (const std::string_view text : texts) length = std::min(length, text.size());
    std::array<std::uint8_t, kTogether> states;
    states.fill(initial_);
    for (std::size_t at = 0; at < length; ++at) {
      for (std::size_t i = 0; i < kTogether; ++i)
        states[i] = next_[states[i]][static_cast<unsigned char>(texts[i][at])];
    }
    std::array<std::optional<bool>, kTogether> found;
    for (std::size_t i = 0; i < kTogether; ++i) found[i] = Answer(Continue(states[i], texts[i].substr(length)));
    return found;
  }

 private:
  friend class AsciiRegexBuilder;

  /// States that no byte leaves: no match can follow; there was one; there was a byte beyond ASCII.
  static constexpr std::uint8_t kDead = 0, kMatched = 1, kForeign = 2, kFirstState = 3;

  std::uint8_t Continue(std::uint8_t state, std::string_view text) const {
    for (const char byte : text) {
      if (state < kFirstState) break;
      state = next_[state][static_cast<unsigned char>(byte)];
    }
    return state;
  }
  std::optional<bool> Answer(std::uint8_t state) const {
    if (state == kForeign) return std::nullopt;
    return at_end_[state] != 0;
  }

  using Row = std::array<std::uint8_t, 256>;
  std::uint8_t initial_ = kDead;
  std::vector<Row> next_;             ///< by state and byte
  std::vector<std::uint8_t> at_end_;  ///< by state: whether a text that ends here matches
};

/// The SQL function that puts an AsciiRegex to work: `smelt_find_regex(text, pattern)` is true, false, or null for what
/// it leaves open, so that `coalesce(smelt_find_regex(t, p), regexp_matches(t, p))` is `regexp_matches(t, p)`. The
/// pattern is a constant. Texts that a dictionary holds are looked at once each.
inline constexpr std::string_view kFindRegexFunction = "smelt_find_regex";

}  // namespace smelt::engine
