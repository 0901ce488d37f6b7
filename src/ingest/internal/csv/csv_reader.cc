#include "ingest/internal/csv/csv_reader.h"

#include <algorithm>
#include <cstring>

namespace smelt::ingest {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 18;
/// Line breaks behind the last byte, where every search stops.
constexpr std::size_t kPadding = 16;

}  // namespace

void Unquote(std::string_view text, char quote, std::string& out) {
  for (std::size_t at = text.find(quote); at != std::string_view::npos; at = text.find(quote)) {
    out.append(text.substr(0, at + 1));
    text.remove_prefix(std::min(at + 2, text.size()));
  }
  out.append(text);
}

CsvReader::CsvReader(ByteSource& source, const CsvFormat& format)
    : source_(source),
      delimiter_(format.delimiter),
      quote_(format.quote),
      quoting_(format.quote != '\0'),
      row_bytes_max_(static_cast<std::size_t>(format.row_bytes_max)),
      plain_(format.delimiter, '\n', '\r'),
      quoted_(format.quote, '\n', '\r'),
      buffer_(2 * kReadBytes + kPadding, '\n') {
  at_ = scan_ = end_ = buffer_.data();
}

Status CsvReader::Refill() {
  const auto tail = static_cast<std::size_t>(end_ - at_);
  std::vector<char> larger;
  std::vector<char>& target = tail + kReadBytes + kPadding > buffer_.size() ? larger : buffer_;
  if (&target == &larger) larger.resize(2 * tail + kReadBytes + kPadding);
  std::memmove(target.data(), at_, tail);
  if (&target == &larger) buffer_.swap(larger);

  const bool first = bytes_read_ == 0;
  const std::size_t wanted = first ? 4 : 1;  // enough to tell a byte order mark
  std::size_t size = tail;
  while (!source_ended_ && size < tail + wanted) {
    SMELT_ASSIGN(const std::size_t count, source_.Read(buffer_.data() + size, buffer_.size() - kPadding - size));
    source_ended_ = count == 0;
    size += count;
    bytes_read_ += static_cast<std::int64_t>(count);
  }
  std::memset(buffer_.data() + size, '\n', kPadding);
  at_ = buffer_.data();
  end_ = at_ + size;
  if (first) DropByteOrderMark();
  return {};
}

void CsvReader::DropByteOrderMark() {
  const std::string_view text(at_, static_cast<std::size_t>(end_ - at_));
  if (text.starts_with("\xEF\xBB\xBF")) at_ += 3;
  is_wide_text_ = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
                  text.starts_with(std::string_view("\0\0\xFE\xFF", 4));
}

Result<CsvReader::Outcome> CsvReader::Next(CsvRecord& record) {
  if (long_.active || !SkipBlankLines()) return AtBufferEnd(record);
  if (ScanRecord(record) == Stop::kBufferEnd) return AtBufferEnd(record);
  if (record.raw.size() > row_bytes_max_) {
    record.fault = RecordFault::kTooLong;
    record.fields.clear();
    record.raw = record.raw.substr(0, kLongRecordHead);
  }
  return Outcome::kRecord;
}

/// Called where the buffer holds no complete record.
Result<CsvReader::Outcome> CsvReader::AtBufferEnd(CsvRecord& record) {
  const auto unclosed = [](std::int64_t line) {
    return Fail(
        Error(ErrorCode::kCsvUnclosedQuote, "a quoted field begins here and is not closed up to the end of the file")
            .At("", line)
            .Hint("close the quote, or set `quote: none` if the file does not quote its fields"));
  };
  const auto pending = static_cast<std::size_t>(end_ - at_);
  if (!long_.active && pending > row_bytes_max_ + 2) long_ = LongRecord{.active = true, .line = line_};
  if (long_.active) {
    if (!SkipLongRecord() && !source_ended_) return Outcome::kNeedInput;
    if (long_.quoted && !long_.quote_pending) return unclosed(long_.quote_line);
    record = CsvRecord{.line = long_.line, .raw = long_.head, .fields = {}, .fault = RecordFault::kTooLong};
    long_.active = false;
    return Outcome::kRecord;
  }
  if (!source_ended_) return Outcome::kNeedInput;
  if (at_ == end_) return Outcome::kEnd;
  return unclosed(quote_line_);  // with all bytes here, only an open quote keeps a record from ending
}

