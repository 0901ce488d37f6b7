#include "ingest/internal/csv/csv_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace smelt::ingest {
namespace {

/// The bytes of a text; `chunk` is the most that one Read gives.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string text, std::size_t chunk = SIZE_MAX) : text_(std::move(text)), chunk_(chunk) {}

  Result<std::size_t> Read(char* into, std::size_t capacity) override {
    const std::size_t count = text_.copy(into, std::min(capacity, chunk_), at_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t chunk_, at_ = 0;
};

/// A record with its texts copied and unquoted.
struct Read {
  std::int64_t line = 0;
  std::vector<std::string> fields;
  RecordFault fault = RecordFault::kNone;
  std::string raw;
  bool operator==(const Read&) const = default;
};

void PrintTo(const Read& read, std::ostream* out) {
  *out << read.line << ":" << static_cast<int>(read.fault) << " raw=" << testing::PrintToString(read.raw)
       << " fields=" << testing::PrintToString(read.fields);
}

struct Answer {
  std::vector<Read> records;
  std::optional<std::int64_t> unclosed_line;
  std::int64_t blank_lines = 0;
  bool operator==(const Answer&) const = default;
};

void PrintTo(const Answer& answer, std::ostream* out) {
  *out << testing::PrintToString(answer.records) << " unclosed " << answer.unclosed_line.value_or(0) << " blank "
       << answer.blank_lines;
}

Answer ReadAll(const std::string& text, std::size_t chunk = SIZE_MAX, const CsvFormat& format = {}) {
  TextSource source(text, chunk);
  CsvReader reader(source, format);
  Answer answer;
  CsvRecord record;
  while (true) {
    auto outcome = reader.Next(record);
    if (!outcome) {
      EXPECT_EQ(outcome.error().code(), ErrorCode::kCsvUnclosedQuote);
      answer.unclosed_line = outcome.error().line();
      break;
    }
    if (*outcome == CsvReader::Outcome::kEnd) break;
    if (*outcome == CsvReader::Outcome::kNeedInput) {
      EXPECT_TRUE(reader.Refill());
      continue;
    }
    Read& read = answer.records.emplace_back();
    read.line = record.line;
    read.fault = record.fault;
    read.raw = record.raw;
    for (const CsvField& field : record.fields) {
      std::string& value = read.fields.emplace_back();
      if (field.doubled) {
        Unquote(field.text, format.quote, value);
      } else {
        value = field.text;
      }
    }
  }
  answer.blank_lines = reader.blank_lines();
  return answer;
}

/// The same rules, one byte after the other on the whole text: slow, and as plain as possible.
class ReferenceReader {
 public:
  ReferenceReader(std::string text, const CsvFormat& format) : text_(std::move(text)), format_(format) {}

  Answer ReadAll() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size() && !answer_.unclosed_line) {
      if (IsBreak()) {
        ++answer_.blank_lines;
        PassBreak();
      } else {
        ReadRecord();
      }
    }
    return answer_;
  }

 private:
  bool IsBreak() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  void PassBreak() {
    at_ += text_.compare(at_, 2, "\r\n") == 0 ? 2 : 1;
    ++line_;
  }

  void ReadRecord() {
    Read read{.line = line_, .fields = {}, .fault = RecordFault::kNone, .raw = {}};
    const std::size_t begin = at_;
    bool more = true;
    while (more) {
      read.fields.push_back(ReadField(read.fault));
      if (answer_.unclosed_line) return;
      more = at_ < text_.size() && text_[at_] == format_.delimiter;
      if (more) ++at_;
    }
    read.raw = text_.substr(begin, at_ - begin);
    if (at_ < text_.size()) PassBreak();
    if (static_cast<std::int64_t>(read.raw.size()) > format_.row_bytes_max) {
      read.fault = RecordFault::kTooLong;
      read.fields.clear();
      read.raw.resize(std::min(read.raw.size(), CsvReader::kLongRecordHead));
    }
    answer_.records.push_back(std::move(read));
  }

  std::string ReadField(RecordFault& fault) {
    std::string value;
    if (format_.quote != '\0' && at_ < text_.size() && text_[at_] == format_.quote) {
      const std::int64_t opened = line_;
      ++at_;
      while (true) {
        if (at_ == text_.size()) {
          answer_.unclosed_line = opened;
          return value;
        }
        if (text_[at_] == format_.quote && at_ + 1 < text_.size() && text_[at_ + 1] == format_.quote) {
          value += format_.quote;
          at_ += 2;
        } else if (text_[at_] == format_.quote) {
          ++at_;
          break;
        } else if (IsBreak()) {
          const std::size_t begin = at_;
          PassBreak();
          value += text_.substr(begin, at_ - begin);
        } else {
          value += text_[at_++];
        }
      }
      if (at_ < text_.size() && text_[at_] != format_.delimiter && !IsBreak()) {
        fault = RecordFault::kTextAfterQuote;
        while (at_ < text_.size() && text_[at_] != format_.delimiter && !IsBreak()) ++at_;
      }
      return value;
    }
    while (at_ < text_.size() && text_[at_] != format_.delimiter && !IsBreak()) value += text_[at_++];
    return value;
  }

