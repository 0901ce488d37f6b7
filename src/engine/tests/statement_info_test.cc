#include "engine/statement_info.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/id.h"

namespace smelt::engine {
namespace {

using Names = std::vector<std::string>;

Names Texts(const std::vector<RelationName>& names) {
  Names texts;
  for (const RelationName& name : names) texts.push_back(name.Text());
  return texts;
}

class StatementInfoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / ("smelt-statement-" + NewUuid())).string();
    LakeOptions options;
    options.lake = folder_ + "/lake";
    options.threads = 1;
    std::filesystem::create_directories(folder_);
    engine_ = std::move(Engine::Open(options).value());
    session_ = std::move(engine_->Connect().value());
    Run("create schema if not exists gold");
    Run("create table gold.orders (id bigint, price double)");
    Run("create table gold.items (id bigint, name varchar)");
    Run("create view gold.cheap as select * from orders where price < 5");
    Run("create view gold.cheapest as select min(price) as price from gold.cheap");
  }

  void TearDown() override {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Run(const std::string& sql) {
    const Status status = session_->Execute(sql);
    ASSERT_TRUE(status) << sql << ": " << status.error().ToString();
  }

  StatementInfo Describe(const std::string& sql) {
    auto info = DescribeStatement(*session_, sql);
    EXPECT_TRUE(info) << sql << ": " << info.error().ToString();
    return info ? *info : StatementInfo{};
  }

  std::string folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(StatementInfoTest, QueriesReadTheTablesBehindViews) {
  const StatementInfo info = Describe("select * from GOLD.cheapest where price > $1 and price < $2");
  EXPECT_EQ(info.kind, StatementKind::kSelect);
  EXPECT_EQ(Texts(info.reads), Names({"gold.orders"}));
  EXPECT_EQ(Texts(info.views), Names({"gold.cheap", "gold.cheapest"}));
  EXPECT_EQ(info.parameters, 2);
  EXPECT_TRUE(info.reads_only());
  EXPECT_TRUE(info.repeatable);
  EXPECT_FALSE(info.changes_session);
}

TEST_F(StatementInfoTest, EveryPartOfAQueryIsRead) {
  const Names items = {"gold.items"};
  for (const char* sql : {
           "select (select max(id) from gold.items)",
           "select 1 where exists (from gold.items)",
           "select 1 from range(3) order by (select min(id) from gold.items)",
           "select 1 from range(3) limit (select count(*) from gold.items)",
           "select 1 from range(3) t(i) join (select id from gold.items) on id = i",
           "select 1 from range(3) t(i) join range(2) s(j) on i = (select max(id) from gold.items)",
           "select 1 union all (select id from gold.items)",
           "with a as (from gold.items) select 1",
           "with recursive r(i) as (select 1 union all select i + 1 from r, gold.items where i < 3) from r",
           "select sum(id) over (order by id) from gold.items",
           "select sum(i) filter (i in (select id from gold.items)) from range(3) t(i)",
           "select case when true then (select 1 from gold.items) end",
           "values ((select max(id) from gold.items))",
           "pivot gold.items on name in ('a', 'b') using count(*)",
           "pivot gold.items on name using count(*)",
           "unpivot gold.items on name",
           "describe gold.items",
           "summarize gold.items",
           "explain select * from gold.items",
           "from gold.items at (version => 0)",
           "prepare p as select * from gold.items",
           "select list_transform([1], lambda x: x + (select count(*) from gold.items))",
           "from table_history('gold.items')",
           "create temp table t1 as from gold.items",
           "set variable v = (select max(id) from gold.items)",
       }) {
    EXPECT_EQ(Texts(Describe(sql).reads), items) << sql;
    EXPECT_FALSE(Describe(sql).changes_lake) << sql;
    EXPECT_TRUE(Describe(sql).outside.empty()) << sql;
  }
}

TEST_F(StatementInfoTest, TableExpressionsHideTablesWhereTheyAreInScope) {
  Run("create table main.t (i int)");
  EXPECT_TRUE(Describe("with t as (select 1) from t").reads.empty());
  // Its own definition does not know it yet.
  EXPECT_EQ(Texts(Describe("with t as (from t) from t").reads), Names({"main.t"}));
  EXPECT_EQ(Texts(Describe("select * from (with t as (select 1) from t), t").reads), Names({"main.t"}));
  EXPECT_EQ(Texts(Describe("with t as (select 1) from main.t").reads), Names({"main.t"}));
  Run("create view main.v as from t");
  EXPECT_EQ(Texts(Describe("with t as (select 1) from v").reads), Names({"main.t"}));
}

TEST_F(StatementInfoTest, ChangesNameWhatTheyChange) {
  const auto expect = [this](const std::string& sql, StatementKind kind, const Names& writes, const Names& reads) {
    const StatementInfo info = Describe(sql);
    EXPECT_EQ(info.kind, kind) << sql;
    EXPECT_EQ(Texts(info.writes), writes) << sql;
    EXPECT_EQ(Texts(info.reads), reads) << sql;
    EXPECT_TRUE(info.changes_lake) << sql;
    EXPECT_FALSE(info.reads_only()) << sql;
  };
  using enum StatementKind;
  expect("insert into gold.orders select id, 1 from gold.items", kInsert, {"gold.orders"}, {"gold.items"});
  expect("with x as (from gold.items) insert into gold.orders select id, 1 from x", kInsert, {"gold.orders"},
         {"gold.items"});
  expect("update gold.orders set price = (select max(id) from gold.items)", kUpdate, {"gold.orders"},
         {"gold.items", "gold.orders"});
  expect("delete from gold.orders using gold.items i where orders.id = i.id", kDelete, {"gold.orders"},
         {"gold.items", "gold.orders"});
  expect("merge into gold.orders o using gold.items i on o.id = i.id when matched then delete", kMerge, {"gold.orders"},
         {"gold.items", "gold.orders"});
  expect("create table gold.New as from gold.items", kDefinition, {"gold.new"}, {"gold.items"});
  expect("create table fresh (i int)", kDefinition, {"main.fresh"}, {});
  expect("create or replace view gold.v2 as from gold.items", kDefinition, {"gold.v2"}, {"gold.items"});
  expect("drop view GOLD.cheap", kDefinition, {"gold.cheap"}, {});
  expect("alter table gold.orders add column note varchar", kDefinition, {"gold.orders"}, {});
  expect("create schema silver2", kDefinition, {"silver2."}, {});
  expect("drop schema gold", kDefinition, {"gold."}, {});
  expect("truncate gold.orders", kDelete, {"gold.orders"}, {"gold.orders"});
  expect("call vacuum('gold.orders')", kCall, {"gold.orders"}, {"gold.orders"});
  expect("from optimize('gold.orders')", kSelect, {"gold.orders"}, {"gold.orders"});
  expect("call overwrite('gold.orders', 'select id, 1 from gold.items')", kCall, {"gold.orders"},
         {"gold.items", "gold.orders"});
  expect("call clone('gold.orders', 'gold.copied')", kCall, {"gold.copied"}, {"gold.orders"});
  expect("explain analyze delete from gold.orders", kExplain, {"gold.orders"}, {"gold.orders"});
  expect("prepare d as delete from gold.orders", kPrepare, {"gold.orders"}, {"gold.orders"});
}

TEST_F(StatementInfoTest, WhatReachesOutOfTheLakeIsNamed) {
  for (const char* sql : {
           "select * from read_csv('/etc/passwd')",
           "select * from '/etc/passwd.csv'",
           "select * from \"data.parquet\"",
           "select * from a.csv",
           "describe 'data.json'",
           "select (select content from read_text('/etc/hostname'))",
           "from glob('/*')",
           "from query('select 1')",
           "from query_table('gold.items')",
           "from delta_scan('/somewhere')",
           "from duckdb_secrets()",
           "from duckdb_settings()",
           "from pg_catalog.pg_settings",
           "from sniff_csv('x')",
           "from parquet_metadata('x')",
           "from json_execute_serialized_sql('{}')",
           "from arrow_scan(1, 2, 3)",
           "select json_serialize_plan('select 1')",
           "select current_setting('http_proxy_password')",
           "select current_setting('http_' || 'proxy')",
           "create view gold.leak as from read_csv('x')",
           "create temp table x as from read_csv('x')",
           "create temp macro f() as table from read_csv('x')",
           "prepare p as from read_csv($1)",
           "explain from read_csv('x')",
           "insert into gold.items from read_csv('x')",
           "call overwrite('gold.orders', 'from read_csv(''x'')')",
           "call overwrite('gold.orders', 'from ' || 'x')",
           "call optimize('gold.orders', \"where\" => 'id in (select id from read_csv(''x''))')",
           "call copy_into('gold.orders', 'x.csv')",
           "copy gold.orders to 'x.csv'",
           "copy (select 1) to 'x.csv'",
           "copy gold.orders from 'x.csv'",
           "export database 'x'",
           "import database 'x'",
           "attach 'x.db' as x",
           "detach lake",
           "install httpfs",
           "load httpfs",
           "create secret s (type s3)",
           "create persistent secret s (type s3)",
           "drop secret s",
           "checkpoint",
           "pragma enable_profiling",
           "pragma database_list_of_mine",
           "create table memory.main.t (i int)",
           "from enable_logging()",
           "call enable_logging()",
       }) {
    EXPECT_FALSE(Describe(sql).outside.empty()) << sql;
    EXPECT_FALSE(Describe(sql).reads_only()) << sql;
  }
  EXPECT_EQ(Describe("from a.csv").outside, Names({"file 'a.csv'"}));
}

TEST_F(StatementInfoTest, NothingIsOpenedToFindOut) {
  const std::string folder = folder_ + "/import";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/schema.sql") << "this is no SQL\n";
  std::ofstream(folder + "/load.sql") << "\n";
  const StatementInfo info = Describe("import database '" + folder + "'");
  EXPECT_EQ(info.kind, StatementKind::kOther);
  EXPECT_FALSE(info.outside.empty());
  EXPECT_EQ(session_->Split("import database '" + folder + "'; select 1").value().size(), 2U);
  EXPECT_FALSE(Describe("from read_csv('/no/such/file')").outside.empty());
}

TEST_F(StatementInfoTest, MacrosAreFollowed) {
  Run("create temp macro biggest() as (select max(id) from gold.items)");
  Run("create temp macro rows_of(x) as table select * from gold.orders where id = x");
  EXPECT_EQ(Texts(Describe("select biggest()").reads), Names({"gold.items"}));
  EXPECT_EQ(Texts(Describe("from rows_of(1)").reads), Names({"gold.orders"}));
  std::ofstream(folder_ + "/some.csv") << "a,b\n1,2\n";
  Run("create temp macro hidden() as table from read_csv('" + folder_ + "/some.csv')");
  EXPECT_EQ(Describe("from hidden()").outside, Names({"read_csv"}));
}

TEST_F(StatementInfoTest, PreparedStatementsAreWhatTheyRun) {
  Run("prepare d as delete from gold.orders where id = $1");
  const StatementInfo info = Describe("execute d(1)");
  EXPECT_EQ(info.kind, StatementKind::kPrepare);
  EXPECT_EQ(Texts(info.writes), Names({"gold.orders"}));
}

TEST_F(StatementInfoTest, TheSessionsOwnThingsAreNotTheLakes) {
  Run("create temp table mine (i int)");
  const StatementInfo insert = Describe("insert into mine select 1");
  EXPECT_FALSE(insert.changes_lake);
  EXPECT_TRUE(insert.changes_session);
  EXPECT_TRUE(insert.reads_only());
  EXPECT_TRUE(Describe("from mine").reads_temporary);
  EXPECT_FALSE(Describe("create table temp.t2 (i int)").changes_lake);
  EXPECT_TRUE(Describe("begin").changes_session);
  EXPECT_EQ(Describe("set timezone = 'UTC'").settings, Names({"timezone"}));
  EXPECT_EQ(Describe("set global threads = 1").settings, Names({"global threads"}));
  EXPECT_EQ(Describe("pragma threads = 1").settings, Names({"threads"}));
  EXPECT_EQ(Describe("reset memory_limit").settings, Names({"memory_limit"}));
  EXPECT_EQ(Describe("use gold").settings, Names({"schema"}));
  EXPECT_TRUE(Describe("set variable x = 1").settings.empty());
}

TEST_F(StatementInfoTest, ResultsOfTheMomentAreNotRepeatable) {
  for (const char* sql : {"select now()", "select random()", "select current_date", "select uuid()",
                          "select getvariable('x')", "select current_setting('timezone')",
                          "from gold.items using sample 1 rows", "from table_history('gold.items')"}) {
    EXPECT_FALSE(Describe(sql).repeatable) << sql;
  }
  EXPECT_TRUE(Describe("select upper(name), sum(id) from gold.items group by all").repeatable);
  EXPECT_TRUE(Describe("from duckdb_tables()").reads_catalog);
  EXPECT_TRUE(Describe("from information_schema.tables").reads_catalog);
  EXPECT_TRUE(Describe("show tables").reads_catalog);
}

TEST_F(StatementInfoTest, MissingRelationsAreNotedAndMistakesOfSyntaxHaveTheirLine) {
  EXPECT_EQ(Describe("from gold.nothing").unknown, Names({"gold.nothing"}));
  const auto broken = DescribeStatement(*session_, "select 1\nfrom from");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), ErrorCode::kSqlSyntax);
  EXPECT_EQ(broken.error().line(), 2);
  EXPECT_EQ(DescribeStatement(*session_, "select 1; select 2").error().code(), ErrorCode::kSqlSyntax);
  EXPECT_EQ(DescribeStatement(*session_, "").error().code(), ErrorCode::kSqlSyntax);
}

TEST_F(StatementInfoTest, WithinATransactionItsOwnTablesAreKnown) {
  Run("begin");
  Run("create table gold.inner_one (i int)");
  EXPECT_EQ(Texts(Describe("from gold.inner_one").reads), Names({"gold.inner_one"}));
  Run("rollback");
  EXPECT_EQ(Describe("from gold.inner_one").unknown, Names({"gold.inner_one"}));
}

}  // namespace
}  // namespace smelt::engine
