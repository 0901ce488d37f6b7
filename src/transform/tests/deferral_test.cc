// Reading from another state, and making its relations here.

#include "transform/invoke.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

/// A lake in which the target "live" is built; its manifest is in the folder "before" of the project.
class DeferralTest : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    InvokeOptions live = Options("live", Command::kBuild, {});
    live.defer = false;
    live.write_artefacts = true;
    live.target_dir = live.project_dir + "/before";
    RunWell(live);
  }

  InvokeOptions Options(const std::string& schema, Command command, const std::vector<std::string>& select) const {
    InvokeOptions options = folder_.Options();
    options.target.schema = schema;
    options.command = command;
    options.select = select;
    options.state_dir = "before";
    options.defer = true;
    return options;
  }

  void RunWell(const InvokeOptions& options) {
    auto results = Invoke(*engine_, options, observer_);
    ASSERT_TRUE(results) << results.error().ToString();
    for (const NodeResult& node : results->nodes) EXPECT_FALSE(node.error) << node.error->ToString();
  }

  std::string Ask(const std::string& sql) {
    auto session = *engine_->Connect();
    auto result = session->Query(sql);
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? result->Text().value_or("NULL") : "";
  }
  bool Exists(const std::string& schema, const std::string& table) {
    return engine_->FindTable(schema, table)->has_value();
  }

  ProjectFolder folder_{{
      {"models/orders.sql", "{{ config(materialized='table') }} select '{{ target.schema }}' as made_in, 1 as id"},
      {"models/between.sql", "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }}"},
      {"models/sales.sql", "{{ config(materialized='table') }} select made_in from {{ ref('between') }}"},
      {"models/seen.sql", "select made_in from {{ ref('orders') }}"},
      {"models/schema.yml", "models: [{name: orders, columns: [{name: id, data_tests: [not_null]}]}]\n"},
  }};
};

TEST_F(DeferralTest, RefsToWhatIsNotHereLeadToTheOtherState) {
  RunWell(Options("mine", Command::kRun, {"sales"}));
  EXPECT_EQ(Ask("select made_in from mine.sales"), "live");
  EXPECT_FALSE(Exists("mine", "orders"));
}

TEST_F(DeferralTest, WhatIsHereOrMadeByTheRunComesFirst) {
  RunWell(Options("mine", Command::kRun, {"orders"}));
  RunWell(Options("mine", Command::kRun, {"sales"}));
  EXPECT_EQ(Ask("select made_in from mine.sales"), "mine");
  InvokeOptions both = Options("other", Command::kRun, {"orders", "sales"});
  both.favor_state = true;
  RunWell(both);
  EXPECT_EQ(Ask("select made_in from other.sales"), "other");
}

TEST_F(DeferralTest, FavorStatePrefersItForWhatIsNotSelected) {
  RunWell(Options("mine", Command::kRun, {"orders"}));
  InvokeOptions options = Options("mine", Command::kRun, {"sales"});
  options.favor_state = true;
  RunWell(options);
  EXPECT_EQ(Ask("select made_in from mine.sales"), "live");
}

TEST_F(DeferralTest, TestsReadWhatIsDeferred) {
  RunWell(Options("mine", Command::kTest, {"orders"}));
}

TEST_F(DeferralTest, WantsAState) {
  InvokeOptions options = Options("mine", Command::kRun, {"sales"});
  options.state_dir.clear();
  auto results = Invoke(*engine_, options, observer_);
  ASSERT_FALSE(results);
  EXPECT_NE(results.error().ToString().find("--defer-state"), std::string::npos) << results.error().ToString();
  options.defer_state_dir = "before";
  RunWell(options);
}

TEST_F(DeferralTest, ClonesTablesAndViews) {
  InvokeOptions options = Options("copy", Command::kClone, {});
  options.defer = false;
  RunWell(options);
  EXPECT_EQ(Ask("select made_in from copy.sales"), "live");
  EXPECT_EQ(Ask("select made_in from copy.seen"), "live");
  EXPECT_FALSE(engine_->FindTable("copy", "sales")->value().is_view);
  EXPECT_TRUE(engine_->FindTable("copy", "seen")->value().is_view);
  EXPECT_FALSE(Exists("copy", "between"));
  // Changes of the copy do not show in the original.
  ASSERT_TRUE((*engine_->Connect())->Execute("update copy.sales set made_in = 'changed'"));
  EXPECT_EQ(Ask("select made_in from live.sales"), "live");
  RunWell(options);
  EXPECT_EQ(Ask("select made_in from copy.sales"), "changed") << "what is there stays";
  options.full_refresh = true;
  RunWell(options);
  EXPECT_EQ(Ask("select made_in from copy.sales"), "live");
}

}  // namespace
}  // namespace smelt::transform
