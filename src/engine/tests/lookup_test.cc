#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/id.h"
#include "engine/session.h"
#include "engine/statement.h"

/// Lookups answer as the plans of the same statements do.
namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

std::string CellText(const TypedColumnInfo& info, const TypedColumn& column, std::size_t row) {
  if (column.IsNull(row)) return "NULL";
  switch (info.type.kind) {
    case ValueKind::kBoolean: return std::to_string(column.Values<std::uint8_t>()[row]);
    case ValueKind::kInt32:
    case ValueKind::kDate: return std::to_string(column.Values<std::int32_t>()[row]);
    case ValueKind::kInt64:
    case ValueKind::kTimestamp: return std::to_string(column.Values<std::int64_t>()[row]);
    case ValueKind::kDouble: return std::to_string(column.Values<double>()[row]);
    case ValueKind::kText: return std::string(column.Values<TextSlot>()[row].View());
    default: return "?";
  }
}

ParameterValue Text(std::string text) {
  return {.type = {}, .text = std::move(text)};
}
ParameterValue Int(std::string text, ValueKind kind = ValueKind::kInt64) {
  return {.type = {.kind = kind}, .text = std::move(text)};
}

class LookupTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-lookup-" + NewUuid())).string();
    LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    session_ = std::move(*engine_->Connect());
    Write(
        "create table gold.orders as select i as id, ('c' || i % 7) as customer, i % 3 = 0 as paid, "
        "date '2018-01-01' + (i % 10)::int as day, i / 4.0::double as price, (i * 10)::int as \"Number\", "
        "case when i % 5 = 0 then null else 'n' || i end as note, [i, i + 1] as list "
        "from range(5000) r(i)");
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  void Write(const std::string& sql) {
    const Status status = session_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  /// Without the statement, which differs.
  static std::string Cause(const Error& error) { return error.message().substr(0, error.message().find("\nLINE")); }
  std::string Ask(const std::string& sql, const std::vector<ParameterValue>& values = {}) {
    auto statement = session_->Prepare(sql);
    if (!statement) return Cause(statement.error());
    auto rows = (*statement)->Run(values);
    if (!rows) return Cause(rows.error());
    std::string text;
    for (const auto& column : (*rows)->columns()) text += column.name + ":" + column.type.sql_name + " ";
    while (true) {
      auto batch = (*rows)->Next();
      if (!batch) return Cause(batch.error());
      if (*batch == nullptr) return text;
      for (std::size_t row = 0; row < (*batch)->rows; ++row) {
        text += "\n";
        for (std::size_t i = 0; i < (*batch)->columns.size(); ++i) {
          text += CellText((*rows)->columns()[i], (*batch)->columns[i], row) + "|";
        }
      }
    }
  }
  /// The answer by a plan: a subquery is no lookup.
  std::string ByPlan(const std::string& sql, const std::vector<ParameterValue>& values = {}) {
    return Ask("select * from (" + sql + ")", values);
  }
  /// Asks until the table is worth keeping.
  void Warm(const std::string& table, const std::string& condition) {
    constexpr int kTimes = 5;
    for (int i = 0; i < kTimes; ++i) Ask("select * from " + table + " where " + condition);
  }
  /// Whether a statement opened no data file.
  bool ReadsNoFile(const std::string& sql, const std::vector<ParameterValue>& values = {}) {
    static_cast<void>(session_->TakeUsage());
    Ask(sql, values);
    return session_->TakeUsage().bytes_read == 0;
  }

  std::string lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(LookupTest, AnswersAsThePlan) {
  Warm("gold.orders", "id = 1");
  const std::vector<std::string> statements = {
      "select * from gold.orders where id = 4321",
      "select note, ID as key, \"number\" from gold.orders where id = 12",
      "select o.note from gold.orders o where o.id = 13 and o.customer = 'c6'",
      "select orders.note from lake.gold.orders where 14 = orders.id",
      "select id from gold.orders where id = 99999",
      "select id from gold.orders where id = null",
      "select id from gold.orders where id = -5",
      "select id, day from gold.orders where customer = 'c3' and day = '2018-01-04' limit 4",
      "select count(*) from gold.orders where customer = 'c3'",
      "select id from gold.orders where customer = 'c3' and paid = true limit 2",
      "select id from gold.orders where id = '17'",
      "select id from gold.orders where id = '17'::integer",
      "select id from gold.orders where id = 17::smallint",
      "select id from gold.orders where id = 17.0",
      "select id from gold.orders where price = 4.25",
      "select id from gold.orders where \"number\" = 170 and id = 17",
      "select id from gold.orders where day = date '2018-01-02' and note = 'n11'",
      "select distinct customer from gold.orders where id = 5",
      "select id + 1 as more from gold.orders where id = 5",
      "select list from gold.orders where id = 5",
      "select id from gold.orders where customer = 'C3'",
      "select id from gold.orders where note = 'n11' limit 0",
      "select nothing from gold.orders where id = 5",
      "select id from gold.orders where nothing = 5",
      "select id from gold.orders where id = 'five'",
      "select id from gold.orders where id = 170141183460469231731687303715884105727",
      "select rowid is null as has from gold.orders where id = 5"};
  for (const std::string& sql : statements) EXPECT_EQ(Ask(sql), ByPlan(sql)) << sql;
}

TEST_F(LookupTest, ParametersAnswerAsThePlan) {
  Warm("gold.orders", "id = 1");
  const auto same = [&](const std::string& sql, const std::vector<ParameterValue>& values) {
    EXPECT_EQ(Ask(sql, values), ByPlan(sql, values)) << sql;
  };
  same("select id, note from gold.orders where id = $1", {Text("42")});
  same("select id, note from gold.orders where id = $1", {Int("42")});
  same("select id, note from gold.orders where id = $1", {Int("42", ValueKind::kInt16)});
  same("select id, note from gold.orders where id = $1", {Int("9223372036854775807")});
  same("select id, note from gold.orders where id = $1", {{.type = {}, .text = std::nullopt}});
  same("select id, note from gold.orders where id = $1", {Text("no number")});
  same("select id, note from gold.orders where id = $1::int", {Text("42")});
  same("select id from gold.orders where note = $2 and id = $1", {Int("11"), Text("n11")});
  same("select id from gold.orders where day = $1 and customer = $2", {Text("2018-01-03"), Text("c2")});
  same("select id from gold.orders where customer = $1", {Int("3")});
  same("select id from gold.orders where id = ? and paid = ?", {Int("3"), Text("true")});
}

TEST_F(LookupTest, WarmLookupsOpenNoFileAndOthersDo) {
  EXPECT_FALSE(ReadsNoFile("select * from gold.orders where id = 7"));
  Warm("gold.orders", "id = 1");
  EXPECT_TRUE(ReadsNoFile("select * from gold.orders where id = 7"));
  EXPECT_TRUE(ReadsNoFile("select note from gold.orders where id = $1 and customer = $2", {Int("7"), Text("c0")}));
  EXPECT_FALSE(ReadsNoFile("select * from gold.orders where id + 0 = 7"));
}

TEST_F(LookupTest, DescribesAsThePlan) {
  const std::string sql = "select note, \"number\" as n, list from gold.orders where id = $1 and day = $2";
  auto lookup = session_->Prepare(sql);
  auto plan = session_->Prepare("select * from (" + sql + ")");
  ASSERT_TRUE(lookup && plan);
  const auto found = (*lookup)->Describe();
  const auto bound = (*plan)->Describe();
  ASSERT_TRUE(found && bound);
  EXPECT_EQ((*found)->has_rows, (*bound)->has_rows);
  ASSERT_EQ((*found)->columns.size(), (*bound)->columns.size());
  for (std::size_t i = 0; i < (*found)->columns.size(); ++i) {
    EXPECT_EQ((*found)->columns[i].name, (*bound)->columns[i].name);
    EXPECT_EQ((*found)->columns[i].type.sql_name, (*bound)->columns[i].type.sql_name);
  }
  ASSERT_EQ((*found)->parameters.size(), (*bound)->parameters.size());
  for (std::size_t i = 0; i < (*found)->parameters.size(); ++i) {
    EXPECT_EQ((*found)->parameters[i].kind, (*bound)->parameters[i].kind);
  }
}

TEST_F(LookupTest, TransactionsSeeWhatIsTheirs) {
  Warm("gold.orders", "id = 1");
  const std::string sql = "select note from gold.orders where id = 21";
  auto other = std::move(*engine_->Connect());
  Write("begin");
  Ask(sql);
  ASSERT_TRUE(other->Execute("update gold.orders set note = 'theirs' where id = 21"));
  EXPECT_EQ(Ask(sql), "note:VARCHAR \nn21|") << "what was there when the transaction looked first";
  Write("rollback");
  EXPECT_EQ(Ask(sql), "note:VARCHAR \ntheirs|");
  Write("begin");
  Write("update gold.orders set note = 'mine' where id = 21");
  EXPECT_EQ(Ask(sql), "note:VARCHAR \nmine|");
  Write("rollback");
  EXPECT_EQ(Ask(sql), "note:VARCHAR \ntheirs|");
}

TEST_F(LookupTest, TablesThatAreDefinedAnewAreReadAnew) {
  Warm("gold.orders", "id = 1");
  Write("alter table gold.orders add column more varchar");
  const std::string sql = "select * from gold.orders where id = 3";
  EXPECT_EQ(Ask(sql), ByPlan(sql));
  Write("create or replace table gold.orders as select 3::varchar as id, 'new' as note");
  EXPECT_EQ(Ask(sql), ByPlan(sql));
  Write("drop table gold.orders");
  EXPECT_EQ(Ask(sql), ByPlan(sql));
  Write("create temp table orders as select 3 as id");
  Write("create view gold.orders as select 5 as id, 'view' as note");
  EXPECT_EQ(Ask("select * from gold.orders where id = 5"), ByPlan("select * from gold.orders where id = 5"));
}

TEST_F(LookupTest, RandomChangesAndQuestions) {
  constexpr int kRounds = 60;
  constexpr int kQuestions = 8;
  std::mt19937 random(7);
  const auto number = [&](int end) { return std::uniform_int_distribution<int>(0, end - 1)(random); };
  Write("create table gold.t (id bigint, kind varchar, n int, day date) partitioned by (kind)");
  for (int round = 0; round < kRounds; ++round) {
    switch (number(5)) {
      case 0: Write(fmt::format("delete from gold.t where id % 7 = {}", number(7))); break;
      case 1: Write(fmt::format("update gold.t set n = n + 1 where id % 5 = {}", number(5))); break;
      default:
        Write(
            fmt::format("insert into gold.t select case when i % 11 = 0 then null else i end, 'k' || i % 3, i % 4, "
                        "date '2020-01-01' + (i % 9)::int from range({}) r(i)",
                        number(80)));
    }
    for (int i = 0; i < kQuestions; ++i) {
      const std::string by_id = fmt::format("select * from gold.t where id = {}", number(90));
      const std::string by_two =
          fmt::format("select id, day from gold.t where kind = 'k{}' and n = {}", number(4), number(5));
      EXPECT_EQ(Ask(by_id), ByPlan(by_id)) << by_id << " in round " << round;
      EXPECT_EQ(Ask(by_two), ByPlan(by_two)) << by_two << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace smelt::engine
