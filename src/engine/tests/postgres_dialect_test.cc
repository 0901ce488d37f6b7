#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/internal/postgres_dialect/decimal_math.h"
#include "engine/open_numeric.h"
#include "engine/session.h"
#include "engine/statement.h"

namespace smelt::engine {
namespace {

using postgres::Wide;

// ---- Arithmetic of decimals -----------------------------------------------------------------------------------------

TEST(DecimalMath, QuotientsHaveTheDigitsOfPostgres) {
  const auto divide = [](Wide left, int left_scale, Wide right, int right_scale) {
    const auto quotient = postgres::Divide({left, left_scale, left_scale}, {right, right_scale, right_scale}, 20);
    return quotient ? postgres::TextOf(*quotient, 20, postgres::WithoutZeros(*quotient, 20)) : std::string("none");
  };
  EXPECT_EQ(divide(100, 1, 3, 0), "3.3333333333333333");        // 10.0 / 3
  EXPECT_EQ(divide(1'000'000, 1, 3, 0), "33333.333333333333");  // 100000.0 / 3: twelve digits
  EXPECT_EQ(divide(2, 0, 30, 1), "0.66666666666666666667");
  EXPECT_EQ(divide(-725, 2, 7, 0), "-1.03571428571428571429");
  EXPECT_EQ(divide(0, 0, 3, 0), "0");
  EXPECT_EQ(divide(1, 0, 7'000'000, 1), "0.00000142857142857143");
  EXPECT_EQ(divide(5, 0, 10, 0), "0.5");
  // More than 18 digits before the point.
  Wide large = 1;
  for (int i = 0; i < 30; ++i) large *= 10;
  EXPECT_EQ(divide(large, 0, 7, 0), "none");
  EXPECT_EQ(divide(large, 13, 1, 0), "100000000000000000");
}

/// |left| / |right| with `digits` behind the point, rounded half away from zero: by one division of whole numbers.
Wide Rounded(Wide left, Wide right, int digits) {
  for (int i = 0; i <= digits; ++i) left *= 10;
  return (left / right + 5) / 10;
}

TEST(DecimalMath, AgreesWithDivisionOfWholeNumbers) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> any(1, 999'999'999);
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t left = any(random) >> (random() % 29), right = any(random) >> (random() % 29);
    if (left == 0 || right == 0) continue;
    const auto quotient = postgres::Divide({left, 0, 0}, {-right, 0, 0}, 20);
    ASSERT_TRUE(quotient);
    ASSERT_LE(*quotient, 0);
    // It has as many digits as it needs of those that PostgreSQL has: 8 to 20 for numbers of this size, in fours.
    bool found = false;
    for (const int digits : {8, 12, 16, 20}) {
      Wide expected = Rounded(left, right, digits);
      for (int i = digits; i < 20; ++i) expected *= 10;
      found = found || -*quotient == expected;
    }
    ASSERT_TRUE(found) << left << " / " << right << " is " << postgres::TextOf(*quotient, 20, 20);
  }
}

TEST(DecimalMath, ProductsDropDigitsByRounding) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20'000; ++round) {
    const auto left = static_cast<std::int64_t>(random() >> (random() % 60));
    const auto right = static_cast<std::int64_t>(random() >> (random() % 60));
    const int dropped = static_cast<int>(random() % 20);
    Wide size = static_cast<Wide>(left < 0 ? -Wide{left} : left) * (right < 0 ? -Wide{right} : right);
    Wide power = 1;
    for (int i = 0; i < dropped; ++i) power *= 10;
    size = dropped == 0 ? size : (size / (power / 10) + 5) / 10;
    const auto product = postgres::Multiply(left, right, dropped);
    if (!product) {
      EXPECT_GT(postgres::DigitsOf(size), 38);
      continue;
    }
    EXPECT_EQ(*product < 0 ? -*product : *product, size);
  }
  Wide large = 1;
  for (int i = 0; i < 37; ++i) large *= 10;
  EXPECT_FALSE(postgres::Multiply(large, large, 0));
  EXPECT_EQ(postgres::Multiply(large, large, 37), large);
  EXPECT_EQ(postgres::Multiply(-large, large, 37), -large);
}

