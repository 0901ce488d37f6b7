#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/tests/lake_fixture.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

/// What happens to tables while they are maintained: other writers, and faults.
class MaintenanceTest : public LakeFixture {
 protected:
  std::vector<fs::path> DataFiles(const fs::path& table) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(lake_ / table)) {
      const bool is_data =
          entry.path().extension() == ".parquet" && entry.path().string().find("_delta_log") == std::string::npos;
      if (is_data) files.push_back(entry.path());
    }
    return files;
  }
};

TEST_F(MaintenanceTest, OptimizeAndWritersGoTogether) {
  Must("create table t (writer bigint, i bigint)");
  constexpr int kWriters = 3;
  constexpr int kRounds = 15;
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([this, writer] {
      auto session = Connect();
      for (int i = 0; i < kRounds; ++i) {
        std::string sql = "insert into t values (" + std::to_string(writer) + ", " + std::to_string(i) + ")";
        if (writer == 0 && i > 0) sql = "update t set i = i + 1 where writer = 0";
        const Status status = session->Execute(sql);
        EXPECT_TRUE(status) << status.error().ToString();
      }
    });
  }
  threads.emplace_back([this] {
    auto session = Connect();
    for (int i = 0; i < kRounds; ++i) {
      const Status status = session->Execute("call optimize('t')");
      EXPECT_TRUE(status || status.error().code() == ErrorCode::kDeltaConflict) << status.error().ToString();
    }
  });
  threads.clear();
  EXPECT_EQ(Number("select count(*) from t where writer > 0"), (kWriters - 1) * kRounds);
  EXPECT_EQ(Number("select count(distinct (writer, i)) from t where writer > 0"), (kWriters - 1) * kRounds);
  EXPECT_EQ(Number("select i from t where writer = 0"), kRounds - 1);
  Must("call optimize('t')");
  Must("call vacuum('t', retain_hours => 0, retention_check => false)");
  EXPECT_EQ(static_cast<std::int64_t>(DataFiles("main/t").size()), Number("select files from table_detail('t')"))
      << "what conflicts left behind is gone";
  EXPECT_EQ(Number("select count(*) from t"), (kWriters - 1) * kRounds + 1);
}

TEST_F(MaintenanceTest, AnOptimizeThatFailsLeavesNothing) {
  Must("create table t as select 1 as i");
  Must("insert into t values (2)");
  Must("insert into t values (3)");
  fs::path victim = DataFiles("main/t")[1];
  fs::rename(victim, lake_ / "aside");
  const Status status = session_->Execute("call optimize('t')");
  ASSERT_FALSE(status);
  EXPECT_EQ(DataFiles("main/t").size(), 2u);
  EXPECT_EQ(Number("select version from table_detail('t')"), 2);
  fs::rename(lake_ / "aside", victim);
  Must("call optimize('t')");
  EXPECT_EQ(Number("select sum(i) from t"), 6);
}

TEST_F(MaintenanceTest, MissingFilesAreFoundAndTakenOut) {
  Must("create table t as select 1 as i");
  Must("insert into t values (2)");
  fs::remove(DataFiles("main/t")[0]);
  EXPECT_FALSE(session_->Query("select sum(i) from t"));
  EXPECT_EQ(Number("select count(*) from fsck('t') where problem = 'missing'"), 1);
  EXPECT_FALSE(session_->Query("select sum(i) from t")) << "looking changes nothing";
  EXPECT_EQ(Number("select count(*) from fsck('t', repair => true) where repaired"), 1);
  EXPECT_GT(Number("select sum(i) from t"), 0);
  EXPECT_EQ(Number("select count(*) from table_history('t') where operation = 'FSCK'"), 1);
}

TEST_F(MaintenanceTest, SessionsAreToldOfTheCommits) {
  Must("create table t as select 1 as i");
  Must("insert into t values (2)");
  (void)session_->TakeCommits();
  Must("call optimize('t')");
  const auto commits = session_->TakeCommits();
  ASSERT_EQ(commits.size(), 1u);
  EXPECT_EQ(commits[0].operation, "OPTIMIZE");
  EXPECT_EQ(commits[0].files_removed, 2);
  EXPECT_EQ(commits[0].version, 2);
}

TEST_F(MaintenanceTest, ALakeForReadingStaysAsItIs) {
  Must("create table t as select 1 as i");
  Must("insert into t values (2)");
  LakeOptions options;
  options.lake = lake_.string();
  options.read_only = true;
  auto reader = Engine::Open(options);
  ASSERT_TRUE(reader);
  auto session = (*reader)->Connect();
  ASSERT_TRUE(session);
  for (const char* call : {"optimize('t')", "vacuum('t')", "restore('t', version => 0)", "fsck('t', repair => true)",
                           "clone('t', 'u')", "convert('u')"}) {
    const Status status = (*session)->Execute(std::string("call ") + call);
    ASSERT_FALSE(status) << call;
    EXPECT_EQ(status.error().code(), ErrorCode::kStoreDenied) << status.error().ToString();
  }
  EXPECT_TRUE((*session)->Execute("from optimize('t', dry_run => true)"));
  EXPECT_TRUE((*session)->Execute("from table_detail('t')"));
}

TEST_F(MaintenanceTest, ACallThatIsPreparedRunsEachTime) {
  Must("create table t as select 1 as i");
  Must("prepare pack as select files_removed from optimize('t')");
  Must("insert into t values (2)");
  EXPECT_EQ(Number("execute pack"), 2);
  Must("insert into t values (3)");
  EXPECT_EQ(Number("execute pack"), 2);
  EXPECT_EQ(Number("explain select * from optimize('t')"), -1);
  EXPECT_EQ(Number("select version from table_detail('t')"), 4);
}

}  // namespace
}  // namespace smelt::engine
