#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/id.h"
#include "engine/session.h"

namespace smelt::quality {

/// A lake of its own for each test, in a folder that goes with it.
class LakeFixture : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / ("smelt-quality-" + NewUuid())).string();
    engine::LakeOptions options;
    options.lake = folder_;
    options.threads = 2;
    auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = *std::move(engine);
    auto session = engine_->Connect();
    ASSERT_TRUE(session) << session.error().ToString();
    session_ = *std::move(session);
  }

  void TearDown() override {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Must(const std::string& sql) {
    const auto status = session_->Execute(sql);
    ASSERT_TRUE(status) << sql << "\n" << status.error().ToString();
  }

  std::int64_t Number(const std::string& sql) {
    const auto result = session_->Query(sql);
    EXPECT_TRUE(result) << sql << "\n" << result.error().ToString();
    return result ? result->Int().value_or(-1) : -1;
  }

  std::string folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
};

}  // namespace smelt::quality
