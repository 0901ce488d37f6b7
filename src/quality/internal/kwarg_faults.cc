#include "quality/internal/kwarg_faults.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "quality/internal/python_regex.h"

namespace smelt::quality {
namespace {

/// Whether Python, too, takes the pattern for a mistake. What only RE2 lacks is told when the suite runs.
bool IsMistake(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorMissingBracket:
    case re2::RE2::ErrorMissingParen:
    case re2::RE2::ErrorUnexpectedParen:
    case re2::RE2::ErrorTrailingBackslash:
    case re2::RE2::ErrorBadCharRange:
    case re2::RE2::ErrorRepeatArgument: return true;
    default: return false;
  }
}

std::optional<std::string> PatternProblem(const Json& pattern) {
  if (!pattern.is_string()) return std::nullopt;
  const std::string text = pattern.get<std::string>();
  const auto translated = Re2Pattern(text);
  if (!translated) return std::nullopt;
  const re2::RE2 compiled(*translated, re2::RE2::Quiet);
  if (compiled.ok() || !IsMistake(compiled.error_code())) return std::nullopt;
  return fmt::format("`{}` is no regular expression: {}", text, compiled.error());
}

}  // namespace

std::optional<KwargFault> FindKwargFault(const Json& kwargs) {
  const char* cure = R"(close what is open, or escape what is meant as it stands: \(, \[, \*)";
  if (const auto problem = PatternProblem(kwargs.value("regex", Json()))) return KwargFault{"regex", *problem, cure};
  for (const Json& pattern : kwargs.value("regex_list", Json::array())) {
    if (const auto problem = PatternProblem(pattern)) return KwargFault{"regex_list", *problem, cure};
  }
  return std::nullopt;
}

}  // namespace smelt::quality
