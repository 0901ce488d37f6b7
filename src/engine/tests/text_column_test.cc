// Columns of texts as they stand in Parquet files of several writers, and damaged ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"
#include "base/tests/fuzzer.h"
#include "engine/internal/duck.h"
#include "engine/internal/parquet/copy_format.h"
#include "engine/internal/parquet/file_layout.h"
#include "engine/internal/parquet/local_file.h"
#include "engine/internal/parquet/text_column.h"

namespace smelt::engine::parquet {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class TextColumnTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    RegisterFormat(*database_.instance);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Copy(const std::string& query, const std::string& options) {
    const auto result = connection_.Query(fmt::format("copy ({}) to '{}' ({})", query, path_, options));
    ASSERT_FALSE(result->HasError()) << result->GetError();
  }
  /// What DuckDB reads, NULL as an empty text.
  Lines Expected(const std::string& expression) {
    const auto result = connection_.Query(fmt::format("select coalesce({}, '') from '{}'", expression, path_));
    Lines lines;
    for (duckdb::idx_t row = 0; row < result->RowCount(); ++row) lines.push_back(result->GetValue(0, row).ToString());
    return lines;
  }
  std::optional<Lines> Read(std::string_view column) {
    const auto file = LocalFile::Open(path_);
    Lines lines;
    const auto take = [&](const FoundText& found) { lines.emplace_back(found.text); };
    if (!file || !ReadTextColumn(*file, column, TextsAre::kRead, take)) return std::nullopt;
    Lines passed;
    const auto see = [&](const FoundText& found) {
      passed.emplace_back(found.text);
      if (found.owner == nullptr) ExpectAt(*file, found);
    };
    EXPECT_TRUE(ReadTextColumn(*file, column, TextsAre::kPassed, see));
    EXPECT_EQ(passed, lines);
    return lines;
  }

  static void ExpectAt(const LocalFile& file, const FoundText& found) {
    std::string there(found.text.size(), ' ');
    ASSERT_TRUE(file.Read(found.offset, there.data(), there.size()));
    ASSERT_EQ(there, found.text);
  }

  const fs::path folder_ = fs::temp_directory_path() / ("smelt-texts-" + NewUuid());
  const std::string path_ = (folder_ / "f.parquet").string();
  duckdb::DuckDB database_{nullptr};
  duckdb::Connection connection_{database_};
};

constexpr const char* kNested =
    "select case when i % 5 > 0 then {'path': 'p' || i, 'stats': case when i % 7 > 1 then repeat('é', (i % 50)::int) "
    "|| i % 3000 "
    "end, 'few': 'f' || i % 4} end as add, case when i = 3 then {'id': 'x'} end as \"metaData\" from range(9000) r(i)";

TEST_F(TextColumnTest, TextsAreThoseThatDuckDbReads) {
  for (const char* codec : {"uncompressed", "snappy", "zstd", "lz4_raw"}) {
    for (const char* version : {"v1", "v2"}) {
      SCOPED_TRACE(std::string(codec) + " " + version);
      Copy(kNested, fmt::format("format parquet, compression {}, parquet_version {}, row_group_size 4000, "
                                "string_dictionary_page_size_limit 20000",
                                codec, version));
      EXPECT_EQ(Read("add.few"), Expected("add.few"));
      // Of texts that differ, the second version of the format keeps lengths apart, which is left to DuckDB.
      if (version[1] == '2') continue;
      EXPECT_EQ(Read("add.stats"), Expected("add.stats"));
      EXPECT_EQ(Read("metaData.id"), Expected("\"metaData\".id"));
    }
  }
}

