#include "engine/session.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/id.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-session-" + NewUuid())).string();
    engine_ = Open();
    session_ = Connect(*engine_);
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  std::unique_ptr<Engine> Open() {
    auto engine = OpenAt(lake_);
    EXPECT_TRUE(engine) << engine.error().ToString();
    return std::move(*engine);
  }
  static Result<std::unique_ptr<Engine>> OpenAt(const std::string& lake, MissingLake missing = MissingLake::kMake) {
    LakeOptions options;
    options.lake = lake;
    options.threads = 2;
    options.missing = missing;
    return Engine::Open(options);
  }
  static std::unique_ptr<Session> Connect(Engine& engine) {
    auto session = engine.Connect();
    EXPECT_TRUE(session) << session.error().ToString();
    return std::move(*session);
  }
  void Must(const std::string& sql) {
    auto status = session_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  std::int64_t Number(const std::string& sql) {
    auto result = session_->Query(sql);
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? result->Int().value_or(-1) : -1;
  }
  std::size_t DataFiles(const std::string& table) const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(lake_) / table)) {
      bool is_data =
          entry.path().extension() == ".parquet" && entry.path().string().find("_delta_log") == std::string::npos;
      count += is_data ? 1 : 0;
    }
    return count;
  }

  std::string lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

/// Counts rows, and looks at a table before it takes the first.
class CountingSink : public ResultSink {
 public:
  explicit CountingSink(Engine& engine) : engine_(engine) {}
  Status Columns(const std::vector<ResultColumn>&, ResultKind result) override {
    kind = result;
    return {};
  }
  Status Rows(const std::vector<std::vector<Cell>>& rows) override {
    if (count == 0) committed = engine_.TableRows("main", "many").value_or(std::nullopt);
    count += rows.size();
    return {};
  }

  ResultKind kind = ResultKind::kNothing;
  std::size_t count = 0;
  std::optional<std::int64_t> committed;

 private:
  Engine& engine_;
};

