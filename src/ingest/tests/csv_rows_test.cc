#include "ingest/internal/csv/csv_rows.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/id.h"
#include "ingest/internal/text_scan.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

Column TextColumn(std::string name) {
  Column column;
  column.name = column.header = std::move(name);
  return column;
}

Column TypedColumn(std::string name, ValueType type, int precision = 0, int scale = 0) {
  Column column = TextColumn(std::move(name));
  column.type = type;
  column.precision = precision;
  column.scale = scale;
  return column;
}

/// Reads files with a contract and keeps what came out of it.
class CsvRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("smelt-rows-" + NewUuid());
    fs::create_directories(folder_);
    table_.name = "t";
    table_.file = "sources/t.yml";
    table_.columns = {TextColumn("a"), TextColumn("b")};
  }
  void TearDown() override { fs::remove_all(folder_); }

  void AddFile(const std::string& name, std::string_view bytes) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    const auto stamp = StampFile(path, [](std::int64_t) {}, {});
    ASSERT_TRUE(stamp) << stamp.error().ToString();
    inputs_.push_back({{.path = path, .name = name, .place = path}, *stamp});
  }

  /// Reads all; the cells of each row as text, then the flag.
  Status Read() {
    auto contract = CompileContract(table_);
    if (!contract) return Fail(contract.error());
    const LoadStamp stamp{.source = "s", .run_id = "r", .ingestion_micros = 1'500'000'000'000'000};
    RejectStore store(1 << 20);
    CsvRows rows(
        table_, *contract, inputs_, stamp, store, [this](std::int64_t bytes) { bytes_ += bytes; }, stop_.get_token());
    engine::RowBatch batch;
    batch.columns.resize(rows.columns().size());
    do {
      SMELT_TRY(rows.Next(batch));
      for (std::size_t row = 0; row < batch.rows; ++row) rows_.push_back(RowText(rows.columns(), batch, row));
    } while (batch.rows > 0);
    counts_ = rows.counts();
    return TakeRejects(store);
  }

  void ReadWell() {
    const Status status = Read();
    ASSERT_TRUE(status) << status.error().ToString();
    EXPECT_EQ(counts_.in, counts_.out + counts_.quarantined);
    EXPECT_EQ(counts_.out, static_cast<std::int64_t>(rows_.size()));
    EXPECT_EQ(counts_.quarantined, static_cast<std::int64_t>(rejects_.size()));
  }

  static std::string RowText(const std::vector<engine::SourceColumn>& columns, const engine::RowBatch& batch,
                             std::size_t row) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const engine::ColumnBatch& column = batch.columns[i];
      if (columns[i].name == "ingestion_timestamp") continue;
      text += i == 0 ? "" : "|";
      if (column.valid[row] == 0) {
        text += "NULL";
      } else if (columns[i].type == engine::ColumnType::kText) {
        text += column.texts[row];
      } else if (columns[i].type == engine::ColumnType::kReal) {
        text += std::to_string(column.reals[row]);
      } else {
        text += std::to_string(column.integers[row]);
      }
    }
    return text;
  }

  Status TakeRejects(RejectStore& store) {
    while (true) {
      SMELT_ASSIGN(const std::string block, store.TakeBlock());
      if (block.empty()) return {};
      for (std::string_view rest = block; !rest.empty();) {
        const Reject reject = RejectStore::Decode(rest);
        rejects_.push_back(std::string(reject.file_name) + ":" + std::to_string(reject.line) + " " +
                           std::string(reject.column) + " " + std::string(reject.rule) + " " + std::string(reject.raw));
        messages_.emplace_back(reject.message);
      }
    }
  }

  fs::path folder_;
  SourceTable table_;
  std::vector<InputFile> inputs_;
  std::stop_source stop_;
  std::vector<std::string> rows_, rejects_, messages_;
  RowCounts counts_;
  std::int64_t bytes_ = 0;
};

using Lines = std::vector<std::string>;

