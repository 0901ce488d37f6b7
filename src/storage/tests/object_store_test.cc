#include "storage/object_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/file.h"
#include "base/id.h"

namespace smelt::storage {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Keys(const Result<std::vector<ObjectInfo>>& listed) {
  std::vector<std::string> keys;
  EXPECT_TRUE(listed) << listed.error().ToString();
  for (const auto& info : *listed) keys.push_back(info.key);
  return keys;
}

using Texts = std::vector<std::string>;

/// What every store promises.
class AnyStore : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "store_" + NewUuid();
    store_ = GetParam() == "local" ? OpenLocalStore(folder_) : OpenMemoryStore();
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Fill(const Texts& keys) {
    for (const auto& key : keys) ASSERT_TRUE(store_->Put(key, key));
  }

  std::string folder_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_P(AnyStore, ReadsWhatWasPut) {
  const std::string bytes("\0\xFFx", 3);
  ASSERT_TRUE(store_->Put("a/b.bin", bytes));
  EXPECT_EQ(*store_->Read("a/b.bin"), bytes);
  ASSERT_TRUE(store_->Put("a/b.bin", "new"));
  EXPECT_EQ(*store_->Read("a/b.bin"), "new");
  EXPECT_TRUE(*store_->Exists("a/b.bin"));
  EXPECT_FALSE(*store_->Exists("a"));
  EXPECT_FALSE(*store_->Exists("a/b.bin/c"));
  EXPECT_EQ(store_->Read("a/none").error().code(), ErrorCode::kStoreNotFound);
}

TEST_P(AnyStore, HeadTellsWhatAListingTells) {
  ASSERT_TRUE(store_->Put("a/b", "12345"));
  const auto head = *store_->Head("a/b");
  const auto listed = *store_->List("a");
  ASSERT_TRUE(head);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(head->key, "a/b");
  EXPECT_EQ(head->bytes, 5);
  EXPECT_EQ(listed[0].bytes, 5);
  EXPECT_GT(head->modified_ms, 1'600'000'000'000);
  EXPECT_EQ(head->modified_ms, listed[0].modified_ms);
  EXPECT_FALSE(*store_->Head("a"));
  EXPECT_FALSE(*store_->Head("a/c"));
}

/// The stamp of an object, after the time that the store needs to be certain.
std::string SettledStamp(ObjectStore& store, std::string_view key) {
  for (int i = 0; i < 1'000; ++i) {
    if (std::string stamp = store.Stamp(key); !stamp.empty()) return stamp;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return {};
}

TEST_P(AnyStore, AStampHoldsUntilTheObjectIsAnother) {
  ASSERT_TRUE(store_->Put("a/b", "old"));
  ASSERT_TRUE(store_->Put("a/c", "old"));
  const std::string stamp = SettledStamp(*store_, "a/b");
  ASSERT_FALSE(stamp.empty());
  EXPECT_EQ(store_->Stamp("a/b"), stamp);
  EXPECT_NE(SettledStamp(*store_, "a/c"), stamp);
  ASSERT_TRUE(store_->Put("a/b", "new"));
  EXPECT_NE(store_->Stamp("a/b"), stamp);
  EXPECT_EQ(store_->Stamp("a"), "");
  ASSERT_TRUE(store_->Delete("a/b"));
  EXPECT_EQ(store_->Stamp("a/b"), "");
}

TEST(LocalStore, AFileThatWasJustWrittenHasNoStampYet) {
  const std::string folder = testing::TempDir() + "store_" + NewUuid();
  const auto store = OpenLocalStore(folder);
  ASSERT_TRUE(store->Put("a", "old"));
  EXPECT_EQ(store->Stamp("a"), "") << "it may be written once more within the same tick of the clock";
  fs::remove_all(folder);
}

TEST_P(AnyStore, ListsInKeyOrder) {
  Fill({"t/c", "t/a", "t/sub/x", "t/b", "u/z", "top"});
  EXPECT_EQ(Keys(store_->List("t")), (Texts{"t/a", "t/b", "t/c"}));
  EXPECT_EQ(Keys(store_->List("t/")), (Texts{"t/a", "t/b", "t/c"}));
  EXPECT_EQ(Keys(store_->List("")), (Texts{"top"}));
  EXPECT_EQ(Keys(store_->List("", {}, true)), (Texts{"t/a", "t/b", "t/c", "t/sub/x", "top", "u/z"}));
  EXPECT_EQ(Keys(store_->List("t", "t/a")), (Texts{"t/b", "t/c"}));
  EXPECT_EQ(Keys(store_->List("t", "t/aa")), (Texts{"t/b", "t/c"}));
  EXPECT_EQ(Keys(store_->List("t", "t/c")), Texts{});
  EXPECT_EQ(Keys(store_->List("nowhere")), Texts{});
  EXPECT_EQ(Keys(store_->List("t/a")), Texts{});
}

TEST_P(AnyStore, RecursiveListingSortsWholeKeys) {
  // '-' sorts before '/', '0' after it: folders and objects interleave.
  Fill({"t/a/x", "t/a-b", "t/a0", "t/a/b/c", "t/b/y"});
  EXPECT_EQ(Keys(store_->List("t", {}, true)), (Texts{"t/a-b", "t/a/b/c", "t/a/x", "t/a0", "t/b/y"}));
  EXPECT_EQ(Keys(store_->List("t", "t/a/b", true)), (Texts{"t/a/b/c", "t/a/x", "t/a0", "t/b/y"}));
  EXPECT_EQ(Keys(store_->List("t", "t/a/x", true)), (Texts{"t/a0", "t/b/y"}));
  EXPECT_EQ(Keys(store_->List("t", "t/a0", true)), (Texts{"t/b/y"}));
  EXPECT_EQ(Keys(store_->List("t", "t/z", true)), Texts{});
}

TEST_P(AnyStore, ListsFolders) {
  Fill({"t/b/1", "t/a/1", "t/a/2/3", "t/file"});
  EXPECT_EQ(*store_->ListFolders("t"), (Texts{"a", "b"}));
  EXPECT_EQ(*store_->ListFolders(""), (Texts{"t"}));
  EXPECT_EQ(*store_->ListFolders("nowhere"), Texts{});
}

TEST_P(AnyStore, DeleteForgivesWhatIsMissing) {
  Fill({"t/a"});
  ASSERT_TRUE(store_->Delete("t/a"));
  ASSERT_TRUE(store_->Delete("t/a"));
  ASSERT_TRUE(store_->Delete("none/at/all"));
  EXPECT_FALSE(*store_->Exists("t/a"));
}

TEST_P(AnyStore, PutIfAbsentKeepsTheFirst) {
  EXPECT_TRUE(*store_->PutIfAbsent("log/0.json", "first"));
  EXPECT_FALSE(*store_->PutIfAbsent("log/0.json", "second"));
  EXPECT_EQ(*store_->Read("log/0.json"), "first");
  EXPECT_EQ(Keys(store_->List("log")), (Texts{"log/0.json"}));
}

TEST_P(AnyStore, OfManyWritersExactlyOneWinsEachKey) {
  constexpr int kWriters = 8;
  constexpr int kRounds = 50;
  std::atomic<int> wins = 0;
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        for (int round = 0; round < kRounds; ++round) {
          const auto won = store_->PutIfAbsent("log/" + std::to_string(round), std::to_string(w));
          ASSERT_TRUE(won) << won.error().ToString();
          if (!*won) continue;
          ++wins;
          EXPECT_EQ(*store_->Read("log/" + std::to_string(round)), std::to_string(w));
        }
      });
    }
  }
  EXPECT_EQ(wins, kRounds);
  EXPECT_EQ(store_->List("log")->size(), static_cast<std::size_t>(kRounds));
}

