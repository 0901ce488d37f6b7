#include "quality/internal/row_condition.h"

#include <gtest/gtest.h>

#include "engine/session.h"

namespace smelt::quality {
namespace {

Result<std::string> Sql(const Json& condition, std::string_view parser = "") {
  return RowConditionSql(condition, parser, [](std::string_view name) -> Result<std::string> {
    if (name == "absent") return Fail(ErrorCode::kQualityNotApplicable, "no such column");
    return engine::QuoteIdentifier(name);
  });
}

void Expect(const Json& condition, std::string_view parser, const std::string& sql) {
  const auto found = Sql(condition, parser);
  ASSERT_TRUE(found) << condition << ": " << found.error().ToString();
  EXPECT_EQ(*found, sql) << condition;
}

TEST(RowConditionTest, ReadsGreatExpectations) {
  Expect(R"(col("status") == "delivered")", "great_expectations", "status = 'delivered'");
  Expect(R"(col("status") == 'it"s')", "great_expectations__experimental__", "status = 'it\"s'");
  Expect(R"(col("price")>5)", "", "price > 5");
  Expect(R"(col("price") <= -5.5e3)", "", "price <= -5.5e3");
  Expect(R"(col("price").notNull())", "", "(price is not null)");
  Expect(R"(col("bought") > date("2018-01-01"))", "", "bought > '2018-01-01'");
  Expect(R"(col("a") != 1)", "", "a is distinct from 1");
}

TEST(RowConditionTest, ReadsPandas) {
  Expect("a == 1 and b == 'x' or not c.isna()", "pandas", "((a = 1 and b = 'x') or (not (c is null)))");
  Expect("(a > 1 | b < 2) & ~(c == True)", "pandas", "((a > 1 or b < 2) and (not coalesce(c = true, false)))");
  Expect("`my col` in [1, 2,]", "pandas", "\"my col\" in (1, 2)");
  Expect("a not in ['x']", "pandas", "(a is null or a not in ('x'))");
  Expect("a in []", "pandas", "false");
  Expect("a != 1", "pandas", "a is distinct from 1");
  Expect("a != a", "pandas", "(a is distinct from a or a is null)");
  Expect("a.isin(['b']) == False", "pandas", "coalesce(a in ('b'), false) = false");
}

TEST(RowConditionTest, ReadsExpressionsOfPandas) {
  Expect("1 < a <= 5 and flag", "pandas", "((1 < a and a <= 5) and flag)");
  Expect("a * 2 + -b > 10 // 3", "pandas", "((a * 2) + (-b)) > floor(10 / 3)");
  Expect("a % 2 == 0", "pandas", "(a - 2 * floor(a / 2)) = 0");
  Expect("a ** 2 == [4, 9]", "pandas", "pow(a, 2) in (4, 9)");
  Expect("a.between(1, 5) | a.isin([7])", "pandas", "((a between 1 and 5) or a in (7))");
  Expect("a.dt.year == 2018 and b.str.len() > 3", "pandas", "(year(a) = 2018 and length(b) > 3)");
  Expect("~b.str.contains('x.', case=False)", "pandas", "(not coalesce(regexp_matches(b, '(?i)x.'), false))");
  Expect("b.str.contains('.', regex=False) or b.str.startswith('A')", "pandas",
         "(contains(b, '.') or starts_with(b, 'A'))");
  Expect("not a > 1", "pandas", "(not coalesce(a > 1, false))");
}

TEST(RowConditionTest, ReadsSql) {
  Expect(R"("order status" = 'x' and price is not null)", "duckdb", "(\"order status\" = 'x' and price is not null)");
  Expect("price between 1 and 2 and not title like 'A%'", "sql",
         "((price between 1 and 2) and (not (title like 'A%')))");
  Expect("price not between 1 and 2 or title not like 'it''s'", "sql",
         "((not price between 1 and 2) or (not title like 'it''s'))");
  Expect("a <> b", "sql", "a != b");
  Expect("a not in (1, 2)", "spark", "a not in (1, 2)");
  Expect("upper(a) = 'X' or b::date > '2018-01-01'", "sql", "(upper(a) = 'X' or b::date > '2018-01-01')");
  EXPECT_FALSE(Sql("upper(a) = 'X'); drop table t; (", "sql"));
  EXPECT_FALSE(Sql("upper(a) = 'X' -- and", "sql"));
}

TEST(RowConditionTest, ReadsObjects) {
  const Json less = {{"type", "comparison"}, {"column", {{"name", "a"}}}, {"operator", "<"}, {"parameter", 5}};
  const Json in = {{"type", "comparison"}, {"column", {{"name", "b"}}}, {"operator", "IN"}, {"parameter", {"x", "y"}}};
  const Json null = {{"type", "nullity"}, {"column", {{"name", "c d"}}}, {"is_null", false}};
  Expect(less, "", "a < 5");
  Expect(in, "", "b in ('x', 'y')");
  Expect({{"type", "pass_through"}, {"pass_through_filter", "a > 5"}}, "", "a > 5");
  Expect({{"type", "or"}, {"conditions", {less, {{"type", "and"}, {"conditions", {in, null}}}}}}, "",
         "(a < 5 or (b in ('x', 'y') and \"c d\" is not null))");
}

TEST(RowConditionTest, RefusesWhatItCannotRead) {
  struct Bad {
    Json condition;
    const char* says;
  };
  const Bad cases[] = {
      {"a >", "expected a column or a value at character 4, found its end"},
      {"a > 1 b", "found \"b\""},
      {"(a > 1", "')'"},
      {"a > 'x", "a quote is not closed, at character 5"},
      {"a > 1; drop table t", "';' has no meaning there, at character 6"},
      {"a in 1", "a list"},
      {"a in [1", "end of the list"},
      {"lower(a) == 1", "found \"lower\""},
      {"a.str.splits('x')", "contains"},
      {"a.describe()", "isnull"},
      {"a is 5", "null"},
      {"", "a column or a value"},
      {std::string(500, '('), "nested too deeply"},
      {5, "comparison"},
      {{{"type", "maybe"}}, "comparison"},
      {{{"type", "comparison"}, {"column", {{"name", "a"}}}, {"operator", 5}, {"parameter", 5}}, "comparison"},
      {{{"type", "comparison"}, {"column", {{"name", "a"}}}, {"operator", "=="}, {"parameter", nullptr}}, "comparison"},
  };
  for (const Bad& bad : cases) {
    const auto sql = Sql(bad.condition, "pandas");
    ASSERT_FALSE(sql) << bad.condition << " became " << *sql;
    EXPECT_EQ(sql.error().code(), ErrorCode::kConfigValueInvalid);
    EXPECT_NE(sql.error().message().find(bad.says), std::string::npos) << sql.error().message();
  }
  EXPECT_EQ(Sql("absent > 1").error().code(), ErrorCode::kQualityNotApplicable);
}

}  // namespace
}  // namespace smelt::quality