/// Passes over line breaks before a record. Returns false when the buffer has nothing more to scan.
bool CsvReader::SkipBlankLines() {
  while (at_ < end_ && (*at_ == '\n' || *at_ == '\r')) {
    scan_ = at_;
    lines_in_record_ = 0;
    if (!EndLine()) return false;
    ++blank_lines_;
  }
  return at_ < end_;
}

/// Consumes the line break at scan_, if there is one, and what stands before it. Returns false when it cannot be told
/// yet whether a CR is followed by LF.
bool CsvReader::EndLine() {
  if (scan_ < end_ && *scan_ == '\r') {
    if (scan_ + 1 == end_ && !source_ended_) return false;
    ++scan_;
    if (scan_ < end_ && *scan_ == '\n') ++scan_;
  } else if (scan_ < end_) {
    ++scan_;
  }
  line_ += lines_in_record_ + 1;
  at_ = scan_;
  return true;
}

CsvReader::Stop CsvReader::ScanRecord(CsvRecord& record) {
  record.fields.clear();
  record.fault = RecordFault::kNone;
  record.line = line_;
  lines_in_record_ = 0;
  scan_ = at_;
  while (true) {
    if (quoting_ && scan_ < end_ && *scan_ == quote_) {
      if (ScanQuoted(record) == Stop::kBufferEnd) return Stop::kBufferEnd;
    } else {
      const char* const stop = FieldEnd();
      if (stop == nullptr) return Stop::kBufferEnd;
      record.fields.push_back({std::string_view(scan_, stop)});
      scan_ = stop;
    }
    if (scan_ == end_ || *scan_ != delimiter_) break;
    ++scan_;
  }
  record.raw = std::string_view(at_, scan_);
  return EndLine() ? Stop::kRecordEnd : Stop::kBufferEnd;
}

/// The next delimiter or line break from scan_, or the end of the input; null when that is not in the buffer.
const char* CsvReader::FieldEnd() const {
  const char* const found = plain_.Find(scan_);
  if (found < end_) return found;
  return source_ended_ ? end_ : nullptr;
}

/// Scans the quoted field at scan_ up to the delimiter or line break behind it.
CsvReader::Stop CsvReader::ScanQuoted(CsvRecord& record) {
  quote_line_ = line_ + lines_in_record_;
  CsvField field{.text = {}, .quoted = true};
  const char* const begin = scan_ + 1;
  for (const char* found = quoted_.Find(begin);; found = quoted_.Find(found)) {
    if (found >= end_) return Stop::kBufferEnd;
    if (*found != quote_) {
      const bool crlf = *found == '\r' && found + 1 < end_ && found[1] == '\n';
      found += crlf ? 2 : 1;
      ++lines_in_record_;
      continue;
    }
    if (found + 1 == end_ && !source_ended_) return Stop::kBufferEnd;
    if (found + 1 == end_ || found[1] != quote_) {
      field.text = std::string_view(begin, found);
      scan_ = found + 1;
      break;
    }
    field.doubled = true;
    found += 2;
  }
  const char* const stop = FieldEnd();
  if (stop == nullptr) return Stop::kBufferEnd;
  if (stop != scan_) record.fault = RecordFault::kTextAfterQuote;
  scan_ = stop;
  record.fields.push_back(field);
  return Stop::kRecordEnd;
}

/// Moves through a record without keeping it. Returns true behind its line break, false at the end of the buffer.
bool CsvReader::SkipLongRecord() {
  const char* const begin = at_;
  const auto keep_head = [&] {
    const auto passed = static_cast<std::size_t>(at_ - begin);
    long_.head.append(begin, std::min(passed, kLongRecordHead - long_.head.size()));
  };
  for (; at_ < end_; ++at_) {
    const char c = *at_;
    if (long_.quoted && long_.quote_pending) {
      long_.quote_pending = false;
      if (c == quote_) continue;
      long_.quoted = false;
    } else if (long_.quoted) {
      long_.quote_pending = c == quote_;
      if (c == '\r' || (c == '\n' && !long_.after_cr)) ++line_;
      long_.after_cr = c == '\r';
      continue;
    }
    if (c == '\n' || c == '\r') {
      keep_head();
      scan_ = at_;
      lines_in_record_ = 0;
      return EndLine();
    }
    if (quoting_ && c == quote_ && long_.field_start) {
      long_.quoted = true;
      long_.after_cr = false;
      long_.quote_line = line_;
    }
    long_.field_start = c == delimiter_;
  }
  keep_head();
  return false;
}

}  // namespace smelt::ingest
