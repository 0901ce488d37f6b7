#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/id.h"
#include "transform/invoke.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {

/// Hears everything and says nothing.
class SilentObserver final : public RunObserver {
 public:
  void StepStarted(std::string_view, std::string_view) override {}
  void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
  void StepFinished(const StepResult&) override {}
};

/// A test with a lake of its own.
class LakeTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  /// Instead of the engine that was open.
  void Open(const std::string& memory_limit = "") {
    engine_.reset();
    auto engine = engine::Engine::Open({.lake = lake_.string(),
                                        .read_only = false,
                                        .threads = 2,
                                        .memory_limit = memory_limit,
                                        .temp_directory = "",
                                        .missing = engine::MissingLake::kMake});
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = *std::move(engine);
  }
  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(lake_);
  }

  const std::filesystem::path lake_ = std::filesystem::temp_directory_path() / ("smelt-lake-" + NewUuid());
  std::unique_ptr<engine::Engine> engine_;
};

/// A test with a lake in which there is something, and a session on it.
class SessionTest : public LakeTest {
 protected:
  void SetUp(const std::string& sql) {
    LakeTest::SetUp();
    session_ = *engine_->Connect();
    auto done = session_->Execute(sql);
    ASSERT_TRUE(done) << done.error().ToString();
  }
  void TearDown() override {
    session_.reset();
    LakeTest::TearDown();
  }

  std::unique_ptr<engine::Session> session_;
};

/// A test on whose lake projects run.
class RunTest : public LakeTest {
 protected:
  using Results = std::map<std::string, NodeResult>;  ///< by the name of the step

  Results Run(const InvokeOptions& options) {
    auto results = Invoke(*engine_, options, observer_);
    EXPECT_TRUE(results) << results.error().ToString();
    Results by_name;
    if (!results) return by_name;
    for (NodeResult& node : results->nodes) by_name[node.step.name] = std::move(node);
    return by_name;
  }
  Results Run(const ProjectFolder& folder, Command command) {
    InvokeOptions options = folder.Options();
    options.command = command;
    return Run(options);
  }

  /// The answer of a query as texts, row by row: "1|a".
  std::vector<std::string> Rows(const std::string& sql) {
    auto session = engine_->Connect();
    EXPECT_TRUE(session) << session.error().ToString();
    auto table = (*session)->Query(sql);
    EXPECT_TRUE(table) << table.error().ToString();
    std::vector<std::string> rows;
    if (!table) return rows;
    for (const auto& row : table->rows) {
      std::string text;
      for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row[i].value_or("NULL");
      rows.push_back(std::move(text));
    }
    return rows;
  }

  Status Execute(const std::string& sql) {
    SMELT_ASSIGN(auto session, engine_->Connect());
    return session->Execute(sql);
  }

  SilentObserver observer_;
};

}  // namespace smelt::transform
