#include "serve/commit_watch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/id.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

class CommitWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-watch-" + NewUuid())).string();
    engine::LakeOptions options;
    options.lake = lake_;
    options.threads = 1;
    auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    writer_ = std::move(*engine_->Connect());
    auto watch = CommitWatch::Start(*engine_, {}, [this](const LakeChanges& changes) {
      const std::lock_guard guard(mutex_);
      for (const std::string& table : changes.tables) ++told_[table];
      for (const std::string& path : changes.paths) ++told_[path];
      heard_.notify_all();
    });
    ASSERT_TRUE(watch) << watch.error().ToString();
    watch_ = std::move(*watch);
  }
  void TearDown() override {
    watch_.reset();
    writer_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  void Write(const std::string& sql) {
    const Status status = writer_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  int Told(const std::string& table) {
    const std::lock_guard guard(mutex_);
    return told_[table];
  }
  /// False when it is not told in all patience.
  bool WaitUntilTold(const std::string& table, int times) {
    constexpr std::chrono::seconds kPatience(20);
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, kPatience, [&] { return told_[table] >= times; });
  }

  std::string lake_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> writer_;
  std::mutex mutex_;
  std::condition_variable heard_;
  std::map<std::string, int> told_;
  std::unique_ptr<CommitWatch> watch_;
};

TEST_F(CommitWatchTest, ATableThatIsMadeLaterIsTold) {
  constexpr int kTimes = 20;
  for (int i = 0; i < kTimes; ++i) {
    const std::string schema = "s" + std::to_string(i);
    const std::string table = schema + ".t";
    watch_->Watch({table}, {});
    ASSERT_TRUE(WaitUntilTold(table, 1));
    Write("create schema " + schema);
    Write("create table " + table + " as select 1 as x");
    ASSERT_TRUE(WaitUntilTold(table, 2)) << table;
  }
}

TEST_F(CommitWatchTest, APathIsToldWhenItIsWatched) {
  // Whoever asks for it has read it before, and it may have changed since.
  watch_->Watch({}, {lake_ + "/one"});
  EXPECT_TRUE(WaitUntilTold(lake_ + "/one", 1));
  watch_->Watch({}, {lake_ + "/one", lake_ + "/other"});
  EXPECT_TRUE(WaitUntilTold(lake_ + "/other", 1));
  EXPECT_EQ(Told(lake_ + "/one"), 1);
}

TEST_F(CommitWatchTest, ACommitWhileTheWatchIsSetAnewIsTold) {
  Write("create schema s");
  Write("create table s.kept (x int)");
  constexpr int kTimes = 60;
  for (int i = 0; i < kTimes; ++i) {
    const std::string other = "s.other" + std::to_string(i);
    watch_->Watch({"s.kept", other}, {});
    ASSERT_TRUE(WaitUntilTold(other, 1));  // both are watched now
    const int before = Told("s.kept");
    Write("insert into s.kept values (1)");
    watch_->Watch({"s.kept"}, {});
    ASSERT_TRUE(WaitUntilTold("s.kept", before + 1)) << i;
  }
}

}  // namespace
}  // namespace smelt::serve
