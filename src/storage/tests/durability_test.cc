#include <fcntl.h>
#include <gtest/gtest.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/id.h"
#include "storage/object_store.h"

namespace {

/// What the store asks the system for, in order: "sync <path>" and "link <path>".
class SystemCalls {
 public:
  void Note(std::string call) {
    const std::lock_guard guard(lock_);
    if (is_listening_) calls_.push_back(std::move(call));
  }
  void Listen() {
    const std::lock_guard guard(lock_);
    is_listening_ = true;
    calls_.clear();
  }
  std::vector<std::string> Take() {
    const std::lock_guard guard(lock_);
    is_listening_ = false;
    return std::move(calls_);
  }
  /// The errno of every sync of a path that ends with `ending`, 0 for none.
  void Break(std::string ending, int error) {
    const std::lock_guard guard(lock_);
    broken_ = std::move(ending);
    error_ = error;
  }
  int ErrorOf(const std::string& path) {
    const std::lock_guard guard(lock_);
    return !broken_.empty() && path.ends_with(broken_) ? error_ : 0;
  }

 private:
  std::mutex lock_;
  bool is_listening_ = false;
  std::vector<std::string> calls_;
  std::string broken_;
  int error_ = 0;
};

SystemCalls& Calls() {
  static SystemCalls calls;
  return calls;
}

}  // namespace

