#include <gtest/gtest.h>

#include "quality/audit.h"
#include "quality/quarantine_release.h"
#include "quality/tests/lake_fixture.h"

namespace smelt::quality {
namespace {

class QuarantineTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must("create schema t; create table t.orders (id bigint, \"the \"\"amount/1\" decimal(12,2), note varchar)");
    Must("insert into t.orders values (1, 10.50, 'a')");
  }

  static std::vector<Suite> Suites(const std::string& expectations, const std::string& keys = "") {
    auto suite = ParseSuite(R"({"name": "orders", "table": "t.orders", "quarantine": true)" + keys +
                                R"(, "expectations": [)" + expectations + "]}",
                            "orders.json");
    EXPECT_TRUE(suite) << suite.error().ToString();
    return {*std::move(suite)};
  }

  /// Adds rows, audited; `publish` false: the writer dies between the audit and its commit.
  Status Write(Audit& audit, const std::string& sql, Staged staged = Staged::kAddition, bool publish = true) {
    SMELT_TRY(session_->Execute("begin"));
    SMELT_TRY(session_->Execute(sql));
    auto warning = audit.Judge(*session_, "t", "orders", staged);
    if (!warning || !publish) {
      SMELT_TRY(session_->Execute("rollback"));
      return warning ? Status() : Status(std::unexpected(warning.error()));
    }
    warning_ = *warning;
    SMELT_TRY(session_->Execute("commit"));
    for (const engine::CommitReport& commit : session_->TakeCommits()) {
      if (commit.table == "t.orders") audit.Committed("t", "orders", commit.version);
    }
    return audit.Store();
  }

  Status Write(const std::vector<Suite>& suites, const std::string& sql, Staged staged = Staged::kAddition,
               bool publish = true) {
    Audit audit(*engine_, suites, Json::object(), "run-1");
    return Write(audit, sql, staged, publish);
  }

  RowReleaseReport Release(const std::vector<Suite>& suites, const std::string& where = "") {
    auto report = ReleaseRows(*engine_, {.table = "t.orders", .where = where, .suites = suites, .run_id = "run-2"});
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : RowReleaseReport();
  }

  std::int64_t Held(const std::string& where = "true") {
    return Number("select count(*) from quarantine.t_orders where " + where);
  }
  std::int64_t Rows() { return Number("select count(*) from t.orders"); }

  static constexpr const char* kAmounts =
      R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "the \"amount/1", "max_value": 100}})";
  static constexpr const char* kIds = R"({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}})";

  std::string warning_;
};

#define EXPECT_DONE(expression)                       \
  do {                                                \
    const Status status = (expression);               \
    EXPECT_TRUE(status) << status.error().ToString(); \
  } while (false)

TEST_F(QuarantineTest, RowsThatBreakRulesAreTakenOutAndTheRestIsPublished) {
  const auto suites = Suites(std::string(kAmounts) + "," + kIds +
                             R"(,{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "note"}})");
  EXPECT_DONE(Write(suites,
                    "insert into t.orders values (2, 200, 'bad'), (3, 3, 'x'), (4, 999.99, null), (4, 4, '\"'), "
                    "(5, 5, 'twice'), (5, 6, 'twice')"));
  EXPECT_EQ(Rows(), 3) << "1, 3, and of the fours the good one";
  EXPECT_EQ(Held(), 4);
  EXPECT_EQ(Held("release_id is null and source = 'suite orders' and source_file = 't.orders' and run_id = 'run-1'"),
            4);
  // A row that breaks several rules is there once, and says so.
  EXPECT_EQ(Held("rule = 'expect_column_values_to_be_between' and message like '%100%; %not_be_null'"), 1);
  EXPECT_EQ(Held("json_extract_string(raw_text, '/the \"amount~11') = '999.99'"), 1);
  EXPECT_NE(warning_.find("4 rows went to quarantine"), std::string::npos) << warning_;
  EXPECT_EQ(Number("select count(*) from quality.results where not success and details like '%quarantined_rows%'"), 3);
}

