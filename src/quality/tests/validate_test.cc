#include "quality/validate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>

#include "quality/tests/lake_fixture.h"

namespace smelt::quality {
namespace {

/// Keeps what it is told.
class RecordingObserver : public RunObserver {
 public:
  void StepStarted(std::string_view name, std::string_view kind) override {
    const std::scoped_lock lock(mutex_);
    started.push_back(std::string(name) + " " + std::string(kind));
  }
  void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
  void StepFinished(const StepResult& result) override {
    const std::scoped_lock lock(mutex_);
    finished.push_back(result);
  }

  std::vector<std::string> started;
  std::vector<StepResult> finished;

 private:
  std::mutex mutex_;
};

class ValidateTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must("create schema t; create table t.orders as select range as id, range % 3 as state from range(30)");
  }

  static Suite Parse(const std::string& text) {
    auto suite = ParseSuite(text, "suite.json");
    EXPECT_TRUE(suite) << suite.error().ToString();
    return suite ? *std::move(suite) : Suite();
  }

  /// The state is below `limit`.
  static Suite StateSuite(const std::string& name, int limit, const std::string& severity = "critical",
                          const std::string& gate = "hard", const std::string& table = "t.orders") {
    return Parse(R"({"name": ")" + name + R"(", "table": ")" + table + R"(", "gate": ")" + gate +
                 R"(", "expectations": [
      {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
      {"type": "expect_column_values_to_be_between", "severity": ")" +
                 severity + R"(", "kwargs": {"column": "state", "max_value": )" + std::to_string(limit) + "}}]}");
  }

  ValidationReport RunAll(const std::vector<Suite>& suites, const ValidateAllOptions& options = {.run_id = "r"}) {
    auto report = ValidateAll(*engine_, suites, options, observer_);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *std::move(report) : ValidationReport();
  }

  std::int64_t ResultsVersion() { return engine_->TableVersion("quality", "results")->value_or(-1); }

  RecordingObserver observer_;
};

TEST_F(ValidateTest, WritesTheJsonOfGreatExpectations) {
  const auto result = Validate(*session_, StateSuite("s", 1), {.table = "t.orders"}, {.run_id = "run-1"});
  ASSERT_TRUE(result) << result.error().ToString();
  Json json = result->ToJson();
  EXPECT_EQ(json["success"], false);
  EXPECT_EQ(json["suite_name"], "s");
  EXPECT_EQ(JsonText(json["statistics"]), R"({"evaluated_expectations":2,"successful_expectations":1,)"
                                          R"("unsuccessful_expectations":1,"success_percent":50.0})");
  EXPECT_EQ(json["meta"]["run_id"], "run-1");
  EXPECT_EQ(json["meta"]["verdict"], "fail");
  EXPECT_EQ(json["results"][1], Json::parse(R"({
    "success": false,
    "expectation_config": {"type": "expect_column_values_to_be_between",
                           "kwargs": {"column": "state", "max_value": 1}, "meta": {}, "severity": "critical"},
    "result": {"element_count": 30, "unexpected_count": 10, "unexpected_percent": 33.33333333333333,
               "missing_count": 0, "missing_percent": 0.0,
               "unexpected_percent_total": 33.33333333333333, "unexpected_percent_nonmissing": 33.33333333333333,
               "partial_unexpected_list": [2, 2, 2, 2, 2, 2, 2, 2, 2, 2],
               "partial_unexpected_counts": [{"value": 2, "count": 10}]},
    "meta": {},
    "exception_info": {"raised_exception": false, "exception_traceback": null, "exception_message": null}})"));
  EXPECT_EQ(result->Headline(), "1 of 2 expectations failed: state expect_column_values_to_be_between (10 unexpected)");
}

TEST_F(ValidateTest, AnswersOldSuitesInOldWords) {
  const Suite suite = Parse(R"({"expectation_suite_name": "old", "evaluation_parameters": {"m": 5}, "expectations": [
      {"expectation_type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": "m"}}}]})");
  const auto result = Validate(*session_, suite, {.table = "t.orders"}, {.variables = {{"m", 30}}});
  ASSERT_TRUE(result) << result.error().ToString();
  const Json json = result->ToJson();
  EXPECT_EQ(json["success"], true);
  EXPECT_EQ(json["meta"]["expectation_suite_name"], "old");
  EXPECT_EQ(json["evaluation_parameters"], Json({{"m", 30}}));
  EXPECT_EQ(json["results"][0]["expectation_config"]["expectation_type"], "expect_table_row_count_to_equal");
  EXPECT_EQ(json["results"][0]["expectation_config"]["kwargs"]["value"], 30);
  EXPECT_FALSE(json.contains("suite_name"));
}