  std::string text_;
  CsvFormat format_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  Answer answer_;
};

using Rows = std::vector<std::vector<std::string>>;

Rows FieldsOf(const Answer& answer) {
  Rows rows;
  for (const Read& read : answer.records) rows.push_back(read.fields);
  return rows;
}

TEST(CsvReader, SplitsPlainRows) {
  EXPECT_EQ(FieldsOf(ReadAll("a,b,c\n1,2,3\n")), (Rows{{"a", "b", "c"}, {"1", "2", "3"}}));
  EXPECT_EQ(FieldsOf(ReadAll("a,b\n,\n1,")), (Rows{{"a", "b"}, {"", ""}, {"1", ""}}));
  EXPECT_EQ(FieldsOf(ReadAll("")), Rows{});
}

TEST(CsvReader, AcceptsEveryLineBreak) {
  const Rows rows = {{"a", "b"}, {"1", "2"}, {"3", "4"}};
  for (const char* text : {"a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\r\n1,2\n3,4\r"}) {
    const Answer answer = ReadAll(text);
    EXPECT_EQ(FieldsOf(answer), rows) << text;
    EXPECT_EQ(answer.records.back().line, 3) << text;
  }
}

TEST(CsvReader, ReadsQuotedFields) {
  EXPECT_EQ(FieldsOf(ReadAll("\"a,b\",\"say \"\"hi\"\"\",\"\"\n\"x\ny\",2,\"\"\"\"\n")),
            (Rows{{"a,b", "say \"hi\"", ""}, {"x\ny", "2", "\""}}));
  // A quote inside an unquoted field is a character like others.
  EXPECT_EQ(FieldsOf(ReadAll("5\" disk,x\"\"y\n")), (Rows{{"5\" disk", "x\"\"y"}}));
}

TEST(CsvReader, CountsLinesInsideQuotes) {
  const Answer answer = ReadAll("h\n\"a\nb\r\nc\rd\"\nnext\n");
  ASSERT_EQ(answer.records.size(), 3u);
  EXPECT_EQ(answer.records[1].line, 2);
  EXPECT_EQ(answer.records[1].fields[0], "a\nb\r\nc\rd");
  EXPECT_EQ(answer.records[2].line, 6);
}

TEST(CsvReader, PassesOverBlankLines) {
  const Answer answer = ReadAll("\na\n\r\n\n\rb\n\n");
  EXPECT_EQ(FieldsOf(answer), (Rows{{"a"}, {"b"}}));
  EXPECT_EQ(answer.blank_lines, 5);
  EXPECT_EQ(answer.records[1].line, 6);
}

TEST(CsvReader, DropsTheByteOrderMark) {
  EXPECT_EQ(FieldsOf(ReadAll("\xEF\xBB\xBF\"a\",b\n")), (Rows{{"a", "b"}}));
  EXPECT_EQ(FieldsOf(ReadAll("\xEF\xBB\xBF")), Rows{});
  EXPECT_EQ(FieldsOf(ReadAll("\xEF\xBB\xBF\"a\",b\n", 1)), (Rows{{"a", "b"}}));
}

TEST(CsvReader, NoticesWideText) {
  for (const std::string& text : {std::string("\xFF\xFE"
                                              "a\0",
                                              4),
                                  std::string("\xFE\xFF\0a", 4), std::string("\0\0\xFE\xFF", 4)}) {
    TextSource source(text);
    CsvReader reader(source, {});
    ASSERT_TRUE(reader.Refill());
    EXPECT_TRUE(reader.is_wide_text());
  }
}

TEST(CsvReader, MarksTextAfterAClosingQuote) {
  const Answer answer = ReadAll("\"a\"b,c\nd,e\n");
  ASSERT_EQ(answer.records.size(), 2u);
  EXPECT_EQ(answer.records[0].fault, RecordFault::kTextAfterQuote);
  EXPECT_EQ(answer.records[0].raw, "\"a\"b,c");
  EXPECT_EQ(answer.records[1].fault, RecordFault::kNone);
}

