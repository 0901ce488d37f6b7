#include "serve/pg_catalog/pg_catalog.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "serve/pg_catalog/internal/lake_rows.h"
#include "serve/pg_catalog/internal/translation.h"

namespace smelt::serve {
namespace {

std::string Translated(std::string_view sql) {
  const pg_catalog::Names names;
  const auto text = pg_catalog::TranslateQuery(
      sql, names, [](std::string_view name) { return name == "pg_class" ? std::optional(1259U) : std::nullopt; });
  return text ? *text : text.error().message();
}

TEST(PgCatalogTranslation, WritesWhatOnlyPostgresqlReads) {
  EXPECT_EQ(Translated("select c.relname from pg_catalog.pg_class c where c.relname OPERATOR(pg_catalog.~) '^(t)$' "
                       "COLLATE pg_catalog.default"),
            "select c.relname from pgc.\"pg_class\" c where c.relname ~ ('(?s).*(?:' || '^(t)$' || ').*')");
  EXPECT_EQ(Translated("select oid from pg_type where oid = 'pg_class'::regclass"),
            "select oid from pgc.\"pg_type\" where oid = 1259::pg_oid");
  EXPECT_EQ(Translated("select t.typname::pg_catalog.text as x from pg_type t"),
            "select t.typname::text as x from pgc.\"pg_type\" t");
  EXPECT_EQ(Translated("select c.oid::pg_catalog.regclass as x from pg_class c"),
            "select pgc.smelt_regclass(c.oid) as x from pgc.\"pg_class\" c");
  EXPECT_EQ(Translated("select 1 as x from pg_class where relkind = any ('{r,v}'::\"char\"[])"),
            "select 1 as x from pgc.\"pg_class\" where list_contains( ['r', 'v']::pg_char[], relkind)");
  EXPECT_EQ(Translated("select cast(cast(x as regclass) as oid) as y"), "select ( pgc.smelt_relation(x))::pg_oid as y");
  EXPECT_EQ(Translated("select v from version() v"), "select v from (SELECT pgc.version()) AS v(v)");
  EXPECT_EQ(Translated("select 'a::regclass' as \"~\""), "select 'a::regclass' as \"~\"");
  EXPECT_EQ(Translated("select 'none'::regclass"), "relation \"none\" does not exist");
}

TEST(PgCatalogTranslation, NamesColumnsAsPostgresqlDoes) {
  EXPECT_EQ(Translated("select version()"), "select pgc.version() AS \"version\"");
  EXPECT_EQ(Translated("select 1, 'a'::text, x.y, count(*), case when true then 1 end from t"),
            "select 1 AS \"?column?\", 'a'::text AS \"text\", x.y, count(*) AS \"count\", case when true then 1 end AS "
            "\"case\" from t");
  EXPECT_EQ(Translated("select current_user"), "select pgc.current_user() AS \"current_user\"");
  EXPECT_EQ(Translated("select a named, b \"other\", a is null from t"),
            "select a named, b \"other\", a is null AS \"?column?\" from t");
}

TEST(PgCatalogTranslation, KnowsWhatIsForTheCatalogue) {
  const pg_catalog::Names names;
  for (const std::string_view sql :
       {"select * from pg_catalog.pg_class", "SELECT relname FROM pg_class c JOIN pg_namespace n ON true",
        "select version()", "select 'x'::regclass", "select * from information_schema.tables", "select current_user",
        "with x as (select oid from pg_class) select * from x", "select * from lake.information_schema.tables",
        "select extract(epoch from query_start) from pg_stat_activity"}) {
    EXPECT_TRUE(pg_catalog::IsForCatalog(sql, names)) << sql;
  }
  for (const std::string_view sql :
       {"select 1", "select * from gold.orders", "insert into t select * from pg_class", "select 'pg_class'",
        "select current_user, id from gold.orders", "select pg_catalog.count(*) from t",
        "select array_length(a, 1) from t", "create table pg_x(a int)", "select \"user\" from t", ""}) {
    EXPECT_FALSE(pg_catalog::IsForCatalog(sql, names)) << sql;
  }
}

TEST(PgCatalogTypes, AreThoseThatClientsGet) {
  EXPECT_EQ(pg_catalog::TypeOf("BIGINT").oid, 20U);
  EXPECT_EQ(pg_catalog::TypeOf("VARCHAR[]").oid, 1009U);
  EXPECT_EQ(pg_catalog::TypeOf("VARCHAR[][]").oid, 114U);
  EXPECT_EQ(pg_catalog::TypeOf("STRUCT(a INTEGER)").oid, 114U);
  EXPECT_EQ(pg_catalog::TypeOf("DECIMAL(10,2)").modifier, (10 << 16 | 2) + 4);
  EXPECT_EQ(pg_catalog::TypeOf("TIMESTAMP WITH TIME ZONE").oid, 1184U);
}

class PgCatalogTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("pg_catalog_test." + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    engine::LakeOptions options;
    options.lake = folder_.string();
    lake_ = *engine::Engine::Open(options);
    writer_ = *lake_->Connect();
    Run("CREATE SCHEMA IF NOT EXISTS gold");
    Run("CREATE TABLE gold.orders(id BIGINT NOT NULL, amount DECIMAL(10,2), tags VARCHAR[])");
    Run("COMMENT ON TABLE gold.orders IS 'All orders'");
    Run("COMMENT ON COLUMN gold.orders.amount IS 'In reais'");
    Run("CREATE VIEW gold.large AS SELECT id FROM gold.orders WHERE amount > 100");
    Run("CREATE TABLE plain(a INTEGER)");
    catalog_ = std::make_unique<PgCatalog>(*lake_);
    auto session =
        catalog_->Connect({.user = "ann",
                           .pid = 7,
                           .version = "PostgreSQL 15.0",
                           .setting = [this](std::string_view) { return std::optional(path_); },
                           .settings =
                               [] {
                                 return std::vector<std::pair<std::string, std::string>>{{"TimeZone", "UTC"}};
                               },
                           .set = [this](std::string_view, std::string_view value) -> Status {
                             path_ = value;
                             return {};
                           }});
    ASSERT_TRUE(session.has_value()) << session.error().message();
    session_ = *std::move(session);
  }
  void TearDown() override {
    session_.reset();
    catalog_.reset();
    writer_.reset();
    lake_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Run(const std::string& sql) {
    const Status done = writer_->Execute(sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().message();
  }

  /// The rows of a client's statement, as "a|b;c|d".
  std::string Ask(std::string_view sql) {
    EXPECT_TRUE(catalog_->Answers(sql)) << sql;
    const auto text = session_->Translate(sql);
    if (!text) return text.error().message();
    const auto result = session_->session().Query(*text);
    if (!result) return result.error().message() + "\n" + *text;
    std::string rows;
    for (const auto& row : result->rows) {
      rows += rows.empty() ? "" : ";";
      for (std::size_t i = 0; i < row.size(); ++i) rows += (i > 0 ? "|" : "") + row[i].value_or("NULL");
    }
    return rows;
  }

  std::filesystem::path folder_;
  std::string path_ = "\"$user\", public";
  std::unique_ptr<engine::Engine> lake_;
  std::unique_ptr<engine::Session> writer_;
  std::unique_ptr<PgCatalog> catalog_;
  std::unique_ptr<CatalogSession> session_;
};

TEST_F(PgCatalogTest, ShowsTablesColumnsAndComments) {
  EXPECT_EQ(Ask("select n.nspname, c.relname, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                "where c.oid >= 16384 order by 1, 2"),
            "gold|large|v;gold|orders|r;public|plain|r");
  EXPECT_EQ(Ask("select attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum) from "
                "pg_attribute where attrelid = 'gold.orders'::regclass and attnum > 0 order by attnum"),
            "id|bigint|true|NULL;amount|numeric(10,2)|false|In reais;tags|text[]|false|NULL");
  EXPECT_EQ(Ask("select obj_description('gold.orders'::regclass, 'pg_class')"), "All orders");
  EXPECT_EQ(Ask("select table_schema, table_name, table_type from information_schema.tables where table_schema not in "
                "('pg_catalog', 'information_schema') order by 1, 2"),
            "gold|large|VIEW;gold|orders|BASE TABLE;public|plain|BASE TABLE");
  EXPECT_EQ(Ask("select data_type, numeric_precision, numeric_scale from information_schema.columns where table_name = "
                "'orders' order by ordinal_position"),
            "bigint|64|0;numeric|10|2;ARRAY|NULL|NULL");
}

TEST_F(PgCatalogTest, FollowsTheLakeAndTheSearchPath) {
  constexpr std::string_view kVisible =
      "select relname from pg_class where pg_table_is_visible(oid) and oid >= 16384 order by 1";
  EXPECT_EQ(Ask(kVisible), "plain");
  EXPECT_EQ(Ask("select current_schema(), current_schemas(true)"), R"(public|["pg_catalog","public"])");
  Run("CREATE TABLE more(a INTEGER)");
  EXPECT_EQ(Ask(kVisible), "more;plain");
  EXPECT_EQ(Ask("select set_config('search_path', 'gold', false)"), "gold");
  EXPECT_EQ(Ask(kVisible), "large;orders");
  Run("DROP VIEW gold.large");
  EXPECT_EQ(Ask(kVisible), "orders");
  EXPECT_EQ(Ask("select c.oid::regclass from pg_class c where relname in ('more', 'orders') order by 1"),
            "orders;public.more");
  EXPECT_EQ(Ask("select 'gold.large'::regclass"), "relation \"gold.large\" does not exist");
}

TEST_F(PgCatalogTest, KnowsTheClient) {
  EXPECT_EQ(Ask("select current_user, current_database(), pg_backend_pid(), version()"), "ann|lake|7|PostgreSQL 15.0");
  EXPECT_EQ(Ask("select current_setting('timezone'), current_setting('a.b', true)"), "UTC|NULL");
  EXPECT_EQ(Ask("select rolname, rolsuper from pg_roles order by 1"), "ann|false;lake|true");
}

TEST_F(PgCatalogTest, TellsWhatARoleMayDo) {
  constexpr std::string_view kRights =
      "select has_table_privilege('gold.orders', 'select'), has_table_privilege('gold.orders', 'insert'), "
      "has_schema_privilege('ann', 'gold', 'USAGE'), has_table_privilege(null::oid, 'select')";
  EXPECT_EQ(Ask(kRights), "true|false|true|NULL");
}

TEST_F(PgCatalogTest, WritesNamesAsPostgresqlDoes) {
  EXPECT_EQ(Ask("select format('%I.%s is %L%%', 'a b', 'c%s', 'd''e'), quote_ident('Select')"),
            "\"a b\".c%s is 'd''e'%|\"Select\"");
  EXPECT_EQ(Ask("select parse_ident('\"A.b\".C'), pg_backend_pid()"), "[\"A.b\",\"c\"]|7");
}

TEST_F(PgCatalogTest, ReadsNoFiles) {
  EXPECT_EQ(Ask("select current_database()"), "lake");
  const auto text = session_->session().Query("select content from read_text('/etc/hostname')");
  ASSERT_FALSE(text);
  EXPECT_FALSE(session_->session().Execute("set enable_external_access = true"));
}

}  // namespace
}  // namespace smelt::serve
