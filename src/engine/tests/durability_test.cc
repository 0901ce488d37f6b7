#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/id.h"
#include "engine/session.h"

namespace {

/// The paths that the program asked the system to sync, in order.
class Syncs {
 public:
  void Note(std::string path) {
    const std::lock_guard guard(lock_);
    paths_.push_back(std::move(path));
  }
  std::vector<std::string> Take() {
    const std::lock_guard guard(lock_);
    return std::exchange(paths_, {});
  }

 private:
  std::mutex lock_;
  std::vector<std::string> paths_;
};

Syncs& TheSyncs() {
  static Syncs syncs;
  return syncs;
}

}  // namespace

// The program's own definition comes before that of the system's library.
extern "C" int fsync(int descriptor) {
  std::array<char, 4096> path;
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size());
  TheSyncs().Note(std::string(path.data(), length < 0 ? 0 : static_cast<std::size_t>(length)));
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

/// What is on the device when a statement is acknowledged.
class DurabilityTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = fs::temp_directory_path() / ("smelt-durability-" + NewUuid());
    LakeOptions options;
    options.lake = lake_.string();
    options.threads = 2;
    engine_ = Engine::Open(options).value();
    session_ = engine_->Connect().value();
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  /// Runs statements and answers with the places below the table that were synced, names shortened to their endings.
  Texts SyncsOf(const std::string& sql) {
    TheSyncs().Take();
    const Status status = session_->Execute(sql);
    EXPECT_TRUE(status) << status.error().ToString();
    Texts places;
    for (const std::string& path : TheSyncs().Take()) {
      const fs::path relative = fs::path(path).lexically_relative(lake_ / "main" / "t");
      if (relative.empty() || *relative.begin() == "..") continue;
      const std::string name = relative.filename().string();
      const std::string folder = relative.parent_path().string();
      const std::string kind = name.starts_with(".tmp-") ? "temporary" : name.ends_with(".parquet") ? "data" : name;
      places.push_back(folder.empty() ? kind : folder + "/" + kind);
    }
    std::ranges::sort(places);
    return places;
  }

  fs::path lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(DurabilityTest, DataFilesAndCommitsAreSyncedOnceEach) {
  SyncsOf("create table t (p bigint, a bigint)");
  SyncsOf("insert into t values (0, 0)");
  const Texts expected = {".", "_delta_log", "_delta_log/temporary", "data"};
  EXPECT_EQ(SyncsOf("insert into t values (1, 2)"), expected);
  EXPECT_EQ(SyncsOf("update t set a = 3 where p = 1"), expected);
  EXPECT_EQ(SyncsOf("call optimize('t')"), expected);
}

TEST_F(DurabilityTest, FoldersOfPartitionsAreSynced) {
  SyncsOf("create table t (p bigint, a bigint) partitioned by (p)");
  const Texts synced = SyncsOf("insert into t values (1, 2), (2, 3)");
  for (const char* place : {"p=1", "p=2", ".", "_delta_log"}) {
    EXPECT_GE(std::ranges::count(synced, place), 1) << place;
  }
  for (const char* place : {"p=1/data", "p=2/data"}) EXPECT_EQ(std::ranges::count(synced, place), 1) << place;
}

TEST_F(DurabilityTest, DeletionVectorsAreSynced) {
  SyncsOf("create table t (a bigint) with ('delta.enableDeletionVectors' = 'true')");
  SyncsOf("insert into t select * from range(100000)");
  EXPECT_EQ(SyncsOf("delete from t where a % 7 = 1"), (Texts{".", "_delta_log", "_delta_log/temporary", "temporary"}));
}

TEST_F(DurabilityTest, CheckpointsAreSyncedBeforeTheCommitsThatTheyReplaceMayGo) {
  SyncsOf("create table t (a bigint) with ('delta.checkpointInterval' = '2')");
  SyncsOf("insert into t values (1)");
  const Texts synced = SyncsOf("insert into t values (2)");
  const auto is_checkpoint = [](const std::string& place) { return place.starts_with("_delta_log/0000"); };
  EXPECT_TRUE(std::ranges::any_of(synced, is_checkpoint)) << synced.size();
  EXPECT_EQ(std::ranges::count(synced, "_delta_log"), 2);
}

}  // namespace
}  // namespace smelt::engine
