#include "engine/lineage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "engine/tests/number_from.h"

namespace smelt::engine {
namespace {

std::string Text(const OriginColumn& column) {
  const std::string part = column.field.empty() ? "" : "." + column.field;
  return (column.schema.empty() || column.schema == "main" ? "" : column.schema + ".") + column.table + "." +
         column.column + part;
}

std::string Text(const std::vector<OriginColumn>& columns) {
  std::string text;
  for (const OriginColumn& column : columns) text += (text.empty() ? "" : ", ") + Text(column);
  return text;
}

/// "total: o.a aggregated, o.b copy [o.k]; rows: o.c": sources, influences of the column, influences of the query.
std::string Text(const QueryLineage& lineage) {
  std::string text;
  for (const TracedColumn& column : lineage.columns) {
    std::string sources;
    for (const ColumnSource& source : column.sources) {
      sources +=
          fmt::format("{}{} {}", sources.empty() ? "" : ", ", Text(source.column), DerivationText(source.derivation));
    }
    text += column.name + ": " + sources;
    if (!column.influences.empty()) text += fmt::format(" [{}]", Text(column.influences));
    text += "; ";
  }
  text += "rows: " + Text(lineage.influences);
  for (const std::string& what : lineage.untraced) text += "; untraced " + what;
  return text;
}

class LineageTest : public testing::Test {
 protected:
  void SetUp() override {
    auto lake = EmptyLake::Open();
    ASSERT_TRUE(lake) << lake.error().ToString();
    lake_ = std::move(*lake);
    Define("main", "o", {{"id", "INTEGER"}, {"a", "INTEGER"}, {"b", "INTEGER"}, {"c", "VARCHAR"}});
    Define("main", "p", {{"id", "INTEGER"}, {"x", "INTEGER"}, {"y", "VARCHAR"}});
    Define("raw", "s", {{"v", "STRUCT(a INTEGER, b STRUCT(c VARCHAR, d DATE))"}, {"l", "INTEGER[]"}, {"k", "INTEGER"}});
  }
  void Define(const std::string& schema, const std::string& table, const EmptyLake::Columns& columns) {
    auto status = lake_->Define(schema, table, columns);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  std::string Trace(const std::string& sql) {
    auto lineage = lake_->Trace(sql);
    return lineage ? Text(*lineage) : lineage.error().ToString();
  }

  std::unique_ptr<EmptyLake> lake_;
};

TEST_F(LineageTest, SimpleQueries) {
  EXPECT_EQ(Trace("select a, b as z, a + b as s, 1 as one from o"),
            "a: o.a copy; z: o.b copy; s: o.a computed, o.b computed; one: ; rows: ");
  EXPECT_EQ(Trace("select * from p"), "id: p.id copy; x: p.x copy; y: p.y copy; rows: ");
  EXPECT_EQ(Trace("select columns('a|b') from o where c = 'x' order by id"),
            "a: o.a copy; b: o.b copy; rows: o.c, o.id");
  EXPECT_EQ(Trace("select * exclude (id, c) replace (upper(c) as b) from o"), "a: o.a copy; b: o.c computed; rows: ");
  EXPECT_EQ(Trace("select a::bigint as wide, c::integer as parsed from o limit 3"),
            "wide: o.a copy; parsed: o.c computed; rows: ");
  EXPECT_EQ(Trace("select case when a > 1 then b else id end as v from o"),
            "v: o.a computed, o.b computed, o.id computed; rows: ");
  EXPECT_EQ(Trace("from o select lag(a) over (partition by c order by id) as before, id"),
            "before: o.a computed [o.c, o.id]; id: o.id copy; rows: ");
}

TEST_F(LineageTest, Aggregates) {
  EXPECT_EQ(Trace("select c, sum(a) filter (where b > 0) as total, count(*) as n from o group by c having max(id) > 1"),
            "c: o.c copy; total: o.a aggregated [o.b]; n: ; rows: o.c, o.id");
  EXPECT_EQ(Trace("select count(*) as n, max(a) as m from o where b = 1"),
            "n:  [o.b]; m: o.a aggregated [o.b]; rows: ");
  EXPECT_EQ(Trace("select distinct a, c from o"), "a: o.a copy; c: o.c copy; rows: o.a, o.c");
  EXPECT_EQ(Trace("select distinct on (c) a from o order by c, id"), "a: o.a copy; rows: o.c, o.id");
  EXPECT_EQ(Trace("select string_agg(c, ',' order by id) as l, grouping(b) as g, b from o group by rollup (b)"),
            "l: o.c aggregated [o.id]; g: ; b: o.b copy; rows: o.b");
}

TEST_F(LineageTest, JoinsAndSubqueries) {
  EXPECT_EQ(Trace("select o.a, p.x from o left join p using (id)"), "a: o.a copy; x: p.x copy; rows: o.id, p.id");
  EXPECT_EQ(Trace("select a, (select max(x) from p where p.id = o.id) as m from o"),
            "a: o.a copy; m: p.x aggregated [o.id, p.id]; rows: ");
  EXPECT_EQ(Trace("select a, (select x from p where y = 'k') as only from o"),
            "a: o.a copy; only: p.x copy [p.y]; rows: ");
  EXPECT_EQ(Trace("select a from o where exists (select 1 from p where p.id = o.id and x > 2)"),
            "a: o.a copy; rows: o.id, p.id, p.x");
  EXPECT_EQ(Trace("select id in (select x from p where y = 'k') as known from o"),
            "known: o.id computed, p.x computed [p.y]; rows: ");
  EXPECT_EQ(Trace("select o.a, q.x from o, lateral (select x from p where p.id = o.id order by y limit 1) q"),
            "a: o.a copy; x: p.x copy; rows: o.id, p.id, p.y");
  EXPECT_EQ(Trace("select l.a from o l semi join p r on l.id = r.id"), "a: o.a copy; rows: o.id, p.id");
}

TEST_F(LineageTest, CommonTablesAndSetOperations) {
  EXPECT_EQ(Trace("with q as (select a * 2 as d, c from o where b > 1), r as (select d from q) select d, d + 1 as e "
                  "from r"),
            "d: o.a computed; e: o.a computed; rows: o.b");
  EXPECT_EQ(Trace("select a from o union all select x from p"), "a: o.a copy, p.x copy; rows: ");
  EXPECT_EQ(Trace("select a from o except select x from p"), "a: o.a copy; rows: o.a, p.x");
  EXPECT_EQ(Trace("with recursive t(n, top) as (select id, a from o union all select t.n + x, top from t join p on "
                  "p.id = t.n where n < 5) select * from t"),
            "n: o.id computed, p.x computed; top: o.a copy; rows: o.id, p.id, p.x");
}

TEST_F(LineageTest, NestedValues) {
  EXPECT_EQ(Trace("select v.a, v.b.c as city, v['b'] as b from raw.s"),
            "a: raw.s.v.a copy; city: raw.s.v.b.c copy; b: raw.s.v.b copy; rows: ");
  EXPECT_EQ(Trace("select w.one, w.two from (select {'one': a, 'two': b + 1} as w from o)"),
            "one: o.a copy; two: o.b computed; rows: ");
  EXPECT_EQ(Trace("select k, unnest(l) as e from raw.s"), "k: raw.s.k copy; e: raw.s.l computed; rows: raw.s.l");
  EXPECT_EQ(Trace("select s.k, u.e from raw.s, unnest(s.l) as u(e)"),
            "k: raw.s.k copy; e: raw.s.l computed; rows: raw.s.l");
  EXPECT_EQ(Trace("select list_transform(l, lambda e: e + k) as m from raw.s"),
            "m: raw.s.k computed, raw.s.l computed; rows: ");
}

TEST_F(LineageTest, PivotsAndFunctions) {
  EXPECT_EQ(Trace("pivot (select id, c, a from o) on c in ('u', 'v') using sum(a) group by id"),
            "id: o.id copy; u: o.a aggregated [o.c]; v: o.a aggregated [o.c]; rows: o.id");
  EXPECT_EQ(Trace("unpivot (select id, a, b from o) on a, b into name n value v"),
            "id: o.id copy; n: ; v: o.a computed, o.b computed; rows: o.a, o.b");
  EXPECT_EQ(Trace("select i, a from range(3) as r(i), o"), "i: ; a: o.a copy; rows: ");
  EXPECT_EQ(Trace("select * from (values (1, 'x'), (2, 'y')) as t(n, w)"), "n: ; w: ; rows: ");
}

TEST_F(LineageTest, WhatIsNoQueryIsRefused) {
  for (const char* sql : {"", "create table t (a integer)", "select 1; select 2", "delete from o", "selekt 1",
                          "select nothing from o", "select * from missing", "pivot o on c using sum(a)"}) {
    EXPECT_FALSE(lake_->Trace(sql)) << sql;
  }
  EXPECT_EQ(lake_->Trace("select 1;\nselect 2").error().code(), ErrorCode::kSqlSyntax);
  EXPECT_EQ(lake_->Trace("insert into o values (1)").error().code(), ErrorCode::kSqlUnsupported);
  EXPECT_EQ(lake_->Trace("select id,\n  wrong\nfrom o").error().line(), 2);
  EXPECT_FALSE(lake_->Define("main", "none", {}));
  EXPECT_FALSE(lake_->Define("main", "odd", {{"a", "no such type"}}));
}

TEST_F(LineageTest, DeepQueriesEndInAnAnswer) {
  std::string sql = "select a from o";
  for (int i = 0; i < 300; ++i) sql = fmt::format("select a + 1 as a from ({}) t{}", sql, i);
  EXPECT_EQ(Trace(sql), "a: o.a computed; rows: ");
  std::string unions = "select a from o";
  for (int i = 0; i < 500; ++i) unions += " union all select x from p";
  EXPECT_EQ(Trace(unions), "a: o.a copy, p.x copy; rows: ");
}

TEST(LineageThroughViews, StopsWhereItIsTold) {
  auto engine = Engine::OpenWithoutLake(1, "");
  ASSERT_TRUE(engine);
  auto session = (*engine)->Connect();
  ASSERT_TRUE(
      (*session)->Execute("create temp table t as select 1 as a, 2 as b; "
                          "create temp view v as select a + 1 as c, b from t; "
                          "create temp macro twice(x) as x * 2"));
  EXPECT_EQ(Text(*TraceColumns(**session, "select twice(c) as d, b from v")), "d: t.a computed; b: t.b copy; rows: ");
  EXPECT_EQ(Text(*TraceColumns(**session, "with q as (select * from main.v) select (select max(c) from q) as m from t",
                               ViewTracing::kStop)),
            "m: v.c aggregated; rows: ");
  const auto stopped = TraceColumns(**session, "select c as d, b from v", ViewTracing::kStop);
  ASSERT_TRUE(stopped) << stopped.error().ToString();
  EXPECT_EQ(Text(*stopped), "d: v.c copy; b: v.b copy; rows: ");
}

// -- The claim, tried: a column that is not in the lineage of a result column can be changed and that stays as it is.

/// Random queries over t(a, b, c, d) and u(a, e, f), all of integers.
class RandomQuery {
 public:
  explicit RandomQuery(unsigned seed) : random_(seed) {}

