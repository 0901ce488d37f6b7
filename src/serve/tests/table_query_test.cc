#include "serve/data/table_query.h"

#include <gtest/gtest.h>

#include <string>

namespace smelt::serve {
namespace {

const TableSource kOrders = {.schema = "silver",
                             .table = "orders",
                             .columns = {{"order_id", "VARCHAR"},
                                         {"price", "DECIMAL(10,2)"},
                                         {"items", "INTEGER"},
                                         {"weight", "DOUBLE"},
                                         {"paid", "BOOLEAN"},
                                         {"the day", "DATE"}},
                             .version = 7};

TableStatement Compile(const TableQuery& query) {
  auto statement = CompileTableQuery(kOrders, query);
  EXPECT_TRUE(statement) << (statement ? "" : statement.error()[0].detail);
  return statement.value_or(TableStatement{});
}

std::string Mistake(const std::string& column, const std::string& filter) {
  const auto statement = CompileTableQuery(kOrders, {.filters = {{column, filter}}, .limit = 1});
  return statement ? "none" : statement.error()[0].pointer + ": " + statement.error()[0].detail;
}

TEST(TableQueryTest, ReadsTheTableAtItsVersion) {
  EXPECT_EQ(Compile({.limit = 10, .offset = 20}).sql,
            "select * from silver.orders at (version => 7) limit 10 offset 20");
  TableSource then = kOrders;
  then.timestamp = "2018-05-24T00:00:00Z' or true";
  const auto statement = CompileTableQuery(then, {.limit = 1});
  ASSERT_TRUE(statement);
  EXPECT_NE(statement->sql.find("at (timestamp => timestamptz '2018-05-24T00:00:00Z'' or true')"), std::string::npos);
}

TEST(TableQueryTest, BindsEveryValueAndQuotesEveryName) {
  const TableStatement statement = Compile({.select = "order_id,the day",
                                            .order = "price.desc,the day.asc.nullsfirst",
                                            .filters = {{"price", "gte.10.50"},
                                                        {"order_id", "eq.'; drop table x"},
                                                        {"price", "lt.20"},
                                                        {"\"the day\"", "not.is.null"}},
                                            .limit = 5});
  EXPECT_EQ(
      statement.sql,
      "select order_id, \"the day\" from silver.orders at (version => 7) where price >= cast($1 as DECIMAL(10,2)) "
      "and order_id = cast($2 as VARCHAR) and price < cast($3 as DECIMAL(10,2)) and not (\"the day\" is null) order "
      "by price desc nulls last, \"the day\" asc nulls first limit 5 offset 0");
  EXPECT_EQ(statement.parameters.at("1"), "10.50");
  EXPECT_EQ(statement.parameters.at("2"), "'; drop table x");
  EXPECT_EQ(statement.parameters.at("3"), "20");
}

TEST(TableQueryTest, TakesListsAndPatterns) {
  const TableStatement statement =
      Compile({.filters = {{"order_id", R"(in.(a,"b,""c""",))"}, {"order_id", "not.ilike.%x%"}, {"paid", "is.true"}},
               .limit = 1});
  EXPECT_NE(statement.sql.find("order_id in (cast($1 as VARCHAR), cast($2 as VARCHAR), cast($3 as VARCHAR))"),
            std::string::npos)
      << statement.sql;
  EXPECT_EQ(statement.parameters.at("2"), "b,\"c\"");
  EXPECT_EQ(statement.parameters.at("3"), "");
  EXPECT_NE(statement.sql.find("not (cast(order_id as varchar) ilike $4) and paid is true"), std::string::npos)
      << statement.sql;
}

TEST(TableQueryTest, SaysWhatIsWrong) {
  EXPECT_EQ(Mistake("pirce", "eq.1"), "pirce: silver.orders has no column 'pirce'; did you mean 'price'?");
  EXPECT_EQ(Mistake("price", "eq.1.005"), "price: '1.005' is not a number with at most 2 decimals");
  EXPECT_EQ(Mistake("items", "eq.1.5"), "items: '1.5' is not a whole number");
  EXPECT_EQ(Mistake("items", "in.(1,x)"), "items: 'x' is not a whole number");
  EXPECT_EQ(Mistake("weight", "gt."), "weight: '' is not a number");
  EXPECT_EQ(Mistake("weight", "gt.1e-3"), "none");
  EXPECT_EQ(Mistake("paid", "eq.yes"), "paid: it must be true or false");
  EXPECT_NE(Mistake("price", "10").find("'10' is no condition: write eq."), std::string::npos);
  EXPECT_NE(Mistake("price", "between.1").find("is no condition"), std::string::npos);
  EXPECT_NE(Mistake("order_id", "in.a,b").find("after in. there is a list"), std::string::npos);
  EXPECT_NE(Mistake("order_id", "in.(\"a)").find("after in. there is a list"), std::string::npos);
  EXPECT_NE(Mistake("order_id", "is.true").find("after is. there is null"), std::string::npos);
  const auto several = CompileTableQuery(kOrders, {.select = "a", .order = "b.desc", .filters = {{"c", "eq.1"}}});
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().size(), 3);
}

}  // namespace
}  // namespace smelt::serve
