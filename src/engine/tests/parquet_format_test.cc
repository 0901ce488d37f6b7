// Files that smelt's own Parquet writer makes have the rows that went into them, for DuckDB's reader.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/id.h"
#include "engine/internal/duck.h"
#include "engine/internal/parquet/copy_format.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

bool HasPart(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ParquetFormatTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    parquet::RegisterFormat(*database_.instance);
  }
  void TearDown() override { fs::remove_all(folder_); }

  duckdb::unique_ptr<duckdb::MaterializedQueryResult> Run(const std::string& sql) {
    auto result = connection_.Query(sql);
    EXPECT_FALSE(result->HasError()) << sql << "\n" << result->GetError();
    return result;
  }
  std::string Text(const std::string& sql) {
    auto result = Run(sql);
    return result->RowCount() == 0 ? "(no rows)" : result->GetValue(0, 0).ToString();
  }
  void Copy(const std::string& query, const std::string& options = "") {
    Run(fmt::format("copy ({}) to '{}' (format smelt_parquet{})", query, path_, options));
  }
  std::string Refusal(const std::string& query, const std::string& options) {
    const auto result =
        connection_.Query(fmt::format("copy ({}) to '{}' (format smelt_parquet{})", query, path_, options));
    return result->HasError() ? result->GetError() : "no error";
  }
  /// What parquet_metadata says of a column's chunks, each once.
  std::string Metadata(const std::string& column, const std::string& what) {
    return Text(fmt::format(
        "select list_sort(list(distinct {}))::varchar from parquet_metadata('{}') where path_in_schema = '{}'", what,
        path_, column));
  }
  /// How many rows of a table are not those of a file, each in its place.
  std::string Differences(const std::string& table, const std::string& path) {
    return Text(
        fmt::format("with a as (select t as r, row_number() over () as n from {} t), "
                    "b as (select t as r, row_number() over () as n from '{}' t) "
                    "select count(*) from a full join b using (n) where a.r is distinct from b.r",
                    table, path));
  }
  void ExpectSameRows(const std::string& table, const std::string& options) {
    Copy("from " + table, options);
    EXPECT_EQ(Differences(table, path_), "0") << options;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("smelt-parquet-" + NewUuid());
  const std::string path_ = (folder_ / "f.parquet").string();
  duckdb::DuckDB database_{nullptr};
  duckdb::Connection connection_{database_};
};

/// An expression over the row number `i` for a column of each type, of which about `distinct` values differ.
std::vector<std::pair<std::string, std::string>> ColumnsOf(const std::string& n) {
  const std::string h = fmt::format("(hash(i) % {})", n);
  return {
      {"b", h + " % 2 = 0"},
      {"i8", fmt::format("(({} % 256)::int - 128)::tinyint", h)},
      {"i16", fmt::format("(({} % 65536)::int - 32768)::smallint", h)},
      {"i32", fmt::format("({}::bigint - 5)::int", h)},
      {"i64", fmt::format("(hash({}) // 2)::bigint - 4611686018427387904", h)},
      {"f32",
       fmt::format("case {0} % 5 when 0 then 'nan'::float when 1 then '-inf'::float else {0} / 7 end::float", h)},
      {"f64", fmt::format("case {0} % 5 when 0 then -0.0 when 1 then 0.0 else {0} / 7 end", h)},
      {"d4", fmt::format("({} % 1000)::decimal(4, 1)", h)},
      {"d9", fmt::format("-({} % 1000000)::decimal(9, 2)", h)},
      {"d18", fmt::format("{}::decimal(18, 6)", h)},
      {"d38", fmt::format("({}::decimal(38, 3) - 7) * 1000000000000", h)},
      {"da", fmt::format("date '1960-01-01' + ({} % 2000000)::int", h)},
      {"ts", fmt::format(
                 "timestamp '1960-01-01 00:00:00.000001' + to_microseconds((hash({}) % 1000000000000000)::bigint)", h)},
      {"tz", fmt::format("timestamptz '1960-01-01 00:00:00+00' + to_seconds({}::bigint)", h)},
      {"short", fmt::format("{}::varchar", h)},
      {"long", fmt::format("repeat('é', ({0} % 40)::int) || {0}", h)},
      {"bl", fmt::format("encode({}::varchar || chr(0))", h)},
  };
}