TEST_F(CsvRowsTest, ReadsEveryType) {
  table_.columns = {TypedColumn("i", ValueType::kInteger),     TypedColumn("d", ValueType::kDecimal, 10, 2),
                    TypedColumn("r", ValueType::kReal),        TypedColumn("b", ValueType::kBoolean),
                    TypedColumn("day", ValueType::kDate),      TypedColumn("ts", ValueType::kTimestamp),
                    TypedColumn("tz", ValueType::kTimestampTz)};
  AddFile("t.csv",
          "i,d,r,b,day,ts,tz\n"
          "-7,1.5,0.25,yes,1970-01-02,1970-01-01 00:00:01,1970-01-01T00:00:00-01:00\n"
          ",,,,,,\n");
  ReadWell();
  EXPECT_EQ(rows_,
            (Lines{"-7|150|0.250000|1|1|1000000|3600000000|t.csv|ok", "NULL|NULL|NULL|NULL|NULL|NULL|NULL|t.csv|ok"}));
  EXPECT_EQ(bytes_, static_cast<std::int64_t>(fs::file_size(folder_ / "t.csv")));
}

TEST_F(CsvRowsTest, TimesAreReadByTheFirstFormatThatFits) {
  Column stamp = TypedColumn("a", ValueType::kTimestampTz);
  stamp.formats = {"iso", "%d/%m/%Y %H:%M", "%m-%d-%Y %H:%M:%S %z", "epoch_ms"};
  stamp.zone = "America/Sao_Paulo";
  table_.columns = {stamp, TextColumn("b")};
  AddFile("t.csv",
          "a,b\n"
          "2026-05-01 10:00:00,local\n"
          "2026-05-01T10:00:00Z,utc\n"
          "01/05/2026 10:00,layout\n"
          "05-01-2026 10:00:00 +0200,zone\n"
          "1777629600000,epoch\n"
          "2018-11-04 00:30:00,skipped hour\n"
          "May 1st,none\n");
  ReadWell();
  ASSERT_EQ(rows_.size(), 6U);
  std::vector<std::string> times;
  for (const std::string& row : rows_) times.push_back(row.substr(0, row.find('|')));
  // São Paulo is three hours behind; what its clocks skipped begins when they did.
  const std::vector<std::string> expected = {"1777640400000000", "1777629600000000", "1777640400000000",
                                             "1777622400000000", "1777629600000000", "1541300400000000"};
  EXPECT_EQ(times, expected);
  ASSERT_EQ(rejects_.size(), 1U);
  EXPECT_EQ(rejects_[0], "t.csv:8 a type May 1st,none");
}

TEST_F(CsvRowsTest, EmptyIsNullWhetherQuotedOrNot) {
  table_.columns[0].required = true;
  AddFile("t.csv", "a,b\nx,\ny,\"\"\n,z\n\"\",z\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"x|NULL|t.csv|ok", "y|NULL|t.csv|ok"}));
  EXPECT_EQ(rejects_, (Lines{"t.csv:4 a required ,z", "t.csv:5 a required \"\",z"}));
}

TEST_F(CsvRowsTest, OtherWordsForNull) {
  table_.format.null_values = {"NA", "\\N"};
  AddFile("t.csv", "a,b\nNA,\\N\n,x\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"NULL|NULL|t.csv|ok", "|x|t.csv|ok"}));
}

TEST_F(CsvRowsTest, DelimiterQuoteAndNoHeader) {
  table_.format.delimiter = ';';
  table_.format.quote = '\'';
  table_.format.header = false;
  AddFile("t.csv", "1;'x;''y'\n2;\"z\"");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"1|x;'y|t.csv|ok", "2|\"z\"|t.csv|ok"}));
}

TEST_F(CsvRowsTest, Latin1IsConverted) {
  table_.format.encoding = CsvFormat::Encoding::kLatin1;
  table_.columns[0].header = "n\xC3\xBAmero";
  AddFile("t.csv", "n\xFAmero,b\ns\xE3o,\"\"\"\xE9\"\"\"\nonly\xE3\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"são|\"é\"|t.csv|ok"}));
  EXPECT_EQ(rejects_, (Lines{"t.csv:3  ragged onlyã"}));
}