  std::string Make() { return Query(2, Pick(3) + 1); }

 private:
  int Pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string Scalar(const std::vector<std::string>& columns, int depth) {
    const std::string& column = columns[static_cast<std::size_t>(Pick(static_cast<int>(columns.size())))];
    if (depth == 0) return Pick(5) == 0 ? std::to_string(Pick(4)) : column;
    const auto next = [&] { return Scalar(columns, depth - 1); };
    switch (Pick(9)) {
      case 0: return fmt::format("({} + {})", next(), next());
      case 1: return fmt::format("case when {} > {} then {} else {} end", next(), next(), next(), next());
      case 2: return fmt::format("coalesce(nullif({}, {}), {})", next(), next(), next());
      case 3: return fmt::format("(select max(e) from u where u.a = {})", column);
      case 4: return fmt::format("({} in (select f from u where e > {}))::integer", column, Pick(3));
      case 5: return fmt::format("struct_pack(l := {}, r := {}).l", next(), next());
      case 6: return fmt::format("list_sum(list_transform([{}, {}], lambda q: q + {}))", next(), next(), column);
      case 7: return fmt::format("exists (select 1 from u where u.e = {} and u.f > 1)::integer", column);
      default: return column;
    }
  }

  std::string Relation(int depth, const std::string& alias, std::vector<std::string>& columns) {
    if (depth == 0 || Pick(3) == 0) {
      const bool is_t = Pick(2) == 0;
      const std::vector<std::string> names =
          is_t ? std::vector<std::string>{"a", "b", "c", "d"} : std::vector<std::string>{"a", "e", "f"};
      for (const std::string& name : names) columns.push_back(alias + "." + name);
      return fmt::format("{} {}", is_t ? "t" : "u", alias);
    }
    const int width = Pick(2) + 2;
    for (int i = 0; i < width; ++i) columns.push_back(fmt::format("{}.k{}", alias, i));
    return fmt::format("({}) {}", Query(depth - 1, width), alias);
  }

