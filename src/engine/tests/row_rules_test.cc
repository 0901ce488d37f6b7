// Rules of tables that another engine defined: a log written by hand, in Spark's dialect.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/id.h"
#include "base/json.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

class RowRulesTest : public testing::Test {
 protected:
  void SetUp() override { lake_ = (fs::temp_directory_path() / ("smelt-rules-" + NewUuid())).string(); }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  /// Makes main.t with these columns, properties and writer features, and opens the lake.
  void MakeTable(const Json& fields, const Json& configuration, const Json& features) {
    Json schema = {{"type", "struct"}, {"fields", fields}};
    Json protocol = {{"protocol", {{"minReaderVersion", 1}, {"minWriterVersion", 7}, {"writerFeatures", features}}}};
    Json metadata = {{"metaData",
                      {{"id", NewUuid()},
                       {"format", {{"provider", "parquet"}, {"options", Json::object()}}},
                       {"schemaString", JsonText(schema)},
                       {"partitionColumns", Json::array()},
                       {"configuration", configuration},
                       {"createdTime", 1527120000000}}}};
    fs::path log = fs::path(lake_) / "main" / "t" / "_delta_log";
    fs::create_directories(log);
    std::ofstream(log / "00000000000000000000.json") << JsonText(protocol) << "\n" << JsonText(metadata) << "\n";
    LakeOptions options;
    options.lake = lake_;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    auto session = engine_->Connect();
    ASSERT_TRUE(session) << session.error().ToString();
    session_ = std::move(*session);
  }
  static Json Field(const std::string& name, const std::string& type, const Json& metadata = Json::object()) {
    return {{"name", name}, {"type", type}, {"nullable", true}, {"metadata", metadata}};
  }
  void Must(const std::string& sql) {
    auto status = session_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  void Fails(const std::string& sql, ErrorCode code, const std::string& part) {
    auto status = session_->Execute(sql);
    ASSERT_FALSE(status) << sql;
    EXPECT_EQ(status.error().code(), code) << status.error().ToString();
    EXPECT_NE(status.error().ToString().find(part), std::string::npos) << status.error().ToString();
  }
  std::string Rows(const std::string& sql) {
    auto result = session_->Query(sql);
    if (!result) return result.error().ToString();
    std::string text;
    for (const auto& row : result->rows) {
      for (const Cell& cell : row) text += cell.value_or("NULL") + " ";
      text += "| ";
    }
    return text;
  }

  std::string lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(RowRulesTest, IdentityColumnsNumberTheRowsAndRemember) {
  MakeTable(
      {Field("id", "long",
             {{"delta.identity.start", 10}, {"delta.identity.step", 5}, {"delta.identity.allowExplicitInsert", false}}),
       Field("a", "string")},
      Json::object(), {"identityColumns"});
  Must("insert into t (a) values ('x'), ('y')");
  Must("insert into t (a) select 'z'");
  EXPECT_EQ(Rows("select id, a from t order by id"), "10 x | 15 y | 20 z | ");
  Fails("insert into t values (1, 'own')", ErrorCode::kSqlConstraint, "the table numbers column 'id'");
  Fails("update t set id = 3", ErrorCode::kSqlConstraint, "keeps its values");
  Must("update t set a = 'w' where id = 15");
  // A statement that fails gives its numbers back: the log remembers those of commits only.
  Fails("insert into t (a) select case when i < 5000 then 'n' else error('stop') end from range(6000) r(i)",
        ErrorCode::kSqlRuntime, "stop");
  Must("merge into t using (select 'y' as a) as s on t.a = s.a when not matched then insert (a) values (s.a)");
  EXPECT_EQ(Rows("select id, a from t order by id"), "10 x | 15 w | 20 z | 25 y | ");
  // Beyond one batch, every number is different.
  Must("insert into t (a) select 'many' from range(5000)");
  EXPECT_EQ(Rows("select count(*), count(distinct id), max(id) from t"), "5004 5004 25025 | ");
}

TEST_F(RowRulesTest, IdentityColumnsThatAllowItTakeNumbersOfTheRows) {
  MakeTable({Field("id", "long",
                   {{"delta.identity.start", 1},
                    {"delta.identity.step", -1},
                    {"delta.identity.highWaterMark", -7},
                    {"delta.identity.allowExplicitInsert", true}}),
             Field("a", "string")},
            Json::object(), {"identityColumns"});
  Must("insert into t values (100, 'own')");
  Must("insert into t (a) values ('next')");
  EXPECT_EQ(Rows("select id, a from t order by id"), "-8 next | 100 own | ");
}

TEST_F(RowRulesTest, AnIdentityColumnThatHasRunOutSaysSo) {
  MakeTable({Field("id", "long",
                   {{"delta.identity.start", 1},
                    {"delta.identity.step", 1},
                    {"delta.identity.highWaterMark", 9223372036854775805}}),
             Field("a", "string")},
            Json::object(), {"identityColumns"});
  Must("insert into t (a) values ('last but one')");
  Fails("insert into t (a) values ('one'), ('too many')", ErrorCode::kSqlRuntime, "run out of numbers");
}

TEST_F(RowRulesTest, ExpressionsOfSparkAreUnderstood) {
  Json invariant = {{"delta.invariants", R"({"expression":{"expression":"`a b` > 3"}})"}};
  MakeTable({Field("a b", "long", invariant), Field("s", "string", {{"CURRENT_DEFAULT", "\"it's\""}}),
             Field("y", "integer", {{"delta.generationExpression", "YEAR(d)"}}), Field("d", "date")},
            {{"delta.constraints.named", "s <> 'no' AND `a b` < 100"}},
            {"invariants", "checkConstraints", "generatedColumns", "allowColumnDefaults"});
  Must("insert into t (\"a b\", d) values (4, date '2018-05-24')");
  EXPECT_EQ(Rows("from t"), "4 it's 2018 2018-05-24 | ");
  Fails("insert into t (\"a b\", d) values (3, date '2018-05-24')", ErrorCode::kSqlConstraint, "'a b'");
  Fails("insert into t (\"a b\", s) values (5, 'no')", ErrorCode::kSqlConstraint, "'named'");
  Fails("insert into t (\"a b\", s) values (200, 'x')", ErrorCode::kSqlConstraint, "a b = 200, s = x");
}

TEST_F(RowRulesTest, WhatCannotBeEvaluatedStopsWritersOnly) {
  MakeTable({Field("a", "long"), Field("s", "string")}, {{"delta.constraints.odd", "spark_only(a, s) = 1"}},
            {"checkConstraints"});
  EXPECT_EQ(Rows("select count(*) from t"), "0 | ");
  Fails("insert into t values (1, 'x')", ErrorCode::kDeltaUnsupported, "spark_only");
  EXPECT_EQ(Rows("select count(*) from t"), "0 | ");
}

TEST_F(RowRulesTest, ADamagedRuleIsNamed) {
  MakeTable(Json::array({Field("a", "long", {{"delta.invariants", "not json"}})}), Json::object(), {"invariants"});
  Fails("insert into t values (1)", ErrorCode::kDeltaCorrupt, "the invariant of column 'a'");
}

}  // namespace
}  // namespace smelt::engine
