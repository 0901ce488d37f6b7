#include "transform/internal/project/event_time.h"

#include <gtest/gtest.h>

#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kLeapDay = 1'709'208'000'000'000;  // 2024-02-29 12:00

TEST(EventTime, SamplesReachBackFromNow) {
  EXPECT_EQ(ParseSample("3 days", kLeapDay)->start, kLeapDay - 3 * kDay);
  EXPECT_EQ(ParseSample("1 HOUR", kLeapDay)->start, kLeapDay - kDay / 24);
  EXPECT_EQ(ParseSample("1 year", kLeapDay)->start, 1'677'585'600'000'000) << "2023-02-28 12:00";
  EXPECT_EQ(ParseSample("2 months", kLeapDay)->start, kLeapDay - 62 * kDay) << "2023-12-29 12:00";
  EXPECT_EQ(ParseSample("3 days", kLeapDay)->end, kLeapDay);
  const auto both = ParseSample("{start: 2024-01-01, end: '2024-01-02 06:00:00'}", 0);
  ASSERT_TRUE(both) << both.error().ToString();
  EXPECT_EQ(*both->end - *both->start, kDay + kDay / 4);
  for (const char* wrong : {"", "3", "days", "3 weeks", "-1 day", "x days", "99999999 years", "{start: 2024-01-01}",
                            "{start: x, end: y}", "{"}) {
    EXPECT_FALSE(ParseSample(wrong, kLeapDay)) << wrong;
  }
}

TEST(EventTime, StartAndEndBelongTogether) {
  EXPECT_FALSE(ParseEventTimes("", "")->has_value());
  EXPECT_TRUE(ParseEventTimes("2024-01-01", "2024-01-02")->has_value());
  EXPECT_FALSE(ParseEventTimes("2024-01-01", ""));
  EXPECT_FALSE(ParseEventTimes("", "2024-01-01"));
  EXPECT_FALSE(ParseEventTimes("2024-01-02", "2024-01-02"));
  EXPECT_FALSE(ParseEventTimes("yesterday", "2024-01-02"));
}

TEST(EventTime, WindowsOverlap) {
  EXPECT_EQ(Overlap({1, 5}, {3, {}}), (EventTimeWindow{3, 5}));
  EXPECT_EQ(Overlap({}, {{}, 4}), (EventTimeWindow{{}, 4}));
  EXPECT_EQ(MomentText(0), "1970-01-01 00:00:00+00:00");
  EXPECT_EQ(MomentText(kDay + 1), "1970-01-02 00:00:00.000001+00:00");
}

const ProjectFolder::Files kTimed = {
    {"models/events.sql", "{{ config(event_time='at') }} select now() as at"},
    {"models/plain.sql", "select 1 as x"},
    {"models/reads.sql", "{{ ref('events') }} {{ ref('plain') }} {{ source('raw', 'visits') }}"},
    {"models/s.yml",
     "sources: [{name: raw, config: {event_time: When}, tables: [{name: visits, columns: [{name: When, quote: "
     "true}]}]}]\n"},
    {"tests/checks.sql", "{{ ref('events') }}"}};

TEST(EventTime, EmptyRunsReadNoRows) {
  ProjectFolder folder(kTimed);
  InvokeOptions options = folder.Options();
  options.empty = true;
  const auto project = LoadGood(options);
  const std::string sql = Compiled(*project, "model.shop.reads");
  EXPECT_EQ(std::count(sql.begin(), sql.end(), '('), 3);
  EXPECT_NE(sql.find("plain"), std::string::npos);
  EXPECT_NE(sql.find(" where false limit 0)"), std::string::npos);
  EXPECT_NE(Compiled(*project, "test.shop.checks").find("where false limit 0)"), std::string::npos);
}

TEST(EventTime, SamplesBoundWhatModelsReadOfTimedRelations) {
  ProjectFolder folder(kTimed);
  InvokeOptions options = folder.Options();
  options.sample = "{start: 2024-01-01, end: 2024-01-02}";
  const auto project = LoadGood(options);
  const std::string sql = Compiled(*project, "model.shop.reads");
  EXPECT_NE(sql.find(" where at >= '2024-01-01 00:00:00+00:00' and at < '2024-01-02 00:00:00+00:00')"),
            std::string::npos)
      << sql;
  EXPECT_NE(sql.find(" where \"When\" >= "), std::string::npos) << sql;
  EXPECT_EQ(std::count(sql.begin(), sql.end(), '('), 2) << "plain has no event_time";
  EXPECT_EQ(Compiled(*project, "test.shop.checks").find("where"), std::string::npos) << "tests see all rows";
}

TEST(EventTime, ABatchBoundsWhatItsModelReads) {
  ProjectFolder folder(kTimed);
  const auto project = LoadGood(folder);
  CompileContext context;
  context.batch = EventTimeWindow{0, kDay};
  const auto sql = project->Compile(project->manifest().nodes.at("model.shop.reads"), context);
  ASSERT_TRUE(sql);
  EXPECT_NE(sql->find("at < '1970-01-02 00:00:00+00:00'"), std::string::npos) << *sql;
}

}  // namespace
}  // namespace smelt::transform
