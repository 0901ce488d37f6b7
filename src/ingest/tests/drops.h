#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "base/id.h"
#include "ingest/run.h"
#include "storage/object_store.h"

namespace smelt::ingest {

namespace fs = std::filesystem;

/// Hears and says nothing.
class SilentObserver : public RunObserver {
 public:
  void StepStarted(std::string_view /*name*/, std::string_view /*kind*/) override {}
  void StepProgress(std::string_view /*name*/, std::int64_t /*done*/, std::int64_t /*total*/,
                    std::string_view /*unit*/) override {}
  void StepFinished(const StepResult& /*result*/) override {}
};

/// A project with files that are dropped into a folder, and a lake that they are loaded into.
class DropsTest : public testing::Test {
 public:
  explicit DropsTest(std::string_view source) : source_(source) {}

 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("smelt-merge-" + NewUuid());
    Write("project/sources/shop.yml", source_);
    fs::create_directories(root_ / "project/raw");
    engine_ = Open(root_ / "lake");
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(root_);
  }

  static std::unique_ptr<engine::Engine> Open(const fs::path& lake) {
    auto engine = engine::Engine::Open({.lake = lake.string(), .threads = 2, .memory_limit = {}, .temp_directory = {}});
    EXPECT_TRUE(engine) << engine.error().ToString();
    return std::move(*engine);
  }
  static std::unique_ptr<engine::Engine> OpenFaulty(const fs::path& lake, storage::FaultScript script) {
    fs::create_directories(lake);
    auto engine =
        engine::Engine::OpenOn({.lake = lake.string(), .threads = 1, .memory_limit = {}, .temp_directory = {}},
                               storage::OpenFaultyStore(storage::OpenLocalStore(lake.string()), std::move(script)));
    EXPECT_TRUE(engine) << engine.error().ToString();
    return std::move(*engine);
  }

  /// Lets every call that changes the lake lose its answer in turn: `work` is done on the lake as it stands, and is
  /// then checked on the same lake without faults, which `engine_` has. `check` gets what to say where it fails.
  template <typename Work, typename Check>
  void LoseEveryAnswer(const Work& work, const Check& check) {
    const fs::path before = root_ / "before";
    fs::copy(root_ / "lake", before, fs::copy_options::recursive);
    bool failed = true;
    for (int nth = 1; failed; ++nth) {
      engine_.reset();
      fs::remove_all(root_ / "lake");
      fs::copy(before, root_ / "lake", fs::copy_options::recursive);
      int calls = 0;
      failed = false;
      const auto faulty =
          OpenFaulty(root_ / "lake", [&](const storage::FaultPoint& point) -> std::optional<storage::Fault> {
            if (point.operation == "read" || point.operation == "list" || point.operation == "head" || ++calls != nth)
              return std::nullopt;
            failed = true;
            return storage::Fault{Error(ErrorCode::kStoreUnknown, "the answer was lost"), true};
          });
      work(*faulty);
      engine_ = Open(root_ / "lake");
      check("call " + std::to_string(nth));
    }
  }

  void Write(const std::string& name, std::string_view text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  void Drop(const std::string& name, std::string_view text) { Write("project/raw/" + name, text); }

  Result<IngestReport> Load(engine::Engine& engine) {
    IngestOptions options;
    options.project_dir = (root_ / "project").string();
    options.threads = 1;
    SilentObserver observer;
    return RunIngest(engine, options, observer);
  }
  IngestReport Load() {
    auto report = Load(*engine_);
    EXPECT_TRUE(report) << report.error().ToString();
    if (!report) return {};
    EXPECT_EQ(report->rows_in + report->rows_released,
              report->rows_out + report->rows_quarantined + report->rows_duplicate + report->rows_held);
    return *report;
  }

  static std::string Query(engine::Engine& engine, const std::string& sql) {
    auto session = engine.Connect();
    EXPECT_TRUE(session);
    auto table = (*session)->Query(sql);
    EXPECT_TRUE(table) << sql << "\n" << table.error().ToString();
    std::string text;
    for (const auto& row : table ? table->rows : std::vector<std::vector<engine::Cell>>{}) {
      for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? "|" : "") + row[i].value_or("NULL");
      text += '\n';
    }
    return text;
  }
  std::string Query(const std::string& sql) { return Query(*engine_, sql); }
  std::string source_;
  fs::path root_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace smelt::ingest