TEST_F(ValidateTest, AnEmptySuitePasses) {
  const auto result = Validate(*session_, Parse(R"({"name": "s", "expectations": []})"), {.table = "t.orders"}, {});
  ASSERT_TRUE(result) << result.error().ToString();
  EXPECT_TRUE(result->success());
  EXPECT_TRUE(result->ToJson()["statistics"]["success_percent"].is_null());
}

TEST_F(ValidateTest, SeverityAndGateDecideTheVerdict) {
  const auto verdict = [&](const Suite& suite) {
    return Validate(*session_, suite, {.table = "t.orders"}, {})->verdict();
  };
  EXPECT_EQ(verdict(StateSuite("s", 2)), Verdict::kPass);
  EXPECT_EQ(verdict(StateSuite("s", 1)), Verdict::kFail);
  EXPECT_EQ(verdict(StateSuite("s", 1, "critical", "warn")), Verdict::kWarn);
  EXPECT_EQ(verdict(StateSuite("s", 1, "warning")), Verdict::kWarn);
  EXPECT_EQ(verdict(StateSuite("s", 1, "info")), Verdict::kPass);
}

TEST_F(ValidateTest, ReadsOlderVersionsAndFiles) {
  Must("insert into t.orders values (99, 99)");
  const std::int64_t now = engine_->TableVersion("t", "orders")->value();
  const Suite suite = StateSuite("s", 2);
  EXPECT_FALSE(Validate(*session_, suite, {.table = "t.orders"}, {})->success());
  EXPECT_TRUE(Validate(*session_, suite, {.table = "t.orders", .version = now - 1}, {})->success());

  const std::string csv = folder_ + "/orders.csv";
  const std::string parquet = folder_ + "/orders.parquet";
  std::ofstream(csv) << "id,state\n1,1\n2,\n3,7\n";
  Must("copy (select 1 as id, 2 as state) to '" + parquet + "' (format parquet)");
  const auto from_csv = Validate(*session_, suite, {.file = csv}, {});
  ASSERT_TRUE(from_csv) << from_csv.error().ToString();
  EXPECT_EQ(from_csv->results[1].result["partial_unexpected_list"], Json::array({7}));
  EXPECT_EQ(from_csv->results[1].result["missing_count"], 1);
  EXPECT_TRUE(Validate(*session_, suite, {.file = parquet}, {})->success());
}

TEST_F(ValidateTest, ManyExpectationsOnManyColumnsAreJudgedInParts) {
  std::string header, row;
  Suite suite;
  suite.name = "wide";
  for (int i = 0; i < 700; ++i) {
    header += fmt::format("{}c{}", i == 0 ? "" : ",", i);
    row += fmt::format("{}{}", i == 0 ? "" : ",", i);
    suite.expectations.push_back({.type = "expect_column_values_to_be_in_set",
                                  .kwargs = {{"column", fmt::format("c{}", i)}, {"value_set", {i % 7 == 0 ? -1 : i}}}});
  }
  suite.expectations.insert(suite.expectations.begin() + 300,
                            {.type = "expect_column_mean_to_be_between", .kwargs = {{"column", "none"}}});
  const std::string csv = folder_ + "/wide.csv";
  std::ofstream(csv) << header << "\n" << row << "\n" << row << "\n";
  const auto result = Validate(*session_, suite, {.file = csv}, {});
  ASSERT_TRUE(result) << result.error().ToString();
  for (std::size_t i = 0; i < result->results.size(); ++i) {
    const ExpectationResult& one = result->results[i];
    const std::size_t column = i < 300 ? i : i - 1;
    EXPECT_EQ(one.success, i != 300 && column % 7 != 0) << i;
    EXPECT_EQ(one.exception.empty(), i != 300) << i << one.exception;
    if (i != 300) {
      EXPECT_EQ(one.result["unexpected_count"], column % 7 == 0 ? 2 : 0) << i;
    }
  }
  EXPECT_EQ(result->results[7].result["partial_unexpected_list"], Json::array({7, 7}));
}

TEST_F(ValidateTest, RefusesTargetsThatAreNone) {
  const Suite suite = StateSuite("s", 2);
  const auto code = [&](const Target& target) { return Validate(*session_, suite, target, {}).error().code(); };
  EXPECT_EQ(code({}), ErrorCode::kUsage);
  EXPECT_EQ(code({.table = "t.orders", .file = "x.csv"}), ErrorCode::kUsage);
  EXPECT_EQ(code({.table = "orders"}), ErrorCode::kUsage);
  EXPECT_EQ(code({.table = "t.none"}), ErrorCode::kSqlCatalog);
  EXPECT_EQ(code({.file = folder_ + "/none.csv"}), ErrorCode::kStoreNotFound);
  std::ofstream(folder_ + "/book.xlsx") << "x";
  EXPECT_EQ(code({.file = folder_ + "/book.xlsx"}), ErrorCode::kUsage);
}

