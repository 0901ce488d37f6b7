#include "engine/release.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/id.h"
#include "engine/statement.h"
#include "engine/table_pin.h"
#include "engine/typed_result.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

/// A lake that is worked on, one that is read, and a session on each.
class ReleaseTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("smelt-release-" + NewUuid())).string();
    staging_ = OpenAt("staging");
    prod_ = OpenAt("prod");
    writer_ = std::move(*staging_->Connect());
    reader_ = std::move(*prod_->Connect());
    Write("create table gold.orders as select 1 as id, 1 as batch");
    Write("create table gold.payments as select 1 as id, 1 as batch");
    Write(
        "create view gold.both as select o.batch = p.batch as agree from gold.orders o join gold.payments p using "
        "(id)");
  }
  void TearDown() override {
    reader_.reset();
    writer_.reset();
    prod_.reset();
    staging_.reset();
    fs::remove_all(folder_);
  }

  std::unique_ptr<Engine> OpenAt(const std::string& name) {
    LakeOptions options;
    options.lake = folder_ + "/" + name;
    options.threads = 2;
    auto engine = Engine::Open(options);
    EXPECT_TRUE(engine) << engine.error().ToString();
    return std::move(*engine);
  }
  void Write(const std::string& sql) {
    const Status status = writer_->Execute(sql);
    ASSERT_TRUE(status) << sql << ": " << status.error().ToString();
  }
  void NextBatch(int batch) {
    Write("update gold.orders set batch = " + std::to_string(batch));
    Write("update gold.payments set batch = " + std::to_string(batch));
  }
  ReleaseReport Promote(PromotionOrder order = {}) {
    auto report = Releases(*prod_).Promote(*staging_, order);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : ReleaseReport{};
  }
  ReleaseReport RollBack(std::optional<std::int64_t> to = std::nullopt) {
    auto report = Releases(*prod_).RollBack(to, Json::object());
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : ReleaseReport{};
  }
  static std::string Ask(Session& session, const std::string& sql) {
    auto result = session.Query(sql);
    if (!result) return std::string(CodeText(result.error().code()));
    return result->Text().value_or("NULL");
  }
  std::string Read(const std::string& sql) { return Ask(*reader_, sql); }
  std::int64_t VectorFiles(const std::string& lake) const {
    const fs::recursive_directory_iterator files(folder_ + "/" + lake);
    return std::ranges::count_if(files, [](const auto& file) { return file.path().extension() == ".bin"; });
  }
  static std::int64_t VersionOf(Engine& engine, const std::string& table) {
    const auto version = engine.TableVersion("gold", table);
    return version && *version ? **version : -1;
  }
  static std::string ChangeOf(const ReleaseReport& report, const std::string& name) {
    for (const ReleaseChange& change : report.changes) {
      if (change.name.Text() == name) return change.change;
    }
    return {};
  }

  std::string folder_;
  std::unique_ptr<Engine> staging_;
  std::unique_ptr<Engine> prod_;
  std::unique_ptr<Session> writer_;
  std::unique_ptr<Session> reader_;
};

TEST_F(ReleaseTest, PromotionBringsTablesAndViews) {
  const ReleaseReport report = Promote();
  EXPECT_TRUE(report.published);
  EXPECT_EQ(ChangeOf(report, "gold.orders"), "new");
  EXPECT_EQ(ChangeOf(report, "gold.both"), "new");
  EXPECT_EQ(report.files_linked, 2);
  EXPECT_EQ(report.files_copied, 0);
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  EXPECT_EQ(Read("select agree from gold.both"), "true");
}

TEST_F(ReleaseTest, WhatIsWrittenAtTheSourceWaitsForTheNextRelease) {
  Promote();
  NextBatch(2);
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  const ReleaseReport report = Promote();
  EXPECT_EQ(ChangeOf(report, "gold.orders"), "changed");
  EXPECT_EQ(Read("select batch from gold.orders"), "2");
}