TEST_F(CsvRowsTest, OpenContractLeavesColumnsOut) {
  table_.contract = ContractMode::kOpen;
  AddFile("t.csv", "extra,b,a\n\xE3,2,1\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"1|2|t.csv|ok"}));
}

TEST_F(CsvRowsTest, ChecksRejectOrWarn) {
  table_.columns = {TextColumn("s"), TextColumn("p"), TextColumn("l"), TypedColumn("n", ValueType::kInteger),
                    TypedColumn("x", ValueType::kReal)};
  table_.columns[0].checks = {{.kind = Check::Kind::kSet, .set = {"on", "off"}, .bound = {}, .pattern = {}}};
  table_.columns[1].checks = {{.kind = Check::Kind::kPattern, .set = {}, .bound = {}, .pattern = "[a-f0-9]{4}"},
                              {.kind = Check::Kind::kPattern, .set = {}, .bound = {}, .pattern = "(0.*|1.*)"}};
  table_.columns[2].checks = {{.kind = Check::Kind::kLength,
                               .severity = Severity::kWarn,
                               .set = {},
                               .bound = {},
                               .pattern = {},
                               .length_min = 2,
                               .length_max = 3}};
  table_.columns[3].checks = {
      {.kind = Check::Kind::kMin, .set = {}, .bound = "-5", .pattern = {}},
      {.kind = Check::Kind::kMax, .severity = Severity::kWarn, .set = {}, .bound = "5", .pattern = {}}};
  table_.columns[4].checks = {{.kind = Check::Kind::kMax, .set = {}, .bound = "1.5", .pattern = {}}};
  AddFile("t.csv",
          "s,p,l,n,x\n"
          "on,0abc,são,5,1.5\n"
          ",,,,\n"
          "ON,0abc,ab,0,0\n"
          "on,0ABC,ab,0,0\n"
          "on,0abcd,ab,0,0\n"
          "on,2abc,ab,0,0\n"
          "on,0abc,a,6,0\n"
          "on,0abc,ab,-6,1.6\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"on|0abc|são|5|1.500000|t.csv|ok", "NULL|NULL|NULL|NULL|NULL|t.csv|ok",
                          "on|0abc|a|6|0.000000|t.csv|l:length;n:max"}));
  EXPECT_EQ(rejects_, (Lines{"t.csv:4 s set ON,0abc,ab,0,0", "t.csv:5 p pattern on,0ABC,ab,0,0",
                             "t.csv:6 p pattern on,0abcd,ab,0,0", "t.csv:7 p pattern on,2abc,ab,0,0",
                             "t.csv:9 n min on,0abc,ab,-6,1.6"}));
  EXPECT_EQ(messages_.front(), "'ON' is not one of on, off");
  EXPECT_EQ(messages_.back(), "'-6' is below -5; x: '1.6' is above 1.5");
  EXPECT_EQ(counts_.flagged, 1);
}

TEST_F(CsvRowsTest, RepeatedKeysAreFlaggedPerFile) {
  table_.key = {"a", "b"};
  AddFile("1.csv", "a,b\nx,y\nx,y\nxy,\n,xy\nx,z\n");
  AddFile("2.csv", "a,b\nx,y\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"x|y|1.csv|ok", "x|y|1.csv|duplicate_key", "xy|NULL|1.csv|ok", "NULL|xy|1.csv|ok",
                          "x|z|1.csv|ok", "x|y|2.csv|ok"}));
}

TEST_F(CsvRowsTest, HardBytesAreQuarantined) {
  table_.format.field_bytes_max = 5;
  table_.format.row_bytes_max = 20;
  AddFile("t.csv",
          std::string("a,b\n1,\xE3\n2,x") + '\0' + "y\n3,\"l\nong\"\n4,123456\n5,6789012345678901234567890\n6,ok\n");
  ReadWell();
  EXPECT_EQ(rows_, (Lines{"3|l\nong|t.csv|ok", "6|ok|t.csv|ok"}));
  EXPECT_EQ(rejects_, (Lines{"t.csv:2 b encoding 1,\\xE3", "t.csv:3 b nul_byte 2,x\\x00y",
                             "t.csv:6 b too_long 4,123456", "t.csv:7  too_long 5,6789012345678901234567890"}));
}

