#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <thread>

namespace smelt {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "file_test_" + std::to_string(getpid());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  std::string root_;
};

TEST_F(FileTest, WritesAndReadsAnyBytes) {
  const std::string path = root_ + "/a/b/c.bin";
  const std::string bytes("\0\xFF\r\nx", 5);
  ASSERT_TRUE(WriteWholeFile(path, bytes));
  EXPECT_EQ(*ReadWholeFile(path), bytes);
  ASSERT_TRUE(WriteWholeFile(path, ""));
  EXPECT_EQ(*ReadWholeFile(path), "");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ + "/a/b"), {}), 1) << "a temporary file is left";
}

TEST_F(FileTest, ReadsFilesOfUnknownSize) {
  const auto text = ReadWholeFile("/proc/self/status");
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("Name:"), std::string::npos);
}

TEST_F(FileTest, ErrorsTellWhy) {
  EXPECT_EQ(ReadWholeFile(root_ + "/none").error().code(), ErrorCode::kStoreNotFound);
  EXPECT_EQ(ReadWholeFile("/").error().code(), ErrorCode::kStoreIo);
  ASSERT_TRUE(WriteWholeFile(root_ + "/file", "x"));
  EXPECT_FALSE(WriteWholeFile(root_ + "/file/below", "x"));
  const auto refused = WriteTemporaryFile("/proc/self", "x");
  EXPECT_TRUE(refused.error().message().starts_with("cannot write into /proc/self: ")) << refused.error().message();
  EXPECT_EQ(FileError(ENOSPC, "write", "p").code(), ErrorCode::kStoreFull);
  EXPECT_EQ(FileError(EDQUOT, "write", "p").code(), ErrorCode::kStoreFull);
  EXPECT_EQ(FileError(EACCES, "write", "p").code(), ErrorCode::kStoreDenied);
  EXPECT_EQ(FileError(EIO, "write", "p").code(), ErrorCode::kStoreIo);
  EXPECT_EQ(FileError(ENOENT, "read", "p.csv").message(), "cannot read p.csv: No such file or directory");
}

TEST_F(FileTest, ReadersNeverSeeAPart) {
  const std::string path = root_ + "/shared";
  const std::string a(100'000, 'a'), b(200'000, 'b');
  ASSERT_TRUE(WriteWholeFile(path, a));
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(WriteWholeFile(path, i % 2 ? a : b));
    done = true;
  });
  while (!done) {
    const auto seen = ReadWholeFile(path);
    ASSERT_TRUE(seen);
    ASSERT_TRUE(*seen == a || *seen == b) << "read " << seen->size() << " bytes";
  }
}

TEST_F(FileTest, CreateFoldersIsIdempotent) {
  EXPECT_TRUE(CreateFolders(root_ + "/x/y"));
  EXPECT_TRUE(CreateFolders(root_ + "/x/y"));
  EXPECT_TRUE(fs::is_directory(root_ + "/x/y"));
}

}  // namespace
}  // namespace smelt
