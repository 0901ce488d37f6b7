#include "engine/statement.h"

#include <gtest/gtest.h>

#include "engine/session.h"

namespace smelt::engine {
namespace {

class StatementTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = Engine::OpenWithoutLake(1, "");
    ASSERT_TRUE(engine);
    engine_ = std::move(*engine);
    session_ = std::move(*engine_->Connect());
  }
  std::unique_ptr<Statement> Prepare(const std::string& sql) {
    auto statement = session_->Prepare(sql);
    EXPECT_TRUE(statement) << statement.error().ToString();
    return std::move(*statement);
  }
  Error RunError(const std::string& sql) {
    auto statement = session_->Prepare(sql);
    if (!statement) return statement.error();
    auto rows = (*statement)->Run({});
    if (!rows) return rows.error();
    auto batch = (*rows)->Next();
    EXPECT_FALSE(batch);
    return batch ? Error(ErrorCode::kInternal, "none") : batch.error();
  }
  std::int64_t CountRows(TypedRows& rows) {
    std::int64_t count = 0;
    while (true) {
      auto batch = rows.Next();
      EXPECT_TRUE(batch) << batch.error().ToString();
      if (!batch || *batch == nullptr) return count;
      count += static_cast<std::int64_t>((*batch)->rows);
    }
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(StatementTest, DescribesParametersAndColumnsWithoutRunning) {
  ASSERT_TRUE(session_->Execute("create temp table t (id int, price decimal(10, 2), tags varchar[])"));
  auto statement = Prepare("select id, price, tags, $2::text as free from t where id = $1");
  auto shape = statement->Describe();
  ASSERT_TRUE(shape) << shape.error().ToString();
  ASSERT_EQ((*shape)->parameters.size(), 2);
  EXPECT_EQ((*shape)->parameters[0].kind, ValueKind::kInt32);
  EXPECT_EQ((*shape)->parameters[1].kind, ValueKind::kText);
  ASSERT_EQ((*shape)->columns.size(), 4);
  EXPECT_EQ((*shape)->columns[1].type.kind, ValueKind::kDecimal);
  EXPECT_EQ((*shape)->columns[1].type.scale, 2);
  EXPECT_EQ((*shape)->columns[2].type.children.at(0).type.kind, ValueKind::kText);
}

TEST_F(StatementTest, RunsWithValuesOfTheirTypes) {
  auto statement = Prepare("select $1 + 1 as n, $2 as d, $3 as nothing, $4 as list, $5 as bytes");
  const ValueType list{.kind = ValueKind::kList, .children = {{"element", {.kind = ValueKind::kInt32}}}};
  auto rows = statement->Run({{{{.kind = ValueKind::kInt64}, "41"},
                               {{.kind = ValueKind::kDecimal}, "1.25"},
                               {{.kind = ValueKind::kDate}, std::nullopt},
                               {list, "[1, NULL, 3]"},
                               {{.kind = ValueKind::kBlob}, std::string("\0x", 2)}}});
  ASSERT_TRUE(rows) << rows.error().ToString();
  auto batch = (*rows)->Next();
  ASSERT_TRUE(batch) << batch.error().ToString();
  const auto& columns = (*batch)->columns;
  EXPECT_EQ((*rows)->columns()[0].type.kind, ValueKind::kInt64);
  EXPECT_EQ(columns[0].Values<std::int64_t>()[0], 42);
  EXPECT_EQ((*rows)->columns()[1].type.precision, 3);
  EXPECT_EQ(columns[1].Values<std::int16_t>()[0], 125);
  EXPECT_TRUE(columns[2].IsNull(0));
  const ListSlot slot = columns[3].Values<ListSlot>()[0];
  const TypedColumn& elements = columns[3].children()[0];
  ASSERT_EQ(slot.length, 3);
  EXPECT_EQ(elements.Values<std::int32_t>()[slot.offset + 2], 3);
  EXPECT_TRUE(elements.IsNull(slot.offset + 1));
  EXPECT_EQ(columns[4].Values<TextSlot>()[0].View(), std::string_view("\0x", 2));
}

TEST_F(StatementTest, HandsOutNestedValuesAsJson) {
  auto statement = Prepare("select {'a': 1, 'b': [1, 2]} as s, [[1], [2, 3]] as lists, [{'a': 1}] as structs");
  auto rows = statement->Run({}, {.nested_as_json = true});
  ASSERT_TRUE(rows) << rows.error().ToString();
  auto batch = (*rows)->Next();
  ASSERT_TRUE(batch) << batch.error().ToString();
  const auto& columns = (*batch)->columns;
  EXPECT_EQ(columns[0].Values<TextSlot>()[0].View(), R"({"a":1,"b":[1,2]})");
  EXPECT_EQ(columns[1].Values<TextSlot>()[0].View(), "[[1],[2,3]]");
  EXPECT_EQ((*rows)->columns()[2].type.kind, ValueKind::kList);
  EXPECT_EQ(columns[2].children()[0].Values<TextSlot>()[0].View(), R"({"a":1})");
}

TEST_F(StatementTest, AnotherStatementLeavesAnOpenResultWhole) {
  auto many = Prepare("select i, 'row ' || i as text from range(100000) r(i)");
  auto rows = many->Run({});
  ASSERT_TRUE(rows) << rows.error().ToString();
  auto first = (*rows)->Next();
  ASSERT_TRUE(first);
  const auto taken = static_cast<std::int64_t>((*first)->rows);
  auto other = Prepare("select 7");
  auto other_rows = other->Run({});
  ASSERT_TRUE(other_rows);
  EXPECT_EQ(CountRows(**other_rows), 1);
  EXPECT_EQ(CountRows(**rows), 100'000 - taken);
}

TEST_F(StatementTest, SaysHowManyRowsChanged) {
  ASSERT_TRUE(session_->Execute("create temp table t (id int)"));
  auto rows = Prepare("insert into t select range from range($1)")->Run({{{{.kind = ValueKind::kInt64}, "5"}}});
  ASSERT_TRUE(rows) << rows.error().ToString();
  EXPECT_EQ((*rows)->changed_rows(), 5);
  auto returning = Prepare("delete from t where id < 2 returning id");
  auto deleted = returning->Run({});
  ASSERT_TRUE(deleted);
  EXPECT_FALSE((*deleted)->changed_rows());
  EXPECT_EQ(CountRows(**deleted), 2);
}

TEST_F(StatementTest, ErrorsNameTheirPlace) {
  const Error error = RunError("select 1,\n  nothing_here");
  EXPECT_EQ(error.code(), ErrorCode::kSqlBinding);
  EXPECT_EQ(error.line(), 2);
  EXPECT_EQ(RunError("select 'x' || from").code(), ErrorCode::kSqlSyntax);
  EXPECT_EQ(RunError("select cast('x' || range as int) from range(3000)").code(), ErrorCode::kSqlRuntime);
  auto wrong_count = Prepare("select $1")->Run({});
  ASSERT_FALSE(wrong_count);
  EXPECT_EQ(wrong_count.error().code(), ErrorCode::kUsage);
}

}  // namespace
}  // namespace smelt::engine
