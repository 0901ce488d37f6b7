#include "ingest/internal/original_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

constexpr const char* kContent = "b,a\r\n1,2\r\n";

class OriginalFilesTest : public testing::Test {
 protected:
  void SetUp() override { root_ = fs::path(testing::TempDir()) / ("smelt-originals-" + NewUuid()); }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& name, std::string_view text = kContent) {
    ASSERT_TRUE(WriteWholeFile((root_ / name).string(), text));
  }
  OriginalFiles Open() const { return {(root_ / "raw").string(), (root_ / "archive").string(), {}}; }
  static std::string FirstLine(OriginalFiles& files, const std::string& name, const std::string& content = kContent) {
    const auto line = files.FirstLine(name, ContentHash(content));
    EXPECT_TRUE(line) << line.error().ToString();
    return line ? line->value_or("gone") : "failed";
  }
  std::string FirstLine(const std::string& name) const {
    OriginalFiles files = Open();
    return FirstLine(files, name);
  }

  fs::path root_;
};

TEST_F(OriginalFilesTest, AFileIsFoundWhereItWasLoadedFrom) {
  Write("raw/deep/orders.csv");
  EXPECT_EQ(FirstLine("deep/orders.csv"), "b,a") << "though there is no archive";
  EXPECT_EQ(FirstLine("orders.csv"), "gone");
}

TEST_F(OriginalFilesTest, AFileIsFoundInTheArchiveWhateverItsFolder) {
  EXPECT_EQ(FirstLine("orders.csv"), "gone") << "there is no folder";
  Write("archive/2026-05-01/orders.csv", "other\n");
  Write("archive/2026-05-03/orders.csv", "another\n");
  EXPECT_EQ(FirstLine("orders.csv"), "gone");
  Write("archive/2026-05-02/deep/orders.csv");
  EXPECT_EQ(FirstLine("deep/orders.csv"), "b,a");
  EXPECT_EQ(FirstLine("2026-05-01/orders.csv"), "b,a") << "loaded with the archive as the folder";
}

TEST_F(OriginalFilesTest, WhatHasReplacedAFileIsNotTheFile) {
  Write("raw/orders.csv", "other\n");
  EXPECT_EQ(FirstLine("orders.csv"), "gone");
  Write("archive/2026-05-01/" + WithHash("orders.csv", ContentHash(kContent)));
  EXPECT_EQ(FirstLine("orders.csv"), "b,a");
}

TEST_F(OriginalFilesTest, NamesThatBeginAlikeAreOthers) {
  Write("archive/2026-05-01/orders_10.csv");
  Write("archive/2026-05-01/orders_1.csv.old");
  Write("archive/2026-05-01/" + WithHash("orders_1.csv", ContentHash("other\n")));
  EXPECT_EQ(FirstLine("orders_1.csv"), "gone");
}

TEST_F(OriginalFilesTest, FoldersAreListedOnceAndFilesReadOnce) {
  Write("archive/2026-05-01/orders.csv", "other\n");
  Write("archive/2026-05-02/orders.csv");
  OriginalFiles files = Open();
  EXPECT_EQ(FirstLine(files, "orders.csv"), "b,a");
  fs::remove_all(root_ / "archive");
  EXPECT_EQ(FirstLine(files, "orders.csv"), "b,a");
  EXPECT_EQ(FirstLine(files, "orders.csv", "other\n"), "other");
  Write("archive/2026-05-02/visits.csv");
  EXPECT_EQ(FirstLine(files, "visits.csv"), "gone") << "it came after the list";
}

TEST_F(OriginalFilesTest, AFileThatGoesAfterTheListIsGone) {
  Write("archive/2026-05-01/orders.csv");
  Write("archive/2026-05-01/visits.csv");
  OriginalFiles files = Open();
  EXPECT_EQ(FirstLine(files, "orders.csv"), "b,a");
  fs::remove(root_ / "archive/2026-05-01/visits.csv");
  EXPECT_EQ(FirstLine(files, "visits.csv"), "gone");
}

TEST_F(OriginalFilesTest, FirstLinesMayBeLongOrAllThereIs) {
  const std::string line(700'000, 'x');
  for (const std::string& text : {line + "\nrest\n", line, std::string()}) {
    Write("raw/orders.csv", text);
    OriginalFiles files = Open();
    EXPECT_EQ(FirstLine(files, "orders.csv", text), text.substr(0, text.find('\n')));
  }
}

TEST_F(OriginalFilesTest, WhatCannotBeListedIsAnError) {
  Write("raw", "no folder");
  OriginalFiles files = Open();
  EXPECT_FALSE(files.FirstLine("orders.csv", ContentHash(kContent)));
}

TEST_F(OriginalFilesTest, TheSearchCanBeStopped) {
  Write("raw/orders.csv");
  std::stop_source stop;
  stop.request_stop();
  OriginalFiles files((root_ / "raw").string(), "", stop.get_token());
  const auto line = files.FirstLine("orders.csv", ContentHash(kContent));
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace smelt::ingest
