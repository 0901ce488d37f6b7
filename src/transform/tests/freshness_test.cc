#include "transform/freshness.h"

#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "transform/internal/project/freshness_config.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

class FreshnessTest : public RunTest {
 protected:
  std::map<std::string, SourceFreshness> Check(const std::string& tables, std::vector<std::string> select = {},
                                               const std::string& output = "") {
    ProjectFolder folder(
        {{"models/m.sql", "select 1 as x"},
         {"models/s.yml",
          "sources:\n"
          "  - name: raw\n"
          "    schema: main\n"
          "    config:\n"
          "      loaded_at_field: loaded\n"
          "      freshness: {warn_after: {count: 1, period: hour}, error_after: {count: 2, period: day}}\n"
          "    tables:\n" +
              tables}});
    InvokeOptions options = folder.Options();
    options.command = Command::kFreshness;
    options.select = std::move(select);
    options.write_artefacts = !output.empty();
    auto results = CheckFreshness(*engine_, options, observer_, output);
    EXPECT_TRUE(results) << results.error().ToString();
    std::map<std::string, SourceFreshness> by_name;
    if (!results) return by_name;
    passed_ = results->Passed();
    for (SourceFreshness& source : results->sources) by_name[source.step.name] = std::move(source);
    return by_name;
  }

  bool passed_ = false;
};

TEST_F(FreshnessTest, JudgesTheNewestRow) {
  ASSERT_TRUE(
      Execute("create table main.loads as select now() - to_hours(h) as loaded, h from (values (3), (60)) t(h)"));
  const auto found = Check(
      "      - {name: loads}\n"
      "      - {name: old, identifier: loads, config: {freshness: {filter: h > 5}}}\n"
      "      - {name: fine, identifier: loads, config: {freshness: {warn_after: {count: 5}}}}\n"
      "      - {name: query, identifier: loads, config: {loaded_at_query: 'select min(loaded) from {{ this }}'}}\n"
      "      - {name: unchecked, identifier: loads, config: {freshness: null}}\n"
      "      - {name: none, identifier: loads, config: {freshness: {filter: h > 100}}}\n");
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found.at("raw.loads").verdict, "warn");
  EXPECT_EQ(found.at("raw.loads").step.message, "the newest row is 3 hours old, more than 60 minutes");
  EXPECT_NEAR(found.at("raw.loads").age_seconds, 3 * 3600, 60);
  EXPECT_EQ(found.at("raw.old").verdict, "error");
  EXPECT_EQ(found.at("raw.fine").verdict, "pass");
  EXPECT_EQ(found.at("raw.query").verdict, "error");
  EXPECT_EQ(found.at("raw.none").verdict, "error");
  EXPECT_FALSE(found.at("raw.none").loaded_micros);
  EXPECT_FALSE(passed_);
}

TEST_F(FreshnessTest, TimesWithoutAZoneAreUtc) {
  ASSERT_TRUE(
      Execute("create table main.loads as select timestamp '2020-01-01 00:00:00' as loaded, date '2020-01-02' as day"));
  const auto found =
      Check("      - {name: loads}\n      - {name: days, identifier: loads, config: {loaded_at_field: day}}\n");
  EXPECT_EQ(found.at("raw.loads").loaded_micros, 1'577'836'800'000'000);
  EXPECT_EQ(found.at("raw.days").loaded_micros, 1'577'923'200'000'000);
}

TEST_F(FreshnessTest, WithoutAFieldTheLastCommitCounts) {
  ASSERT_TRUE(Execute("create table main.loads as select 1 as x"));
  ASSERT_TRUE(Execute("create view main.seen as select 1 as x"));
  const auto found = Check(
      "      - {name: loads, config: {loaded_at_field: ''}}\n"
      "      - {name: seen, config: {loaded_at_field: ''}}\n"
      "      - {name: gone, config: {loaded_at_field: ''}}\n");
  EXPECT_EQ(found.at("raw.loads").verdict, "pass");
  EXPECT_LT(found.at("raw.loads").age_seconds, 600);
  EXPECT_EQ(found.at("raw.seen").verdict, "runtime error");
  EXPECT_EQ(found.at("raw.gone").verdict, "runtime error");
  EXPECT_EQ(found.at("raw.gone").error->file(), "models/s.yml");
}

TEST_F(FreshnessTest, WritesWhatToolsRead) {
  ASSERT_TRUE(Execute("create table main.loads as select timestamp '2020-01-01 00:00:00' as loaded"));
  const std::string path = (lake_ / "sources.json").string();
  Check("      - {name: loads}\n      - {name: other, identifier: loads}\n      - {name: gone}\n",
        {"source:raw.loads", "source:raw.gone"}, path);
  const Json written = Json::parse(*ReadWholeFile(path));
  ASSERT_EQ(written["results"].size(), 1U) << "what could not be found out is left out";
  const Json& result = written["results"][0];
  EXPECT_EQ(result["unique_id"], "source.shop.raw.loads");
  EXPECT_EQ(result["status"], "error");
  EXPECT_EQ(result["max_loaded_at"], "2020-01-01T00:00:00+00:00");
  EXPECT_EQ(JsonText(result["criteria"]),
            R"({"warn_after":{"count":1,"period":"hour"},"error_after":{"count":2,"period":"day"},"filter":null})");
}

TEST(FreshnessConfig, LaterLayersGoOverEarlierOnes) {
  const auto merged = [](std::initializer_list<const char*> layers) {
    std::vector<Json> parsed;
    for (const char* layer : layers) parsed.push_back(Json::parse(layer));
    return JsonText(MergeFreshness(parsed));
  };
  EXPECT_EQ(
      merged({R"({"warn_after": {"count": 1, "period": "day"}, "filter": "a"})", R"({"warn_after": {"count": 2}})"}),
      R"({"warn_after":{"count":2,"period":"day"},"error_after":{"count":null,"period":null},"filter":"a"})");
  EXPECT_EQ(merged({R"({"warn_after": {"count": 1, "period": "day"}})", R"({"warn_after": null})"}),
            R"({"warn_after":null,"error_after":{"count":null,"period":null},"filter":null})");
  EXPECT_EQ(merged({R"({"filter": "a"})", "null"}), "null");
  EXPECT_NE(merged({"null", R"({"filter": "a"})"}), "null");
}

}  // namespace
}  // namespace smelt::transform