TEST_F(ReleaseTest, AnUnchangedLakeCostsNothing) {
  const std::int64_t number = Promote().release->number;
  const ReleaseReport report = Promote();
  EXPECT_FALSE(report.published);
  EXPECT_EQ(report.release->number, number);
  EXPECT_EQ(ChangeOf(report, "gold.orders"), "unchanged");
  EXPECT_EQ(VersionOf(*prod_, "orders"), 0);
}

TEST_F(ReleaseTest, OnlyWhatChangedGetsACommit) {
  Promote();
  Write("insert into gold.orders values (2, 1)");
  const ReleaseReport report = Promote();
  EXPECT_EQ(ChangeOf(report, "gold.orders"), "changed");
  EXPECT_EQ(ChangeOf(report, "gold.payments"), "unchanged");
  EXPECT_EQ(VersionOf(*prod_, "orders"), 1);
  EXPECT_EQ(VersionOf(*prod_, "payments"), 0);
  const auto orders = std::ranges::find(report.changes, "gold.orders", [](const auto& one) { return one.name.Text(); });
  EXPECT_EQ(orders->files_added, 1);
  EXPECT_EQ(orders->files_removed, 0);
}

TEST_F(ReleaseTest, ATransactionKeepsTheReleaseWithWhichItBegan) {
  Promote();
  ASSERT_TRUE(reader_->Execute("begin"));
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  NextBatch(2);
  Promote();
  EXPECT_EQ(Read("select batch from gold.payments"), "1");
  EXPECT_EQ(Read("select agree from gold.both"), "true");
  ASSERT_TRUE(reader_->Execute("commit"));
  EXPECT_EQ(Read("select batch from gold.payments"), "2");
}

TEST_F(ReleaseTest, CopiedCommitsAreNotSeenBeforeTheRelease) {
  Promote();
  NextBatch(2);
  std::vector<std::string> seen;
  auto other = std::move(*prod_->Connect());
  PromotionOrder order;
  order.on_commit = [&](const std::string&) {
    seen.push_back(Ask(*other, "select concat(o.batch, p.batch) from gold.orders o, gold.payments p"));
  };
  Promote(order);
  EXPECT_EQ(seen, (std::vector<std::string>{"11", "11"}));
  EXPECT_EQ(Read("select concat(o.batch, p.batch) from gold.orders o, gold.payments p"), "22");
}

TEST_F(ReleaseTest, ATableThatIsNewIsHiddenUntilItsRelease) {
  std::vector<std::string> seen;
  auto other = std::move(*prod_->Connect());
  PromotionOrder order;
  order.on_commit = [&](const std::string&) {
    seen.push_back(Ask(*other, "select count(*) from information_schema.tables where table_schema = 'gold'"));
  };
  Promote(order);
  EXPECT_EQ(seen, (std::vector<std::string>{"0", "0"}));
  EXPECT_EQ(Read("select count(*) from information_schema.tables where table_schema = 'gold'"), "3");
}

TEST_F(ReleaseTest, TablesThatWereThereBeforeReleasesBeganAreHeldAndComeBack) {
  ASSERT_TRUE(reader_->Execute("create table gold.orders as select 7 as id, 7 as batch"));
  std::vector<std::string> seen;
  auto other = std::move(*prod_->Connect());
  PromotionOrder order;
  order.on_commit = [&](const std::string&) { seen.push_back(Ask(*other, "select batch from gold.orders")); };
  Promote(order);
  EXPECT_EQ(seen, (std::vector<std::string>{"7", "7"}));
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  RollBack();
  EXPECT_EQ(Read("select batch from gold.orders"), "7");
  EXPECT_EQ(Read("select batch from gold.payments"), "SMELT-SQL-0004");
  Promote();
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  EXPECT_EQ(Read("select batch from gold.payments"), "1");
}

