// Checkpoint files with damaged bytes: read, or refused with an error that says so. The database that reads them goes
// on.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/id.h"
#include "engine/internal/checkpoint_parquet.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kRounds = 400;

struct Ignored final : delta::CheckpointRows {
  std::size_t rows = 0;
  Status Take(std::shared_ptr<delta::Add>) override {
    ++rows;
    return {};
  }
  Status TakeJson(std::string_view) override {
    ++rows;
    return {};
  }
};

std::vector<std::string> SomeLines() {
  std::vector<std::string> lines = {
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})",
      R"({"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":["p"],"configuration":{"k":"v"},"createdTime":1}})",
      R"({"txn":{"appId":"app","version":3,"lastUpdated":4}})"};
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    lines.push_back(R"({"add":{"path":"p=)" + n + "/file" + n + R"(.parquet","partitionValues":{"p":")" + n +
                    R"("},"size":)" + n + R"(,"modificationTime":5,"dataChange":false,"stats":"{\"numRecords\":)" + n +
                    R"(}","tags":{"k":"v"}}})");
  }
  return lines;
}

/// Changes bytes of a file at random, the same way for the same seed; every other time within the footer, which says
/// how to read the rest.
std::string Damage(std::string bytes, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
  const std::size_t footer = std::min<std::size_t>(bytes.size(), 4'000);
  const std::size_t changes = 1 + below(8);
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at =
        below(2) == 0 ? below(bytes.size()) : bytes.size() - 1 - below(std::min(footer, bytes.size()));
    switch (below(6)) {
      case 0: bytes.resize(at); break;
      case 1: bytes.erase(at, 1 + below(16)); break;
      case 2: bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(64))); break;
      default: bytes[at] = static_cast<char>(random()); break;
    }
  }
  return bytes;
}

/// The seeds to try: one, or so many, or, with SMELT_FUZZ_SECONDS, those of that time.
template <typename Work>
void ForSeeds(Work work) {
  if (const char* seed = std::getenv("SMELT_FUZZ_SEED")) {
    return work(static_cast<unsigned>(std::strtoul(seed, nullptr, 10)));
  }
  const char* seconds = std::getenv("SMELT_FUZZ_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(seconds == nullptr ? 0 : std::strtol(seconds, nullptr, 10));
  for (unsigned seed = 0; seed < kRounds || std::chrono::steady_clock::now() < end; ++seed) {
    work(seed);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(CheckpointDamageTest, DamagedFilesAreReadOrRefused) {
  const fs::path folder = fs::temp_directory_path() / ("smelt-damage-" + NewUuid());
  fs::create_directories(folder);
  duckdb::DuckDB database(nullptr);
  const auto format = MakeParquetCheckpoints(*database.instance);
  const std::string whole = (folder / "whole.parquet").string();
  ASSERT_TRUE(format->Write(SomeLines(), whole));
  std::stringstream content;
  content << std::ifstream(whole, std::ios::binary).rdbuf();
  std::size_t refused = 0;
  ForSeeds([&](unsigned seed) {
    SCOPED_TRACE("SMELT_FUZZ_SEED=" + std::to_string(seed));
    const std::string path = (folder / (std::to_string(seed) + ".parquet")).string();
    std::ofstream(path, std::ios::binary) << Damage(content.str(), seed);
    Ignored rows;
    const Status read = format->Read(path, rows);
    fs::remove(path);
    if (read) return;
    ++refused;
    EXPECT_NE(read.error().code(), ErrorCode::kInternal) << read.error().ToString();
    EXPECT_FALSE(duckdb::Connection(database).Query("select 42")->HasError()) << read.error().ToString();
  });
  if (std::getenv("SMELT_FUZZ_SEED") == nullptr) {
    EXPECT_GT(refused, kRounds / 2);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace smelt::engine
