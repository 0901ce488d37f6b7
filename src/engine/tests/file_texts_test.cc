// Texts that stay in a file and are read when somebody looks at them.
#include "engine/internal/parquet/file_texts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/file.h"
#include "base/id.h"
#include "base/parallel.h"
#include "engine/internal/duck.h"
#include "engine/internal/parquet/text_column.h"

namespace smelt::engine::parquet {
namespace {

namespace fs = std::filesystem;

constexpr int kTexts = 20'000;

std::string TextOf(int i) {
  return "text " + std::to_string(i) + " " + std::string(static_cast<std::size_t>(i % 200), 'x');
}

class FileTextsTest : public testing::Test {
 protected:
  struct Place {
    std::uint64_t offset;
    std::uint32_t size;
  };

  void SetUp() override {
    fs::create_directories(folder_);
    duckdb::DuckDB database(nullptr);
    duckdb::Connection connection(database);
    const auto result = connection.Query(
        "copy (select 'text ' || i || ' ' || repeat('x', (i % 200)::int) as t from range(" + std::to_string(kTexts) +
        ") r(i)) to '" + path_ + "' (format parquet, compression uncompressed)");
    ASSERT_FALSE(result->HasError()) << result->GetError();
    auto file = LocalFile::Open(path_);
    ASSERT_TRUE(file);
    file_ = std::make_shared<const LocalFile>(*std::move(file));
    ASSERT_TRUE(ReadTextColumn(*file_, "t", TextsAre::kPassed, [&](const FoundText& found) {
      ASSERT_EQ(found.owner, nullptr);
      places_.push_back({found.offset, static_cast<std::uint32_t>(found.text.size())});
    }));
    ASSERT_EQ(places_.size(), std::size_t{kTexts});
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::optional<std::string> Read(const FileTexts& texts, Place place) {
    const auto text = texts.Read(place.offset, place.size);
    return text ? std::optional(std::string(std::string_view(*text))) : std::nullopt;
  }
  void ExpectAll(const FileTexts& texts) const {
    for (int i = 0; i < kTexts; ++i) ASSERT_EQ(Read(texts, places_[static_cast<std::size_t>(i)]), TextOf(i));
  }

  const fs::path folder_ = fs::temp_directory_path() / ("smelt-file-texts-" + NewUuid());
  const std::string path_ = (folder_ / "f.parquet").string();
  std::shared_ptr<const LocalFile> file_;
  std::vector<Place> places_;
};

TEST_F(FileTextsTest, TextsAreReadInAnyOrderByAnyThread) {
  const auto texts = FileTexts::Hold(file_);
  ASSERT_TRUE(ForEachParallel(8, 4, [&](std::size_t thread) -> Status {
    std::mt19937 random(static_cast<unsigned>(thread));
    std::vector<std::pair<delta::SharedText, int>> kept;
    for (int n = 0; n < 3'000; ++n) {
      const int i = thread % 2 == 0 ? n : static_cast<int>(random() % kTexts);
      const Place place = places_[static_cast<std::size_t>(i)];
      kept.emplace_back(texts->Read(place.offset, place.size).value(), i);
    }
    // What was read stays as it is, whatever is read after it.
    for (const auto& [text, i] : kept) EXPECT_EQ(std::string_view(text), TextOf(i));
    return {};
  }));
}

TEST_F(FileTextsTest, TextsOfTwoFilesAreKeptApart) {
  const auto one = FileTexts::Hold(file_);
  const fs::path copy = folder_ / "g.parquet";
  std::string bytes = ReadWholeFile(path_).value();
  for (char& c : bytes) c = c == 'x' ? 'y' : c;
  ASSERT_TRUE(WriteWholeFile(copy, bytes));
  const auto other = FileTexts::Hold(std::make_shared<const LocalFile>(LocalFile::Open(copy).value()));
  for (std::size_t i = 100; i < 110; ++i) {
    EXPECT_EQ(Read(*one, places_[i]), TextOf(static_cast<int>(i)));
    EXPECT_NE(Read(*other, places_[i]), TextOf(static_cast<int>(i)));
  }
}

TEST_F(FileTextsTest, AFileThatIsDeletedOrReplacedKeepsItsTexts) {
  const auto texts = FileTexts::Hold(file_);
  ASSERT_TRUE(WriteWholeFile(path_, "another file in its place"));
  ExpectAll(*texts);
  fs::remove(path_);
  ExpectAll(*texts);
}

TEST_F(FileTextsTest, AFileThatSomebodyWroteToHasNoTexts) {
  const auto texts = FileTexts::Hold(file_);
  const delta::StatisticsText counted(texts, places_[500].offset, places_[500].size, 7);
  const delta::StatisticsText uncounted(texts, places_[500].offset, places_[500].size, std::nullopt);
  EXPECT_EQ(counted, delta::StatisticsText(TextOf(500)));
  {
    std::fstream file(path_, std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(places_[1].offset));
    file << "T";
  }
  EXPECT_EQ(Read(*texts, places_.front()), std::nullopt);
  EXPECT_EQ(counted.rows(), 7);
  fs::resize_file(path_, 10);
  EXPECT_EQ(Read(*texts, places_.back()), std::nullopt);
  EXPECT_EQ(counted.rows(), 7);
  EXPECT_EQ(counted, delta::StatisticsText(R"({"numRecords":7,"minValues":{},"maxValues":{},"nullCount":{}})"));
  EXPECT_EQ(uncounted, delta::StatisticsText());
  EXPECT_FALSE(uncounted.empty()) << "it is there, though nobody can read it";
}

TEST_F(FileTextsTest, NoMoreFilesAreHeldThanAProgramMayHaveOpen) {
  std::vector<std::shared_ptr<const FileTexts>> held;
  while (auto texts = FileTexts::Hold(file_)) {
    held.push_back(std::move(texts));
    ASSERT_LE(held.size(), 64U);
  }
  held.pop_back();
  EXPECT_TRUE(FileTexts::Hold(file_));
}

}  // namespace
}  // namespace smelt::engine::parquet