TEST_F(QuarantineTest, TheHistoryTellsWhatWasDoneAndHowManyRowsWereHeld) {
  const auto suites = Suites(kAmounts);
  const auto newest = [this](const std::string& metrics) {
    const auto line = session_->Query("select concat_ws(' ', operation, metrics->>'numQuarantinedRows', " + metrics +
                                      ") from table_history('t.orders') limit 1");
    EXPECT_TRUE(line) << line.error().ToString();
    return line ? line->Text().value_or("") : "";
  };
  EXPECT_DONE(Write(suites, "insert into t.orders values (2, 200, 'bad'), (3, 3, 'x'), (4, 4, 'y')"));
  EXPECT_EQ(newest("metrics->>'numOutputRows'"), "WRITE 1 2");
  EXPECT_DONE(Write(suites,
                    "merge into t.orders using (values (3, 300, 'bad'), (5, 500, 'bad'), (6, 6, 'z')) as new(i, a, n) "
                    "on id = i when matched then update set note = n, \"the \"\"amount/1\" = a "
                    "when not matched then insert values (i, a, n)"));
  EXPECT_EQ(newest("metrics->>'numTargetRowsDeleted'"), "MERGE 2 0");
  EXPECT_DONE(Write(suites,
                    "create or replace table t.orders as select 7 as id, unnest([7, 700]) as \"the "
                    "\"\"amount/1\", 'w' as note",
                    Staged::kWhole));
  EXPECT_EQ(newest("metrics->>'numOutputRows'"), "CREATE OR REPLACE TABLE 1 1");
  EXPECT_DONE(Write(suites, "delete from t.orders where id = 7", Staged::kWhole));
  EXPECT_EQ(newest("metrics->>'numDeletedRows'"), "DELETE 1");
}

TEST_F(QuarantineTest, FiguresStillRefuseAndThenNothingIsMoved) {
  const auto suites = Suites(std::string(kAmounts) +
                             R"(,{"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 3}})");
  const Status refused = Write(suites, "insert into t.orders values (2, 200, 'bad'), (3, 3, 'x')");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kQualityGateFailed);
  EXPECT_EQ(Rows(), 1);
  EXPECT_FALSE(session_->Query("from quarantine.t_orders"));
}

TEST_F(QuarantineTest, WhereTooFewRowsAreGoodNothingIsTakenOut) {
  const auto suites = Suites(
      R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "id", "max_value": 9, "mostly": 0.5}})");
  EXPECT_DONE(Write(suites, "insert into t.orders values (10, 1, '')"));
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Held(), 1);
  EXPECT_FALSE(Write(suites, "insert into t.orders values (11, 1, ''), (12, 1, ''), (13, 1, '')"));
  EXPECT_EQ(Held(), 1);
}

TEST_F(QuarantineTest, ResultsThatTellNoNumbersDoNotKeepRowsIn) {
  const auto suites = Suites(
      R"({"type": "expect_column_values_to_be_between",
          "kwargs": {"column": "id", "max_value": 9, "result_format": "BOOLEAN_ONLY"}})");
  EXPECT_DONE(Write(suites, "insert into t.orders values (10, 1, ''), (9, 1, '')"));
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(Held(), 1);
}

TEST_F(QuarantineTest, AnExpectationMaySayItForItselfAlone) {
  const auto one = ParseSuite(
      R"({"name": "s", "table": "t.orders", "expectations": [
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}, "meta": {"smelt": {"quarantine": true}}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}}]})",
      "s.json");
  ASSERT_TRUE(one) << one.error().ToString();
  EXPECT_TRUE(one->expectations[0].quarantine);
  EXPECT_FALSE(one->expectations[1].quarantine);
  const auto wrong = ParseSuite(
      R"({"name": "s", "expectations": [
        {"type": "expect_column_values_to_be_increasing", "kwargs": {"column": "id"}, "meta": {"smelt": {"quarantine": true}}}]})",
      "s.json");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("cannot say which rows"), std::string::npos) << wrong.error().ToString();
  EXPECT_EQ(wrong.error().line(), 2);
}

TEST_F(QuarantineTest, AWriterThatDiesBeforeItsCommitLeavesNoRowBehind) {
  const auto suites = Suites(kAmounts);
  EXPECT_DONE(Write(suites, "insert into t.orders values (2, 200, 'bad'), (3, 3, 'x')", Staged::kAddition, false));
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Held("release_id is not null"), 1) << "the batch has no commit yet";
  EXPECT_DONE(Write(suites, "insert into t.orders values (2, 200, 'bad'), (3, 3, 'x')"));
  EXPECT_EQ(Rows() + Held(), 3);
  EXPECT_EQ(Held("release_id is null"), 1);
}