TEST(DecimalMath, SquareRootsAreThoseOfWholeNumbers) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const int shown = static_cast<int>(random() % 9);
    const auto value = static_cast<Wide>(random() >> (2 + random() % 60));
    const auto root = postgres::SquareRoot(value, shown, shown);
    ASSERT_TRUE(root);
    // The nearest: (root - 1/2)^2 <= value * 10^shown <= (root + 1/2)^2, four times that to have whole numbers.
    Wide scaled = value * 4;
    for (int i = 0; i < shown; ++i) scaled *= 10;
    if (*root > 0) {
      ASSERT_LE((2 * *root - 1) * (2 * *root - 1), scaled);
    }
    ASSERT_GE((2 * *root + 1) * (2 * *root + 1), scaled);
  }
  EXPECT_EQ(postgres::SquareRoot(0, 0, 0), Wide{0});
  EXPECT_EQ(postgres::SquareRoot(2, 0, 0), Wide{1});
  EXPECT_EQ(postgres::SquareRoot(144, 0, 2), Wide{1200});
  EXPECT_FALSE(postgres::SquareRoot(-1, 0, 0));
  Wide large = 1;
  for (int i = 0; i < 37; ++i) large *= 10;
  EXPECT_FALSE(postgres::SquareRoot(9 * large, 19, 19)) << "a tenfold of it has more than 128 bits";
}