TEST_F(ParquetFormatTest, RowsComeBackWhateverTheirTypesAndValues) {
  std::mt19937 random(23);
  const auto any = [&](auto... choices) {
    const std::array all = {std::string(choices)...};
    return all[random() % all.size()];
  };
  for (int round = 0; round < 60; ++round) {
    std::string columns;
    const std::string nulls = any("false", "hash(i, 1) % 3 = 0", "i < 3000", "i % 5000 < 4000", "i > 700", "true");
    for (const auto& [name, value] : ColumnsOf(any("1", "2", "9", "700", "5000", "20000", "1000000000"))) {
      columns += fmt::format(", case when {} then null else {} end as \"{}\"", random() % 3 == 0 ? nulls : "false",
                             value, name);
    }
    const std::string rows = any("0", "1", "7", "8", "9", "2047", "2049", "10000", "70000");
    Run("create or replace table t as select i" + columns + " from range(" + rows + ") r(i)");
    const std::string options =
        fmt::format(", compression {}, row_group_size {}", any("uncompressed", "snappy", "zstd", "lz4_raw"),
                    any("2048", "10000", "61440"));
    ExpectSameRows("t", options);
    if (HasFailure()) {
      FAIL() << "round " << round << ": " << rows << " rows" << columns;
    }
  }
}

TEST_F(ParquetFormatTest, VectorsOfAllKindsAreTaken) {
  Run("create table words as select 'word number ' || (i * 7919 % 300) as w, i from range(300) r(i)");
  // Dictionary vectors come out of Parquet files and of joins, constants out of literals.
  Copy("select w, i % 3 as k from words, range(100)");
  Run(fmt::format("create view shared as select w, k, 'constant' as c, null::int as n, 5::bigint as five from '{}'",
                  path_));
  Run("create table t as from shared");
  Run(fmt::format("copy (from shared) to '{}/g.parquet' (format smelt_parquet)", folder_.string()));
  EXPECT_EQ(Differences("t", folder_.string() + "/g.parquet"), "0");
  Run("create table filtered as select w, a.i from words a join range(20000) r(i) on r.i % 300 = a.i where r.i % 7 > "
      "2");
  ExpectSameRows("filtered", "");
}

TEST_F(ParquetFormatTest, ADictionaryIsUsedWhereItPaysAndLeftWhereItDoesNot) {
  Copy("select i, i % 10 as few, 'v' || i as many from range(20000) r(i)");
  EXPECT_EQ(Metadata("few", "encodings"), "['PLAIN, RLE, RLE_DICTIONARY']");
  EXPECT_EQ(Metadata("many", "encodings"), "['PLAIN, RLE']");
  // Long values that repeat, and then others: what came first stays in the dictionary.
  Run("create table mixed as select case when i < 20000 then repeat('x', 1000) || i % 20 when i % 3 > 0 then "
      "repeat('y', 900) || i end as v, case when i % 2 = 0 then i end as i from range(24000) r(i)");
  ExpectSameRows("mixed", "");
  EXPECT_EQ(Metadata("v", "encodings"), "['PLAIN, RLE, RLE_DICTIONARY']");
  EXPECT_EQ(Metadata("v", "bloom_filter_length is null"), "[true]") << "a filter of a part of the values";
}

TEST_F(ParquetFormatTest, BoundsAreTrue) {
  const auto report = Run(fmt::format(
      "copy (select i as n, case when i = 5 then 'nan'::double else i end as f, 'é' || i as v, null::int as nothing, "
      "repeat('z', 2000) as wide, i % 2 = 0 as b from range(3000) r(i)) to '{}' (format smelt_parquet, return_stats)",
      path_));
  const std::string statistics = report->GetValue(4, 0).ToString();
  for (const std::string part : {R"("n"'={max=2999, min=0, null_count=0})", R"("v"'={max=é999, min=é0, null_count=0})",
                                 R"("f"'={has_nan=true, max=2999.0, min=0.0, null_count=0})",
                                 R"("nothing"'={null_count=3000})", R"("b"'={max=true, min=false, null_count=0})"}) {
    EXPECT_TRUE(HasPart(statistics, part)) << part << "\n" << statistics;
  }
  EXPECT_EQ(Metadata("n", "stats_min_value || ' ' || stats_max_value"), "[0 2999]");
  EXPECT_EQ(Metadata("f", "stats_max_value"), "[NULL]") << "readers do not agree where NaN is";
  EXPECT_EQ(Metadata("wide", "stats_max_value"), "[NULL]") << "too long to help";
  EXPECT_EQ(Metadata("nothing", "stats_null_count"), "[3000]");
  EXPECT_EQ(report->GetValue(2, 0).GetValue<std::uint64_t>(), fs::file_size(path_));
}

