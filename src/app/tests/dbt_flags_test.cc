#include "app/internal/dbt/flags.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace smelt::app {
namespace {

/// The flags of a command line of `run`.
DbtFlags Parsed(const std::string& line) {
  DbtFlags flags;
  CLI::App app;
  flags.AddTo(app, kBitRun, false);
  EXPECT_NO_THROW(app.parse(line)) << line;
  return flags;
}

Status AddEnvironment(DbtFlags& flags, const std::map<std::string, std::string>& variables) {
  return flags.AddEnvironment([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(DbtFlags, KnowTheSpellingsOfDbt) {
  const DbtFlags flags = Parsed("-s +orders tag:nightly --exclude old -f -x --vars '{day: 1}' --threads 4 -t prod");
  EXPECT_EQ(flags.List("select"), (std::vector<std::string>{"+orders", "tag:nightly"}));
  EXPECT_EQ(flags.List("exclude"), std::vector<std::string>{"old"});
  EXPECT_TRUE(flags.On("full_refresh"));
  EXPECT_TRUE(flags.On("fail_fast"));
  EXPECT_EQ(flags.Number("threads"), 4);
  EXPECT_EQ(flags.Text("target"), "prod");
  EXPECT_EQ(JsonText(*flags.Map("vars")), R"({"day":1})");
}

TEST(DbtFlags, TakeTheNegativeForms) {
  const DbtFlags flags = Parsed("--no-fail-fast --no-partial-parse --no-print --no-use-colors");
  EXPECT_TRUE(flags.Has("fail_fast"));
  EXPECT_FALSE(flags.On("fail_fast", true));
  EXPECT_FALSE(flags.On("print", true));
  EXPECT_FALSE(flags.On("partial_parse", true));
}

TEST(DbtFlags, RefuseWhatDoesNotFit) {
  for (const char* line :
       {"--threads many", "--log-level loud", "--indirect-selection eagre", "--resource-type model"}) {
    DbtFlags flags;
    CLI::App app;
    flags.AddTo(app, kBitRun, false);
    EXPECT_THROW(app.parse(std::string(line)), CLI::ParseError) << line;
  }
}

TEST(DbtFlags, TheCommandLineWinsOverTheEnvironmentAndThatOverTheProject) {
  DbtFlags flags = Parsed("--target one");
  ASSERT_TRUE(AddEnvironment(flags, {{"DBT_TARGET", "two"}, {"DBT_FULL_REFRESH", "1"}, {"DBT_FAIL_FAST", "no"}}));
  ASSERT_TRUE(flags.AddProject({{"fail_fast", true}, {"indirect_selection", "cautious"}, {"some_behaviour", true}}));
  EXPECT_EQ(flags.Text("target"), "one");
  EXPECT_TRUE(flags.On("full_refresh"));
  EXPECT_FALSE(flags.On("fail_fast", true));
  EXPECT_EQ(flags.Text("indirect_selection"), "cautious");
  EXPECT_TRUE(flags.On("some_behaviour"));
}

TEST(DbtFlags, TheEnvironmentHasTwoSpellings) {
  DbtFlags flags;
  ASSERT_TRUE(AddEnvironment(flags, {{"DBT_ENGINE_TARGET", "new"}, {"DBT_TARGET", "old"}, {"DBT_PROFILES_DIR", "p"}}));
  EXPECT_EQ(flags.Text("target"), "new");
  EXPECT_EQ(flags.Text("profiles_dir"), "p");
  DbtFlags wrong;
  const Status refused = AddEnvironment(wrong, {{"DBT_FULL_REFRESH", "perhaps"}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("DBT_FULL_REFRESH: 'perhaps'"), std::string::npos);
}

TEST(DbtFlags, WhatStandsBeforeTheCommandCountsLess) {
  DbtFlags before;
  CLI::App program;
  before.AddTo(program, kBitsAll, true);
  program.parse("--target early --quiet");
  DbtFlags flags = Parsed("--target late");
  flags.Add(before);
  EXPECT_EQ(flags.Text("target"), "late");
  EXPECT_TRUE(flags.On("quiet"));
}

TEST(DbtFlags, TheEnvironmentHasOldNamesToo) {
  DbtFlags flags = Parsed("--no-defer");
  ASSERT_TRUE(AddEnvironment(flags, {{"DBT_DEFER_TO_STATE", "1"},
                                     {"DBT_NO_PRINT", "true"},
                                     {"DBT_ARTIFACT_STATE_PATH", "old"},
                                     {"DBT_STATE", "new"}}));
  EXPECT_FALSE(flags.On("defer", true)) << "the command line wins";
  EXPECT_FALSE(flags.On("print", true));
  EXPECT_EQ(flags.Text("state"), "new");
}

TEST(DbtFlags, MapsOfTheProjectAreMaps) {
  DbtFlags flags = Parsed("");
  ASSERT_TRUE(flags.AddProject({{"warn_error_options", {{"error", "all"}}}}));
  EXPECT_EQ(JsonText(*flags.Map("warn_error_options")), R"({"error":"all"})");
}

TEST(FlagTable, EveryCommandTakesItsFlagsOnce) {
  for (std::uint32_t bit = 1; bit < kBitsAll; bit <<= 1U) {
    DbtFlags flags;
    CLI::App app;
    EXPECT_NO_THROW(flags.AddTo(app, bit, false)) << "two flags of one command have the same name: " << bit;
    std::set<std::string_view> keys;
    for (const FlagRow& row : FlagRows()) {
      if ((row.commands & bit) == 0) continue;
      EXPECT_TRUE(keys.insert(row.key).second) << row.key;
      EXPECT_TRUE(row.effect != FlagEffect::kActs || !row.summary.empty()) << row.key;
    }
  }
}

}  // namespace
}  // namespace smelt::app
