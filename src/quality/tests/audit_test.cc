#include "quality/audit.h"

#include <gtest/gtest.h>

#include "quality/tests/lake_fixture.h"
#include "quality/validate.h"

namespace smelt::quality {
namespace {

class AuditTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must("create schema t; create table t.orders as select range as id from range(3)");
  }

  static std::vector<Suite> Suites(const std::string& gate) {
    auto suite = ParseSuite(R"({"name": "orders", "table": "t.orders", "gate": ")" + gate + R"(", "expectations": [
      {"type": "expect_column_values_to_be_between", "kwargs": {"column": "id", "max_value": 9}},
      {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 2}}]})",
                            "orders.json");
    EXPECT_TRUE(suite) << suite.error().ToString();
    return {*std::move(suite)};
  }

  /// Inserts within a transaction, which goes on only when the audit likes what it sees.
  Status Insert(Audit& audit, const std::string& rows) {
    return session_->Transaction([&]() -> Status {
      SMELT_TRY(session_->Execute("insert into t.orders values " + rows));
      SMELT_ASSIGN(warning_, audit.Judge(*session_, "t", "orders", Staged::kAddition));
      return {};
    });
  }

  std::string warning_;
};

TEST_F(AuditTest, WhatAHardGateRefusesIsNeverVisible) {
  Audit audit(*engine_, Suites("hard"), Json::object(), "run-1");
  const Status refused = Insert(audit, "(4), (11), (12)");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kQualityGateFailed);
  EXPECT_NE(refused.error().message().find("t.orders was not changed: suite orders: 1 of 2"), std::string::npos)
      << refused.error().message();
  EXPECT_EQ(Number("select count(*) from t.orders"), 3);
  ASSERT_TRUE(audit.Store());
  EXPECT_EQ(Number("select count(*) from quality.results where run_id = 'run-1' and not success"), 1);
}

TEST_F(AuditTest, WhatWasRefusedIsToldBesideWhatWasGoodLater) {
  Audit audit(*engine_, Suites("hard"), Json::object(), "run-1");
  ASSERT_FALSE(Insert(audit, "(11)"));
  ASSERT_TRUE(Insert(audit, "(4)"));
  audit.Committed("t", "orders", session_->TakeCommits().back().version);
  const Status stored = audit.Store();
  ASSERT_TRUE(stored) << stored.error().ToString();
  EXPECT_EQ(Number("select count(*) from quality.results where table_version is null and not success"), 1);
  EXPECT_EQ(Number("select count(*) from quality.results where table_version = 1 and success"), 2);
}

TEST_F(AuditTest, ASoftGateWarnsAndLetsPass) {
  Audit audit(*engine_, Suites("warn"), Json::object(), "run-1");
  ASSERT_TRUE(Insert(audit, "(11)"));
  EXPECT_NE(warning_.find("suite orders: 1 of 2"), std::string::npos) << warning_;
  EXPECT_EQ(Number("select count(*) from t.orders"), 4);
}

TEST_F(AuditTest, WhatWasFoundGoodIsNotValidatedAgain) {
  const std::vector<Suite> suites = Suites("hard");
  Audit audit(*engine_, suites, Json::object(), "run-1");
  ASSERT_TRUE(Insert(audit, "(4)"));
  EXPECT_EQ(warning_, "");
  audit.Committed("t", "orders", session_->TakeCommits().back().version);
  ASSERT_TRUE(audit.Store());
  EXPECT_EQ(Number("select count(*) from quality.results where success and table_version = 1"), 2);

  class Silent : public RunObserver {
    void StepStarted(std::string_view, std::string_view) override {}
    void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
    void StepFinished(const StepResult&) override {}
  } observer;
  auto report = ValidateAll(*engine_, suites, {}, observer);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_TRUE(report->suites[0].reused);
  Must("insert into t.orders values (5)");
  report = ValidateAll(*engine_, suites, {}, observer);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->suites[0].reused);
}

TEST_F(AuditTest, AViewThatWasFoundGoodIsNotJudgedAgain) {
  auto suite = ParseSuite(R"({"name": "seen", "table": "t.seen", "expectations": [
      {"type": "expect_column_values_to_be_between", "kwargs": {"column": "id", "max_value": 9}}]})",
                          "seen.json");
  ASSERT_TRUE(suite) << suite.error().ToString();
  const auto results_after = [&](const std::string& sql, bool skip_unchanged) {
    Audit audit(*engine_, {*suite}, Json::object(), "run", skip_unchanged);
    const Status done = session_->Transaction([&]() -> Status {
      SMELT_TRY(session_->Execute(sql));
      SMELT_ASSIGN(warning_, audit.Judge(*session_, "t", "seen", Staged::kAddition));
      return {};
    });
    EXPECT_TRUE(audit.Store());
    return done ? Number("select count(*) from quality.results") : -1;
  };
  const std::string view = "create or replace view t.seen as select * from t.orders where id >= ";
  EXPECT_EQ(results_after(view + "0", true), 1);
  EXPECT_EQ(results_after(view + "0", true), 1);
  EXPECT_EQ(results_after(view + "0", false), 2);
  EXPECT_EQ(results_after(view + "1", true), 3);
  Must("insert into t.orders values (5)");
  EXPECT_EQ(results_after(view + "1", true), 4);
  EXPECT_EQ(results_after(view + "1", true), 4);
  Must("insert into t.orders values (11)");
  EXPECT_EQ(results_after(view + "1", true), -1);
  EXPECT_EQ(results_after(view + "1", true), -1);
}

TEST_F(AuditTest, OtherTablesAreNotItsBusiness) {
  Audit audit(*engine_, Suites("hard"), Json::object(), "run-1");
  Must("create table t.other as select 99 as id");
  const auto judged = audit.Judge(*session_, "t", "other", Staged::kAddition);
  ASSERT_TRUE(judged);
  EXPECT_EQ(*judged, "");
  ASSERT_TRUE(audit.Store());
  EXPECT_FALSE(session_->Query("from quality.results"));
}

}  // namespace
}  // namespace smelt::quality
