#include "transform/internal/run/microbatch.h"

#include "transform/internal/artefacts/run_results_file.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

/// Four days of rows; that of the third fails while `v` is no number.
const ProjectFolder::Files kDays = {
    {"models/days.sql",
     "{{ config(materialized='table', event_time='placed') }} select d::timestamp as placed, '{{ var('v') }}' as v, "
     "day(d)::int as n from range(date '2024-01-01', date '2024-01-05', interval 1 day) r(d)"},
    {"models/daily.sql",
     "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='placed', batch_size='day', "
     "begin='2024-01-01') }} select placed, n, case when n = {{ var('broken', 3) }} then v::int else 0 end as w from "
     "{{ ref('days') }}"},
    {"models/after.sql", "select * from {{ ref('daily') }}"}};

class MicrobatchTest : public RunTest {
 protected:
  Results Run(Json vars, std::map<std::string, Json> earlier = {}, std::vector<std::string> only = {}) {
    InvokeOptions options = folder_.Options();
    options.command = Command::kRun;
    options.vars = std::move(vars);
    options.event_time_start = "2024-01-01";
    options.event_time_end = "2024-01-05";
    options.earlier_batches = std::move(earlier);
    options.only = std::move(only);
    return RunTest::Run(options);
  }

  const ProjectFolder folder_{kDays};
};

TEST_F(MicrobatchTest, OneFailedBatchLeavesTheOthersAlone) {
  auto results = Run({{"v", "x"}});
  const NodeResult& daily = results["main.daily"];
  EXPECT_EQ(daily.batches["successful"].size(), 3);
  EXPECT_EQ(daily.batches["failed"], Json::parse(R"([["2024-01-03T00:00:00+00:00", "2024-01-04T00:00:00+00:00"]])"));
  EXPECT_EQ(ArtefactStatus(daily), "partial success");
  EXPECT_EQ(results["main.after"].step.status, StepStatus::kSkipped);
  EXPECT_EQ(Rows("select n from main.daily order by n"), (std::vector<std::string>{"1", "2", "4"}));
}

TEST_F(MicrobatchTest, ARetryBuildsWhatFailedAlone) {
  auto first = Run({{"v", "x"}});
  Run({{"v", "7"}}, {}, {"model.shop.days"});
  const std::string id = "model.shop.daily";
  auto again = Run({{"v", "7"}}, {{id, first["main.daily"].batches}}, {id, "model.shop.after"});
  EXPECT_EQ(again["main.daily"].commits, 1);
  EXPECT_EQ(again["main.daily"].batches["successful"].size(), 4);
  EXPECT_TRUE(again["main.daily"].batches["failed"].empty());
  EXPECT_EQ(ArtefactStatus(again["main.daily"]), "success");
  EXPECT_EQ(Rows("select n, w from main.after order by n"), (std::vector<std::string>{"1|0", "2|0", "3|7", "4|0"}));
}

TEST_F(MicrobatchTest, WithoutTheFirstBatchThereIsNoTable) {
  auto results = Run({{"v", "x"}, {"broken", 1}});
  EXPECT_EQ(results["main.daily"].batches["failed"].size(), 4);
  EXPECT_EQ(ArtefactStatus(results["main.daily"]), "error");
  EXPECT_FALSE(engine_->FindTable("main", "daily")->has_value());
}

TEST_F(MicrobatchTest, TimesThatAreNoneAreRefused) {
  const Json earlier = Json::parse(R"({"successful": [1], "failed": [["soon", "later"]]})");
  auto results = Run({{"v", "1"}}, {{"model.shop.daily", earlier}});
  ASSERT_TRUE(results["main.daily"].error);
  EXPECT_NE(results["main.daily"].error->ToString().find("soon"), std::string::npos);
}

}  // namespace
}  // namespace smelt::transform