TEST_F(TextColumnTest, TextsOfOurOwnFilesAreRead) {
  for (const char* codec : {"uncompressed", "snappy", "zstd", "lz4_raw"}) {
    SCOPED_TRACE(codec);
    Copy(
        "select case when i % 3 > 0 then 's' || i end as one, case when i < 6000 then repeat('x', 900) || i % 9 else "
        "'y' || i "
        "end as mixed, 'f' || i % 9 as few, null::varchar as none from range(20000) r(i)",
        fmt::format("format smelt_parquet, compression {}, row_group_size 8192", codec));
    for (const char* column : {"one", "mixed", "few", "none"}) EXPECT_EQ(Read(column), Expected(column)) << column;
  }
}

TEST_F(TextColumnTest, WhatIsNotKnownIsLeftToDuckDb) {
  Copy("select 1 as number, ['a'] as list, {'a': 'b'} as s, 'x' as gzipped", "format parquet, compression gzip");
  for (const char* path : {"number", "list", "list.list.element", "s", "nowhere", "gzipped", ""}) {
    EXPECT_FALSE(Read(path)) << path;
  }
  Copy("select 's' as \"a.b\", {'b': 't'} as a", "format parquet");
  EXPECT_FALSE(Read("a.b")) << "one of two";
  ASSERT_TRUE(WriteWholeFile(path_, "PAR1 no footer PAR1"));
  EXPECT_FALSE(LocalFile::Open(path_));
  EXPECT_FALSE(LocalFile::Open((folder_ / "none").string()));
  EXPECT_FALSE(LocalFile::Open(folder_.string()));
}

TEST_F(TextColumnTest, TextsThatAreNoUtf8AreLeftToDuckDb) {
  Copy("select 'word' as t from range(10)", "format parquet, compression uncompressed");
  std::string bytes = ReadWholeFile(path_).value();
  bytes[bytes.find("word")] = '\xff';
  ASSERT_TRUE(WriteWholeFile(path_, bytes));
  EXPECT_FALSE(Read("t"));
}

TEST_F(TextColumnTest, ColumnsWithoutValuesAreKnown) {
  Copy(
      "select {'a': null::int, 'b': {'c': null::varchar, 'd': null::map(varchar, varchar)}, 'e': case when i = 2999 "
      "then 1 end} "
      "as s, null::varchar as t, 'x' as tt from range(3000) r(i)",
      "format parquet, row_group_size 2048");
  const FileLayout layout = LocalFile::Open(path_)->layout();
  for (const char* path : {"s.a", "s.b", "s.b.c", "s.b.d", "t"}) EXPECT_TRUE(layout.IsValueless(path)) << path;
  for (const char* path : {"s", "s.e", "tt", "nothing", "s.", ""}) EXPECT_FALSE(layout.IsValueless(path)) << path;
  EXPECT_FALSE(FileLayout().IsValueless("t"));
}

/// Damaged footers and pages: an answer or none, and no read beyond the file. Under the sanitizers, see `make fuzz`.
class TextColumnDamage : public TextColumnTest {};

TEST_F(TextColumnDamage, IsSurvived) {
  testing_support::Texts corpus;
  for (const char* options : {"compression uncompressed", "compression snappy, parquet_version v2", "compression zstd",
                              "compression lz4_raw, row_group_size 2048"}) {
    Copy(
        "select {'path': 'p' || i, 'stats': case when i % 3 > 0 then 's' || i % 40 end} as add, null::map(varchar, "
        "varchar) as tags from range(2100) r(i)",
        fmt::format("format parquet, {}", options));
    corpus.push_back(ReadWholeFile(path_).value());
  }
  const testing_support::Texts edges = {std::string("\xff\xff\xff\xff\x0f", 5), std::string(4, '\0'), "\x19\xfc",
                                        "PAR1"};
  testing_support::Fuzz(300, [&](testing_support::Mutator& mutator) {
    ASSERT_TRUE(WriteWholeFile(path_, mutator.Mutate(corpus, edges)));
    for (const char* path : {"add.stats", "add.path"}) (void)Read(path);
  });
}

}  // namespace
}  // namespace smelt::engine::parquet