TEST_F(QuarantineTest, AWriterThatDiesAfterItsCommitHasQuarantinedItsRows) {
  const auto suites = Suites(kAmounts);
  {
    Audit audit(*engine_, suites, Json::object(), "run-1");
    Must("begin; insert into t.orders values (2, 200, 'bad')");
    ASSERT_TRUE(audit.Judge(*session_, "t", "orders", Staged::kAddition));
    Must("commit");
  }
  EXPECT_EQ(Held("release_id is not null"), 1);
  // The next write of the table finds it out, though it has nothing to take out itself.
  EXPECT_DONE(Write(suites, "insert into t.orders values (3, 3, 'x')"));
  EXPECT_EQ(Held("release_id is null"), 1);
  EXPECT_EQ(Rows(), 2);
}

TEST_F(QuarantineTest, OfTwoWritersTheLaterMovesTheEarlierOut) {
  const auto suites = Suites(kAmounts);
  // The first writer stands between audit and commit while the second one does all its work.
  Audit audit(*engine_, suites, Json::object(), "run-1");
  Must("begin; insert into t.orders values (2, 200, 'bad'), (5, 5, 'good')");
  ASSERT_TRUE(audit.Judge(*session_, "t", "orders", Staged::kAddition));
  auto first = std::move(session_);
  session_ = *engine_->Connect();
  EXPECT_DONE(Write(suites, "insert into t.orders values (3, 300, 'bad too')"));
  const Status late = first->Execute("commit");
  ASSERT_FALSE(late) << "its rows have left quarantine";
  EXPECT_EQ(late.error().code(), ErrorCode::kDeltaConflict);
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Held(), 1);
}

TEST_F(QuarantineTest, ATableThatIsWrittenWholeReplacesWhatWasHeldOfIt) {
  const auto suites = Suites(kAmounts);
  for (int build = 0; build < 3; ++build) {
    EXPECT_DONE(Write(suites, "delete from t.orders; insert into t.orders values (2, 200, 'bad'), (3, 3, 'x')",
                      Staged::kWhole));
    EXPECT_EQ(Held(), 1);
    EXPECT_EQ(Rows(), 1);
  }
  EXPECT_DONE(Write(suites, "delete from t.orders; insert into t.orders values (2, 20, 'mended')", Staged::kWhole));
  EXPECT_EQ(Held(), 0);
}

TEST_F(QuarantineTest, ReleasedRowsAreJudgedAgainAmongThoseOfTheTable) {
  auto suites = Suites(std::string(kAmounts) + "," + kIds);
  EXPECT_DONE(
      Write(suites, "insert into t.orders values (2, 200, 'é😀\"'), (1, 500, 'twice'), (7, 7777777777.77, null)"));
  EXPECT_EQ(Held(), 3);
  EXPECT_EQ(Release(suites).released, 0);
  EXPECT_EQ(Rows(), 1);
  suites = Suites(std::string(R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "the \"amount/1",
                              "max_value": 9000000000}})") +
                  "," + kIds);
  const RowReleaseReport report = Release(suites);
  EXPECT_EQ(report.examined, 3);
  EXPECT_EQ(report.released, 2);
  EXPECT_EQ(report.kept, 1);
  ASSERT_EQ(report.complaints.size(), 1U);
  EXPECT_NE(report.complaints[0].find("unique"), std::string::npos) << report.complaints[0];
  EXPECT_EQ(Number("select count(*) from t.orders where note = 'é😀\"' and id = 2"), 1);
  EXPECT_EQ(Number("select count(*) from t.orders where note is null and \"the \"\"amount/1\" = 7777777777.77"), 1);
  EXPECT_EQ(Held(), 1);
}

TEST_F(QuarantineTest, AReleaseThatWasInterruptedIsFinishedByTheNext) {
  const auto strict = Suites(kAmounts);
  const auto lenient = Suites(R"({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}})");
  EXPECT_DONE(Write(strict, "insert into t.orders values (2, 200, 'bad')"));
  // Marked, but not loaded: the rows are free again.
  Must("update quarantine.t_orders set release_id = 'smelt.release/none'");
  EXPECT_EQ(Release(lenient).released, 1);
  EXPECT_EQ(Rows() + Held(), 2);
}

TEST_F(QuarantineTest, AViewIsJudgedAsAWhole) {
  Must("create view t.shown as select * from t.orders union all select 9, 900, 'x'");
  auto suite = Suites(kAmounts);
  suite[0].table = "t.shown";
  Audit audit(*engine_, suite, Json::object(), "run-1");
  EXPECT_FALSE(audit.Judge(*session_, "t", "shown", Staged::kWhole));
}

}  // namespace
}  // namespace smelt::quality