TEST_F(ValidateTest, AStopIsObeyed) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Validate(*session_, StateSuite("s", 2), {.table = "t.orders"}, {}, stop.get_token()).error().code(),
            ErrorCode::kCancelled);
  EXPECT_EQ(ValidateAll(*engine_, std::vector{StateSuite("s", 2)}, {}, observer_, stop.get_token()).error().code(),
            ErrorCode::kCancelled);
}

TEST_F(ValidateTest, StoresOneRowPerExpectation) {
  const auto result =
      Validate(*session_, StateSuite("s", 1), {.table = "t.orders", .version = 0}, {.store = true, .run_id = "r1"});
  ASSERT_TRUE(result) << result.error().ToString();
  const auto rows = session_->Query(
      "select run_id, suite, table_name, table_version, expectation, column_name, severity, success, unexpected_count, "
      "element_count, round(unexpected_percent, 2), details::json->>'$.result.partial_unexpected_list[0]', "
      "validated_at > '2020-01-01' from quality.results order by success");
  ASSERT_TRUE(rows) << rows.error().ToString();
  ASSERT_EQ(rows->rows.size(), 2u);
  const std::vector<engine::Cell> failed = {"r1",    "s",     "t.orders", "0",  "expect_column_values_to_be_between",
                                            "state", "error", "false",    "10", "30",
                                            "33.33", "2",     "true"};
  EXPECT_EQ(rows->rows[0], failed);
}

TEST_F(ValidateTest, RunsAllSuitesAndCommitsOnce) {
  Must("create table t.items as select range as id, 1 as state from range(5)");
  const std::vector<Suite> suites = {StateSuite("good", 2), StateSuite("bad", 1), StateSuite("soft", 1, "warning"),
                                     StateSuite("items", 1, "critical", "hard", "t.items")};
  const ValidationReport report = RunAll(suites);
  ASSERT_EQ(report.suites.size(), 4u);
  EXPECT_EQ(report.suites[0].step.status, StepStatus::kDone);
  EXPECT_EQ(report.suites[1].step.status, StepStatus::kFailed);
  EXPECT_EQ(report.suites[2].step.status, StepStatus::kWarned);
  EXPECT_EQ(report.suites[3].step.status, StepStatus::kDone);
  EXPECT_EQ(report.suites[1].step.name, "suite bad");
  EXPECT_EQ(report.suites[1].step.details["failed"][0]["column"], "state");
  EXPECT_EQ(report.verdict(), Verdict::kFail);
  EXPECT_EQ(observer_.started.size(), 4u);
  EXPECT_EQ(observer_.finished.size(), 4u);
  EXPECT_EQ(Number("select count(*) from quality.results"), 8);
  EXPECT_EQ(ResultsVersion(), 1) << "one commit that makes the table, one that fills it";

  const Status gate = report.GateStatus();
  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().code(), ErrorCode::kQualityGateFailed);
  EXPECT_NE(gate.error().message().find("suite bad: 1 of 2"), std::string::npos) << gate.error().message();
  EXPECT_EQ(gate.error().message().find("soft"), std::string::npos);
}

TEST_F(ValidateTest, AnUnchangedTableIsNotValidatedAgain) {
  const std::vector<Suite> suites = {StateSuite("good", 2), StateSuite("bad", 1)};
  RunAll(suites);
  const std::int64_t version = ResultsVersion();

  const ValidationReport again = RunAll(suites);
  EXPECT_EQ(ResultsVersion(), version);
  EXPECT_TRUE(again.suites[0].reused);
  EXPECT_EQ(again.suites[0].step.status, StepStatus::kNothing);
  EXPECT_FALSE(again.suites[0].result);
  EXPECT_EQ(again.suites[1].step.status, StepStatus::kFailed) << "a failure stays one, with its reasons";
  EXPECT_TRUE(again.suites[1].result);
  EXPECT_FALSE(again.suites[1].stored);

  EXPECT_FALSE(RunAll(suites, {.run_id = "r", .skip_unchanged = false}).suites[0].reused);
  EXPECT_EQ(ResultsVersion(), version + 1);
}