TEST_F(ReleaseTest, RollbackGoesBackReleaseByReleaseAndForwardByNumber) {
  const std::int64_t first = Promote().release->number;
  NextBatch(2);
  Promote();
  NextBatch(3);
  const std::int64_t third = Promote().release->number;
  EXPECT_EQ(RollBack().release->restores, third - 1);
  EXPECT_EQ(Read("select batch from gold.orders"), "2");
  EXPECT_EQ(RollBack().release->restores, first);
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  EXPECT_EQ(Read("select agree from gold.both"), "true");
  RollBack(third);
  EXPECT_EQ(Read("select batch from gold.orders"), "3");
}

TEST_F(ReleaseTest, ThereIsNothingBeforeTheFirstReleaseOfAnEmptyLake) {
  auto none = Releases(*prod_).RollBack(std::nullopt, Json::object());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kUsage);
  Promote();
  auto unknown = Releases(*prod_).RollBack(99, Json::object());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), ErrorCode::kUsage);
}

TEST_F(ReleaseTest, PromotionAfterARollbackBringsTheSameStateAgain) {
  Promote();
  NextBatch(2);
  Promote();
  RollBack();
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  const ReleaseReport report = Promote();
  EXPECT_TRUE(report.published);
  EXPECT_EQ(report.files_linked + report.files_copied, 0) << "all files are there";
  EXPECT_EQ(Read("select batch from gold.orders"), "2");
}

TEST_F(ReleaseTest, WritesToReleasedTablesAreRefused) {
  Promote();
  for (const char* sql :
       {"insert into gold.orders values (9, 9)", "update gold.orders set batch = 9", "delete from gold.orders",
        "drop table gold.orders", "alter table gold.orders add column c int",
        "create or replace table gold.orders as select 1 as a", "drop view gold.both",
        "create or replace view gold.both as select 1 as a", "call optimize('gold.orders')",
        "call restore('gold.orders', version => 0)", "drop schema gold cascade", "truncate gold.orders"}) {
    const Status status = reader_->Execute(sql);
    ASSERT_FALSE(status) << sql;
    EXPECT_EQ(status.error().code(), ErrorCode::kSqlUnsupported) << sql << ": " << status.error().ToString();
    EXPECT_NE(status.error().hint().find("smelt release promote"), std::string::npos) << sql;
  }
  EXPECT_EQ(Read("select agree from gold.both"), "true");
  EXPECT_TRUE(reader_->Execute("create table gold.own as select 1 as a"));
  EXPECT_TRUE(reader_->Execute("insert into gold.own values (2)"));
  EXPECT_EQ(Read("select count(*) from gold.own"), "2");
}

TEST_F(ReleaseTest, ATransactionThatBeganBeforeTheReleaseCannotCommitToItsTables) {
  ASSERT_TRUE(reader_->Execute("create table gold.orders as select 7 as id, 7 as batch"));
  ASSERT_TRUE(reader_->Execute("begin"));
  ASSERT_TRUE(reader_->Execute("insert into gold.orders values (8, 8)"));
  Promote();
  const Status status = reader_->Execute("commit");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kSqlUnsupported);
  EXPECT_EQ(Read("select max(batch) from gold.orders"), "1");
}

TEST_F(ReleaseTest, ATableThatIsGoneAtTheSourceLeavesAndComesBackWithARollback) {
  Promote();
  Write("drop view gold.both");
  Write("drop table gold.payments");
  const ReleaseReport report = Promote();
  EXPECT_EQ(ChangeOf(report, "gold.payments"), "gone");
  EXPECT_EQ(ChangeOf(report, "gold.both"), "gone");
  EXPECT_EQ(Read("select * from gold.payments"), "SMELT-SQL-0004");
  EXPECT_EQ(Read("select * from gold.both"), "SMELT-SQL-0004");
  RollBack();
  EXPECT_EQ(Read("select batch from gold.payments"), "1");
  EXPECT_EQ(Read("select agree from gold.both"), "true");
}

