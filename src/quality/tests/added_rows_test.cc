#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "quality/audit.h"
#include "quality/tests/lake_fixture.h"
#include "quality/validate.h"

/// Checks that read the rows added since an earlier validation say what checks of all rows say.
namespace smelt::quality {
namespace {

/// Expectations whose figures add up, with the types of the columns that RowsSql makes.
constexpr const char* kAddingUp[] = {
    R"({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "note", "mostly": 0.7}})",
    R"({"type": "expect_column_values_to_be_null", "kwargs": {"column": "note", "row_condition": "n > 4"}})",
    R"({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "note", "value_set": ["a", "b'ü"]}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "min_value": 1, "max_value": 7}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "x", "max_value": 1.5, "mostly": 0.9}})",
    R"({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "note", "regex": "^[a-c]"}})",
    R"({"type": "expect_column_value_lengths_to_equal", "kwargs": {"column": "note", "value": 1}})",
    R"({"type": "expect_column_values_to_match_json_schema", "kwargs": {"column": "doc",
        "json_schema": {"type": "object", "required": ["k"]}}})",
    R"({"type": "expect_column_pair_values_a_to_be_greater_than_b", "kwargs": {"column_A": "n", "column_B": "price"}})",
    R"({"type": "expect_multicolumn_values_to_be_equal", "kwargs": {"column_list": ["n", "price"]}})",
    R"({"type": "expect_select_column_values_to_be_unique_within_record", "kwargs": {"column_list": ["n", "price"]}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "max_value": 8,
        "result_format": {"result_format": "SUMMARY", "partial_unexpected_count": 3,
                          "unexpected_index_column_names": ["day"], "include_unexpected_rows": true}}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "max_value": 3,
        "result_format": "BOOLEAN_ONLY"}})",
    R"({"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 20}})",
    R"({"type": "expect_table_row_count_to_equal", "kwargs": {"value": 40}})",
    R"({"type": "expect_column_min_to_be_between", "kwargs": {"column": "price", "min_value": 0.5}})",
    R"({"type": "expect_column_max_to_be_between", "kwargs": {"column": "day", "max_value": "2024-02-01"}})",
    R"({"type": "expect_column_max_to_be_between", "kwargs": {"column": "x", "max_value": 1}})",
    R"({"type": "expect_column_min_to_be_between", "kwargs": {"column": "note", "min_value": "a"}})",
    R"({"type": "expect_column_sum_to_be_between", "kwargs": {"column": "price", "max_value": 90.5}})",
    R"({"type": "expect_column_sum_to_be_between", "kwargs": {"column": "n", "max_value": 90,
        "row_condition": "n > 2"}
})",
    R"({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "price", "min_value": 4, "max_value": 5}})",
    R"({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "n", "min_value": 3, "max_value": 5}})",
    R"({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "flag", "min_value": 0.4}})",
};

/// Those whose added keys are looked for among all rows, as long as all were different.
constexpr const char* kGrowingByKeys[] = {
    R"({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}})",
    R"({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "code", "row_condition": "n > 2"}})",
    R"({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["day", "code"]}})",
    R"({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["code", "flag"], "mostly": 0.9}})",
};

/// Those that need all rows, or none. (A standard deviation is rounded otherwise each time: threads add up in any
/// order.)
constexpr const char* kOthers[] = {
    R"({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["id", "flag"]}})",
    R"({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "n"}})",
    R"({"type": "expect_column_values_to_be_increasing", "kwargs": {"column": "day"}})",
    R"({"type": "expect_column_median_to_be_between", "kwargs": {"column": "n", "max_value": 5}})",
    R"({"type": "expect_column_sum_to_be_between", "kwargs": {"column": "x", "max_value": 50}})",
    R"({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "x", "max_value": 1}})",
    R"({"type": "expect_column_distinct_values_to_be_in_set", "kwargs": {"column": "note", "value_set": ["a", "c"]}})",
    R"({"type": "expect_column_values_to_not_be_outliers", "kwargs": {"column": "n", "multiplier": 0.1}})",
    R"({"type": "unexpected_rows_expectation",
        "kwargs": {"unexpected_rows_query": "select * from {batch} where n > 8"}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "max_value": 3,
        "row_condition": "day < current_date", "condition_parser": "duckdb"}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "max_value": 3,
        "result_format": "COMPLETE"}})",
    R"({"type": "expect_column_to_exist", "kwargs": {"column": "n"}})",
    R"({"type": "expect_column_values_to_be_between", "kwargs": {"column": "nosuch", "max_value": 3}})",
    R"({"type": "expect_column_values_to_be_in_other_table", "kwargs": {"column": "n", "other_table_name": "t.other"}})",
};

class AddedRowsTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must("create schema t; create table t.other as select range as n from range(6)");
    MakeRows();
  }

  void MakeRows() {
    Must(
        "create table t.rows (n bigint, price decimal(10, 2), note varchar, doc varchar, x double, day date, "
        "flag boolean, id bigint, code varchar) with ('delta.enableDeletionVectors' = 'true')");
  }

  /// `count` rows of values that depend on `seed`.
  static std::string RowsSql(std::uint64_t seed, std::size_t count) {
    return fmt::format(
        "select (h % 10)::bigint, case when h % 11 > 0 then ((h // 7) % 900) / 100 end::decimal(10, 2), "
        "[null, 'a', 'b''ü', 'c', 'dd'][1 + ((h // 3) % 5)::int], "
        "case when h % 4 = 0 then '{{\"k\": 1}}' else '{{}}' end, "
        "case h % 9 when 0 then 'nan'::double when 1 then null else ((h // 5) % 400) / 256 end, "
        "date '2024-01-01' + ((h // 11) % 60)::int, h % 3 = 0, "
        "case when h % 17 > 0 then range + {0} * 1000 end, 'c' || (range + {0} * 1000) "
        "from (select range, hash(range + {0} * 1000) % 1000000 as h from range({1}))",
        seed, count);
  }

  static Suite Parse(const std::vector<std::string>& expectations) {
    const std::string text =
        fmt::format(R"({{"name": "s", "table": "t.rows", "expectations": [{}]}})", fmt::join(expectations, ","));
    auto suite = ParseSuite(text, "suite.json");
    EXPECT_TRUE(suite) << suite.error().ToString();
    return suite ? *std::move(suite) : Suite();
  }

  SuiteResult Check(const Suite& suite, bool full, bool store) {
    const Target target{.table = "t.rows", .version = *engine_->TableVersion("t", "rows")};
    const ValidateOptions options{.store = store, .engine = engine_.get(), .full = full};
    auto result = Validate(*session_, suite, target, options);
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? *std::move(result) : SuiteResult();
  }

  /// Unexpected rows that are found by joins and hashes come in no order, whichever rows are read.
  static bool IsOrdered(const std::string& type) {
    return type != "expect_column_values_to_be_unique" && type != "expect_compound_columns_to_be_unique" &&
           type != "expect_column_values_to_be_in_other_table" && type != "expect_column_values_to_match_json_schema";
  }

  /// Checks both ways, expects the same, and stores the result of the added rows. How many read no other rows.
  std::int64_t CheckBothWays(const Suite& suite, const std::string& history) {
    const SuiteResult whole = Check(suite, true, false);
    const SuiteResult added = Check(suite, false, true);
    EXPECT_EQ(whole.results.size(), added.results.size());
    for (std::size_t i = 0; i < whole.results.size(); ++i) {
      const ExpectationResult &a = whole.results[i], &b = added.results[i];
      EXPECT_EQ(a.success, b.success) << history << a.config.type << a.config.kwargs;
      const bool ordered = IsOrdered(a.config.type);
      EXPECT_EQ(ordered ? a.result : a.result.value("unexpected_count", Json()),
                ordered ? b.result : b.result.value("unexpected_count", Json()))
          << history << a.config.type << a.config.kwargs;
      EXPECT_EQ(a.exception, b.exception) << history;
      if (ordered) {
        EXPECT_EQ(a.kept, b.kept) << history << a.config.type << a.config.kwargs;
      }
      EXPECT_FALSE(a.added);
    }
    EXPECT_EQ(whole.verdict(), added.verdict());
    return std::ranges::count_if(added.results, [](const auto& one) { return one.added.has_value(); });
  }

  /// All expectations, or of each a share by chance.
  static std::vector<std::string> Choose(std::mt19937& random, std::span<const char* const> from, int percent) {
    std::vector<std::string> chosen;
    for (const char* one : from) {
      if (static_cast<int>(random() % 100) < percent) chosen.emplace_back(one);
    }
    return chosen;
  }

  std::string RandomStep(std::mt19937& random) {
    switch (random() % 8) {
      case 0: return fmt::format("delete from t.rows where n = {}", random() % 10);
      case 1: return fmt::format("update t.rows set n = n + 1 where n = {}", random() % 10);
      case 2: return "call optimize('t.rows')";
      case 3: return "call optimize('t.rows', purge => true)";
      default: return fmt::format("insert into t.rows {}", RowsSql(random() % 1000, random() % 12));
    }
  }
};

