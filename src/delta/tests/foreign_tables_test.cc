#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "delta/features.h"
#include "delta/statistics.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

namespace fs = std::filesystem;

/// Checkpoints that cannot be read, so that replay has to do with the JSON commits.
class NoCheckpoints final : public CheckpointFormat {
 public:
  Status Read(const std::string& address, CheckpointRows&, CheckpointPart) override {
    return Fail(ErrorCode::kStoreIo, address + " cannot be read here");
  }
  Result<std::int64_t> Write(const std::vector<std::string>&, const std::string& address) override {
    return Fail(ErrorCode::kStoreIo, address + " cannot be written here");
  }
};

/// Tables that other engines wrote, under the folder that SMELT_DELTA_TABLES names: cases.jsonl says for each what
/// reading it should give.
class ForeignTablesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("SMELT_DELTA_TABLES");
    ASSERT_NE(folder, nullptr) << "SMELT_DELTA_TABLES names no folder of tables";
    folder_ = folder;
    std::ifstream lines(folder_ / "cases.jsonl");
    for (std::string line; std::getline(lines, line);) {
      Json entry = Json::parse(line);
      if (!entry.contains("kind")) cases_.push_back(std::move(entry));
    }
    ASSERT_FALSE(cases_.empty());
  }

  fs::path folder_;
  std::vector<Json> cases_;
};

/// The rows that the statistics count; nothing when a file lacks them.
std::optional<std::int64_t> RowsOf(const Snapshot& snapshot) {
  std::int64_t rows = 0;
  for (const auto& file : snapshot.files()) {
    const std::optional<std::int64_t> count = file->stats.rows();
    if (!count) return std::nullopt;
    rows += *count - (file->deletion_vector ? file->deletion_vector->cardinality : 0);
  }
  return rows;
}

TEST_F(ForeignTablesTest, EveryTableIsReadOrRefusedForAFeature) {
  const std::unique_ptr<storage::ObjectStore> store = storage::OpenLocalStore(folder_.string());
  NoCheckpoints checkpoints;
  int read = 0;
  int counted = 0;
  for (const Json& entry : cases_) {
    const auto path = entry["path"].get<std::string>();
    SCOPED_TRACE(entry["name"].get<std::string>());
    const Log log(*store, path, checkpoints);
    const bool is_newest = entry["version"].is_null();
    const auto snapshot = is_newest ? log.Latest() : log.At({entry["version"].get<std::int64_t>()});
    if (!snapshot) {
      // Some logs cannot be replayed without their Parquet checkpoint.
      const bool needs_checkpoint = snapshot.error().code() == ErrorCode::kStoreIo;
      const bool is_refused = snapshot.error().code() == ErrorCode::kDeltaUnsupported;
      EXPECT_TRUE(needs_checkpoint || is_refused || entry["expect_error"].get<bool>()) << snapshot.error().ToString();
      continue;
    }
    ++read;
    const std::optional<std::int64_t> rows = RowsOf(**snapshot);
    if (!rows || !entry.contains("rows")) continue;
    EXPECT_EQ(*rows, entry["rows"].get<std::int64_t>());
    ++counted;
  }
  EXPECT_GT(read, 40);
  EXPECT_GT(counted, 30);
}

TEST_F(ForeignTablesTest, EveryActionSurvivesARoundTrip) {
  int actions_seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    if (entry.path().parent_path().filename() != "_delta_log" || entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto actions = ParseCommit(text, entry.path().string());
    ASSERT_TRUE(actions.has_value()) << actions.error().ToString();
    const std::string written = LinesOf(*actions);
    EXPECT_EQ(LinesOf(ParseCommit(written, "written").value()), written);
    for (const Action& action : *actions) {
      ++actions_seen;
      const auto* metadata = std::get_if<Metadata>(&action);
      if (metadata == nullptr) continue;
      const auto schema = ParseSchema(metadata->schema_string);
      if (schema) {
        EXPECT_EQ(Json::parse(SchemaToString(*schema)), Json::parse(metadata->schema_string)) << entry.path();
      }
    }
  }
  EXPECT_GT(actions_seen, 500);
}

}  // namespace
}  // namespace smelt::delta
