#include "serve/postgres/column_labels.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "serve/postgres/dialect.h"

namespace smelt::serve::postgres {
namespace {

/// The names of a statement's columns, - for those that the engine names.
std::string Names(std::string_view sql, std::size_t columns) {
  std::string text;
  for (const auto& name : OutputNames(Tokens(sql), columns)) text += (text.empty() ? "" : " ") + name.value_or("-");
  return text;
}

TEST(ColumnLabels, AreThoseOfPostgresql) {
  EXPECT_EQ(Names("select count(*), sum(a), max(b) filter (where c), a from t", 4), "count sum max -");
  EXPECT_EQ(Names("select coalesce(a, 1), nullif(a, b), case when a then 1 end, a is null, -a, a || b", 6),
            "coalesce nullif case ?column? ?column? ?column?");
  EXPECT_EQ(Names("select a::int, 1::int, cast(a as text), cast(1 as text), date '2024-01-01', $1, 'x'", 7),
            "a int4 a text date ?column? ?column?");
  EXPECT_EQ(Names("select sum(x) over (order by y), row_number() over w, t.a[1], exists(select 1), array[1]", 5),
            "sum row_number a exists array");
  EXPECT_EQ(Names("select case when a then b else c end, (select max(x) from u), current_date, true", 4),
            "c max current_date ?column?");
  EXPECT_EQ(Names("select percentile_cont(0.5) within group (order by a), mode() within group (order by b) as m, c", 3),
            "percentile_cont m -");
  EXPECT_EQ(
      Names("select a at time zone 'UTC', (a::timestamptz at time zone 'UTC')::date, a + b at time zone 'UTC'", 3),
      "timezone timezone ?column?");
}

TEST(ColumnLabels, LeaveNamesThatAreGiven) {
  EXPECT_EQ(Names("select count(*) as n, sum(a) total, max(b) \"Top\", a.b, n: count(*)", 5), "n total - - -");
  EXPECT_EQ(Names("select 1 as Total, Born, t.Born from t", 3), "total - -");
}

TEST(ColumnLabels, CountAroundColumnsThatAreMany) {
  EXPECT_EQ(Names("select count(*), t.*, max(a) from t", 5), "count - - - max");
  EXPECT_EQ(Names("select 1, * exclude (a, b), 2 from t", 4), "?column? - - ?column?");
  EXPECT_EQ(Names("select 1, a.*, 2, b.*, 3", 7), "?column? - - - - - ?column?");
  EXPECT_EQ(Names("from t", 3), "");
}

TEST(ColumnLabels, AreThoseOfTheOuterQuery) {
  EXPECT_EQ(Names("with a as (select max(x) from t) select count(*) from a", 1), "count");
  EXPECT_EQ(Names("select count(*) from (select max(x) from t) union all select min(y) from u", 1), "count");
  EXPECT_EQ(Names("from t select count(*)", 1), "count");
  EXPECT_EQ(Names("(select count(*) from t)", 1), "count");
  EXPECT_EQ(Names("values (1, 'a')", 2), "column1 column2");
  EXPECT_EQ(Names("insert into t select count(*) from u", 1), "");
  EXPECT_EQ(Names("select {'a': 1, 'b': 2}, 1", 2), "?column? ?column?");
}

std::string Target(std::string_view sql) {
  const auto parts = SplitScript(sql);
  return parts.empty() ? "" : CatalogTarget(parts.front());
}

TEST(CatalogTarget, IsWhatAStatementWouldChange) {
  EXPECT_EQ(Target("create table pg_catalog.x (a int)"), "pg_catalog.x");
  EXPECT_EQ(Target("CREATE OR REPLACE VIEW \"pg_catalog\".x AS SELECT 1"), "pg_catalog.x");
  EXPECT_EQ(Target("insert into lake.information_schema.tables values (1)"), "information_schema.tables");
  EXPECT_EQ(Target("delete from pg_catalog.pg_class"), "pg_catalog.pg_class");
  EXPECT_EQ(Target("drop schema if exists pg_catalog"), "pg_catalog");
  EXPECT_EQ(Target("create table x as select pg_catalog.lower('A')"), "");
  EXPECT_EQ(Target("insert into x select * from pg_catalog.pg_class"), "");
  EXPECT_EQ(Target("select * from pg_catalog.pg_class"), "");
}

}  // namespace
}  // namespace smelt::serve::postgres
