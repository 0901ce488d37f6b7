#include "base/file_writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"

namespace smelt {
namespace {

namespace fs = std::filesystem;

class FileWriterTest : public ::testing::Test {
 protected:
  FileWriterTest() { fs::create_directories(folder_); }
  ~FileWriterTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t Count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_ = fs::path(::testing::TempDir()) / ("file_writer_test-" + NewUuid());
};

TEST_F(FileWriterTest, ReadersSeeTheOldFileUntilTheNewOneIsWhole) {
  ASSERT_TRUE(WriteWholeFile(Path("a"), "old"));
  auto writer = FileWriter::Create(Path("a"));
  ASSERT_TRUE(writer) << writer.error().ToString();
  ASSERT_TRUE(writer->Append("ne"));
  ASSERT_TRUE(writer->Append("w"));
  EXPECT_EQ(writer->size(), 3);
  EXPECT_EQ(ReadWholeFile(Path("a")).value(), "old");
  ASSERT_TRUE(writer->Finish());
  EXPECT_EQ(ReadWholeFile(Path("a")).value(), "new");
  EXPECT_EQ(Count(), 1);
}

TEST_F(FileWriterTest, WhatIsNotFinishedLeavesNothing) {
  {
    auto writer = FileWriter::Create(Path("inner/a"));
    ASSERT_TRUE(writer) << writer.error().ToString();
    ASSERT_TRUE(writer->Append("lost"));
  }
  EXPECT_TRUE(fs::is_empty(Path("inner")));
}

TEST_F(FileWriterTest, TakesPartsOfOtherFiles) {
  const std::string big(300'000, 'x');
  ASSERT_TRUE(WriteWholeFile(Path("from"), "<" + big + ">"));
  auto writer = FileWriter::Create(Path("to"));
  ASSERT_TRUE(writer) << writer.error().ToString();
  ASSERT_TRUE(writer->AppendFrom(Path("from"), 0, 1));
  ASSERT_TRUE(writer->Append("-"));
  ASSERT_TRUE(writer->AppendFrom(Path("from"), 1, 300'001));
  EXPECT_EQ(writer->size(), 300'003);
  ASSERT_TRUE(writer->Finish());
  EXPECT_EQ(ReadWholeFile(Path("to")).value(), "<-" + big + ">");
}

TEST_F(FileWriterTest, AFileThatIsShorterThanSaidIsAnError) {
  ASSERT_TRUE(WriteWholeFile(Path("from"), "abc"));
  auto writer = FileWriter::Create(Path("to"));
  ASSERT_TRUE(writer) << writer.error().ToString();
  EXPECT_FALSE(writer->AppendFrom(Path("from"), 1, 5));
  EXPECT_FALSE(writer->AppendFrom(Path("missing"), 0, 1));
}

}  // namespace
}  // namespace smelt
