#include "workbook/workbook_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "workbook/internal/cell_text.h"
#include "workbook/internal/package.h"

namespace smelt::workbook {
namespace {

namespace fs = std::filesystem;
using internal::ReadPart;

class WorkbookWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "workbook_test_" + std::to_string(getpid());
    fs::remove_all(folder_);
    path_ = folder_ + "/out/book.xlsx";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<WorkbookWriter> Begin() {
    auto writer = WorkbookWriter::Create(path_, {.title = "Sales"});
    EXPECT_TRUE(writer) << writer.error().ToString();
    return std::move(*writer);
  }
  /// The first sheet as XML, of a workbook with one column and these values.
  std::string SheetOf(const std::vector<CellValue>& values, const std::string& format = "") {
    auto writer = Begin();
    EXPECT_TRUE(writer->BeginSheet("One", {{.title = "a", .format = format}}));
    for (const CellValue& value : values) EXPECT_TRUE(writer->AddRow({&value, 1}));
    EXPECT_TRUE(writer->Finish({}));
    return *ReadPart(path_, "xl/worksheets/sheet1.xml");
  }
  std::size_t FilesInFolder() const {
    const fs::path folder = fs::path(path_).parent_path();
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
  }

  std::string folder_, path_;
};

TEST_F(WorkbookWriterTest, CellsHaveTheirTypes) {
  const std::string sheet = SheetOf({1.5, true, std::string_view("=1+1"), SerialOf(0).value()}, "#,##0.00");
  EXPECT_NE(sheet.find("<v>1.5</v>"), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("t=\"b\"><v>1</v>"), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("t=\"inlineStr\"><is><t>=1+1</t>"), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("<v>25569</v>"), std::string::npos) << sheet;
  EXPECT_EQ(sheet.find("<f>"), std::string::npos) << "there are no formulas";
}

TEST_F(WorkbookWriterTest, NothingIsNoCell) {
  const std::string sheet = SheetOf({std::monostate(), std::string_view("")});
  EXPECT_EQ(sheet.find("A2"), sheet.find("A2\"", sheet.find("topLeftCell"))) << sheet;
  EXPECT_EQ(sheet.find("r=\"A3\""), std::string::npos) << sheet;
}

TEST_F(WorkbookWriterTest, TheHeaderStaysAndFilters) {
  const std::string sheet = SheetOf({1.0, 2.0});
  EXPECT_NE(sheet.find("ySplit=\"1\""), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("state=\"frozen\""), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("<autoFilter ref=\"A1:A3\"/>"), std::string::npos) << sheet;
  EXPECT_NE(ReadPart(path_, "xl/styles.xml")->find("<b/>"), std::string::npos);
}

TEST_F(WorkbookWriterTest, FormatsAndFractionsOfSeconds) {
  SheetOf({Serial{.days = 1}, Serial{.days = 1.5, .has_fraction_of_second = true}}, "hh:mm:ss");
  const std::string styles = *ReadPart(path_, "xl/styles.xml");
  EXPECT_NE(styles.find("formatCode=\"hh:mm:ss\""), std::string::npos) << styles;
  EXPECT_NE(styles.find("formatCode=\"hh:mm:ss.000\""), std::string::npos) << styles;
}

TEST_F(WorkbookWriterTest, TheFileAppearsWhenItIsWhole) {
  fs::create_directories(fs::path(path_).parent_path());
  ASSERT_TRUE(WriteWholeFile(path_, "old"));
  {
    auto writer = Begin();
    ASSERT_TRUE(writer->BeginSheet("One", {{.title = "a"}}));
    EXPECT_EQ(*ReadWholeFile(path_), "old");
  }
  EXPECT_EQ(*ReadWholeFile(path_), "old") << "dropped, it changes nothing";
  EXPECT_EQ(FilesInFolder(), 1U);
  auto writer = Begin();
  ASSERT_TRUE(writer->BeginSheet("One", {{.title = "a"}}));
  const auto bytes = writer->Finish({});
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, static_cast<std::int64_t>(fs::file_size(path_)));
  EXPECT_EQ(FilesInFolder(), 1U);
  EXPECT_TRUE(internal::CheckPackage(path_, {}));
}