TEST_F(ReleaseTest, APartIsPromotedAndTheRestStays) {
  Write("create table silver.orders as select 1 as id");
  Promote();
  NextBatch(2);
  Write("insert into silver.orders values (2)");
  PromotionOrder order;
  order.tables = {"gold.orders"};
  Promote(order);
  EXPECT_EQ(Read("select batch from gold.orders"), "2");
  EXPECT_EQ(Read("select batch from gold.payments"), "1");
  EXPECT_EQ(Read("select count(*) from silver.orders"), "1");
  order.tables.clear();
  order.schemas = {"silver"};
  Promote(order);
  EXPECT_EQ(Read("select count(*) from silver.orders"), "2");
  EXPECT_EQ(Read("select batch from gold.payments"), "1");
  order.schemas = {"nothing"};
  EXPECT_EQ(Releases(*prod_).Promote(*staging_, order).error().code(), ErrorCode::kUsage);
}

TEST_F(ReleaseTest, OperationalSchemasStayBehind) {
  Write("create table quarantine.orders as select 1 as id");
  Promote();
  EXPECT_EQ(Read("select * from quarantine.orders"), "SMELT-SQL-0004");
}

TEST_F(ReleaseTest, DeletionVectorsPartitionsAndDefinitionsGoAlong) {
  Write("create table gold.parts (id bigint, region varchar) partitioned by (region)");
  Write("insert into gold.parts values (1, 'north'), (2, 'süd/ost'), (3, null)");
  Write("create table gold.wide (id bigint not null, note varchar) with (\"delta.enableDeletionVectors\" = 'true')");
  Write("insert into gold.wide select range, 'n' from range(20000)");
  Promote();
  Write("delete from gold.wide where id % 3 = 0");
  Write("alter table gold.wide add column price decimal(10, 2)");
  Write("comment on column gold.wide.note is 'what people say'");
  const ReleaseReport report = Promote();
  EXPECT_EQ(Read("select count(*) from gold.wide"), Ask(*writer_, "select count(*) from gold.wide"));
  EXPECT_EQ(Read("select sum(id) from gold.wide where price is null"), Ask(*writer_, "select sum(id) from gold.wide"));
  EXPECT_EQ(report.files_linked, 1) << "the data is there, and the file of the deleted rows is not";
  EXPECT_EQ(VectorFiles("prod"), 1);
  EXPECT_EQ(Read("select string_agg(region, ',' order by id) from gold.parts"), "north,süd/ost");
  EXPECT_EQ(Read("select id from gold.parts where region is null"), "3");
  EXPECT_EQ(Read("select comment from duckdb_columns() where table_name = 'wide' and column_name = 'note'"),
            "what people say");
  RollBack();
  EXPECT_EQ(Read("select count(*) from gold.wide"), "20000");
}

TEST_F(ReleaseTest, PinsOfOneReleaseAgreeAndSeeItsViews) {
  Promote();
  const ReleasePtr release = *Releases(*prod_).Current();
  NextBatch(2);
  Write("create or replace view gold.both as select 'new' as agree");
  Promote();
  const auto pin = prod_->Pin("gold", "orders", {}, release);
  ASSERT_TRUE(pin && *pin);
  EXPECT_EQ((*pin)->release_number, release->number);
  reader_->ReadAt({**pin});
  EXPECT_EQ(Read("select concat(o.batch, p.batch) from gold.orders o, gold.payments p"), "11");
  EXPECT_EQ(Read("select agree from gold.both"), "true");
  reader_->ReadAt({});
  EXPECT_EQ(Read("select agree from gold.both"), "new");
}

