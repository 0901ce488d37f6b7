#include "transform/internal/selection/pattern.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <vector>

namespace smelt::transform {
namespace {

/// The length of the bracket expression that `pattern` begins with; 0: it has no end, and is a plain '['.
std::size_t BracketLength(std::string_view pattern) {
  std::size_t at = 1;
  if (at < pattern.size() && pattern[at] == '!') ++at;
  if (at < pattern.size() && pattern[at] == ']') ++at;  // a bracket that comes first stands for itself
  const std::size_t end = pattern.find(']', at);
  return end == std::string_view::npos ? 0 : end + 1;
}

bool MatchesBracket(std::string_view bracket, char letter) {
  std::string_view set = bracket.substr(1, bracket.size() - 2);
  const bool negated = set.starts_with('!');
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const bool is_range = i + 2 < set.size() && set[i + 1] == '-';
    if (is_range) {
      found = found || (set[i] <= letter && letter <= set[i + 2]);
      i += 2;
    } else {
      found = found || set[i] == letter;
    }
  }
  return found != negated;
}

/// How many characters of the pattern match one letter: 0, it does not match.
std::size_t MatchOne(std::string_view pattern, char letter) {
  if (pattern.empty() || pattern[0] == '*') return 0;
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '[') {
    if (const std::size_t length = BracketLength(pattern); length > 0) {
      return MatchesBracket(pattern.substr(0, length), letter) ? length : 0;
    }
  }
  return pattern[0] == letter ? 1 : 0;
}

std::vector<std::string_view> PathParts(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(path, '/')) {
    const std::string_view text(part);
    if (!text.empty() && text != ".") parts.push_back(text);
  }
  return parts;
}

using Parts = std::ranges::subrange<std::vector<std::string_view>::const_iterator>;

bool MatchesParts(Parts pattern, Parts path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() == "**") {
    const Parts rest(std::next(pattern.begin()), pattern.end());
    for (auto at = path.begin();; ++at) {
      if (MatchesParts(rest, Parts(at, path.end()))) return true;
      if (at == path.end()) return false;
    }
  }
  if (path.empty() || !MatchesPattern(pattern.front(), path.front())) return false;
  return MatchesParts(Parts(std::next(pattern.begin()), pattern.end()), Parts(std::next(path.begin()), path.end()));
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::optional<std::size_t> star;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (const std::size_t length = MatchOne(pattern.substr(p), text[t]); length > 0) {
      const bool is_any = pattern[p] == '?';
      p += length;
      ++t;
      while (is_any && t < text.size() && (static_cast<unsigned char>(text[t]) & 0xC0U) == 0x80) ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star) {
      p = *star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?[]") != std::string_view::npos;
}

bool MatchesPath(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> wanted = PathParts(pattern), present = PathParts(path);
  if (wanted.empty()) return false;
  return MatchesParts(Parts(wanted.begin(), wanted.end()), Parts(present.begin(), present.end()));
}

}  // namespace smelt::transform