TEST_F(WorkbookWriterTest, InterruptedItLeavesNothing) {
  auto writer = Begin();
  ASSERT_TRUE(writer->BeginSheet("One", {{.title = "a"}}));
  std::stop_source source;
  source.request_stop();
  const auto done = writer->Finish(source.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kCancelled);
  writer.reset();
  EXPECT_EQ(FilesInFolder(), 0U);
}

TEST_F(WorkbookWriterTest, NamesOfSheetsAreChecked) {
  auto writer = Begin();
  ASSERT_TRUE(writer->BeginSheet("Sales", {{.title = "a"}}));
  const auto again = writer->BeginSheet("SALES", {{.title = "a"}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kUsage);
  const auto forbidden = writer->BeginSheet("a/b", {{.title = "a"}});
  ASSERT_FALSE(forbidden);
  EXPECT_NE(forbidden.error().message().find("'a/b'"), std::string::npos);
}

TEST_F(WorkbookWriterTest, TextsThatAreTooLongHaveTheirPlace) {
  auto writer = Begin();
  ASSERT_TRUE(writer->BeginSheet("Sales", {{.title = "id"}, {.title = "note"}}));
  const std::string fits(kCellTextMax, 'x'), longer = fits + "x";
  const std::vector<CellValue> good = {1.0, std::string_view(fits)}, bad = {2.0, std::string_view(longer)};
  ASSERT_TRUE(writer->AddRow(good));
  const auto failed = writer->AddRow(bad);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kExportLimit);
  for (const char* word : {"'Sales'", "'note'", "row 2", "32768", "32767"}) {
    EXPECT_NE(failed.error().message().find(word), std::string::npos) << failed.error().message();
  }
}

TEST_F(WorkbookWriterTest, ARowTooManyIsAnError) {
  auto writer = Begin();
  ASSERT_TRUE(writer->BeginSheet("Sales", {{.title = "id"}}));
  const CellValue nothing;
  for (std::int64_t i = 0; i < kSheetRowsMax; ++i) ASSERT_TRUE(writer->AddRow({&nothing, 1}));
  const auto failed = writer->AddRow({&nothing, 1});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kExportLimit);
  EXPECT_NE(failed.error().message().find("'Sales' has more rows than the 1048575"), std::string::npos);
  EXPECT_FALSE(failed.error().hint().empty());
}

TEST_F(WorkbookWriterTest, ColumnsTooManyAreAnError) {
  auto writer = Begin();
  const auto failed = writer->BeginSheet("Wide", std::vector<SheetColumn>(kSheetColumnsMax + 1));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kExportLimit);
}

TEST_F(WorkbookWriterTest, APackageThatIsNotWholeIsFound) {
  SheetOf({1.0, 2.0});
  const std::string bytes = *ReadWholeFile(path_);
  ASSERT_TRUE(WriteWholeFile(path_, bytes.substr(0, bytes.size() - 1)));
  EXPECT_FALSE(internal::CheckPackage(path_, {}));
  std::string altered = bytes;
  altered[100] = static_cast<char>(altered[100] ^ 1);
  ASSERT_TRUE(WriteWholeFile(path_, altered));
  EXPECT_FALSE(internal::CheckPackage(path_, {}));
  ASSERT_TRUE(WriteWholeFile(path_, ""));
  EXPECT_FALSE(internal::CheckPackage(path_, {}));
}

TEST(CellText, WhatXmlCannotHoldIsEscaped) {
  EXPECT_EQ(internal::EscapeCellText("a\tb\nc"), "a\tb\nc");
  EXPECT_EQ(internal::EscapeCellText(std::string("\0\x01\r\x1f", 4)), "_x0000__x0001__x000D__x001F_");
  EXPECT_EQ(internal::EscapeCellText("\xEF\xBF\xBE"), "_xFFFE_");
  EXPECT_EQ(internal::EscapeCellText("_x0041_ _xZZZZ_ _x00"), "_x005F_x0041_ _xZZZZ_ _x00");
  EXPECT_EQ(internal::EscapeCellText("ã😀"), "ã😀");
}

TEST(CellText, LengthsAreThoseOfExcel) {
  EXPECT_EQ(internal::Utf16Length("aã😀"), 4U);
  EXPECT_EQ(internal::LongestLine("a\nbcd\nã"), 3U);
}

}  // namespace
}  // namespace smelt::workbook