TEST_F(ReleaseTest, LookupsAndPreparedStatementsSeeTheRelease) {
  Promote();
  auto statement = std::move(*reader_->Prepare("select batch from gold.orders where id = $1"));
  ASSERT_TRUE(reader_->Execute("prepare of_all as select max(batch) from gold.orders where id >= $1"));
  const auto look_up = [&](int expected) {
    const std::string text = std::to_string(expected);
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(Read("select batch from gold.orders where id = 1"), text);
      auto rows = statement->Run({{{{.kind = ValueKind::kInt32}, "1"}}});
      ASSERT_TRUE(rows) << rows.error().ToString();
      EXPECT_EQ((*(*rows)->Next())->columns[0].Values<std::int32_t>()[0], expected);
    }
    EXPECT_EQ(Read("execute of_all(1)"), text);
    EXPECT_EQ(Read("execute of_all(0)"), text);
  };
  look_up(1);
  NextBatch(2);
  look_up(1);
  Promote();
  look_up(2);
  RollBack();
  look_up(1);
}

TEST_F(ReleaseTest, TablesWithFeaturesOfTheirOwnGoAlong) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"tracked", "'delta.enableRowTracking' = 'true'"},
      {"mapped", "'delta.columnMapping.mode' = 'name'"},
      {"timed", "'delta.enableInCommitTimestamps' = 'true'"},
      {"fed", "'delta.enableChangeDataFeed' = 'true', 'delta.enableDeletionVectors' = 'true'"},
      {"grown", "'delta.appendOnly' = 'true'"},
      {"often", "'delta.checkpointInterval' = '2'"}};
  const auto same = [&](const std::string& table) {
    const std::string sql = "select concat(count(*), ' ', sum(hash(t)), ' ', any_value(t)) from gold." + table + " t";
    EXPECT_EQ(Read(sql), Ask(*writer_, sql)) << table;
  };
  for (const auto& [name, options] : kinds) {
    Write("create table gold." + name + " (id bigint, note varchar) with (" + options + ")");
    for (int i = 0; i < 3; ++i) Write("insert into gold." + name + " select range, 'a' from range(100)");
  }
  Promote();
  for (const auto& [name, options] : kinds) same(name);
  const std::string ids = "select sum(hash(id, _row_id)) from table_row_ids('gold.tracked')";
  EXPECT_EQ(Read(ids), Ask(*writer_, ids));
  for (const auto& [name, options] : kinds) {
    Write(name == "grown" ? "insert into gold.grown values (1000, 'a')"
                          : "update gold." + name + " set note = 'b' where id % 7 = 0");
    Write("call optimize('gold." + name + "')");
  }
  Write("alter table gold.mapped rename column note to remark");
  Write(
      "alter table gold.timed set ('delta.enableInCommitTimestamps' = 'true', 'delta.enableChangeDataFeed' = 'true')");
  Promote();
  for (const auto& [name, options] : kinds) same(name);
  EXPECT_EQ(Read(ids), Ask(*writer_, ids));
  EXPECT_EQ(Read("select count(*) from gold.mapped where remark = 'b'"), "45");
  const ReleaseReport report = RollBack();
  EXPECT_EQ(std::ranges::count_if(report.changes, &ReleaseChange::log_is_ahead), 1) << "that of appends only";
  auto end = Releases(*prod_).End(Json::object());
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), ErrorCode::kDeltaAppendOnly);
  for (const auto& [name, options] : kinds)
    EXPECT_EQ(Read("select count(*) from gold." + name + " where note = 'a'"), "300");
  Write("drop table gold.timed");
  Write("create table gold.timed as select 1 as id, 'other' as note");
  Promote();
  for (const auto& [name, options] : kinds) same(name);
}

TEST_F(ReleaseTest, TimeTravelReadsAnyVersion) {
  Promote();
  NextBatch(2);
  Promote();
  RollBack();
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  EXPECT_EQ(Read("select batch from gold.orders at (version => 1)"), "2");
}