  std::string From(int depth, std::vector<std::string>& columns) {
    std::string from = Relation(depth, Alias(), columns);
    if (Pick(2) == 0) return from;
    const std::string left = columns[static_cast<std::size_t>(Pick(static_cast<int>(columns.size())))];
    const std::size_t before = columns.size();
    const std::string other = Relation(depth, Alias(), columns);
    const std::string right =
        columns[before + static_cast<std::size_t>(Pick(static_cast<int>(columns.size() - before)))];
    constexpr std::array kJoins = {"join", "left join", "full join", "right join"};
    return fmt::format("{} {} {} on {} = {}", from, kJoins[static_cast<std::size_t>(Pick(4))], other, left, right);
  }

  std::string Query(int depth, int width) {
    if (depth > 0 && Pick(5) == 0) {
      constexpr std::array kOperators = {"union all", "union", "except", "intersect"};
      const std::size_t which = static_cast<std::size_t>(Pick(4));
      return fmt::format("(select * from ({})) {} (select * from ({}))", Query(depth - 1, width), kOperators[which],
                         Query(depth - 1, width));
    }
    std::vector<std::string> columns;
    const std::string from = From(depth, columns);
    const std::string where = Pick(3) == 0 ? fmt::format(" where {} > 0", Scalar(columns, 1)) : "";
    std::string list;
    const int kind = Pick(4);
    const std::string key = Scalar(columns, 1);
    for (int i = 0; i < width; ++i) {
      std::string value = Scalar(columns, 2);
      if (kind == 0) value = i == 0 ? key : fmt::format("max({})", value);
      if (kind == 1 && i == 0) {
        value = fmt::format("sum({}) over (partition by {} order by {})", value, key, Scalar(columns, 0));
      }
      if (kind == 2 && i == 0) value = fmt::format("count(*) over (partition by {})", key);
      list += fmt::format("{}({})::bigint as k{}", i == 0 ? "" : ", ", value, i);
    }
    return fmt::format("select {} from {}{}{}", list, from, where, kind == 0 ? " group by " + key : "");
  }