TEST_F(ValidateTest, AChangeOfTableSuiteOrParameterIsValidated) {
  const auto commits_of = [&](const Suite& suite, const Json& variables) {
    const std::int64_t before = ResultsVersion();
    const ValidationReport report = RunAll({suite}, {.run_id = "r", .variables = variables});
    EXPECT_EQ(report.suites[0].reused, ResultsVersion() == before);
    return ResultsVersion() - before;
  };
  const Suite suite = Parse(R"({"name": "s", "table": "t.orders", "suite_parameters": {"high": 2}, "expectations": [
      {"type": "expect_column_values_to_be_between", "kwargs": {"column": "state", "max_value": {"$PARAMETER": "high"}}}]})");
  EXPECT_EQ(commits_of(suite, Json::object()), 2);
  EXPECT_EQ(commits_of(suite, Json::object()), 0);
  EXPECT_EQ(commits_of(suite, {{"high", 3}}), 1);
  EXPECT_EQ(commits_of(suite, {{"high", 3}}), 0);
  Must("insert into t.orders values (100, 1)");
  EXPECT_EQ(commits_of(suite, {{"high", 3}}), 1);
  Suite stricter = suite;
  stricter.expectations.push_back({.type = "expect_column_to_exist", .kwargs = {{"column", "id"}}});
  EXPECT_EQ(commits_of(stricter, {{"high", 3}}), 1);
  EXPECT_EQ(commits_of(stricter, {{"high", 3}}), 0);
}

TEST_F(ValidateTest, AChangeOfAnotherTableThatItReadsIsValidated) {
  Must("create table t.copy as select * from t.orders");
  const std::vector<Suite> suites = {Parse(R"({"name": "s", "table": "t.copy", "expectations": [
      {"type": "expect_table_row_count_to_equal_other_table", "kwargs": {"other_table_name": "orders"}}]})")};
  EXPECT_EQ(RunAll(suites).verdict(), Verdict::kPass);
  EXPECT_TRUE(RunAll(suites).suites[0].reused);
  Must("insert into t.orders values (100, 1)");
  EXPECT_EQ(RunAll(suites).verdict(), Verdict::kFail);
}

TEST_F(ValidateTest, AViewIsStoredOnlyWhenItsResultsChange) {
  Must("create view t.recent as select * from t.orders where id > 10");
  const std::vector<Suite> suites = {StateSuite("v", 2, "critical", "hard", "t.recent")};
  EXPECT_EQ(RunAll(suites).suites[0].step.status, StepStatus::kDone);
  const std::int64_t version = ResultsVersion();
  EXPECT_EQ(RunAll(suites).suites[0].step.status, StepStatus::kNothing);
  EXPECT_EQ(ResultsVersion(), version);
  Must("insert into t.orders values (100, 1)");
  EXPECT_EQ(RunAll(suites).suites[0].step.status, StepStatus::kDone);
  EXPECT_EQ(ResultsVersion(), version + 1);
}

TEST_F(ValidateTest, AViewIsNotJudgedAgainWhileWhatIsBehindItIsTheSame) {
  Must("create view t.recent as select * from t.orders where id > 10; create view t.seen as select * from t.recent");
  Must("create view t.moving as select *, now() as at from t.orders");
  const std::vector<Suite> suites = {StateSuite("v", 2, "critical", "hard", "t.seen"),
                                     StateSuite("w", 2, "critical", "hard", "t.moving")};
  const auto reused = [&] {
    const ValidationReport report = RunAll(suites);
    EXPECT_EQ(report.verdict(), Verdict::kPass);
    EXPECT_FALSE(report.suites[1].reused) << "the clock goes on";
    return report.suites[0].reused;
  };
  EXPECT_FALSE(reused());
  EXPECT_TRUE(reused());
  Must("insert into t.orders values (40, 1)");
  EXPECT_FALSE(reused());
  EXPECT_TRUE(reused());
  Must("create or replace view t.recent as select * from t.orders where id > 11");
  EXPECT_FALSE(reused());
  EXPECT_TRUE(reused());
  EXPECT_FALSE(RunAll(suites, {.run_id = "r", .skip_unchanged = false}).suites[0].reused);
  Must("insert into t.orders values (100, 9)");
  EXPECT_EQ(RunAll(suites).verdict(), Verdict::kFail);
  EXPECT_EQ(RunAll(suites).verdict(), Verdict::kFail);
}

TEST_F(ValidateTest, ASuiteThatCannotRunFailsByItself) {
  const ValidationReport report = RunAll({StateSuite("good", 2), StateSuite("none", 2, "critical", "hard", "t.none"),
                                          Parse(R"({"name": "nameless", "expectations": []})")});
  EXPECT_EQ(report.suites[0].verdict, Verdict::kPass);
  ASSERT_TRUE(report.suites[1].error);
  EXPECT_EQ(report.suites[1].error->code(), ErrorCode::kSqlCatalog);
  ASSERT_TRUE(report.suites[2].error);
  EXPECT_EQ(report.suites[2].error->code(), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(report.suites[1].step.status, StepStatus::kFailed);
  EXPECT_EQ(report.GateStatus().error().code(), ErrorCode::kSqlCatalog);
  EXPECT_EQ(Number("select count(*) from quality.results"), 2);
}

}  // namespace
}  // namespace smelt::quality