TEST(OpenNumeric, ShowsTheDigitsThatItNeeds) {
  EXPECT_TRUE(IsOpenNumeric(38, 20));
  EXPECT_TRUE(IsOpenNumeric(32, 10));
  EXPECT_FALSE(IsOpenNumeric(18, 10));
  EXPECT_FALSE(IsOpenNumeric(38, 2));
  EXPECT_EQ(ShownScale({.lower = 12'500'000'000, .upper = 0}, 10), 2);
  EXPECT_EQ(ShownScale({.lower = 0, .upper = 0}, 10), 0);
  EXPECT_EQ(ShownScale({.lower = 5'000'000'000'000'000'000, .upper = 0}, 20), 20);  // 0.05
}

// ---- Statements -----------------------------------------------------------------------------------------------------

class PostgresDialectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = std::move(*Engine::OpenWithoutLake(1, ""));
    session_ = std::move(*engine_->Connect());
    ASSERT_TRUE(session_->Execute(
        "create temp table t as select * from (values (1, 7::smallint, 12.50::decimal(10, 2), 0.5::double), "
        "(2, 2::smallint, 7.25::decimal(10, 2), 2.5::double), (3, null, null, null)) v(i, s, m, d)"));
    ASSERT_TRUE(session_->Execute("create temp view halves as select i / 2 as half from t"));
  }

  /// The text of the first row's columns, each ended by a bar; of an error, its message.
  std::string Answer(const std::string& sql, Dialect dialect = Dialect::kPostgres) {
    auto statement = session_->Prepare(sql, dialect);
    if (!statement) return statement.error().message();
    auto rows = (*statement)->Run({}, {.nested_as_json = true});
    if (!rows) return rows.error().message();
    auto batch = (*rows)->Next();
    if (!batch) return batch.error().message();
    std::string text;
    for (const TypedColumn& column : (*batch)->columns) {
      text += column.IsNull(0) ? "null" : std::string(column.Values<TextSlot>()[0].View());
      text += '|';
    }
    return text;
  }
  /// The text and the type of an expression over the table.
  std::string ValueOf(const std::string& expression, const std::string& from = "from t where i = 1") {
    return Answer("select (" + expression + ")::varchar, typeof(" + expression + ") " + from);
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(PostgresDialectTest, OperatorsMeanWhatTheyMeanToPostgres) {
  EXPECT_EQ(ValueOf("7 / 2"), "3|INTEGER|");
  EXPECT_EQ(ValueOf("-7 / 2"), "-3|INTEGER|");
  EXPECT_EQ(ValueOf("s / 2::smallint"), "3|SMALLINT|");
  EXPECT_EQ(ValueOf("i / 3000000000"), "0|BIGINT|");
  EXPECT_EQ(ValueOf("m / 3"), "4.1666666666666667|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("m % 0.7"), "0.60|DECIMAL(19,2)|");
  EXPECT_EQ(ValueOf("d / 2"), "0.25|DOUBLE|");
  EXPECT_EQ(ValueOf("m / 3 * (m / 7)"), "7.44047619047619047619|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("date '2024-03-01' - date '2024-02-01'"), "29|INTEGER|");
  EXPECT_EQ(ValueOf("time '10:00' - time '09:30'"), "00:30:00|INTERVAL|");
  EXPECT_EQ(ValueOf("'5' / 2"), "2|INTEGER|");
  EXPECT_EQ(ValueOf("2.0::real * 3"), "6|DOUBLE|");
  EXPECT_EQ(ValueOf("[1, 2] || 3"), "[1, 2, 3]|INTEGER[]|");
  EXPECT_EQ(ValueOf("1e5"), "100000|DECIMAL(6,0)|");
}

TEST_F(PostgresDialectTest, ZeroAndSizeAreErrors) {
  for (const char* expression :
       {"1 / 0", "1 % 0", "1.5 / 0", "1.5 % 0", "m / 0.0", "d / 0", "mod(i, 0)", "i / (i - i)"}) {
    EXPECT_EQ(ValueOf(expression), "division by zero") << expression;
  }
  EXPECT_EQ(ValueOf("null / 0"), "null|INTEGER|");
  EXPECT_EQ(ValueOf("case when i = 0 then 1 / 0 else 2 end"), "2|INTEGER|");
  EXPECT_EQ(ValueOf("(-2147483648)::int / -1"), "integer out of range");
  EXPECT_EQ(ValueOf("sum(9223372036854775807::bigint)", "from t"), "27670116110564327421|DECIMAL(26,0)|");
}

TEST_F(PostgresDialectTest, ConditionsKeepTheirOrderBeforeADivision) {
  EXPECT_EQ(Answer("select count(*)::varchar from t where s is not null and i <> 1 and 10 / (i - 1) > 5"), "1|");
}

TEST_F(PostgresDialectTest, AggregatesHaveTheTypesOfPostgres) {
  EXPECT_EQ(ValueOf("sum(i)", "from t"), "6|BIGINT|");
  EXPECT_EQ(ValueOf("sum(s)", "from t"), "9|BIGINT|");
  EXPECT_EQ(ValueOf("sum(m)", "from t"), "19.75|DECIMAL(20,2)|");
  EXPECT_EQ(ValueOf("avg(i)", "from t"), "2.0000000000000000|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("avg(i::bigint)", "from t"), "2.0000000000000000|DECIMAL(38,19)|");
  EXPECT_EQ(ValueOf("avg(m)", "from t"), "9.8750000000000000|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("avg(d)", "from t"), "1.5|DOUBLE|");
  EXPECT_EQ(ValueOf("sum(d::real)", "from t"), "3|FLOAT|");
  EXPECT_EQ(ValueOf("sum(interval '1 hour')", "from t"), "03:00:00|INTERVAL|");
  EXPECT_EQ(ValueOf("sum(i)", "from t where false"), "null|BIGINT|");
  EXPECT_EQ(ValueOf("avg(m)", "from t where false"), "null|DECIMAL(38,20)|");
  EXPECT_EQ(Answer("select string_agg(x::varchar, ',' order by i) from (select i, sum(i) over (order by i rows 1 "
                   "preceding) as x from t)"),
            "1,3,5|");
}

TEST_F(PostgresDialectTest, SpreadsOfExactNumbersAreExact) {
  EXPECT_EQ(ValueOf("variance(m)", "from t"), "13.7812500000000000|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("stddev(m)", "from t"), "3.7123106012293745|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("var_pop(i)", "from t"), "0.666666666666666667|DECIMAL(38,18)|");
  EXPECT_EQ(ValueOf("stddev_samp(i)", "from t where i < 2"), "null|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("stddev_pop(i)", "from t where i < 2"), "0.00000000000000000000|DECIMAL(38,20)|");
  EXPECT_EQ(ValueOf("stddev(d)", "from t"), "1.4142135623730951|DOUBLE|");
  // Sums of squares with more than 38 digits.
  EXPECT_EQ(ValueOf("stddev_pop(x::decimal(38, 10))", "from (values (0), (4000000000000000)) v(x)"),
            "2000000000000000.000000000000|DECIMAL(38,12)|");
  EXPECT_EQ(Answer("select string_agg(v::varchar, ',') from (select variance(i) over (order by i) as v from t)"),
            "0.500000000000000000,1.000000000000000000|");
}

TEST_F(PostgresDialectTest, ManyThreadsGiveWhatOneGives) {
  ASSERT_TRUE(
      session_->Execute("create temp table many as select (i % 977)::smallint as k, ((i * 37) % 1000)::int as n, "
                        "((i * 7919) % 100003 / 100.0)::decimal(12, 2) as m from range(600000) r(i)"));
  const std::string all =
      "select sum(n)::varchar, sum(m)::varchar, avg(m)::varchar, variance(n)::varchar, "
      "stddev(m)::varchar, sum(k)::varchar from many";
  const std::string groups =
      "select sum(hash(k, a, b, c))::varchar from (select k, sum(n) as a, avg(m) as b, "
      "var_pop(m) as c from many group by k)";
  std::string one[2];
  for (const int threads : {1, 4}) {
    ASSERT_TRUE(session_->Execute("set threads = " + std::to_string(threads)));
    const std::string answers[2] = {Answer(all), Answer(groups)};
    if (threads == 1) std::ranges::copy(answers, one);
    EXPECT_EQ(answers[0], one[0]);
    EXPECT_EQ(answers[1], one[1]);
  }
  // The engine's own sums, which are exact, too.
  EXPECT_EQ(Answer("select sum(n)::varchar, sum(m)::varchar from many"),
            Answer("select sum(n)::varchar, sum(m)::varchar from many", Dialect::kLake));
}

TEST_F(PostgresDialectTest, FunctionsHaveTheTypesOfPostgres) {
  EXPECT_EQ(ValueOf("length('abc')"), "3|INTEGER|");
  EXPECT_EQ(ValueOf("octet_length('abc')"), "3|INTEGER|");
  EXPECT_EQ(ValueOf("round(2.5::double)"), "2|DOUBLE|");
  EXPECT_EQ(ValueOf("round(2.567, 2)"), "2.57|DECIMAL(4,2)|");
  EXPECT_EQ(ValueOf("round(1234, -2)"), "1200|DECIMAL(10,0)|");
  EXPECT_EQ(ValueOf("\"extract@\"('second', timestamp '2024-01-01 10:11:12.5')"), "12.500000|DECIMAL(18,6)|");
  EXPECT_EQ(ValueOf("date_part('year', date '2024-01-01')"), "2024|DOUBLE|");
  EXPECT_EQ(ValueOf("date_trunc('month', date '2024-02-03')"), "2024-02-01 00:00:00+00|TIMESTAMP WITH TIME ZONE|");
  EXPECT_EQ(ValueOf("'a' similar to '(a|b)_+'"), "false|BOOLEAN|");
  EXPECT_EQ(ValueOf("'abc' similar to 'a%'"), "true|BOOLEAN|");
  EXPECT_EQ(ValueOf("substring('foobar', 'o(b)')"), "b|VARCHAR|");
  EXPECT_EQ(ValueOf("concat('a', true)"), "at|VARCHAR|");
  EXPECT_EQ(ValueOf("'off'::boolean"), "false|BOOLEAN|");
  EXPECT_EQ(ValueOf("'2024-02-29 10:00+00'::timestamptz"), "2024-02-29 10:00:00+00|TIMESTAMP WITH TIME ZONE|");
  EXPECT_EQ(ValueOf("'abcdef'::varchar(3)"), "abc|VARCHAR|");
  EXPECT_EQ(ValueOf("0.1::double::decimal(10, 2)"), "0.10|DECIMAL(10,2)|");
  EXPECT_EQ(Answer("select typeof(generate_series) from generate_series(1, 3)"), "INTEGER|");
  EXPECT_EQ(Answer("select v.column2 from (values (1, 'x')) as v"), "x|");
}

TEST_F(PostgresDialectTest, FunctionsMakeRows) {
  const auto rows = [&](const std::string& column, const std::string& from) {
    return Answer("select string_agg((" + column + ")::text, '+') from " + from);
  };
  EXPECT_EQ(rows("key || value::text", "json_each('{\"a\": 1, \"b\": [2]}')"), "a1+b[2]|");
  EXPECT_EQ(rows("n || coalesce(v, '?')", "json_array_elements_text('[\"x\", null]') with ordinality as t(v, n)"),
            "1x+2?|");
  EXPECT_EQ(rows("coalesce(n, 0) || s", "unnest([1, 2], ['a', 'b', 'c']) as t(n, s)"), "1a+2b+0c|");
  EXPECT_EQ(rows("m", "(select regexp_matches('a1b2', '([a-z])([0-9])', 'g') as m)"), "[a, 1]+[b, 2]|");
  EXPECT_EQ(rows("m", "(select regexp_matches('a1b2', '[0-9]') as m)"), "[1]|");
  EXPECT_EQ(rows("m", "(select regexp_matches('xyz', '[0-9]') as m)"), "null|");
  EXPECT_EQ(rows("d::date", "generate_series('2024-02-28'::timestamp, '2024-03-01', '1 day') as t(d)"),
            "2024-02-28+2024-02-29+2024-03-01|");
  EXPECT_EQ(Answer("select typeof(d) from generate_series(date '2024-02-28', '2024-02-28', '1 day') as t(d)"),
            "TIMESTAMP WITH TIME ZONE|");
}

TEST_F(PostgresDialectTest, TimesHaveNames) {
  EXPECT_EQ(ValueOf("'now'::timestamptz = now()"), "true|BOOLEAN|");
  EXPECT_EQ(ValueOf("' Today '::date = current_date"), "true|BOOLEAN|");
  EXPECT_EQ(ValueOf("'tomorrow'::timestamp - 'yesterday'::timestamp"), "2 days|INTERVAL|");
}

TEST_F(PostgresDialectTest, FormatKnowsPercentSigns) {
  EXPECT_EQ(Answer("select format('%s of %s, %1$s %%', i, m) from t where i = 1"), "1 of 12.50, 1 %|");
  EXPECT_EQ(Answer("select format('%I = %L or %L', 'a b', 'it''s \\', null)"), "\"a b\" = E'it''s \\\\' or NULL|");
  EXPECT_EQ(Answer("select format('|%5s|%-5s|%3$2s|', 'é', 'ab', true)"), "|    é|ab   | t||");
  EXPECT_EQ(Answer("select format(null, 1), format('plain'), format('%s', null)"), "null|plain||");
  EXPECT_EQ(Answer("select format('%s')"), "format: there are too few values");
  EXPECT_EQ(Answer("select format('%d', 1)"), "format: there is no %d; it knows %s, %I and %L");
  EXPECT_EQ(Answer("select format('%', 1)"),
            "format: the pattern ends behind a percent sign; write %% for the sign itself");
  EXPECT_EQ(Answer("select format('%0$s', 1)"), "format: positions begin at 1");
  EXPECT_EQ(Answer("select format('%99999999s', 1)"), "format: a number is too large");
  EXPECT_EQ(Answer("select format(repeat('%1$1000000s', 20), 1)"), "format: the text is longer than 16 MiB");
  EXPECT_EQ(Answer("select format('%I', null)"), "format: NULL is no name");
}

TEST_F(PostgresDialectTest, ListsAreReadAsPostgresWritesThem) {
  EXPECT_EQ(ValueOf("'{1,NULL, 3}'::int[]"), "[1, NULL, 3]|INTEGER[]|");
  EXPECT_EQ(ValueOf("'{}'::int[]"), "[]|INTEGER[]|");
  EXPECT_EQ(ValueOf(R"('{a,"b, \"c\"","NULL",it''s}'::varchar[])"), R"([a, 'b, "c"', 'NULL', 'it\'s']|VARCHAR[]|)");
  EXPECT_EQ(ValueOf("'[1, 2]'::int[]"), "[1, 2]|INTEGER[]|");
  EXPECT_EQ(ValueOf("2 = any('{1,2}'::int[])"), "true|BOOLEAN|");
  for (const char* text : {"{1,2,}", "{1,,2}", "{,}", "{\"1}", "{\"1\"2}", "{{1},{2}}", "{1"}) {
    EXPECT_TRUE(ValueOf("'" + std::string(text) + "'::int[]").contains("arra")) << text;
  }
  EXPECT_EQ(ValueOf("array_to_string(['a', null], ',', '*')"), "a,*|VARCHAR|");
}

TEST_F(PostgresDialectTest, NumbersAreWrittenAsPostgresWritesThem) {
  EXPECT_EQ(Answer("select 1e10::double::varchar, 100::double::text, 1e20::double::text, 0.00001::double::text, "
                   "16777216::real::text, 'nan'::double::text, '-inf'::double::text, 'w: ' || 2.0::double"),
            "10000000000|100|1e+20|1e-05|1.6777216e+07|NaN|-Infinity|w: 2|");
}

TEST_F(PostgresDialectTest, NumbersThatMeetInOneColumnKeepTheirDigits) {
  EXPECT_EQ(
      Answer("select string_agg(x::varchar, ' ' order by x) from (select avg(m) as x from t union all select sum(m) "
             "from t union all select sum(i::bigint) from t)"),
      "6.000000000000 9.875000000000 19.750000000000|");
  EXPECT_EQ(Answer("select greatest(m / 3, m - 9, round(1.5, 0))::varchar from t where i = 1"), "4.1666666666666667|");
  EXPECT_EQ(Answer("select coalesce(m / 3, floor(m), m % 7)::varchar from t where i = 1"), "4.1666666666666667|");
}

TEST_F(PostgresDialectTest, ViewsAndOtherDoorsKeepTheMeaningOfTheLake) {
  EXPECT_EQ(Answer("select half::varchar from halves where half < 1"), "0.5|");
  EXPECT_EQ(Answer("select (7 / 2)::varchar", Dialect::kLake), "3.5|");
  ASSERT_TRUE((*session_->Prepare("create temp view made as select 7 / 2 as x", Dialect::kPostgres))->Run({}));
  EXPECT_EQ(Answer("select x::varchar from made"), "3.5|");
  ASSERT_TRUE((*session_->Prepare("create temp table kept as select 7 / 2 as x", Dialect::kPostgres))->Run({}));
  EXPECT_EQ(Answer("select x::varchar from kept"), "3|");
}

TEST_F(PostgresDialectTest, EveryPartOfAStatementIsRewritten) {
  EXPECT_EQ(
      Answer("with h as (select i / 2 as x from t) select (select max(x) from h)::varchar, exists(select 1 from t "
             "where i / 2 = 1)::varchar from h where x in (select i / 2 from t) order by x limit 4 / 2"),
      "1|true|");
  EXPECT_EQ(Answer("select (i / 2)::varchar from t group by i / 2 having sum(i) / 2 > 1 order by i / 2"), "1|");
  ASSERT_TRUE((*session_->Prepare("update t set s = i / 2 where i / 2 = 1 and i = 3", Dialect::kPostgres))->Run({}));
  EXPECT_EQ(Answer("select s::varchar from t where i = 3"), "1|");
  ASSERT_TRUE((*session_->Prepare("insert into t (i) select 9 / 2", Dialect::kPostgres))->Run({}));
  ASSERT_TRUE((*session_->Prepare("delete from t where i / 4 = 1", Dialect::kPostgres))->Run({}));
  EXPECT_EQ(Answer("select count(*)::varchar from t"), "3|");
}

TEST_F(PostgresDialectTest, ParametersTakeTheTypeOfTheOtherSide) {
  auto statement = session_->Prepare("select i / $1 as x, m / $2 as y from t", Dialect::kPostgres);
  ASSERT_TRUE(statement) << statement.error().ToString();
  const auto shape = (*statement)->Describe();
  ASSERT_TRUE(shape) << shape.error().ToString();
  EXPECT_EQ((*shape)->parameters[0].kind, ValueKind::kInt32);
  EXPECT_EQ((*shape)->columns[0].type.kind, ValueKind::kInt32);
}

}  // namespace
}  // namespace smelt::engine
