#include "serve/postgres/dialect.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace smelt::serve::postgres {
namespace {

std::string Engine(std::string_view sql) {
  const auto parts = SplitScript(sql);
  return parts.empty() ? "" : ToEngineSql(parts.front(), {});
}

void Stays(std::string_view sql) {
  EXPECT_EQ(Engine(sql), sql);
}

TEST(Dialect, NamesOfSchemasAndTypesAreTheEngines) {
  EXPECT_EQ(Engine("select pg_catalog.now(), x::pg_catalog.int4 from public.t"), "select now(), x::int4 from main.t");
  EXPECT_EQ(Engine("select a::jsonb, b::name from t for update"), "select a::json, b::varchar from t ");
  Stays("select t.public.x, 'public.t', \"pg_catalog\" /* public.t */ from t");
}

TEST(Dialect, FloatHas53Bits) {
  EXPECT_EQ(Engine("select a::float, cast(b + 1 as FLOAT), c::float[], float '1.5'"),
            "select a::double, cast(b + 1 as double), c::double[], double '1.5'");
  EXPECT_EQ(Engine("select a::float(24), a::float(25), a::float4, a::float8"),
            "select a::real, a::double, a::float4, a::float8");
  EXPECT_EQ(Engine("create table t (a float not null, b float, c text)"),
            "create table t (a double not null, b double, c text)");
  EXPECT_EQ(Engine("alter table t add column f float"), "alter table t add column f double");
  Stays("select float, t.float, 1 as float from t");
  Stays("select * from (select 1 as float) x");
  Stays("create table t as select float from u");
  Stays("select 'a::float', \"float\" from t");
}

TEST(Dialect, NumericKeepsItsDigits) {
  EXPECT_EQ(Engine("select a::numeric, cast(b as decimal), c::numeric[], d::numeric(9,2), numeric '1.5'"),
            "select a::decimal(32,10), cast(b as decimal(32,10)), c::decimal(32,10)[], d::numeric(9,2), decimal(32,10) "
            "'1.5'");
  EXPECT_EQ(Engine("create table t (a numeric not null, b decimal(9,2))"),
            "create table t (a decimal(32,10) not null, b decimal(9,2))");
  Stays("select numeric, 1 as decimal from t");
}

TEST(Dialect, RowsOfAFunctionHaveTheNameOfTheirTable) {
  EXPECT_EQ(Engine("select d::date from generate_series(a, b) d"), "select d::date from generate_series(a, b) d(d)");
  EXPECT_EQ(Engine("select 1 from t, unnest(array[1]) as \"X\" where true"),
            "select 1 from t, unnest(array[1]) as \"X\"(\"X\") where true");
  Stays("select i from generate_series(1, 2) t(i)");
  Stays("select * from generate_series(1, 2)");
  Stays("select * from generate_series(1, 2) where true");
  Stays("select a, unnest(b) c from t");
  Stays("select * from generate_series(1, 2) with ordinality");
}

TEST(Dialect, DescendingOrdersBeginWithNull) {
  EXPECT_EQ(Engine("select a from t order by a desc, b DESC limit 3"),
            "select a from t order by a desc nulls first, b DESC nulls first limit 3");
  EXPECT_EQ(Engine("select rank() over (order by a desc) from t order by a desc"),
            "select rank() over (order by a desc nulls first) from t order by a desc nulls first");
  EXPECT_EQ(Engine("select sum(a) over (order by b desc rows 1 preceding) from t order by 1 desc for update"),
            "select sum(a) over (order by b desc nulls first rows 1 preceding) from t order by 1 desc nulls first ");
  Stays("select a from t order by a desc nulls last, b asc, c");
  Stays("select a as desc, t.desc, \"desc\" from t order by \"desc\" , 'desc'");
  Stays("desc t");
}

TEST(Dialect, PatternsAreLookedForAnywhere) {
  EXPECT_EQ(Engine("select a ~ 'x', lower(b)!~$1 from t where \"c\" ~ 'y' and 'z' ~ d"),
            "select a ~@ 'x', lower(b)!~@$1 from t where \"c\" ~@ 'y' and 'z' ~@ d");
  Stays("select ~5, a & ~b, (~c) from t where ~d = 1 and a ~* 'x' and b !~* 'y' and c ~~ 'z' and d !~~ e");
  Stays("select '~', \"a ~ b\" /* a ~ b */ from t");
}

TEST(Dialect, ABackslashEscapesInPatternsOfLike) {
  EXPECT_EQ(Engine(R"(select a like 'x\_%' from t where (b not ilike $1))"),
            R"(select a like 'x\_%' escape '\' from t where (b not ilike $1 escape '\'))");
  EXPECT_EQ(Engine("select a like $1::varchar(9), b like $2::character varying and c from t"),
            R"(select a like $1::varchar(9) escape '\', b like $2::character varying escape '\' and c from t)");
  Stays(R"(select a like 'x_%', a like 'x\_' escape '\', a like $1 || '%', a like b from t)");
}

TEST(Dialect, SeriesInASelectListGiveRows) {
  EXPECT_EQ(Engine("select generate_series(1, (2)) as i"), "select unnest(generate_series(1, (2))) as i");
  EXPECT_EQ(Engine("select null, null as a, 1"), "select null::varchar, null::varchar as a, 1");
}

TEST(Dialect, WhatIsNotWholeIsLeft) {
  for (const std::string_view sql :
       {"select generate_series(", "select a::float(", "select cast(a as float", "select * from generate_series(1",
        "float", "create table t (a float", "::float"}) {
    EXPECT_FALSE(Engine(sql).empty()) << sql;
  }
}

}  // namespace
}  // namespace smelt::serve::postgres
