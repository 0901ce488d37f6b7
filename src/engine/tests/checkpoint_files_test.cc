// Checkpoint files as they come from smelt and from others, read row by row.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/id.h"
#include "engine/internal/checkpoint_files.h"
#include "engine/internal/checkpoint_parquet.h"
#include "engine/internal/parquet/local_file.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

std::string Line(const delta::Action& action) {
  std::string line;
  delta::AppendAction(action, line);
  line.pop_back();
  return line;
}

/// Keeps the rows as lines of a log.
struct Taken final : delta::CheckpointRows {
  Lines lines;
  int files = 0;  ///< rows that came as files, not as JSON

  Status Take(std::shared_ptr<delta::Add> add) override {
    ++files;
    lines.push_back(Line(std::move(*add)));
    return {};
  }
  Status TakeJson(std::string_view json) override {
    SMELT_ASSIGN(const auto action, delta::ParseAction(json, "test", 1));
    if (action) lines.push_back(Line(*action));
    return {};
  }
};

delta::Add PlainAdd(const std::string& path) {
  delta::Add add;
  add.path = path;
  add.size_bytes = 5;
  add.modification_time_ms = 6;
  add.data_change = false;
  return add;
}

/// A file with statistics of up to `sizes` thousand bytes that cannot be compressed; with none where `sizes` divides
/// `i`.
delta::Add NoisyAdd(int i, int sizes) {
  delta::Add add = PlainAdd("a" + std::to_string(i));
  std::string noise;
  while (std::ssize(noise) < i % sizes * 1'000) noise += NewUuid();
  if (!noise.empty()) add.stats = R"({"numRecords":1,"minValues":{"a":")" + noise + "\"}}";
  return add;
}

class CheckpointFilesTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// Writes a checkpoint whose rows are those of a query.
  void Copy(const std::string& query) {
    const auto result = duckdb::Connection(database_).Query("copy (" + query + ") to '" + path_ + "' (format parquet)");
    ASSERT_FALSE(result->HasError()) << result->GetError();
  }

  /// The columns by the file's footer.
  std::optional<CheckpointColumns> Columns() {
    const auto file = parquet::LocalFile::Open(path_);
    EXPECT_TRUE(file);
    return file ? ColumnsOf(file->layout()) : std::nullopt;
  }

  Taken Read(delta::CheckpointPart part = delta::CheckpointPart::kAll) {
    Taken taken;
    const Status read = format_->Read(path_, taken, part);
    EXPECT_TRUE(read) << read.error().ToString();
    return taken;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("smelt-checkpoint-" + NewUuid());
  const std::string path_ = (folder_ / "c.parquet").string();
  duckdb::DuckDB database_{nullptr};
  std::unique_ptr<delta::CheckpointFormat> format_ = MakeParquetCheckpoints(*database_.instance);
};

TEST_F(CheckpointFilesTest, EveryMemberOfAFileIsKept) {
  delta::Add rich = PlainAdd("p=a%20b/x.parquet");
  rich.partition_values = {{"p", "a b"}, {"q", std::nullopt}};
  rich.data_change = true;
  rich.stats = R"({"numRecords":1,"minValues":{"a":"ü\"\\"}})";
  rich.tags = {{"k", "v"}, {"empty", ""}};
  rich.deletion_vector = delta::DeletionVector{"u", "xyz", 4, 40, 2};
  rich.base_row_id = 1;
  rich.default_row_commit_version = 2;
  rich.clustering_provider = "liquid";
  delta::Add whole = PlainAdd("y.parquet");
  whole.deletion_vector = delta::DeletionVector{"p", "/d.bin", std::nullopt, 40, 2};
  delta::Remove remove;
  remove.path = "z.parquet";
  remove.deletion_timestamp_ms = 7;
  delta::Metadata metadata;
  metadata.id = "t";
  metadata.schema_string = "{}";
  const Lines lines = {Line(delta::Protocol{}),
                       Line(rich),
                       Line(remove),
                       Line(PlainAdd("plain")),
                       Line(metadata),
                       Line(whole),
                       Line(delta::Txn{"app", 3, 4}),
                       Line(delta::DomainMetadata{"d", "c", false})};
  ASSERT_TRUE(format_->Write(lines, path_));
  const Taken taken = Read();
  EXPECT_EQ(taken.lines, lines);
  EXPECT_EQ(taken.files, 3);
}

