#include "ingest/internal/drop_folder.h"
#include "ingest/internal/settling.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "base/file.h"
#include "ingest/release.h"
#include "ingest/tests/drops.h"

namespace smelt::ingest {
namespace {

constexpr const char* kZonedSource = R"yml(
name: shop
connector: csv
location: raw
zones: {archive: archive, rejected: rejected, settle_seconds: 0}
tables:
  - name: orders
    files: orders*.csv
    load: merge
    key: [order_id]
    columns:
      - {name: order_id, type: text, required: true}
      - {name: total, type: integer}
  - name: visits
    files: visits*.csv
    columns:
      - {name: page, type: text}
)yml";

class ZonesTest : public DropsTest {
 protected:
  ZonesTest() : DropsTest(kZonedSource) {}

  /// Names of the files below a folder of the project, without the day they came to a zone.
  std::string Files(const std::string& folder) {
    std::set<std::string> names;
    const fs::path top = root_ / "project" / folder;
    if (!fs::exists(top)) return "";
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (!entry.is_regular_file()) continue;
      const std::string name = entry.path().lexically_relative(top).string();
      names.insert(folder == "raw" ? name : name.substr(name.find('/') + 1));
    }
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : " ") + name;
    return all;
  }
};

TEST_F(ZonesTest, FilesGoToTheArchiveWithTheirRows) {
  Drop("orders_1.csv", "order_id,total\na,1\n");
  Drop("deep/visits_1.csv", "page\nhome\n");
  EXPECT_EQ(Load().files_loaded, 2);
  EXPECT_EQ(Files("raw"), "");
  EXPECT_EQ(Files("archive"), "deep/visits_1.csv orders_1.csv");
  // An empty zone is no mistake.
  EXPECT_EQ(Load().files_loaded, 0);
}

TEST_F(ZonesTest, TheSameFileAgainDoesNothingAndAnotherKeepsBoth) {
  Drop("orders_1.csv", "order_id,total\na,1\n");
  Load();
  Drop("orders_1.csv", "order_id,total\na,1\n");
  EXPECT_EQ(Load().files_known, 1);
  EXPECT_EQ(Files("archive"), "orders_1.csv");
  Drop("orders_1.csv", "order_id,total\na,2\n");
  Load();
  EXPECT_EQ(Query("select total from bronze.orders"), "2\n");
  const std::string archived = Files("archive");
  EXPECT_TRUE(archived.starts_with("orders_1.csv orders_1.")) << archived;
  EXPECT_TRUE(archived.ends_with(".csv")) << archived;
}

TEST_F(ZonesTest, AFileThatCannotBeReadStopsNobody) {
  Drop("orders_1.csv", "order_id,total\na,1\nb,x\n");
  Drop("orders_2.csv", "order_id,amount\nc,1\n");
  Drop("orders_3.csv", "order_id,total\n\"d,1\n");
  Drop("visits_1.csv", "");
  const IngestReport report = Load();
  EXPECT_EQ(report.files_refused, 3);
  EXPECT_EQ(Query("select order_id from bronze.orders"), "a\n");
  EXPECT_EQ(Query("select source_file, line, rule, category from quarantine.orders order by all"),
            "orders_1.csv|3|type|schema\norders_2.csv|1|file|schema\norders_3.csv|2|file|schema\n");
  EXPECT_EQ(Query("select source_file, rule from quarantine.visits"), "visits_1.csv|file\n");
  EXPECT_EQ(Files("rejected"),
            "orders_2.csv orders_2.csv.reason.json orders_3.csv orders_3.csv.reason.json visits_1.csv "
            "visits_1.csv.reason.json");
  EXPECT_EQ(Files("raw"), "");
  EXPECT_EQ(Files("archive"), "orders_1.csv");
  // A run that was cut off before the file was moved: once is enough.
  Drop("orders_2.csv", "order_id,amount\nc,1\n");
  Load();
  EXPECT_EQ(Query("select count(*) from quarantine.orders where source_file = 'orders_2.csv'"), "1\n");
}

