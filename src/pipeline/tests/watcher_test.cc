#include "pipeline/watcher.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"

namespace smelt::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPatienceMicros = 20'000'000;

class WatcherTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(root_); }

  static Watcher Made() {
    auto watcher = Watcher::Make();
    EXPECT_TRUE(watcher);
    return std::move(*watcher);
  }
  /// Waits as programs do: the watch moves closer with every change. False when nothing comes.
  static bool WaitUntil(Watcher& watcher, const std::string& path, const std::function<bool()>& seen) {
    while (!seen()) {
      const auto wakeup = watcher.Wait(NowMicros() + kPatienceMicros);
      if (!wakeup || wakeup->timer) return false;
      EXPECT_TRUE(watcher.Watch(path));
    }
    return true;
  }

  const fs::path root_ = fs::temp_directory_path() / ("smelt-watcher-" + NewUuid());
};

TEST_F(WatcherTest, TellsOfFilesInAFolder) {
  Watcher watcher = Made();
  ASSERT_TRUE(watcher.Watch(root_.string()));
  ASSERT_TRUE(WriteWholeFile((root_ / "a").string(), "1"));
  const auto wakeup = watcher.Wait(NowMicros() + kPatienceMicros);
  ASSERT_TRUE(wakeup);
  EXPECT_TRUE(wakeup->changed.contains(root_.string()));
}

TEST_F(WatcherTest, AFolderThatIsMadeWhileItIsWatchedForIsNotMissed) {
  // The folders come into being at every moment of the watch's way down to them.
  constexpr int kTimes = 300;
  for (int i = 0; i < kTimes; ++i) {
    const fs::path top = root_ / std::to_string(i);
    const fs::path folder = top / "schema" / "table" / "log";
    Watcher watcher = Made();
    std::jthread maker([&] {
      fs::create_directories(folder);
      EXPECT_TRUE(WriteWholeFile((folder / "0.json").string(), "{}"));
    });
    ASSERT_TRUE(watcher.Watch(folder.string()));
    ASSERT_TRUE(WaitUntil(watcher, folder.string(), [&] { return fs::exists(folder / "0.json"); })) << i;
  }
}

}  // namespace
}  // namespace smelt::pipeline