TEST_F(CheckpointFilesTest, ManyFilesKeepTheirOrder) {
  Lines lines;
  for (int i = 0; i < 5'000; ++i) lines.push_back(Line(PlainAdd(std::to_string(i))));
  ASSERT_TRUE(format_->Write(lines, path_));
  EXPECT_EQ(Read().lines, lines);
}

TEST_F(CheckpointFilesTest, StatisticsOutliveTheDatabaseThatReadThem) {
  const auto stats_of = [](int i) -> std::string {
    if (i % 3 == 0) return "";
    return i % 3 == 1 ? "{}" : R"({"numRecords":)" + std::string(static_cast<std::size_t>(i % 100), '1') + "}";
  };
  constexpr int kFiles = 5'000;
  Lines lines;
  for (int i = 0; i < kFiles; ++i) {
    delta::Add add = PlainAdd(std::to_string(i));
    add.stats = stats_of(i);
    lines.push_back(Line(std::move(add)));
  }
  ASSERT_TRUE(format_->Write(lines, path_));
  struct Kept final : delta::CheckpointRows {
    std::vector<delta::Add> files;
    Status Take(std::shared_ptr<delta::Add> add) override {
      files.push_back(std::move(*add));
      return {};
    }
    Status TakeJson(std::string_view) override { return {}; }
  } kept;
  {
    duckdb::DuckDB other(nullptr);
    const Status read = MakeParquetCheckpoints(*other.instance)->Read(path_, kept, delta::CheckpointPart::kAll);
    ASSERT_TRUE(read) << read.error().ToString();
  }
  ASSERT_EQ(kept.files.size(), std::size_t{kFiles});
  for (int i = 0; i < kFiles; ++i) ASSERT_EQ(kept.files[static_cast<std::size_t>(i)].stats, stats_of(i)) << i;
}

TEST_F(CheckpointFilesTest, LargeOnesWithoutCompressionKeepTheirStatistics) {
  Lines lines;
  for (int i = 0; i < 6'000; ++i) {
    lines.push_back(Line(NoisyAdd(i, 3)));
  }
  ASSERT_TRUE(format_->Write(lines, path_));
  const std::string plain = path_ + ".plain";
  duckdb::Connection connection(*database_.instance);
  const auto copied =
      connection.Query("copy (from '" + path_ + "') to '" + plain + "' (format parquet, compression uncompressed)");
  ASSERT_FALSE(copied->HasError()) << copied->GetError();
  ASSERT_GT(std::filesystem::file_size(plain), std::uintmax_t{5} << 20);
  std::filesystem::rename(plain, path_);
  EXPECT_EQ(Read().lines, lines);
}

TEST_F(CheckpointFilesTest, LargeOnesAreReadInTwoAndPutTogether) {
  Lines lines = {Line(delta::Protocol{})};
  for (int i = 0; i < 4'000; ++i) {
    lines.push_back(Line(NoisyAdd(i, 4)));
    if (i % 5 > 0) continue;
    delta::Remove remove;
    remove.path = "r" + std::to_string(i);
    lines.push_back(Line(remove));
  }
  lines.push_back(Line(delta::Txn{"app", 3, 4}));
  ASSERT_TRUE(format_->Write(lines, path_));
  ASSERT_GT(fs::file_size(path_), std::uintmax_t{4} << 20) << "the noise is there to make it large";
  const Taken taken = Read();
  EXPECT_EQ(taken.files, 4'000);
  ASSERT_EQ(taken.lines.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(taken.lines[i], lines[i]) << i;
}

TEST_F(CheckpointFilesTest, TheFooterSaysWhichColumnsThereAre) {
  ASSERT_TRUE(format_->Write({Line(PlainAdd("a")), R"({"txn":{"appId":"a","version":1}})"}, path_));
  const auto columns = Columns();
  ASSERT_TRUE(columns);
  duckdb::Connection connection(database_);
  const auto query = connection.Query("from read_parquet('" + path_ + "')");
  EXPECT_EQ(columns->names, query->names);
  const auto add = std::ranges::find(query->names, "add") - query->names.begin();
  EXPECT_EQ(columns->add.ToString(), query->types[static_cast<std::size_t>(add)].ToString());
}

TEST_F(CheckpointFilesTest, AQueryIsAskedForColumnsOfOtherTypes) {
  for (const char* member : {"'a'::blob", "1::utinyint", "now()", "date '2020-01-01'", "1.5::decimal(9, 2)", "[1]",
                             "map {'a': 1}", "{'b': uuid()}"}) {
    Copy(std::string("select {'path': 'a', 'other': ") + member + "} as add");
    EXPECT_FALSE(Columns()) << member;
    Copy(std::string("select {'path': 'a'} as add, ") + member + " as other");
    const auto columns = Columns();
    ASSERT_TRUE(columns) << member;
    EXPECT_EQ(columns->add.ToString(), "STRUCT(path VARCHAR)");
  }
  Copy("select 1 as other");
  EXPECT_EQ(Columns()->add, duckdb::LogicalType::SQLNULL);
}

TEST_F(CheckpointFilesTest, AReaderThatHasEnoughStopsTheQuery) {
  Lines lines;
  for (int i = 0; i < 5'000; ++i) lines.push_back(Line(PlainAdd(std::to_string(i))));
  ASSERT_TRUE(format_->Write(lines, path_));
  struct Stopping final : delta::CheckpointRows {
    int files = 0;
    Status Take(std::shared_ptr<delta::Add>) override {
      if (++files < 10) return {};
      return Fail(ErrorCode::kDeltaCorrupt, "ten are too many");
    }
    Status TakeJson(std::string_view) override { return {}; }
  } stopping;
  const Status read = format_->Read(path_, stopping, delta::CheckpointPart::kAll);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kDeltaCorrupt);
  EXPECT_EQ(stopping.files, 10);
}

TEST_F(CheckpointFilesTest, AnEmptyPartitionValueIsNull) {
  Copy(
      "select {'path': 'a', 'partitionValues': map {'p': '', 'q': 'x'}, 'size': 5::bigint, "
      "'modificationTime': 6::bigint, 'dataChange': false} as add");
  delta::Add add = PlainAdd("a");
  add.partition_values = {{"p", std::nullopt}, {"q", "x"}};
  const Taken taken = Read();
  EXPECT_EQ(taken.lines, Lines{Line(add)});
  EXPECT_EQ(taken.files, 1);
}

TEST_F(CheckpointFilesTest, OtherTypesThanTheProtocolsAreReadAsJson) {
  Copy(
      "select {'path': 'a', 'partitionValues': map {}::map(varchar, varchar), 'size': 5::integer, "
      "'modificationTime': 6::bigint, 'dataChange': false} as add");
  const Taken taken = Read();
  EXPECT_EQ(taken.lines, Lines{Line(PlainAdd("a"))});
  EXPECT_EQ(taken.files, 0);
}

TEST_F(CheckpointFilesTest, RowsWithoutFilesNeedNoSuchColumn) {
  Copy(R"(select {'version': 4::bigint} as "checkpointMetadata", {'path': 's.parquet', 'sizeInBytes': 1, )"
       R"('modificationTime': 2} as sidecar)");
  EXPECT_EQ(Read().lines, Lines{R"({"checkpointMetadata":{"version":4}})"});
}

TEST_F(CheckpointFilesTest, AFileThatLacksSomethingIsNamed) {
  const auto expect = [&](const std::string& add, const std::string& missing) {
    Copy("select null::" +
         std::string(
             "struct(path varchar, \"partitionValues\" map(varchar, varchar), size bigint, "
             "\"modificationTime\" bigint, \"dataChange\" boolean, \"deletionVector\" struct(\"storageType\" varchar, "
             "\"pathOrInlineDv\" varchar, \"offset\" integer, \"sizeInBytes\" integer, cardinality bigint)) as add "
             "union all select ") +
         add);
    Taken taken;
    const Status read = format_->Read(path_, taken);
    ASSERT_FALSE(read) << add;
    EXPECT_EQ(read.error().code(), ErrorCode::kDeltaCorrupt);
    EXPECT_EQ(read.error().message(), "'" + missing + "' of the action 'add' is missing");
  };
  const std::string rest = "'modificationTime': 6, 'dataChange': false";
  expect("{'path': null, 'partitionValues': map {}, 'size': 5, " + rest + ", 'deletionVector': null}", "path");
  expect("{'path': 'a', 'partitionValues': map {}, 'size': null, " + rest + ", 'deletionVector': null}", "size");
  expect("{'path': 'a', 'partitionValues': null, 'size': 5, " + rest + ", 'deletionVector': null}", "partitionValues");
  expect("{'path': 'a', 'partitionValues': map {}, 'size': 5, " + rest +
             ", 'deletionVector': {'storageType': 'u', "
             "'pathOrInlineDv': 'x', 'offset': 1, 'sizeInBytes': 2, 'cardinality': null}}",
         "cardinality");
}

TEST_F(CheckpointFilesTest, TypedStatisticsAreRenderedWhereThereAreNoOthers) {
  Copy(
      "select {'path': p, 'partitionValues': map {}::map(varchar, varchar), 'size': 5::bigint, 'modificationTime': "
      "6::bigint, 'dataChange': false, 'stats': s, 'stats_parsed': case when n is not null then {'numRecords': n, "
      "'minValues': {'a': 12345678901234567890.12::decimal(22, 2), 'z': timestamptz '2020-01-01 12:00:00.1234+00'}, "
      "'maxValues': null::struct(a integer), 'nullCount': {'a': 0}, 'tightBounds': null::boolean} end} as add "
      "from (values ('a', '{}', 1), ('b', null, 1), ('c', null, null)) t(p, s, n)");
  delta::Add given = PlainAdd("a"), rendered = PlainAdd("b");
  given.stats = "{}";
  rendered.stats = R"({"numRecords":1,"minValues":{"a":12345678901234567890.12,"z":"2020-01-01T12:00:00.123Z"},)"
                   R"("maxValues":{"a":null},"nullCount":{"a":0}})";
  EXPECT_EQ(Read().lines, (Lines{Line(given), Line(rendered), Line(PlainAdd("c"))}));
}

TEST_F(CheckpointFilesTest, TheDefinitionComesWithoutTheFiles) {
  delta::Metadata metadata;
  metadata.id = "t";
  metadata.schema_string = "{}";
  ASSERT_TRUE(format_->Write(
      {Line(PlainAdd("a")), Line(delta::Protocol{}), Line(metadata), Line(delta::Txn{"a", 1, {}})}, path_));
  EXPECT_EQ(Read(delta::CheckpointPart::kDefinition).lines, (Lines{Line(delta::Protocol{}), Line(metadata)}));
}

}  // namespace
}  // namespace smelt::engine