// The program's own definitions come before those of the system's library.
extern "C" int fsync(int descriptor) {
  std::array<char, 4096> path;
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size());
  const std::string name(path.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
  Calls().Note("sync " + name);
  if (const int error = Calls().ErrorOf(name); error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

extern "C" int link(const char* from, const char* to) noexcept {
  Calls().Note(std::string("link ") + to);
  return static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

namespace smelt::storage {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

class DurabilityTest : public testing::Test {
 protected:
  void SetUp() override { store_ = OpenLocalStore(folder_); }
  void TearDown() override {
    Calls().Break("", 0);
    fs::remove_all(folder_);
  }

  /// The calls since Listen, temporary names shortened.
  Texts TakeCalls() {
    Texts calls = Calls().Take();
    for (std::string& call : calls) {
      const std::size_t found = call.find(".tmp-");
      if (found != std::string::npos) call.resize(found + 5);
    }
    return calls;
  }

  const std::string folder_ = testing::TempDir() + "durable_" + NewUuid();
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(DurabilityTest, ACommitIsOnTheDeviceBeforeItIsSeenAndItsNameBeforeItIsAcknowledged) {
  Calls().Listen();
  ASSERT_TRUE(*store_->PutIfAbsent("t/log/0", "x"));
  const std::string parent = fs::path(folder_).parent_path();
  EXPECT_EQ(TakeCalls(),
            (Texts{"sync " + folder_ + "/t/log/.tmp-", "link " + folder_ + "/t/log/0", "sync " + folder_ + "/t/log",
                   "sync " + folder_ + "/t", "sync " + folder_, "sync " + parent}))
      << "the folders are new, too";
  Calls().Listen();
  ASSERT_TRUE(*store_->PutIfAbsent("t/log/1", "x"));
  EXPECT_EQ(TakeCalls(),
            (Texts{"sync " + folder_ + "/t/log/.tmp-", "link " + folder_ + "/t/log/1", "sync " + folder_ + "/t/log"}))
      << "the folders are known";
}

TEST_F(DurabilityTest, AFolderThatIsMadeAnewIsSyncedAnew) {
  ASSERT_TRUE(store_->Put("t/a", "x"));
  ASSERT_TRUE(store_->Delete("t/a"));
  ASSERT_TRUE(store_->DeleteFolder("t"));
  Calls().Listen();
  ASSERT_TRUE(store_->Put("t/a", "x"));
  EXPECT_EQ(TakeCalls(), (Texts{"sync " + folder_ + "/t/.tmp-", "sync " + folder_ + "/t", "sync " + folder_}));
}

TEST_F(DurabilityTest, HintsWaitForNothing) {
  Calls().Listen();
  ASSERT_TRUE(store_->Put("t/hint", "x", Durability::kLazy));
  EXPECT_EQ(TakeCalls(), Texts{});
}

TEST_F(DurabilityTest, FilesOfOthersAreSyncedWithTheirFoldersOnceEach) {
  ASSERT_TRUE(store_->Put("t/p=1/a", "x", Durability::kLazy));
  ASSERT_TRUE(store_->Put("t/p=1/b", "x", Durability::kLazy));
  Calls().Listen();
  ASSERT_TRUE(store_->Sync({"t/p=1/a", "t/p=1/b"}));
  Texts calls = TakeCalls();
  std::ranges::sort(calls);
  const std::string parent = fs::path(folder_).parent_path();
  EXPECT_EQ(calls, (Texts{"sync " + parent, "sync " + folder_, "sync " + folder_ + "/t", "sync " + folder_ + "/t/p=1",
                          "sync " + folder_ + "/t/p=1/a", "sync " + folder_ + "/t/p=1/b"}));
  EXPECT_EQ(store_->Sync({"t/none"}).error().code(), ErrorCode::kStoreNotFound);
  EXPECT_EQ(store_->Sync({"../x"}).error().code(), ErrorCode::kStoreDenied);
}

TEST_F(DurabilityTest, WhatACommitNeedsIsOnTheDeviceBeforeItIsSeen) {
  ASSERT_TRUE(*store_->PutIfAbsent("t/log/0", "x"));
  ASSERT_TRUE(store_->Put("t/p=1/a", "x", Durability::kLazy));
  Calls().Listen();
  ASSERT_TRUE(*store_->PutIfAbsent("t/log/1", "x", {"t/p=1/a"}));
  Texts calls = TakeCalls();
  const auto seen = std::ranges::find(calls, "link " + folder_ + "/t/log/1");
  std::sort(calls.begin(), seen);
  EXPECT_EQ(calls,
            (Texts{"sync " + folder_ + "/t", "sync " + folder_ + "/t/log/.tmp-", "sync " + folder_ + "/t/p=1",
                   "sync " + folder_ + "/t/p=1/a", "link " + folder_ + "/t/log/1", "sync " + folder_ + "/t/log"}));
}

TEST_F(DurabilityTest, WhatACommitNeedsAndCannotHaveStopsIt) {
  ASSERT_TRUE(store_->Put("t/a", "x", Durability::kLazy));
  EXPECT_EQ(store_->PutIfAbsent("t/log/0", "x", {"t/none"}).error().code(), ErrorCode::kStoreNotFound);
  EXPECT_EQ(store_->PutIfAbsent("t/log/0", "x", {"../a"}).error().code(), ErrorCode::kStoreDenied);
  Calls().Break("/t/a", EIO);
  EXPECT_EQ(store_->PutIfAbsent("t/log/0", "x", {"t/a"}).error().code(), ErrorCode::kStoreIo);
  EXPECT_FALSE(*store_->Exists("t/log/0"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ + "/t/log"), {}), 0) << "nothing is left behind";
}

TEST_F(DurabilityTest, ADeviceThatFailsIsNeverAcknowledged) {
  ASSERT_TRUE(*store_->PutIfAbsent("t/log/0", "x"));
  Calls().Break("/log", EIO);
  const auto doubtful = store_->PutIfAbsent("t/log/1", "x");
  ASSERT_FALSE(doubtful.has_value());
  EXPECT_EQ(doubtful.error().code(), ErrorCode::kStoreUnknown) << "readers may have seen it";
  EXPECT_FALSE(store_->Put("t/log/a", "x"));
  EXPECT_EQ(store_->Sync({"t/log/0"}).error().code(), ErrorCode::kStoreIo);
}

}  // namespace
}  // namespace smelt::storage
