#include "state/lock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "state/tests/child_process.h"
#include "state/tests/scratch_folder.h"

namespace smelt::state {
namespace {

TEST(FileLock, TellsTheLoserWhoHoldsIt) {
  const ScratchFolder folder;
  const std::string path = folder / "deep/daily.lock";
  const LockOwner owner{.run_id = "run-1", .host = "box", .pid = 4242, .since_us = 1'527'141'600'000'000};
  const auto first = FileLock::Acquire(path, owner, "pipeline 'daily'");
  ASSERT_TRUE(first) << first.error().ToString();

  const auto second = FileLock::Acquire(path, CurrentOwner("run-2"), "pipeline 'daily'");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kStateLocked);
  EXPECT_EQ(second.error().message(),
            "pipeline 'daily' is running already: run run-1 in process 4242 on box, since 2018-05-24T06:00:00.000000Z");

  const auto holder = FileLock::Holder(path);
  ASSERT_TRUE(holder && *holder);
  EXPECT_EQ((*holder)->run_id, "run-1");
}

TEST(FileLock, IsFreeAgainAfterRelease) {
  const ScratchFolder folder;
  const std::string path = folder / "daily.lock";
  {
    const auto lock = FileLock::Acquire(path, CurrentOwner("run-1"), "it");
    ASSERT_TRUE(lock);
  }
  const auto holder = FileLock::Holder(path);
  ASSERT_TRUE(holder);
  EXPECT_FALSE(holder->has_value());
  EXPECT_TRUE(FileLock::Acquire(path, CurrentOwner("run-2"), "it"));
}

TEST(FileLock, KnowsWhenItsFileIsGone) {
  const ScratchFolder folder;
  const std::string path = folder / "daily.lock";
  const auto lock = FileLock::Acquire(path, CurrentOwner("run-1"), "it");
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->IsInPlace());
  std::filesystem::remove(path);
  EXPECT_FALSE(lock->IsInPlace());
  std::ofstream(path) << "another file of the same name";
  EXPECT_FALSE(lock->IsInPlace());
}

TEST(FileLock, NobodyHoldsAMissingFile) {
  const ScratchFolder folder;
  const auto holder = FileLock::Holder(folder / "none.lock");
  ASSERT_TRUE(holder);
  EXPECT_FALSE(holder->has_value());
}

TEST(FileLock, DoesNotOutliveAKilledProcess) {
  const ScratchFolder folder;
  const std::string path = folder / "daily.lock";
  std::optional<FileLock> held;
  ChildProcess child([&] {
    auto lock = FileLock::Acquire(path, CurrentOwner("child"), "it");
    if (lock) held = std::move(*lock);
    return lock.has_value();
  });
  ASSERT_TRUE(child.ok());
  const auto refused = FileLock::Acquire(path, CurrentOwner("parent"), "it");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("run child in process " + std::to_string(child.pid())), std::string::npos)
      << refused.error().message();
  child.Kill();
  EXPECT_TRUE(FileLock::Acquire(path, CurrentOwner("parent"), "it"));
}

TEST(FileLock, OneOfManyWins) {
  const ScratchFolder folder;
  const std::string path = folder / "daily.lock";
  std::vector<std::optional<FileLock>> locks(8);
  {
    std::vector<std::jthread> threads;
    for (std::optional<FileLock>& lock : locks) {
      threads.emplace_back([&path, &lock] {
        auto acquired = FileLock::Acquire(path, CurrentOwner("run"), "it");
        if (acquired) lock = std::move(*acquired);
      });
    }
  }
  int winners = 0;
  for (const auto& lock : locks) winners += lock.has_value() ? 1 : 0;
  EXPECT_EQ(winners, 1);
}

TEST(FileLock, ADeletedFileIsMadeAnewAndProtects) {
  const ScratchFolder folder;
  const std::string path = folder / "daily.lock";
  const auto old = FileLock::Acquire(path, CurrentOwner("old"), "it");
  ASSERT_TRUE(old);
  std::filesystem::remove(path);
  const auto fresh = FileLock::Acquire(path, CurrentOwner("fresh"), "it");
  ASSERT_TRUE(fresh) << fresh.error().ToString();
  EXPECT_FALSE(FileLock::Acquire(path, CurrentOwner("third"), "it"));
}

TEST(FileLock, RubbishInTheFileIsNoOwner) {
  const ScratchFolder folder;
  const std::string path = folder / "daily.lock";
  auto lock = FileLock::Acquire(path, CurrentOwner("run-1"), "it");
  ASSERT_TRUE(lock);
  std::ofstream(path) << "{\"run_id\": 7, \"pid\": \"x\"}";
  const auto refused = FileLock::Acquire(path, CurrentOwner("run-2"), "pipeline 'daily'");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "pipeline 'daily' is locked by another process");
}

TEST(FileLock, AFolderInTheWayIsAnError) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder / "daily.lock");
  const auto lock = FileLock::Acquire(folder / "daily.lock", CurrentOwner("run-1"), "it");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code(), ErrorCode::kStoreIo);
}

}  // namespace
}  // namespace smelt::state