TEST(CsvReader, NamesTheLineOfAnUnclosedQuote) {
  EXPECT_EQ(ReadAll("a,b\n1,\"2\n3,4\n5,6\n").unclosed_line, 2);
  EXPECT_EQ(ReadAll("a\n\"x\ny\",\"z\n").unclosed_line, 3);
  EXPECT_EQ(ReadAll("\"").unclosed_line, 1);
  // Also when the rest of the file does not fit into memory at once.
  const CsvFormat small{.row_bytes_max = 64};
  const Answer answer = ReadAll("a,b\n1,\"" + std::string(3'000'000, 'x') + "\n", 1000, small);
  EXPECT_EQ(answer.unclosed_line, 2);
  EXPECT_EQ(answer.records.size(), 1u);
}

TEST(CsvReader, PassesOverRowsThatAreTooLong) {
  const CsvFormat small{.row_bytes_max = 10};
  const std::string long_field(1'000'000, 'x');
  for (const std::size_t chunk : {std::size_t{7}, std::size_t{100'000}, SIZE_MAX}) {
    const Answer answer = ReadAll("a,b\n" + long_field + ",\"q,\n\"\"\n\"\nc,d\n0123456789\n", chunk, small);
    ASSERT_EQ(answer.records.size(), 4u) << chunk;
    EXPECT_EQ(answer.records[1].fault, RecordFault::kTooLong);
    EXPECT_EQ(answer.records[1].line, 2);
    EXPECT_EQ(answer.records[1].raw, std::string(CsvReader::kLongRecordHead, 'x'));
    EXPECT_EQ(answer.records[2].fields, (std::vector<std::string>{"c", "d"}));
    EXPECT_EQ(answer.records[2].line, 5);
    EXPECT_EQ(answer.records[3].fields, (std::vector<std::string>{"0123456789"}));
  }
}

TEST(CsvReader, ObeysDelimiterAndQuote) {
  EXPECT_EQ(FieldsOf(ReadAll("a;'b;c';d,e\n", SIZE_MAX, {.delimiter = ';', .quote = '\''})),
            (Rows{{"a", "b;c", "d,e"}}));
  EXPECT_EQ(FieldsOf(ReadAll("\"a\t\"b\n", SIZE_MAX, {.delimiter = '\t', .quote = '\0'})), (Rows{{"\"a", "\"b"}}));
}

/// Texts made of the characters that matter, read in pieces of any size, against the reference.
TEST(CsvReader, AgreesWithThePlainReader) {
  std::mt19937 random(20180524);
  const std::vector<std::string> pieces = {",",
                                           ",",
                                           "\"",
                                           "\"",
                                           "\"\"",
                                           "\n",
                                           "\r\n",
                                           "\r",
                                           "a",
                                           "bc",
                                           "ã",
                                           " ",
                                           ";",
                                           "'",
                                           std::string(9, 'x'),
                                           std::string(1, '\0'),
                                           "\xEF\xBB\xBF",
                                           "\",\"",
                                           "\"\n"};
  const std::vector<CsvFormat> formats = {{},
                                          {.row_bytes_max = 12},
                                          {.delimiter = ';', .quote = '\''},
                                          {.quote = '\0'},
                                          {.quote = '\0', .row_bytes_max = 5}};
  for (int round = 0; round < 40'000; ++round) {
    std::string text;
    const std::size_t count = random() % 40;
    for (std::size_t i = 0; i < count; ++i) text += pieces[random() % pieces.size()];
    const CsvFormat& format = formats[random() % formats.size()];
    const std::size_t chunk = random() % 3 == 0 ? SIZE_MAX : 1 + random() % 9;
    const Answer expected = ReferenceReader(text, format).ReadAll();
    const Answer actual = ReadAll(text, chunk, format);
    ASSERT_EQ(actual, expected) << "text " << testing::PrintToString(text) << " chunk " << chunk << " round " << round;
  }
}

/// Records across the borders of the reader's own buffer.
TEST(CsvReader, AgreesWithThePlainReaderOnLongTexts) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < 3'000'000) {
    const std::size_t fields = 1 + random() % 5;
    for (std::size_t i = 0; i < fields; ++i) {
      if (i > 0) text += ',';
      const std::size_t length = random() % 50 == 0 ? random() % 60'000 : random() % 40;
      if (random() % 3 == 0) {
        text += '"' + std::string(length, 'q') + (random() % 2 == 0 ? "\"\"\r\n" : "\r") + "\"";
      } else {
        text += std::string(length, 'p');
      }
    }
    text += random() % 2 == 0 ? "\r\n" : "\n";
  }
  const Answer expected = ReferenceReader(text, {}).ReadAll();
  EXPECT_TRUE(ReadAll(text) == expected);
  EXPECT_TRUE(ReadAll(text, 4099) == expected);
  EXPECT_GT(expected.records.size(), 100u);
}

}  // namespace
}  // namespace smelt::ingest