TEST_F(SessionTest, RowsAreReturnedOnceTheirStatementHasCommitted) {
  Must("create table many (i bigint)");
  CountingSink inserted(*engine_);
  ASSERT_TRUE(session_->Stream("insert into many select i from range(100000) t(i) returning i", inserted));
  EXPECT_EQ(inserted.kind, ResultKind::kRows);
  EXPECT_EQ(inserted.count, 100'000U);
  EXPECT_EQ(inserted.committed, 100'000);
  CountingSink deleted(*engine_);
  ASSERT_TRUE(session_->Stream("delete from many where i % 4 = 0 returning i", deleted));
  EXPECT_EQ(deleted.count, 25'000U);
  EXPECT_EQ(deleted.committed, 75'000);
}

TEST_F(SessionTest, UsageCountsWhatStatementsTook) {
  Must("create table uncounted as select range as n from range(300000)");
  EXPECT_EQ(session_->TakeUsage().cpu_seconds, 0);
  session_->CountCpu();
  Must("create table numbers as select range as n from range(300000)");
  const Usage written = session_->TakeUsage();
  EXPECT_GT(written.cpu_seconds, 0);
  EXPECT_GT(written.bytes_written, 0);
  EXPECT_EQ(written.bytes_read, 0);
  ASSERT_TRUE(session_->Query("select sum(n) from numbers"));
  const Usage read = session_->TakeUsage();
  EXPECT_EQ(read.bytes_read, written.bytes_written) << "the file was opened once";
  EXPECT_EQ(read.bytes_written, 0);
  EXPECT_EQ(session_->TakeUsage(), Usage());
}

TEST_F(SessionTest, UsageCountsFilesThatAreWrittenAndNotThoseThatAreMarked) {
  Must("create table marked with ('delta.enableDeletionVectors' = 'true') as select range as n from range(300000)");
  const std::int64_t all = session_->TakeUsage().bytes_written;
  Must("update marked set n = -1 where n = 7");
  const std::int64_t one = session_->TakeUsage().bytes_written;
  EXPECT_GT(one, 0);
  EXPECT_LT(one, all / 10);
}

TEST_F(SessionTest, NotesLandInTheCommitOfTheirTable) {
  CommitNotes notes;
  notes.txns = {{"smelt.file/abc", 1}};
  notes.info = {{"run_id", "r1"}};
  session_->Annotate("bronze", "t", notes);
  Must("create table bronze.t as select 1 as a");
  auto commits = session_->TakeCommits();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].table, "bronze.t");
  EXPECT_EQ(commits[0].version, 0);
  EXPECT_EQ(commits[0].rows_added, 1);
  auto info = engine_->FindTable("bronze", "t");
  ASSERT_TRUE(info && *info);
  EXPECT_EQ((*info)->txns.at("smelt.file/abc"), 1);
  EXPECT_EQ((*info)->last_info["run_id"], "r1");
  auto version = engine_->TxnVersion("bronze", "t", "smelt.file/abc");
  ASSERT_TRUE(version);
  EXPECT_EQ(*version, 1);
  Must("insert into bronze.t values (2)");
  EXPECT_EQ(Open()->TxnVersion("bronze", "t", "smelt.file/abc").value(), 1) << "marks outlive later commits";
}

TEST_F(SessionTest, ATransactionIsNamedAfterAllThatItDid) {
  Must("create table t as select range as i from range(10)");
  const auto last_is = [&](const std::string& statements, const std::string& wanted) {
    Must("begin; " + statements + "; commit");
    return Number("select count(*) from (from table_history('t') order by version desc limit 1) where " + wanted) == 1;
  };
  EXPECT_TRUE(last_is("delete from t where i < 3; insert into t values (20), (21)",
                      "operation = 'MERGE' and (metrics->>'numTargetRowsDeleted') = '3' and "
                      "(metrics->>'numTargetRowsInserted') = '2'"));
  EXPECT_TRUE(last_is("insert into t values (30); update t set i = 31 where i = 9",
                      "operation = 'MERGE' and (metrics->>'numTargetRowsUpdated') = '1'"));
  EXPECT_TRUE(last_is("delete from t where i = 31", "operation = 'DELETE'"));
  EXPECT_TRUE(last_is("update t set i = 0 where i = 5", "operation = 'UPDATE'"));
  EXPECT_TRUE(last_is("delete from t where i = 1000; insert into t values (40)", "operation = 'WRITE'"));
}

TEST_F(SessionTest, ANewMarkIsCommittedEvenWithoutRows) {
  Must("create table t (a bigint)");
  CommitNotes notes;
  notes.txns = {{"smelt.model/x", 42}};
  session_->Annotate("main", "t", notes);
  Must("insert into t select 1 where false");
  EXPECT_EQ(engine_->TxnVersion("main", "t", "smelt.model/x").value(), 42);
}

TEST_F(SessionTest, AMarkThatMustBeNewIsRefusedTheSecondTime) {
  Must("create table t (a bigint)");
  CommitNotes notes;
  notes.txns = {{"smelt.file/abc", 1}};
  notes.marks_must_be_new = true;
  session_->Annotate("main", "t", notes);
  Must("insert into t values (1)");
  auto status = session_->Transaction([&] {
    session_->Annotate("main", "t", notes);
    return session_->Execute("insert into t values (1)");
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kDeltaConflict);
  EXPECT_EQ(Number("select count(*) from t"), 1);
  EXPECT_EQ(DataFiles("main/t"), 1U) << "the refused transaction's file is gone";
}

TEST_F(SessionTest, RollbackLeavesNoFilesAndNoNotes) {
  Must("create table t as select 1 as a");
  auto status = session_->Transaction([&]() -> Status {
    CommitNotes notes;
    notes.txns = {{"smelt.file/abc", 1}};
    session_->Annotate("main", "t", notes);
    SMELT_TRY(session_->Execute("insert into t values (2)"));
    return Fail(ErrorCode::kCancelled, "stop here");
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(DataFiles("main/t"), 1U);
  Must("insert into t values (3)");
  EXPECT_FALSE(engine_->TxnVersion("main", "t", "smelt.file/abc").value());
}

/// Numbers 0 … rows - 1 in every type.
class CountingSource : public RowSource {
 public:
  explicit CountingSource(std::size_t rows) : rows_(rows) {
    columns_ = {
        {"t", ColumnType::kText},         {"i", ColumnType::kInteger},        {"r", ColumnType::kReal},
        {"b", ColumnType::kBoolean},      {"d", ColumnType::kDate},           {"ts", ColumnType::kTimestamp},
        {"tz", ColumnType::kTimestampTz}, {"m", ColumnType::kDecimal, 10, 2}, {"s", ColumnType::kDecimal, 4, 1}};
  }
  const std::vector<SourceColumn>& columns() const override { return columns_; }
  Status Next(RowBatch& batch) override {
    batch.rows = std::min(RowBatch::kRowsMax, rows_ - next_);
    texts_.assign(batch.rows, "");
    for (ColumnBatch& column : batch.columns) {
      column.valid.assign(batch.rows, 1);
      column.integers.assign(batch.rows, 0);
      column.reals.assign(batch.rows, 0);
      column.texts.assign(batch.rows, {});
    }
    for (std::size_t i = 0; i < batch.rows; ++i, ++next_) {
      texts_[i] = "a text that is longer than twelve bytes " + std::to_string(next_);
      batch.columns[0].texts[i] = texts_[i];
      for (ColumnBatch& column : batch.columns) {
        column.integers[i] = static_cast<std::int64_t>(next_);
        column.reals[i] = static_cast<double>(next_) / 2;
        if (next_ % 10 == 9) column.valid[i] = 0;
      }
      batch.columns[3].integers[i] = static_cast<std::int64_t>(next_ % 2);
      batch.columns[8].integers[i] = static_cast<std::int64_t>(next_ % 1000);
    }
    return {};
  }

 private:
  std::vector<SourceColumn> columns_;
  std::vector<std::string> texts_;
  std::size_t rows_, next_ = 0;
};

TEST_F(SessionTest, OfferedRowsAreReadOnceInAllTypes) {
  CountingSource source(5000);
  session_->Offer("numbers", source);
  Must("create table n as select * from smelt_rows('numbers')");
  session_->Withdraw("numbers");
  auto row = session_->Query("select * from n where i = 4321");
  ASSERT_TRUE(row) << row.error().ToString();
  ASSERT_EQ(row->rows.size(), 1U);
  std::vector<std::string> texts;
  for (const Cell& cell : row->rows[0]) texts.push_back(cell.value_or("NULL"));
  EXPECT_EQ(texts, (std::vector<std::string>{"a text that is longer than twelve bytes 4321", "4321", "2160.5", "true",
                                             "1981-10-31", "1970-01-01 00:00:00.004321",
                                             "1970-01-01 00:00:00.004321+00", "43.21", "32.1"}));
  EXPECT_EQ(Number("select count(*) from n"), 5000);
  EXPECT_EQ(Number("select count(i) from n"), 4500);
  EXPECT_FALSE(session_->Query("select * from smelt_rows('numbers')"));
}

TEST_F(SessionTest, TwoEnginesAppendWithoutLosingARow) {
  Must("create table t (writer bigint, n bigint)");
  constexpr int kCommits = 25;
  auto write = [&](int writer) {
    auto engine = Open();
    auto session = Connect(*engine);
    for (int i = 0; i < kCommits; ++i) {
      auto status =
          session->Execute("insert into t values (" + std::to_string(writer) + ", " + std::to_string(i) + ")");
      EXPECT_TRUE(status) << status.error().ToString();
    }
  };
  { std::jthread first(write, 1), second(write, 2); }
  EXPECT_EQ(Number("select count(distinct (writer, n)) from t"), 2 * kCommits);
  EXPECT_EQ(Number("select count(*) from t"), 2 * kCommits);
  EXPECT_EQ(Number("select max(version) from table_history('t')"), 2 * kCommits);
}

TEST_F(SessionTest, ConflictingUpdatesAreRunAgainOnTheNewState) {
  Must("create table t as select 0 as total");
  constexpr int kUpdates = 15;
  auto write = [&] {
    auto engine = Open();
    auto session = Connect(*engine);
    for (int i = 0; i < kUpdates; ++i) {
      auto status = session->Execute("update t set total = total + 1");
      EXPECT_TRUE(status) << status.error().ToString();
    }
  };
  { std::jthread first(write), second(write); }
  EXPECT_EQ(Number("select total from t"), 2 * kUpdates) << "no update is lost";
}

TEST_F(SessionTest, ATransactionThatLosesReportsTheConflict) {
  Must("create table t as select 1 as a");
  auto other_engine = Open();
  auto other = Connect(*other_engine);
  auto status = session_->Transaction([&]() -> Status {
    SMELT_TRY(session_->Execute("update t set a = 2"));
    return other->Execute("update t set a = 3");
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kDeltaConflict) << status.error().ToString();
  EXPECT_EQ(Number("select a from t"), 3);
}

TEST_F(SessionTest, TransactionsThatDeleteDifferentRowsOfOneFileBothStand) {
  Must("create table t as select range as a, 0 as b from range(1000)");
  Must("alter table t set ('delta.enableDeletionVectors' = 'true')");
  auto other_engine = Open();
  auto other = Connect(*other_engine);
  auto status = session_->Transaction([&]() -> Status {
    SMELT_TRY(session_->Execute("delete from t where a % 10 = 1"));
    SMELT_TRY(other->Execute("delete from t where a % 10 = 2"));
    return session_->Execute("update t set b = 1 where a = 5");
  });
  ASSERT_TRUE(status) << status.error().ToString();
  EXPECT_EQ(Number("select count(*) from t"), 800);
  EXPECT_EQ(Number("select sum(b) from t"), 1);
  EXPECT_EQ(Number("select count(*) from t where a % 10 in (1, 2)"), 0);

  const auto lost = session_->Transaction([&]() -> Status {
    SMELT_TRY(session_->Execute("delete from t where a % 10 = (select max(3) from t)"));
    return other->Execute("delete from t where a % 10 = 4");
  });
  ASSERT_FALSE(lost) << "the table was read for more than its single rows";
  EXPECT_EQ(lost.error().code(), ErrorCode::kDeltaConflict) << lost.error().ToString();
}

TEST_F(SessionTest, ATableDroppedAndMadeAnewElsewhereIsSeenAsItIs) {
  Must("create table t as select 1 as a; insert into t values (2); insert into t values (3)");
  EXPECT_EQ(Number("select sum(a) from t"), 6);
  auto other_engine = Open();
  auto other = Connect(*other_engine);
  ASSERT_TRUE(other->Execute("drop table t"));
  EXPECT_FALSE(session_->Query("select * from t"));
  ASSERT_TRUE(
      other->Execute("create table t as select 10 as a; insert into t values (20); insert into t values (30); "
                     "insert into t values (40)"));
  EXPECT_EQ(Number("select sum(a) from t"), 100);
}

TEST_F(SessionTest, ALogThatVanishedStopsTheWriter) {
  Must("create table t as select 1 as a");
  auto status = session_->Transaction([&]() -> Status {
    SMELT_TRY(session_->Execute("insert into t values (2)"));
    fs::remove_all(fs::path(lake_) / "main");
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message().find("vanished"), std::string::npos) << status.error().ToString();
  EXPECT_FALSE(fs::exists(fs::path(lake_) / "main/t/_delta_log"));
}

TEST_F(SessionTest, InterruptStopsAStatement) {
  std::stop_source stop;
  session_->ObserveStop(stop.get_token());
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  auto result = session_->Query("select count(*) from range(1000000000) a, range(1000000) b where a.range = -b.range");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled) << result.error().ToString();
}

TEST_F(SessionTest, UnknownReaderFeaturesAreRefusedByName) {
  Must("create table t as select 1 as a");
  fs::path log = fs::path(lake_) / "main/t/_delta_log/00000000000000000001.json";
  std::ofstream(log) << R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["futureFeature"],)"
                     << R"("writerFeatures":["futureFeature"]}})"
                     << "\n";
  auto result = session_->Query("select * from t");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kDeltaUnsupported) << result.error().ToString();
  EXPECT_NE(result.error().message().find("futureFeature"), std::string::npos) << result.error().ToString();
}

TEST_F(SessionTest, StatementsOfOtherEnginesBringToMindTheFormThatTheyHaveHere) {
  Must("create table t as select 1 as i");
  struct Case {
    std::string sql;
    std::string hint;
  };
  for (const auto& [sql, hint] : {
           Case{"select 1; OPTIMIZE main.t ZORDER BY (i); select 2", "here that is: call optimize('main.t')"},
           Case{"-- daily\nrestore table `t` to version as of 0",
                "here that is: call restore('t', version => 1), or with \"timestamp\" => '…'"},
           Case{"describe history t", "here that is: select * from table_history('t')"},
           Case{"analyze t", "here that is: call compute_statistics('t')"},
           Case{"select * from t version as of 0", "here that is: from schema.table at (version => 0)"},
           Case{"select * from t timestamp as of '2024-01-01'",
                "here that is: from schema.table at (timestamp => '2024-01-01')"},
           Case{"create table u shallow clone t", "here that is: call clone('t', 'target', shallow => true)"},
           Case{"alter table t set tblproperties ('a' = 'b')", "here that is: alter table … set ('name' = 'value')"},
           Case{"optimize 'x'", "here that is: call optimize('…')"},
           Case{"optimize", "here that is: call optimize('…')"},
           Case{"selec 1", ""},
       }) {
    auto result = session_->Query(sql);
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().hint(), hint) << sql << ": " << result.error().ToString();
  }
  auto vacuumed = session_->Query("vacuum t");
  ASSERT_FALSE(vacuumed);
  EXPECT_TRUE(vacuumed.error().hint().starts_with("here that is: call vacuum('t')")) << vacuumed.error().ToString();
}

TEST_F(SessionTest, AMissingTableBringsToMindTheNearestOfTheLake) {
  Must("create table silver.orders as select 1 as i; create view gold.revenue as select 1 as r");
  struct Case {
    std::string sql;
    std::string hint;
  };
  for (const auto& [sql, hint] :
       {Case{"select * from silver.ordes", "did you mean silver.orders?"},
        Case{"select * from orders", "did you mean silver.orders?"},
        Case{"select * from gold.revnue", "did you mean gold.revenue?"}, Case{"select * from pg_clas", ""}}) {
    auto result = session_->Query(sql);
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().code(), ErrorCode::kSqlCatalog) << sql;
    EXPECT_EQ(result.error().hint(), hint) << sql;
    EXPECT_EQ(result.error().message().find("Did you mean"), std::string::npos) << result.error().message();
    EXPECT_NE(result.error().message().find("does not exist"), std::string::npos) << result.error().message();
    EXPECT_EQ(result.error().line(), 1) << sql;
  }
}

TEST_F(SessionTest, AMissingLakeIsRefusedMadeOrAwaited) {
  const std::string place = lake_ + "/inner";
  auto refused = OpenAt(place, MissingLake::kRefuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kStoreNotFound);

  auto awaiting = OpenAt(place, MissingLake::kAwaitWrite);
  ASSERT_TRUE(awaiting) << awaiting.error().ToString();
  auto session = Connect(**awaiting);
  EXPECT_EQ(session->Query("select 1")->Int(), 1) << "what needs no table needs no lake";
  for (const char* sql : {"from silver.t", "insert into silver.t values (1)", "delete from silver.t"}) {
    auto result = session->Query(sql);
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().code(), ErrorCode::kStoreNotFound) << sql;
  }
  ASSERT_FALSE(session->Execute("create table silver.t as from silver.nothing"));
  EXPECT_FALSE(fs::exists(place));
  ASSERT_TRUE(session->Execute("begin; create table silver.t as select 7 as i; from silver.t; commit"));
  EXPECT_EQ(session->Query("from silver.t")->Int(), 7);

  ASSERT_TRUE(OpenAt(place + "-made"));
  EXPECT_TRUE(fs::is_directory(place + "-made"));
}

TEST_F(SessionTest, AnAddressThatIsNotTextIsRefused) {
  auto engine = OpenAt(lake_ + "/\xff");
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_NE(engine.error().message().find("not UTF-8"), std::string::npos) << engine.error().message();
  EXPECT_TRUE(fs::is_empty(lake_));
}

TEST_F(SessionTest, SyntaxErrorsCarryLineAndColumn) {
  auto result = session_->Query("select 1;\nselect frm x y z");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kSqlSyntax);
  EXPECT_EQ(result.error().line(), 2) << result.error().ToString();
}

}  // namespace
}  // namespace smelt::engine
