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

std::string WhereOf(const std::string& parameter, const std::string& group) {
  const std::string sql = Compile({.filters = {{parameter, group}}, .limit = 1}).sql;
  const std::size_t where = sql.find(" where ");
  return where == std::string::npos ? sql : sql.substr(where + 7, sql.find(" limit ") - where - 7);
}

TEST(TableQueryTest, TakesAlternatives) {
  EXPECT_EQ(WhereOf("or", "(items.eq.1,paid.is.true)"), "(items = cast($1 as INTEGER) or paid is true)");
  EXPECT_EQ(WhereOf("or", "(items.lt.1,not.and(paid.is.true,weight.not.is.null),order_id.in.(a,\"b,c\"))"),
            "(items < cast($1 as INTEGER) or not (paid is true and not (weight is null)) or order_id in (cast($2 as "
            "VARCHAR), cast($3 as VARCHAR)))");
  EXPECT_EQ(WhereOf("and", "(\"the day\".is.null,or(items.is.null,paid.is.null))"),
            "(\"the day\" is null and (items is null or paid is null))");
  const TableStatement statement =
      Compile({.filters = {{"or", R"q((order_id.eq."x,""y"")",order_id.like.a.b%))q"}, {"items", "gt.2"}}, .limit = 1});
  EXPECT_NE(statement.sql.find("(order_id = cast($1 as VARCHAR) or cast(order_id as varchar) like $2) and items > "),
            std::string::npos)
      << statement.sql;
  EXPECT_EQ(statement.parameters.at("1"), "x,\"y\")");
  EXPECT_EQ(statement.parameters.at("2"), "a.b%");
}

TEST(TableQueryTest, SaysWhatIsWrongWithAlternatives) {
  EXPECT_EQ(Mistake("or", "(pirce.eq.1)"), "or: silver.orders has no column 'pirce'; did you mean 'price'?");
  EXPECT_EQ(Mistake("or", "(items.eq.x,paid.is.true)"), "or: 'x' is not a whole number");
  EXPECT_EQ(Mistake("\"or\"", "eq.1").substr(0, 40), "\"or\": silver.orders has no column 'or'");
  for (const char* group :
       {"", "()", "(", ")", "items.eq.1", "(items.eq.1", "(order_id.eq.\"a)", "(or((paid.is.true)"}) {
    EXPECT_NE(Mistake("or", group).find("write (a.eq.1"), std::string::npos) << group;
  }
  for (const char* group : {"(,)", "(items)", "(\")", "(not.)", "(or())", "(\"\".)", "(not.or(items))"}) {
    EXPECT_NE(Mistake("or", group), "none") << group;
  }
  std::string deep = "items.eq.1";
  for (int i = 0; i < 1'000; ++i) deep = "or(" + deep + ")";
  EXPECT_NE(Mistake("or", "(" + deep + ")").find("write (a.eq.1"), std::string::npos);
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