TEST_F(ReleaseTest, VacuumKeepsWhatTheReleaseReads) {
  Promote();
  NextBatch(2);
  Promote();
  // The newest state of the log is another one than the release's, as after a promotion that was killed.
  const auto first = Releases(*prod_).List();
  ASSERT_TRUE(first);
  NextBatch(3);
  PromotionOrder order;
  order.on_commit = [this](const std::string&) {
    auto vacuum = std::move(*prod_->Connect());
    for (const char* table : {"gold.orders", "gold.payments"}) {
      const Status status =
          vacuum->Execute(std::string("call vacuum('") + table + "', retain_hours => 0, retention_check => false)");
      EXPECT_TRUE(status) << status.error().ToString();
    }
    auto fresh = OpenAt("prod");
    auto session = std::move(*fresh->Connect());
    EXPECT_EQ(Ask(*session, "select sum(batch) from gold.orders"), "2");
  };
  Promote(order);
  EXPECT_EQ(Read("select batch from gold.orders"), "3");
}

TEST_F(ReleaseTest, AnotherProcessSeesTheNextRelease) {
  Promote();
  auto other = OpenAt("prod");
  auto session = std::move(*other->Connect());
  EXPECT_EQ(Ask(*session, "select batch from gold.orders"), "1");
  NextBatch(2);
  Promote();
  EXPECT_EQ(Ask(*session, "select batch from gold.orders"), "2");
  EXPECT_EQ(VersionOf(*other, "orders"), VersionOf(*prod_, "orders"));
}

TEST_F(ReleaseTest, OfTwoPromotionsAtOnceOneIsFirst) {
  Promote();
  NextBatch(2);
  PromotionOrder order;
  bool once = false;
  order.on_commit = [&](const std::string&) {
    if (std::exchange(once, true)) return;
    auto other = OpenAt("prod");
    EXPECT_TRUE(Releases(*other).Promote(*staging_, {}));
  };
  const auto report = Releases(*prod_).Promote(*staging_, order);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kDeltaConflict);
  EXPECT_EQ(Read("select concat(o.batch, p.batch) from gold.orders o, gold.payments p"), "22");
  Promote();
  EXPECT_EQ(Read("select concat(o.batch, p.batch) from gold.orders o, gold.payments p"), "22");
}

TEST_F(ReleaseTest, TheEndOfReleasesShowsTheSameRowsAndLetsWritersIn) {
  Promote();
  NextBatch(2);
  Promote();
  RollBack();
  auto report = Releases(*prod_).End(Json::object());
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(Read("select batch from gold.orders"), "1");
  EXPECT_EQ(Read("select agree from gold.both"), "true");
  EXPECT_TRUE(reader_->Execute("insert into gold.orders values (2, 5)"));
  EXPECT_EQ(Read("select count(*) from gold.orders"), "2");
  Promote();
  EXPECT_EQ(Read("select concat(count(*), max(batch)) from gold.orders"), "12");
}

TEST_F(ReleaseTest, ADryRunChangesNothing) {
  PromotionOrder order;
  order.dry_run = true;
  const ReleaseReport report = Promote(order);
  EXPECT_FALSE(report.published);
  EXPECT_EQ(ChangeOf(report, "gold.orders"), "new");
  EXPECT_TRUE(fs::is_empty(folder_ + "/prod"));
}

TEST_F(ReleaseTest, ADamagedReleaseIsAnErrorAndNotTheTablesAsTheyAre) {
  Promote();
  const std::int64_t number = (*Releases(*prod_).Current())->number;
  const std::string name = std::to_string(number + 1);
  std::ofstream(folder_ + "/prod/_smelt/releases/" + std::string(20 - name.size(), '0') + name + ".json")
      << "{\"number\": 3}";
  auto other = OpenAt("prod");
  auto session = std::move(*other->Connect());
  EXPECT_EQ(Ask(*session, "select batch from gold.orders"), std::string(CodeText(ErrorCode::kDeltaCorrupt)));
}

}  // namespace
}  // namespace smelt::engine