TEST_P(AnyStore, KeysCannotLeaveTheStore) {
  for (const std::string_view key : {"", "/", "/etc/passwd", "../x", "a/../../x", "a/..", "a//b", "./a", "a/", "a/."}) {
    EXPECT_EQ(store_->Read(key).error().code(), ErrorCode::kStoreDenied) << key;
    EXPECT_EQ(store_->Put(key, "x").error().code(), ErrorCode::kStoreDenied) << key;
    EXPECT_EQ(store_->PutIfAbsent(key, "x").error().code(), ErrorCode::kStoreDenied) << key;
    EXPECT_EQ(store_->Delete(key).error().code(), ErrorCode::kStoreDenied) << key;
    EXPECT_EQ(store_->Exists(key).error().code(), ErrorCode::kStoreDenied) << key;
    EXPECT_EQ(store_->Head(key).error().code(), ErrorCode::kStoreDenied) << key;
  }
  EXPECT_EQ(store_->List("..").error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(store_->ListFolders("a/../..").error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(store_->DeleteFolder("..").error().code(), ErrorCode::kStoreDenied);
  EXPECT_TRUE(store_->Put("a/..b/c..", "dots within a name are fine"));
}

INSTANTIATE_TEST_SUITE_P(Stores, AnyStore, testing::Values("local", "memory"),
                         [](const auto& info) { return info.param; });

class LocalStoreTest : public testing::Test {
 protected:
  void SetUp() override { store_ = OpenLocalStore(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + "local_" + NewUuid();
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(LocalStoreTest, AddressIsTheAbsolutePath) {
  EXPECT_EQ(OpenLocalStore("/lake/")->Address("t/a"), "/lake/t/a");
  EXPECT_EQ(OpenLocalStore("lake")->Address("a"), fs::current_path().string() + "/lake/a");
  EXPECT_EQ(OpenLocalStore("/")->Address("a"), "/a");
}

TEST_F(LocalStoreTest, TemporaryFilesAreInvisibleAndNoneIsLeft) {
  ASSERT_TRUE(store_->Put("t/a", "x"));
  ASSERT_TRUE(*store_->PutIfAbsent("t/b", "x"));
  ASSERT_FALSE(*store_->PutIfAbsent("t/b", "x"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ + "/t"), {}), 2);
  ASSERT_TRUE(WriteTemporaryFile(folder_ + "/t", "a writer died here"));
  EXPECT_EQ(Keys(store_->List("t")), (Texts{"t/a", "t/b"}));
  EXPECT_EQ(Keys(store_->List("", {}, true)), (Texts{"t/a", "t/b"}));
}

TEST_F(LocalStoreTest, DeleteFolderRemovesOnlyWhatIsEmpty) {
  ASSERT_TRUE(store_->Put("t/p=1/a", "x"));
  ASSERT_TRUE(store_->Put("t/p=2/q=1/a", "x"));
  ASSERT_TRUE(store_->Delete("t/p=2/q=1/a"));
  ASSERT_TRUE(store_->DeleteFolder("t"));
  EXPECT_FALSE(fs::exists(folder_ + "/t/p=2"));
  EXPECT_TRUE(fs::exists(folder_ + "/t/p=1/a"));
  ASSERT_TRUE(store_->Delete("t/p=1/a"));
  ASSERT_TRUE(store_->DeleteFolder("t"));
  EXPECT_FALSE(fs::exists(folder_ + "/t"));
  EXPECT_TRUE(fs::exists(folder_)) << "the store's own folder stays";
  EXPECT_TRUE(store_->DeleteFolder("t"));
}

TEST_F(LocalStoreTest, ARemovedStoreIsNotBegunAnew) {
  ASSERT_TRUE(store_->Put("t/a", "x"));
  fs::remove_all(folder_);
  EXPECT_EQ(store_->Put("t/b", "x").error().code(), ErrorCode::kStoreRemoved);
  EXPECT_EQ(store_->PutIfAbsent("t/b", "x").error().code(), ErrorCode::kStoreRemoved);
  EXPECT_FALSE(fs::exists(folder_));
  // Nor is it an empty store, and another folder in its place is not it.
  for (const bool replaced : {false, true}) {
    if (replaced) fs::create_directories(folder_ + "/t");
    EXPECT_EQ(store_->Read("t/a").error().code(), ErrorCode::kStoreRemoved);
    EXPECT_EQ(store_->Exists("t/a").error().code(), ErrorCode::kStoreRemoved);
    EXPECT_EQ(store_->List("t").error().code(), ErrorCode::kStoreRemoved);
    EXPECT_EQ(store_->ListFolders("nowhere").error().code(), ErrorCode::kStoreRemoved);
    EXPECT_EQ(store_->Put("t/b", "x").error().code(), ErrorCode::kStoreRemoved);
  }
}

TEST_F(LocalStoreTest, IsMadeByTheFirstWrite) {
  EXPECT_FALSE(fs::exists(folder_));
  EXPECT_EQ(*store_->ListFolders(""), Texts{});
  EXPECT_FALSE(*store_->Exists("t/a"));
  ASSERT_TRUE(store_->Put("t/a", "x"));
  EXPECT_TRUE(*store_->Exists("t/a"));
  EXPECT_FALSE(*store_->Exists("t/b"));
}

TEST_F(LocalStoreTest, AnUnreadableFolderIsDenied) {
  ASSERT_TRUE(store_->Put("t/a", "x"));
  fs::permissions(folder_ + "/t", fs::perms::none);
  const uid_t user = geteuid();
  constexpr uid_t kNobody = 65534;  // root may read everything: become somebody who may not
  if (user == 0) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const auto list = store_->List("t");
  const auto folders = store_->ListFolders("t");
  const auto read = store_->Read("t/a");
  const auto exists = store_->Exists("t/a");
  const auto put = store_->Put("t/b", "x");
  const auto put_if_absent = store_->PutIfAbsent("t/b", "x");
  const auto deleted = store_->Delete("t/a");
  if (user == 0) {
    ASSERT_EQ(seteuid(user), 0);
  }
  fs::permissions(folder_ + "/t", fs::perms::owner_all);
  EXPECT_EQ(list.error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(folders.error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(read.error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(exists.error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(put.error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(put_if_absent.error().code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(deleted.error().code(), ErrorCode::kStoreDenied);
  EXPECT_NE(list.error().message().find(folder_ + "/t"), std::string::npos) << list.error().message();
}

TEST(OpenStore, ChoosesByScheme) {
  EXPECT_EQ((*OpenStore("file:///lake"))->Address("a"), "/lake/a");
  EXPECT_EQ((*OpenStore("/lake"))->Address("a"), "/lake/a");
  EXPECT_EQ(OpenStore("ftp://host/lake").error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(OpenStore("file://lake").error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(OpenStore("").error().code(), ErrorCode::kConfigValueInvalid);
}

TEST(MemoryStore, ScriptDecidesTheFateOfCalls) {
  Texts calls;
  auto store = OpenMemoryStore([&](const FaultPoint& point) -> std::optional<Fault> {
    calls.push_back(std::string(point.operation) + " " + std::string(point.key));
    if (point.key == "lost") return Fault{Error(ErrorCode::kStoreUnknown, "no answer"), true};
    if (point.key == "broken") return Fault{Error(ErrorCode::kStoreIo, "no write")};
    return std::nullopt;
  });
  EXPECT_EQ(store->Put("broken", "x").error().code(), ErrorCode::kStoreIo);
  EXPECT_EQ(store->PutIfAbsent("lost", "x").error().code(), ErrorCode::kStoreUnknown);
  EXPECT_EQ(Keys(store->List("")), Texts{"lost"}) << "only the lost acknowledgement took effect";
  EXPECT_FALSE(store->Read("broken"));
  EXPECT_EQ(calls, (Texts{"put broken", "put_if_absent lost", "list ", "read broken"}));
}

TEST(MemoryStore, ScriptMayActAsACompetitor) {
  ObjectStore* store = nullptr;
  bool raced = false;
  auto owned = OpenMemoryStore([&](const FaultPoint& point) -> std::optional<Fault> {
    if (point.operation == "put_if_absent" && !std::exchange(raced, true)) {
      EXPECT_TRUE(*store->PutIfAbsent(point.key, "theirs"));
    }
    return std::nullopt;
  });
  store = owned.get();
  EXPECT_FALSE(*store->PutIfAbsent("0.json", "ours"));
  EXPECT_EQ(*store->Read("0.json"), "theirs");
}

}  // namespace
}  // namespace smelt::storage
