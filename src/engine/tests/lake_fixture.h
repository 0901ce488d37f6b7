#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/id.h"
#include "engine/session.h"

namespace smelt::engine {

/// A lake of two threads in a folder of its own, with a session.
class LakeFixture : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = std::filesystem::temp_directory_path() / ("smelt-lake-" + NewUuid());
    LakeOptions options;
    options.lake = lake_.string();
    options.threads = 2;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    session_ = Connect();
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(lake_);
  }

  std::unique_ptr<Session> Connect() {
    auto session = engine_->Connect();
    EXPECT_TRUE(session) << session.error().ToString();
    return std::move(*session);
  }
  void Must(const std::string& sql) {
    auto status = session_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  std::int64_t Number(const std::string& sql) {
    auto result = session_->Query(sql);
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? result->Int().value_or(-1) : -1;
  }

  std::filesystem::path lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

}  // namespace smelt::engine