TEST_F(ZonesTest, WhatHasReplacedAFileStaysToBeLoaded) {
  Drop("orders_1.csv", "order_id,total\na,1\n");
  const std::string raw = (root_ / "project/raw").string(), path = raw + "/orders_1.csv";
  const auto folder = OpenDropFolder(raw);
  ASSERT_TRUE(folder);
  const auto stamp = StampFile(path, [](std::int64_t) {}, {});
  ASSERT_TRUE(stamp);
  const InputFile read{{.path = path, .name = "orders_1.csv", .place = path}, *stamp};
  ASSERT_TRUE(WriteWholeFile(path, "order_id,total\na,2\n"));
  const std::string archive = (root_ / "project/archive").string();
  EXPECT_TRUE((*folder)->Move(read, archive, "2026-05-01"));
  EXPECT_EQ(Files("archive"), "");
  EXPECT_EQ(Load().files_loaded, 1);
  EXPECT_EQ(Query("select total from bronze.orders"), "2\n");
}

TEST_F(ZonesTest, AFileThatTheArchiveHasIsRemovedWithoutATrace) {
  for (int i = 0; i < 2; ++i) {
    Drop("orders_1.csv", "order_id,total\na,1\n");
    Load();
  }
  EXPECT_EQ(Files("raw"), "");
  EXPECT_EQ(Files("archive"), "orders_1.csv");
}

TEST_F(ZonesTest, TheArchiveIsReadIntoAnotherLakeAndLeftAsItIs) {
  Drop("orders_1.csv", "order_id,total\na,1\nb,1\n");
  Drop("visits_1.csv", "page\nhome\n");
  Load();
  Drop("orders_2.csv", "order_id,total\na,2\n");
  Load();
  const std::string archived = Files("archive");
  const auto other = Open(root_ / "rebuilt");
  IngestOptions options;
  options.project_dir = (root_ / "project").string();
  options.data_dir = (root_ / "project/archive").string();
  SilentObserver observer;
  ASSERT_TRUE(RunIngest(*other, options, observer));
  EXPECT_EQ(Query(*other, "select order_id, total from bronze.orders order by 1"), "a|2\nb|1\n");
  EXPECT_EQ(Files("archive"), archived);
}

TEST_F(ZonesTest, KnownFilesOfMergedTablesCanBeLoadedAgain) {
  Drop("orders_1.csv", "order_id,total\na,1\nb,x\n");
  Drop("visits_1.csv", "page\nhome\n");
  Load();
  ASSERT_EQ(Query("delete from bronze.orders"), "1\n");
  IngestOptions options;
  options.project_dir = (root_ / "project").string();
  options.data_dir = (root_ / "project/archive").string();
  options.again = true;
  SilentObserver observer;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(RunIngest(*engine_, options, observer));
    EXPECT_EQ(Query("select order_id, total from bronze.orders"), "a|1\n");
    EXPECT_EQ(Query("select count(*) from quarantine.orders"), "1\n");
    EXPECT_EQ(Query("select count(*) from bronze.visits"), "1\n");
  }
}

TEST_F(ZonesTest, AFolderAndABucketAreNoZonesOfOneSource) {
  std::string source = source_;
  source.replace(source.find("location: raw"), std::string("location: raw").size(), "location: s3://bucket/raw");
  Write("project/sources/shop.yml", source);
  IngestOptions options;
  options.project_dir = (root_ / "project").string();
  SilentObserver observer;
  const auto report = RunIngest(*engine_, options, observer);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kConfigValueInvalid);
  EXPECT_NE(report.error().message().find("but their zone is"), std::string::npos) << report.error().ToString();
}

TEST_F(ZonesTest, TwoRunsAtOnceMoveEachFileOnce) {
  constexpr int kFiles = 30;
  std::string archived;
  for (int i = 10; i < 10 + kFiles; ++i) {
    const std::string name = "orders_" + std::to_string(i) + ".csv";
    Drop(name, "order_id,total\no" + std::to_string(i) + ",1\n");
    archived += (archived.empty() ? "" : " ") + name;
  }
  std::jthread other([&] {
    const auto engine = Open(root_ / "lake");
    const auto report = Load(*engine);
    EXPECT_TRUE(report) << report.error().ToString();
  });
  EXPECT_TRUE(Load(*engine_));
  other.join();
  EXPECT_EQ(Query("select count(*) from bronze.orders"), "30\n");
  EXPECT_EQ(Files("archive"), archived);
}

