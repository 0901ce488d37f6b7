#include "engine/internal/plain_insert.h"

#include <gtest/gtest.h>

#include <duckdb/parser/parser.hpp>

#include "engine/internal/duck.h"

namespace smelt::engine {
namespace {

bool IsPlain(const std::string& sql) {
  duckdb::Parser parser;
  parser.ParseQuery(sql);
  return IsPlainInsert(*parser.statements.at(0));
}

TEST(PlainInsert, RowsThatAreListedOrCountedOut) {
  for (const char* sql : {
           "insert into t values (1, 'a'), (2, upper('b'))",
           "insert into t (i) values (1) returning i + 1",
           "insert into lake.main.t select 1 as i, now()",
           "insert into t by name select 1 as i",
           "insert into t select i, 'name ' || i, (i * 0.5)::double from range(100) r(i)",
           "insert into t select g, sum(2) from generate_series(1, 3) s(g)",
       }) {
    EXPECT_TRUE(IsPlain(sql)) << sql;
  }
}

TEST(PlainInsert, WhateverReadsOrChooses) {
  for (const char* sql : {
           "insert into t from u",
           "insert into t select * from read_csv('f.csv')",
           "insert into t select i from range(10) r(i) where i > 3",
           "insert into t select i % 2 from range(10) r(i) group by 1",
           "insert into t select i from range(10) r(i) order by i limit 3",
           "insert into t select distinct i from range(10) r(i)",
           "insert into t select row_number() over () from range(10) r(i)",
           "insert into t select i from range(10) r(i) using sample 3",
           "insert into t select i from range((select max(n) from u)) r(i)",
           "insert into t values ((select max(n) from u))",
           "insert into t select exists (from u)",
           "insert into t select a.i from range(3) a(i), range(3) b(i)",
           "insert into t values (1) union all select 2",
           "insert into t with c as (select 1) select * from c",
           "with c as (select 1 as i) insert into t select 1",
           "insert into t default values",
           "create table t as select 1",
           "select 1",
       }) {
    EXPECT_FALSE(IsPlain(sql)) << sql;
  }
}

TEST(PlainInsert, TheOptimizerIsBackAfterwards) {
  duckdb::DuckDB database(nullptr);
  duckdb::Connection connection(database);
  auto& config = duckdb::ClientConfig::GetConfig(*connection.context);
  {
    const WithoutOptimizer plain(*connection.context);
    EXPECT_FALSE(config.enable_optimizer);
    const WithoutOptimizer again(*connection.context);
  }
  EXPECT_TRUE(config.enable_optimizer);
}

}  // namespace
}  // namespace smelt::engine
