#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"
#include "quality/internal/python_regex.h"

namespace smelt::quality {
namespace {

/// A match anywhere in the text, as Python's re.search finds it.
Result<std::string> Regex(const std::string& text, const Json& pattern) {
  SMELT_ASSIGN(const std::string translated, Re2Pattern(pattern.get<std::string>()));
  return fmt::format("regexp_matches({}, {})", text, engine::QuoteLiteral(translated));
}

Result<std::string> Like(const std::string& text, const Json& pattern) {
  return fmt::format("{} like {}", text, engine::QuoteLiteral(pattern.get<std::string>()));
}

using PatternSql = Result<std::string> (*)(const std::string& text, const Json& pattern);

/// Joins the matches of a list: "any" or "all" of them.
Result<std::string> MatchList(const std::string& text, const Json& patterns, PatternSql match, bool all) {
  std::string sql;
  for (const Json& pattern : patterns) {
    SMELT_ASSIGN(const std::string matches, match(text, pattern));
    sql += (sql.empty() ? "" : all ? " and " : " or ") + matches;
  }
  if (sql.empty()) return all ? "true" : "false";
  return "(" + sql + ")";
}

std::function<Result<Check>(const Call&)> One(PatternSql match, const std::string& kwarg, bool negated) {
  return [=](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(Column column, call.GetColumn());
    SMELT_ASSIGN(std::string matches, match(TextSql(column), call.Value(kwarg)));
    return ValueCheck(std::move(column), negated ? "not " + matches : std::move(matches));
  };
}

std::function<Result<Check>(const Call&)> Many(PatternSql match, const std::string& kwarg, bool negated) {
  return [=](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(Column column, call.GetColumn());
    const bool all = call.Text("match_on", "any") == "all";
    SMELT_ASSIGN(std::string matches, MatchList(TextSql(column), call.Value(kwarg), match, all));
    return ValueCheck(std::move(column), negated ? "not " + matches : std::move(matches));
  };
}

std::vector<Kwarg> OneKwargs(const char* name, const char* summary) {
  return {{"column", KwargKind::kColumn, true, "The column."}, {name, KwargKind::kText, true, summary}};
}

std::vector<Kwarg> ManyKwargs(const char* name, const char* summary, bool match_on) {
  std::vector<Kwarg> kwargs = {{"column", KwargKind::kColumn, true, "The column."},
                               {name, KwargKind::kTexts, true, summary}};
  if (match_on) {
    kwargs.push_back({"match_on",
                      KwargKind::kText,
                      false,
                      "Whether one match is enough (`any`, the default) or all "
                      "have to match.",
                      {"any", "all"}});
  }
  return kwargs;
}

constexpr const char* kRegex = "A regular expression in RE2's syntax.";
constexpr const char* kRegexList = "Regular expressions in RE2's syntax.";
constexpr const char* kLike = "A pattern of SQL: % any text, _ any character.";
constexpr const char* kLikeList = "Patterns of SQL: % any text, _ any character.";

}  // namespace

std::vector<Expectation> PatternExpectations() {
  return {
      {"expect_column_values_to_match_regex", "The regular expression matches somewhere in every value.", Domain::kRows,
       OneKwargs("regex", kRegex), R"({"column": "order_id", "regex": "^[0-9a-f]{32}$"})", One(Regex, "regex", false)},
      {"expect_column_values_to_not_match_regex", "The regular expression matches in no value.", Domain::kRows,
       OneKwargs("regex", kRegex), R"({"column": "customer_city", "regex": "[0-9]"})", One(Regex, "regex", true)},
      {"expect_column_values_to_match_regex_list", "One, or all, of the regular expressions match in every value.",
       Domain::kRows, ManyKwargs("regex_list", kRegexList, true),
       R"({"column": "zip", "regex_list": ["^[0-9]{5}$", "^[0-9]{8}$"]})", Many(Regex, "regex_list", false)},
      {"expect_column_values_to_not_match_regex_list", "None of the regular expressions matches in any value.",
       Domain::kRows, ManyKwargs("regex_list", kRegexList, false),
       R"({"column": "comment", "regex_list": ["<script", "^\\s+$"]})", Many(Regex, "regex_list", true)},
      {"expect_column_values_to_match_like_pattern", "Every value is like the pattern.", Domain::kRows,
       OneKwargs("like_pattern", kLike), R"({"column": "email", "like_pattern": "%@%"})",
       One(Like, "like_pattern", false)},
      {"expect_column_values_to_not_match_like_pattern", "No value is like the pattern.", Domain::kRows,
       OneKwargs("like_pattern", kLike), R"({"column": "email", "like_pattern": "%@example.com"})",
       One(Like, "like_pattern", true)},
      {"expect_column_values_to_match_like_pattern_list", "Every value is like one, or all, of the patterns.",
       Domain::kRows, ManyKwargs("like_pattern_list", kLikeList, true),
       R"({"column": "sku", "like_pattern_list": ["BR-%", "PT-%"]})", Many(Like, "like_pattern_list", false)},
      {"expect_column_values_to_not_match_like_pattern_list", "No value is like any of the patterns.", Domain::kRows,
       ManyKwargs("like_pattern_list", kLikeList, false),
       R"({"column": "sku", "like_pattern_list": ["TEST%", "%-old"]})", Many(Like, "like_pattern_list", true)},
  };
}

}  // namespace smelt::quality