  std::string Alias() { return fmt::format("r{}", aliases_++); }

  std::mt19937 random_;
  int aliases_ = 0;
};

class ClaimTest : public testing::TestWithParam<unsigned> {
 protected:
  /// The values of each column of a result, without their order.
  static std::vector<std::multiset<std::string>> Values(Session& session, const std::string& sql) {
    auto table = session.Query(sql);
    EXPECT_TRUE(table) << sql << "\n" << table.error().ToString();
    if (!table) return {};
    std::vector<std::multiset<std::string>> values(table->columns.size());
    for (const auto& row : table->rows) {
      for (std::size_t i = 0; i < row.size(); ++i) values[i].insert(row[i].value_or("NULL"));
    }
    return values;
  }
};

TEST_P(ClaimTest, ChangesOutsideTheLineageChangeNothing) {
  auto engine = Engine::OpenWithoutLake(1, "");
  ASSERT_TRUE(engine);
  auto session = *(*engine)->Connect();
  ASSERT_TRUE(session->Execute(
      "create temp table t0 as select i % 3 as a, i % 4 as b, i % 5 - 1 as c, (i * 7) % 6 as d from range(9) r(i); "
      "create temp table u0 as select i % 4 as a, i % 3 as e, (i * 5) % 4 as f from range(6) r(i)"));
  const auto reset = [&](const std::string& changed) {
    for (const auto& [table, names] : {std::pair<std::string, std::string>{"t", "abcd"}, {"u", "aef"}}) {
      std::string list;
      for (const char name : names) {
        const bool changes = changed == fmt::format("{}.{}", table, name);
        list += fmt::format("{}{} as {}", list.empty() ? "" : ", ",
                            changes ? fmt::format("({0} * 5 + 3) % 7 + rowid % 2", name) : std::string(1, name), name);
      }
      ASSERT_TRUE(
          session->Execute(fmt::format("create or replace temp table {0} as select {1} from {0}0", table, list)));
    }
  };
  RandomQuery random(GetParam());
  const std::int64_t queries = std::max<std::int64_t>(1, NumberFrom("SMELT_PROPERTY_SEQUENCES", 100) / 4);
  for (std::int64_t i = 0; i < queries; ++i) {
    reset("");
    const std::string sql = random.Make();
    const auto lineage = TraceColumns(*session, sql);
    ASSERT_TRUE(lineage) << sql << "\n" << lineage.error().ToString();
    EXPECT_TRUE(lineage->untraced.empty()) << sql << "\n" << Text(*lineage);
    const auto before = Values(*session, sql);
    for (const std::string source : {"t.a", "t.b", "t.c", "t.d", "u.a", "u.e", "u.f"}) {
      reset(source);
      const auto after = Values(*session, sql);
      for (std::size_t column = 0; column < lineage->columns.size(); ++column) {
        std::set<std::string> claimed;
        for (const auto& own : lineage->columns[column].sources) claimed.insert(Text(own.column));
        for (const auto& own : lineage->columns[column].influences) claimed.insert(Text(own));
        for (const auto& own : lineage->influences) claimed.insert(Text(own));
        if (claimed.contains(source)) continue;
        EXPECT_EQ(before[column], after[column]) << sql << "\n" << Text(*lineage) << "\nchanged: " << source;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ClaimTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace smelt::engine