TEST_F(AddedRowsTest, SayWhatAllRowsSay) {
  std::int64_t used = 0;
  for (const std::uint32_t seed : {1U, 2U, 3U, 4U}) {
    std::mt19937 random(seed);
    std::string history = fmt::format("seed {}: ", seed);
    std::vector<std::string> expectations = Choose(random, kAddingUp, 60);
    std::ranges::copy(Choose(random, kOthers, 40), std::back_inserter(expectations));
    std::ranges::copy(Choose(random, kGrowingByKeys, 80), std::back_inserter(expectations));
    const Suite suite = Parse(expectations);
    Must("delete from t.rows");
    for (int step = 0; step < 9; ++step) {
      for (std::uint32_t commits = random() % 3; commits-- > 0;) {
        const std::string sql = RandomStep(random);
        history += sql.substr(0, 45) + "; ";
        Must(sql);
      }
      used += CheckBothWays(suite, history);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(used, 60) << "the other way has to have been taken";
}

TEST_F(AddedRowsTest, AreAllThatIsReadOfATableThatOnlyGrows) {
  Must("insert into t.rows " + RowsSql(1, 50'000));
  const std::vector<std::string> expectations(std::begin(kAddingUp), std::end(kAddingUp));
  const Suite suite = Parse(expectations);
  EXPECT_EQ(CheckBothWays(suite, ""), 0);
  for (int step = 0; step < 3; ++step) {
    Must("insert into t.rows " + RowsSql(2 + step, 5));
    EXPECT_EQ(CheckBothWays(suite, fmt::format("step {}", step)), std::ssize(suite.expectations));
  }
  session_->TakeUsage();
  Check(suite, true, false);
  const std::int64_t whole = session_->TakeUsage().bytes_read;
  Must("insert into t.rows " + RowsSql(9, 5));
  session_->TakeUsage();
  const SuiteResult added = Check(suite, false, false);
  EXPECT_LT(session_->TakeUsage().bytes_read, whole / 10);
  EXPECT_EQ(added.results[0].added->from, *added.table_version - 1);
  EXPECT_NE(added.Headline().find("24 read only the rows added since version"), std::string::npos) << added.Headline();
  EXPECT_EQ(added.ToJson()["results"][0]["meta"]["smelt"]["scope"], "added rows");
  EXPECT_FALSE(Check(suite, true, false).results[0].added);
}

TEST_F(AddedRowsTest, HaveKeysThatAreLookedForAmongAllRows) {
  Must("insert into t.rows " + RowsSql(1, 900));
  const Suite suite = Parse({std::begin(kGrowingByKeys), std::end(kGrowingByKeys)});
  CheckBothWays(suite, "");
  Must("insert into t.rows " + RowsSql(2, 5));
  EXPECT_EQ(CheckBothWays(suite, "new keys"), std::ssize(suite.expectations));
  Must("insert into t.rows " + RowsSql(1, 2));
  EXPECT_EQ(CheckBothWays(suite, "keys that were there"), 0);
  Must("delete from t.rows; insert into t.rows " + RowsSql(1, 50));
  CheckBothWays(suite, "");
  Must("insert into t.rows " + RowsSql(3, 3) + " union all " + RowsSql(3, 3));
  EXPECT_EQ(CheckBothWays(suite, "new keys that come twice"), 0);
}

TEST_F(AddedRowsTest, AreNotEnoughWithoutWhatWasKept) {
  Must("insert into t.rows " + RowsSql(1, 30));
  const Suite suite = Parse({kAddingUp[0], kAddingUp[3]});
  CheckBothWays(suite, "");
  Must("insert into t.rows " + RowsSql(2, 5));
  EXPECT_EQ(CheckBothWays(Parse({kAddingUp[0], kAddingUp[5]}), "another expectation"), 1);
  Must("delete from quality.results");
  EXPECT_EQ(CheckBothWays(suite, "lost"), 0);
  // A table of the same name and version, with other rows.
  Must("drop table t.rows");
  MakeRows();
  Must("insert into t.rows " + RowsSql(3, 30));
  Must("insert into t.rows " + RowsSql(4, 5));
  EXPECT_EQ(CheckBothWays(suite, "made anew"), 0);
}

TEST_F(AddedRowsTest, OfATransactionAreJudgedBeforeTheCommit) {
  Must("insert into t.rows " + RowsSql(1, 30));
  const Suite suite = Parse({kAddingUp[3], kAddingUp[13], kOthers[1]});
  CheckBothWays(suite, "");
  for (int step = 0; step < 2; ++step) {
    Audit audit(*engine_, {suite}, Json::object(), "run");
    const Status done = session_->Transaction([&]() -> Status {
      SMELT_TRY(session_->Execute("insert into t.rows " + RowsSql(5 + step, 3)));
      SMELT_TRY(audit.Judge(*session_, "t", "rows", Staged::kAddition));
      return {};
    });
    // The gate is hard and the rows are bad: nothing becomes of them.
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message().find("2 read only the rows added since version 1"), std::string::npos)
        << done.error().message();
    EXPECT_EQ(*engine_->TableVersion("t", "rows"), 1);
  }
}

TEST_F(AddedRowsTest, GoOnFromWhatAnAuditKept) {
  Suite suite = Parse({kAddingUp[3], kAddingUp[13]});
  suite.gate = Gate::kWarn;
  for (int step = 0; step < 3; ++step) {
    Audit audit(*engine_, {suite}, Json::object(), "run");
    ASSERT_TRUE(session_->Transaction([&]() -> Status {
      SMELT_TRY(session_->Execute("insert into t.rows " + RowsSql(5 + step, 9)));
      SMELT_ASSIGN(const std::string warning, audit.Judge(*session_, "t", "rows", Staged::kAddition));
      EXPECT_EQ(warning.contains("added since version"), step > 0) << warning;
      return {};
    }));
    audit.Committed("t", "rows", session_->TakeCommits().back().version);
    ASSERT_TRUE(audit.Store());
    EXPECT_EQ(CheckBothWays(suite, "after the audit"), 2);
  }
}

}  // namespace
}  // namespace smelt::quality
