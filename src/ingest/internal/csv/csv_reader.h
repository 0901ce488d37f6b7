#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/internal/csv/byte_source.h"
#include "ingest/internal/text_scan.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// One field: what stands between the delimiters, without the enclosing quotes.
struct CsvField {
  std::string_view text;
  bool quoted = false;
  bool doubled = false;  ///< holds pairs of quotes, each of which means one: see Unquote
};

/// Appends the field with its doubled quotes made single.
void Unquote(std::string_view text, char quote, std::string& out);

enum class RecordFault {
  kNone,
  kTextAfterQuote,  ///< `"abc"def`: something between a closing quote and the next delimiter
  kTooLong,         ///< longer than row_bytes_max; `raw` has its beginning, `fields` is empty
};

/// One record. Views into the reader's buffer: valid until Refill.
struct CsvRecord {
  std::int64_t line = 0;  ///< where it begins, from 1
  std::string_view raw;   ///< its bytes without the line break
  std::vector<CsvField> fields;
  RecordFault fault = RecordFault::kNone;
};

/// Splits a stream of bytes into records and fields as RFC 4180 says, and beyond it: any one-byte delimiter and quote,
/// records end with LF, CRLF or CR, a byte order mark is dropped, empty lines are passed over (and counted). A quote
/// opens a quoted field only at the field's beginning; elsewhere it is a character like others.
/// Memory is bounded by the buffer plus row_bytes_max. Confined to one thread.
class CsvReader {
 public:
  CsvReader(ByteSource& source, const CsvFormat& format);

  enum class Outcome {
    kRecord,     ///< `record` is filled
    kNeedInput,  ///< the buffer holds no further complete record: call Refill, which ends the life of earlier views
    kEnd,
  };

  /// Finds the next record in the buffer.
  /// Errors: kCsvUnclosedQuote, at the line where the quote opens.
  Result<Outcome> Next(CsvRecord& record);

  /// Reads more bytes. Errors: those of the source.
  Status Refill();

  std::int64_t bytes_read() const { return bytes_read_; }
  std::int64_t blank_lines() const { return blank_lines_; }
  /// The bytes of a byte order mark of UTF-16 or UTF-32 at the beginning: the file is no byte-oriented text.
  bool is_wide_text() const { return is_wide_text_; }

  /// The beginning of a too long record that `raw` keeps.
  static constexpr std::size_t kLongRecordHead = 4096;

 private:
  /// Where a scan of the buffer stopped.
  enum class Stop { kRecordEnd, kBufferEnd };

  Stop ScanRecord(CsvRecord& record);
  Stop ScanQuoted(CsvRecord& record);
  const char* FieldEnd() const;
  bool SkipBlankLines();
  bool EndLine();
  Result<Outcome> AtBufferEnd(CsvRecord& record);
  bool SkipLongRecord();
  void DropByteOrderMark();

  ByteSource& source_;
  const char delimiter_, quote_;
  const bool quoting_;
  const std::size_t row_bytes_max_;
  const ThreeCharFinder plain_, quoted_;

  std::vector<char> buffer_;
  const char* at_ = nullptr;    ///< the first byte not consumed
  const char* scan_ = nullptr;  ///< where the current scan stands
  const char* end_ = nullptr;   ///< one past the last byte; kPadding readable bytes follow
  bool source_ended_ = false;
  bool is_wide_text_ = false;
  std::int64_t line_ = 1;             ///< of at_
  std::int64_t lines_in_record_ = 0;  ///< line breaks inside quoted fields of the record being scanned
  std::int64_t quote_line_ = 0;       ///< where the quote opens that the scan is in
  std::int64_t bytes_read_ = 0, blank_lines_ = 0;

  /// The state of passing over a record that is too long to keep.
  struct LongRecord {
    bool active = false;
    bool quoted = false;         ///< inside quotes
    bool quote_pending = false;  ///< the last byte was a quote inside quotes
    bool field_start = true;
    bool after_cr = false;  ///< the last byte was CR inside quotes
    std::int64_t line = 0, quote_line = 0;
    std::string head = {};
  } long_;
};

}  // namespace smelt::ingest
