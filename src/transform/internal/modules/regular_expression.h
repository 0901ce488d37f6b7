#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::transform::jinja {

/// A regular expression with the syntax of Python's re, as far as one can be matched in linear time: no lookarounds
/// and no references to groups. Immutable.
class RegularExpression {
 public:
  static constexpr std::int64_t kIgnoreCase = 2, kMultiline = 8, kDotAll = 16, kVerbose = 64, kAscii = 256;

  /// Where a match and its groups lie, in bytes; groups that took no part are absent.
  struct Found {
    struct Span {
      std::size_t begin, end;
    };
    std::vector<std::optional<Span>> groups;  ///< the first is the whole match
  };
  enum class Anchor { kNone, kStart, kBoth };

  /// Errors: kJinjaType for a pattern that is wrong or not supported, with the reason.
  static Result<std::shared_ptr<const RegularExpression>> Compile(const std::string& pattern, std::int64_t flags);

  std::optional<Found> Match(std::string_view text, std::size_t from, Anchor anchor) const;
  /// All matches, from left to right.
  std::vector<Found> MatchAll(std::string_view text) const;

  const std::string& pattern() const { return pattern_; }
  std::int64_t flags() const { return flags_; }
  std::size_t group_count() const { return static_cast<std::size_t>(expression_->NumberOfCapturingGroups()); }
  const std::map<std::string, int>& named_groups() const { return expression_->NamedCapturingGroups(); }

 private:
  std::string pattern_;
  std::int64_t flags_ = 0;
  std::unique_ptr<RE2> expression_;
};

}  // namespace smelt::transform::jinja
