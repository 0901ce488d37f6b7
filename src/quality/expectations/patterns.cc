#include <fmt/format.h>

#include "engine/ascii_regex.h"
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

/// The same, where most texts are ASCII without the costs of RE2.
Result<std::string> FastRegex(const std::string& text, const Json& pattern) {
  SMELT_ASSIGN(std::string matches, Regex(text, pattern));
  SMELT_ASSIGN(const std::string translated, Re2Pattern(pattern.get<std::string>()));
  if (!engine::AsciiRegex::Compile(translated)) return matches;
  return fmt::format("coalesce({}({}, {}), {})", engine::kFindRegexFunction, text, engine::QuoteLiteral(translated),
                     matches);
}

Result<std::string> Like(const std::string& text, const Json& pattern) {
  return fmt::format("{} like {}", text, engine::QuoteLiteral(pattern.get<std::string>()));
}

/// SQL of a match: as people read it, and as it is counted.
struct PatternSql {
  using Match = Result<std::string> (*)(const std::string& text, const Json& pattern);
  Match match;
  Match counted;
};
constexpr PatternSql kRegexSql{Regex, FastRegex};
constexpr PatternSql kLikeSql{Like, Like};

/// Joins the matches of a list: "any" or "all" of them.
Result<std::string> MatchList(const std::string& text, const Json& patterns, PatternSql::Match match, bool all) {
  std::string sql;
  for (const Json& pattern : patterns) {
    SMELT_ASSIGN(const std::string matches, match(text, pattern));
    sql += (sql.empty() ? "" : all ? " and " : " or ") + matches;
  }
  if (sql.empty()) return all ? "true" : "false";
  return "(" + sql + ")";
}

std::function<Result<Check>(const Call&)> One(PatternSql pattern, const std::string& kwarg, bool negated) {
  return [=](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(Column column, call.GetColumn());
    const std::string text = TextSql(column);
    SMELT_ASSIGN(const std::string matches, pattern.match(text, call.Value(kwarg)));
    SMELT_ASSIGN(const std::string counted, pattern.counted(text, call.Value(kwarg)));
    const std::string sign = negated ? "not " : "";
    return StrictCheck(std::move(column), sign + matches, sign + counted);
  };
}

std::function<Result<Check>(const Call&)> Many(PatternSql pattern, const std::string& kwarg, bool negated) {
  return [=](const Call& call) -> Result<Check> {
    SMELT_ASSIGN(Column column, call.GetColumn());
    const bool all = call.Text("match_on", "any") == "all";
    const std::string text = TextSql(column);
    SMELT_ASSIGN(const std::string matches, MatchList(text, call.Value(kwarg), pattern.match, all));
    SMELT_ASSIGN(const std::string counted, MatchList(text, call.Value(kwarg), pattern.counted, all));
    const std::string sign = negated ? "not " : "";
    // Without patterns, the answer is the same of missing values.
    if (call.Value(kwarg).empty()) return ValueCheck(std::move(column), sign + matches);
    return StrictCheck(std::move(column), sign + matches, sign + counted);
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
       OneKwargs("regex", kRegex), R"({"column": "order_id", "regex": "^[0-9a-f]{32}$"})",
       One(kRegexSql, "regex", false)},
      {"expect_column_values_to_not_match_regex", "The regular expression matches in no value.", Domain::kRows,
       OneKwargs("regex", kRegex), R"({"column": "customer_city", "regex": "[0-9]"})", One(kRegexSql, "regex", true)},
      {"expect_column_values_to_match_regex_list", "One, or all, of the regular expressions match in every value.",
       Domain::kRows, ManyKwargs("regex_list", kRegexList, true),
       R"({"column": "zip", "regex_list": ["^[0-9]{5}$", "^[0-9]{8}$"]})", Many(kRegexSql, "regex_list", false)},
      {"expect_column_values_to_not_match_regex_list", "None of the regular expressions matches in any value.",
       Domain::kRows, ManyKwargs("regex_list", kRegexList, false),
       R"({"column": "comment", "regex_list": ["<script", "^\\s+$"]})", Many(kRegexSql, "regex_list", true)},
      {"expect_column_values_to_match_like_pattern", "Every value is like the pattern.", Domain::kRows,
       OneKwargs("like_pattern", kLike), R"({"column": "email", "like_pattern": "%@%"})",
       One(kLikeSql, "like_pattern", false)},
      {"expect_column_values_to_not_match_like_pattern", "No value is like the pattern.", Domain::kRows,
       OneKwargs("like_pattern", kLike), R"({"column": "email", "like_pattern": "%@example.com"})",
       One(kLikeSql, "like_pattern", true)},
      {"expect_column_values_to_match_like_pattern_list", "Every value is like one, or all, of the patterns.",
       Domain::kRows, ManyKwargs("like_pattern_list", kLikeList, true),
       R"({"column": "sku", "like_pattern_list": ["BR-%", "PT-%"]})", Many(kLikeSql, "like_pattern_list", false)},
      {"expect_column_values_to_not_match_like_pattern_list", "No value is like any of the patterns.", Domain::kRows,
       ManyKwargs("like_pattern_list", kLikeList, false),
       R"({"column": "sku", "like_pattern_list": ["TEST%", "%-old"]})", Many(kLikeSql, "like_pattern_list", true)},
  };
}

}  // namespace smelt::quality