TEST_F(ZonesTest, WhatIsInQuarantineOfARefusedFileIsNoRowToRelease) {
  Drop("visits_1.csv", "");
  Drop("orders_1.csv", "order_id,total\nb,x\n");
  Load();
  ReleaseOptions options;
  options.project_dir = (root_ / "project").string();
  options.table = "visits";
  const auto released = ReleaseQuarantined(*engine_, options);
  ASSERT_TRUE(released) << released.error().ToString();
  EXPECT_EQ(released->released, 0);
  EXPECT_EQ(released->kept, 1);
  EXPECT_EQ(Query("select count(*) from quarantine.visits"), "1\n");
}

TEST_F(ZonesTest, RowsAreReleasedByTheHeadersOfArchivedFiles) {
  const auto source = [](const char* totals) {
    return fmt::format(
        "name: shop\nconnector: csv\nlocation: raw\nzones: {{archive: archive, settle_seconds: 0}}\ntables:\n"
        "  - name: orders\n    files: orders*.csv\n    columns:\n      - {{name: order_id, type: text}}\n"
        "      - {{name: total, type: text, checks: [{{set: {}}}]}}\n",
        totals);
  };
  Write("project/sources/shop.yml", source("[y]"));
  // Of one name and day, and of a name that goes on; the columns are never where the other file has them.
  for (const auto& [name, text] : {std::pair{"orders_1.csv", "order_id,total\na,x\n"},
                                   {"orders_1.csv", "total,order_id\nx,b\n"},
                                   {"orders_10.csv", "total,order_id\nx,c\n"}}) {
    Drop(name, text);
    EXPECT_EQ(Load().rows_quarantined, 1);
  }
  EXPECT_EQ(Files("raw"), "");
  Write("project/sources/shop.yml", source("[x]"));
  ReleaseOptions options;
  options.project_dir = (root_ / "project").string();
  options.table = "orders";
  const auto released = ReleaseQuarantined(*engine_, options);
  ASSERT_TRUE(released) << released.error().ToString();
  EXPECT_EQ(released->released, 3);
  EXPECT_TRUE(released->files_gone.empty());
  EXPECT_EQ(Query("select order_id, total, source_file from bronze.orders order by 1"),
            "a|x|orders_1.csv\nb|x|orders_1.csv\nc|x|orders_10.csv\n");
}

TEST_F(ZonesTest, ZonesWithinTheFolderOfTheFilesAreRefused) {
  Write("project/sources/shop.yml",
        "name: s\nconnector: csv\nlocation: raw\nzones: {archive: raw/old}\ntables:\n  - name: t\n    files: t.csv\n"
        "    columns: [{name: a, type: text}]\n");
  const auto source = ReadSource((root_ / "project/sources/shop.yml").string(), root_.string());
  ASSERT_FALSE(source);
  EXPECT_NE(source.error().ToString().find("shop.yml:4:"), std::string::npos) << source.error().ToString();
}

TEST_F(ZonesTest, AFileThatIsStillWrittenIsLeftForTheNextRun) {
  Drop("orders_1.csv", "order_id,total\n");
  std::vector<FoundFile> files = {{(root_ / "project/raw/orders_1.csv").string(), "orders_1.csv", 0}};
  {
    std::jthread writer([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::ofstream(root_ / "project/raw/orders_1.csv", std::ios::app) << "a,1\n";
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    });
    const auto waiting = AwaitSettled(files, 60, {});
    ASSERT_TRUE(waiting);
    EXPECT_EQ(*waiting, std::vector<std::string>{"orders_1.csv"});
    EXPECT_TRUE(files.empty());
  }
  files = {{(root_ / "project/raw/orders_1.csv").string(), "orders_1.csv", 0}};
  const auto waiting = AwaitSettled(files, 60, {});
  ASSERT_TRUE(waiting);
  EXPECT_TRUE(waiting->empty());
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].bytes, static_cast<std::int64_t>(fs::file_size(files[0].path)));
}

TEST_F(ZonesTest, ATimeInTheFutureIsNotWaitedFor) {
  Drop("orders_1.csv", "order_id,total\n");
  fs::last_write_time(root_ / "project/raw/orders_1.csv", fs::file_time_type::clock::now() + std::chrono::hours(10));
  std::vector<FoundFile> files = {{(root_ / "project/raw/orders_1.csv").string(), "orders_1.csv", 0}};
  const auto waiting = AwaitSettled(files, 40, {});
  ASSERT_TRUE(waiting);
  EXPECT_EQ(files.size(), 1U);
}

}  // namespace
}  // namespace smelt::ingest