TEST_F(ParquetFormatTest, AFilterKnowsWhichValuesAreNotThere) {
  Copy("select (i % 50) * 2 as even, 'v' || (i % 50) * 2 as word from range(20000) r(i)", ", row_group_size 10000");
  const auto may_have = [&](const std::string& column, const std::string& value) {
    return Text(fmt::format("select count(*) from parquet_bloom_probe('{}', '{}', {}) where not bloom_filter_excludes",
                            path_, column, value));
  };
  for (int value = 0; value < 100; value += 2) {
    EXPECT_EQ(may_have("even", fmt::format("{}::bigint", value)), "2") << value;
    EXPECT_EQ(may_have("word", fmt::format("'v{}'", value)), "2") << value;
  }
  int mistaken = 0;
  for (int value = 1; value < 400; value += 2) mistaken += may_have("word", fmt::format("'v{}'", value)) == "0" ? 0 : 1;
  EXPECT_LT(mistaken, 20) << "of 200";
}

TEST_F(ParquetFormatTest, WhatThreadsLeaveBecomesOneRowGroup) {
  Run("set threads = 4; set preserve_insertion_order = false");
  Run("create table t as select i, 'v' || i % 1000 as v, sqrt(i) as d from range(400000) r(i)");
  Copy("from t where i % 40 = 3");
  EXPECT_EQ(Text(fmt::format("select num_row_groups from parquet_file_metadata('{}')", path_)), "1");
  EXPECT_EQ(Text(fmt::format("select count(*) from ((from t where i % 40 = 3) except all (from '{}'))", path_)), "0");
  EXPECT_EQ(Text(fmt::format("select count(*) from '{}'", path_)), "10000");
}

TEST_F(ParquetFormatTest, WideRowsAreManyRowGroups) {
  Run("create table t as select i, repeat(md5(i::varchar), 400) as v from range(15000) r(i)");
  ExpectSameRows("t", "");
  const std::string groups = Text(fmt::format("select num_row_groups from parquet_file_metadata('{}')", path_));
  EXPECT_GT(std::strtol(groups.c_str(), nullptr, 10), 2) << "192 MB of values";
}

TEST_F(ParquetFormatTest, ColumnsHaveTheIdsThatAreAskedFor) {
  Copy("select 1 as a, 2 as \"B c\", 3 as d", ", field_ids {a: 7, 'B c': 11}");
  EXPECT_EQ(Text(fmt::format("select list(name || ' ' || coalesce(field_id::varchar, '-'))::varchar from "
                             "parquet_schema('{}') where name <> 'schema'",
                             path_)),
            "[a 7, B c 11, d -]");
}

TEST_F(ParquetFormatTest, RefusesWhatItDoesNotHave) {
  EXPECT_TRUE(HasPart(Refusal("select [1] as list", ""), "types"));
  EXPECT_TRUE(HasPart(Refusal("select 1", ", compression brotli"), "compression"));
  EXPECT_TRUE(HasPart(Refusal("select 1", ", kv_metadata {a: 'b'}"), "kv_metadata"));
  EXPECT_STREQ(parquet::FormatFor({duckdb::LogicalType::INTEGER}, "snappy"), "smelt_parquet");
  EXPECT_STREQ(parquet::FormatFor({duckdb::LogicalType::INTEGER}, "gzip"), "parquet");
  EXPECT_STREQ(parquet::FormatFor({duckdb::LogicalType::LIST(duckdb::LogicalType::INTEGER)}, "snappy"), "parquet");
}

}  // namespace
}  // namespace smelt::engine
