#include "ingest/internal/discovery.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/id.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

class DiscoveryTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("smelt-discovery-" + NewUuid());
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Touch(const std::string& name) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << "x";
  }

  std::vector<std::string> Names() {
    const auto files = FindFiles(root_.string(), {});
    EXPECT_TRUE(files) << files.error().ToString();
    std::vector<std::string> names;
    for (const FoundFile& file : *files) names.push_back(file.name);
    return names;
  }

  fs::path root_;
};

TEST_F(DiscoveryTest, FindsFilesInAllFoldersInOrder) {
  for (const char* name : {"b.csv", "2018/10/a.csv", "a.csv"}) Touch(name);
  EXPECT_EQ(Names(), (std::vector<std::string>{"a.csv", "b.csv", "2018/10/a.csv"}));
}

TEST_F(DiscoveryTest, LeavesHiddenAndUnfinishedFilesOut) {
  for (const char* name :
       {".hidden.csv", ".git/a.csv", "a.csv~", "a.csv.tmp", "b.csv.part", "c.crdownload", ".a.csv.swp", "ok.csv"})
    Touch(name);
  EXPECT_EQ(Names(), (std::vector<std::string>{"ok.csv"}));
}

TEST_F(DiscoveryTest, NamesAreTextWhateverTheirBytesAre) {
  Touch("pedido_\xE7.csv");
  EXPECT_EQ(Names(), (std::vector<std::string>{"pedido_\\xE7.csv"}));
}

TEST_F(DiscoveryTest, FollowsLinksButNotInCircles) {
  Touch("real/a.csv");
  fs::create_directory_symlink(root_, root_ / "real" / "up");
  fs::create_directory_symlink(root_ / "real", root_ / "zweite");
  fs::create_symlink(root_ / "real" / "a.csv", root_ / "b.csv");
  fs::create_symlink(root_ / "nowhere", root_ / "c.csv");
  fs::create_symlink(root_ / "d.csv", root_ / "d.csv");
  EXPECT_EQ(Names(), (std::vector<std::string>{"b.csv", "real/a.csv"}));
}

TEST_F(DiscoveryTest, NamesTheFolderThatIsMissing) {
  const auto files = FindFiles((root_ / "gone").string(), {});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code(), ErrorCode::kStoreNotFound);
  EXPECT_NE(files.error().message().find("gone"), std::string::npos);
}

/// Gives up the superuser's rights, whom permissions do not bind, for a while.
class WithoutPrivileges {
 public:
  WithoutPrivileges() : was_(geteuid()) {
    if (was_ == 0) {
      EXPECT_EQ(seteuid(65'534), 0);
    }
  }
  ~WithoutPrivileges() { EXPECT_EQ(seteuid(was_), 0); }

 private:
  uid_t was_;
};

TEST_F(DiscoveryTest, NamesTheFolderThatMayNotBeRead) {
  Touch("closed/a.csv");
  fs::permissions(root_ / "closed", fs::perms::none);
  const auto files = [&] {
    const WithoutPrivileges nobody;
    return FindFiles(root_.string(), {});
  }();
  fs::permissions(root_ / "closed", fs::perms::owner_all);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code(), ErrorCode::kStoreDenied);
  EXPECT_NE(files.error().message().find("closed"), std::string::npos);
}

TEST_F(DiscoveryTest, StopsOnRequest) {
  Touch("a.csv");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(FindFiles(root_.string(), stop.get_token()).error().code(), ErrorCode::kCancelled);
}

TEST(Claims, MatchesNamesAndPaths) {
  SourceTable table;
  table.files = {"orders*.csv", "archive/*/items.csv"};
  EXPECT_TRUE(Claims(table, "orders.csv"));
  EXPECT_TRUE(Claims(table, "2018-10-18/orders_2.csv"));
  EXPECT_TRUE(Claims(table, "archive/2018/items.csv"));
  EXPECT_FALSE(Claims(table, "items.csv"));
  EXPECT_FALSE(Claims(table, "my_orders.csv"));
  EXPECT_FALSE(Claims(table, "orders.csv.gz"));
}

}  // namespace
}  // namespace smelt::ingest
