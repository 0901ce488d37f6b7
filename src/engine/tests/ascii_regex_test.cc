#include "engine/ascii_regex.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "engine/session.h"

namespace smelt::engine {
namespace {

/// Patterns of the syntax that AsciiRegex knows, and texts over a few characters so that many match.
class Random {
 public:
  std::size_t Below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }

  std::string Pattern(int depth = 2) {
    std::string pattern;
    for (std::size_t i = Below(4); i > 0; --i) pattern += Atom(depth) + Repetition();
    if (depth > 0 && Below(4) == 0) pattern += "|" + Pattern(depth - 1);
    return pattern;
  }

  std::string Text() {
    static const std::vector<std::string> kParts = {"a", "b",  "ab", "B",  "0", "7", "-", "_",
                                                    " ", "\n", "\t", "\r", "é", "ı", "😀", "\x0B"};
    std::string text;
    const std::size_t parts = Below(20) == 0 ? kParts.size() : 12;  // most are ASCII
    for (std::size_t i = Below(7); i > 0; --i) text += kParts[Below(parts)];
    return text;
  }

 private:
  std::string Atom(int depth) {
    static const std::vector<std::string> kAtoms = {"a",
                                                    "b",
                                                    "0",
                                                    ".",
                                                    "-",
                                                    "[ab]",
                                                    "[^a]",
                                                    "[a-c0-9]",
                                                    "[^\\s-]",
                                                    "\\d",
                                                    "\\D",
                                                    "\\w",
                                                    "\\W",
                                                    "\\s",
                                                    "\\S",
                                                    "\\p{L}",
                                                    "[\\p{Nd}_]",
                                                    "[^\\p{Z}\\x{85}]",
                                                    "\\n",
                                                    "\\x41",
                                                    "\\x{62}",
                                                    "\\-",
                                                    "[]a]",
                                                    "[^]-]",
                                                    "[\\x00-\\x{7F}]",
                                                    "[\\W\\d]",
                                                    "(?:\\n?\\z)"};
    if (depth > 0 && Below(5) == 0) return (Below(2) == 0 ? "(" : "(?:") + Pattern(depth - 1) + ")";
    return kAtoms[Below(kAtoms.size())];
  }

  std::string Repetition() {
    static const std::vector<std::string> kTimes = {"*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}", "*?", "+?", "{0}"};
    return Below(3) == 0 ? kTimes[Below(kTimes.size())] : "";
  }

  std::mt19937 engine_{20261129};
};

class FindRegexTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = Engine::OpenWithoutLake(1, "").value();
    session_ = engine_->Connect().value();
  }

  ResultTable Query(const std::string& sql) {
    auto result = session_->Query(sql);
    EXPECT_TRUE(result) << sql << ": " << result.error().message();
    return result ? *std::move(result) : ResultTable{};
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(FindRegexTest, AnswersAsRe2DoesOrNotAtAll) {
  Random random;
  std::string texts;
  for (int i = 0; i < 400; ++i) texts += (texts.empty() ? "" : ", ") + QuoteLiteral(random.Text());
  ASSERT_TRUE(session_->Execute(fmt::format("create temporary table texts as select unnest([{}]) as t", texts)));
  int found = 0, missed = 0, compiled = 0;
  for (int i = 0; i < 500; ++i) {
    std::string pattern = random.Pattern();
    if (random.Below(3) == 0) pattern = "^" + pattern;
    if (random.Below(3) == 0) pattern += "$";
    compiled += AsciiRegex::Compile(pattern) ? 1 : 0;
    const ResultTable result = Query(fmt::format(
        "select count_if(ours), count_if(not ours), count_if(ours <> re2), count_if(ours is null and t = "
        "regexp_replace(t, '[^\\x00-\\x7F]', '', 'g')), min(t) filter (where ours <> re2) from (select t, {}(t, {}) as "
        "ours, regexp_matches(t, {}) as re2 from texts)",
        kFindRegexFunction, QuoteLiteral(pattern), QuoteLiteral(pattern)));
    EXPECT_EQ(result.Int(0, 2), 0) << pattern << " in '" << result.Text(0, 4).value_or("") << "'";
    if (AsciiRegex::Compile(pattern)) {
      EXPECT_EQ(result.Int(0, 3), 0) << pattern << " leaves ASCII texts open";
    }
    found += result.Int(0, 0) > 0 ? 1 : 0;
    missed += result.Int(0, 1) > 0 ? 1 : 0;
  }
  EXPECT_GT(compiled, 450);
  EXPECT_GT(found, 300);
  EXPECT_GT(missed, 150);
}

TEST_F(FindRegexTest, LooksThroughDictionariesAndMissingValues) {
  ASSERT_TRUE(session_->Execute(
      "create temporary table regions as select case when i % 7 = 0 then null else 'region-' || (i % 5) end as r from "
      "range(20000) t(i)"));
  const ResultTable result = Query(
      "select count_if(smelt_find_regex(r, '^region-[0-3]$')), count_if(smelt_find_regex(r, '^region-[0-3]$') is null) "
      "from regions");
  const ResultTable plain = Query("select count_if(r <= 'region-3'), count_if(r is null) from regions");
  EXPECT_EQ(result.rows, plain.rows);
}

TEST(AsciiRegexTest, LeavesOpenWhatItDoesNotKnow) {
  for (const char* pattern : {"\\bword", "(?i)a", "(?P<name>a)", "[[:alpha:]]", "é", "a{101}", "a**", "(a", "a)", "[a",
                              "a{2,1}", "\\1", "\\Qa\\E", "^*", "+a", "[b-a]", "a\\", "(?:(?:a{100}){100})",
                              "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"}) {
    EXPECT_FALSE(AsciiRegex::Compile(pattern)) << pattern;
  }
}

TEST(AsciiRegexTest, AnswersOnlyBeforeAByteBeyondAscii) {
  const auto regex = AsciiRegex::Compile("^ab.").value();
  EXPECT_EQ(regex.Find("abc\xC3\xA9"), true);
  EXPECT_EQ(regex.Find("b\xC3\xA9"), false);
  EXPECT_EQ(regex.Find("ab\xC3\xA9"), std::nullopt);
  EXPECT_EQ(regex.Find(""), false);
  EXPECT_EQ(AsciiRegex::Compile("")->Find(""), true);
}

TEST(AsciiRegexTest, FindsTheSameInSeveralTextsAtOnce) {
  const auto regex = AsciiRegex::Compile("^[a-c]+-[0-9]{2}$").value();
  using Answers = std::array<std::optional<bool>, AsciiRegex::kTogether>;
  EXPECT_EQ(regex.FindEach({"ab-12", "", "cab-1", "abcabcabc-07"}), (Answers{true, false, false, true}));
  EXPECT_EQ(regex.FindEach({"a\xC3\xA9", "b-99", "x\xC3\xA9", "c-100"}), (Answers{std::nullopt, true, false, false}));
}

TEST_F(FindRegexTest, WantsAConstantPattern) {
  EXPECT_FALSE(session_->Query("select smelt_find_regex(t, t) from (select 'a' as t)"));
}

}  // namespace
}  // namespace smelt::engine