TEST_F(CsvRowsTest, ManyRowsAndFilesKeepTheirTexts) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + ",\"say \"\"" + std::to_string(i) + "\"\"\"\n";
  AddFile("1.csv", text);
  AddFile("2.csv", "a,b\nlast,row");
  ReadWell();
  ASSERT_EQ(rows_.size(), 100'001u);
  for (int i = 0; i < 100'000; i += 37) {
    EXPECT_EQ(rows_[static_cast<std::size_t>(i)], std::to_string(i) + "|say \"" + std::to_string(i) + "\"|1.csv|ok");
  }
  EXPECT_EQ(rows_.back(), "last|row|2.csv|ok");
}

/// Whatever the bytes: every record is either loaded or rejected, all texts are UTF-8, and if not, the file is refused
/// for its quotes.
TEST_F(CsvRowsTest, RandomBytesAreAccountedFor) {
  std::mt19937 random(42);
  const std::vector<std::string> pieces = {",",         ",",    "\n",   "\n",   "\r\n",
                                           "\"",        "\"\"", "1",    "2.50", "abcd",
                                           "ã",         "\xE3", "\xFF", "-",    std::string(1, '\0'),
                                           "2018-01-01"};
  table_.columns = {TypedColumn("n", ValueType::kDecimal, 5, 2), TextColumn("t"), TypedColumn("d", ValueType::kDate)};
  table_.columns[1].checks = {{.kind = Check::Kind::kLength,
                               .severity = Severity::kWarn,
                               .set = {},
                               .bound = {},
                               .pattern = {},
                               .length_max = 3}};
  table_.key = {"t"};
  table_.format.row_bytes_max = 40;
  int refused = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::string text = "n,t,d\n";
    for (std::size_t i = random() % 60; i > 0; --i) text += pieces[random() % pieces.size()];
    inputs_.clear();
    rows_.clear();
    rejects_.clear();
    AddFile("t.csv", text);
    const Status status = Read();
    if (!status) {
      ASSERT_EQ(status.error().code(), ErrorCode::kCsvUnclosedQuote) << status.error().ToString();
      ++refused;
      continue;
    }
    ASSERT_EQ(counts_.in, counts_.out + counts_.quarantined);
    ASSERT_EQ(counts_.out, static_cast<std::int64_t>(rows_.size()));
    ASSERT_EQ(counts_.quarantined, static_cast<std::int64_t>(rejects_.size()));
    for (const std::string& row : rows_) ASSERT_TRUE(IsUtf8(row)) << testing::PrintToString(text);
    for (const std::string& reject : rejects_) ASSERT_TRUE(IsUtf8(reject)) << testing::PrintToString(text);
  }
  EXPECT_GT(refused, 100);
  EXPECT_LT(refused, 1'900);
}

TEST_F(CsvRowsTest, ChangedFileIsAnError) {
  AddFile("t.csv", "a,b\n1,2\n");
  std::ofstream(folder_ / "t.csv", std::ios::app) << "3,4\n";
  const Status status = Read();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kIngestFileChanged);
  EXPECT_TRUE(status.error().file().ends_with("t.csv"));
}

TEST_F(CsvRowsTest, VanishedFileIsAnError) {
  AddFile("t.csv", "a,b\n1,2\n");
  fs::remove(folder_ / "t.csv");
  EXPECT_EQ(Read().error().code(), ErrorCode::kStoreNotFound);
}

TEST_F(CsvRowsTest, StopsOnRequest) {
  AddFile("t.csv", "a,b\n1,2\n");
  stop_.request_stop();
  EXPECT_EQ(Read().error().code(), ErrorCode::kCancelled);
}

TEST_F(CsvRowsTest, HeaderErrorsSuggestTheNearestName) {
  AddFile("t.csv", "a,bb\n");
  table_.columns[1] = TextColumn("bbb");
  const Status status = Read();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kCsvColumnMissing);
  EXPECT_NE(status.error().hint().find("'bb'"), std::string::npos) << status.error().ToString();
}

}  // namespace
}  // namespace smelt::ingest
