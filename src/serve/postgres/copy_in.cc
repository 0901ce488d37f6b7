#include "serve/postgres/copy_in.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "serve/postgres/binary_value.h"
#include "serve/postgres/parameter_text.h"

namespace smelt::serve::postgres {
namespace {

constexpr std::string_view kLineColumn = "smelt_line";

using Field = std::optional<std::string>;

/// The bytes of a file, one after the other.
class ByteReader {
 public:
  explicit ByteReader(std::FILE* file) : file_(file) { std::rewind(file); }

  /// -1 at the end.
  int Peek() {
    if (at_ == size_) {
      size_ = std::fread(bytes_.data(), 1, bytes_.size(), file_);
      at_ = 0;
    }
    return at_ < size_ ? static_cast<unsigned char>(bytes_[at_]) : -1;
  }
  int Next() {
    const int byte = Peek();
    if (byte >= 0) ++at_;
    return byte;
  }
  /// Up to `count` bytes.
  std::string Take(std::size_t count) {
    std::string taken;
    while (taken.size() < count && Peek() >= 0) taken += static_cast<char>(Next());
    return taken;
  }

 private:
  std::FILE* file_;
  std::array<char, 64 * 1024> bytes_{};
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

std::unexpected<Error> Bad(std::string message, std::int64_t line) {
  return Fail(Error(ErrorCode::kCsvUnclosedQuote, fmt::format("{} (COPY, line {})", message, line)));
}

/// Rows of one of the three formats.
class CopyRows final : public engine::RowSource {
 public:
  CopyRows(const CopyOptions& options, const std::vector<engine::TypedColumnInfo>& columns, std::FILE* file)
      : options_(options), bytes_(file) {
    for (const engine::TypedColumnInfo& column : columns) {
      source_columns_.push_back({.name = column.name, .type = engine::ColumnType::kText});
      oids_.push_back(WireTypeOf(column.type).oid);
    }
    source_columns_.push_back({.name = std::string(kLineColumn), .type = engine::ColumnType::kInteger});
    rows_.resize(engine::RowBatch::kRowsMax);
  }

  const std::vector<engine::SourceColumn>& columns() const override { return source_columns_; }

  Status Next(engine::RowBatch& batch) override {
    batch.rows = 0;
    for (engine::ColumnBatch& column : batch.columns) {
      column.valid.clear();
      column.texts.clear();
      column.integers.clear();
    }
    while (batch.rows < engine::RowBatch::kRowsMax && !ended_) {
      std::vector<Field>& row = rows_[batch.rows];
      SMELT_ASSIGN(const bool found, ReadRow(row));
      if (!found) break;
      SMELT_TRY(Append(row, batch));
    }
    return {};
  }

 private:
  Status Append(std::vector<Field>& row, engine::RowBatch& batch) {
    if (row.size() < oids_.size()) {
      return Bad(fmt::format("missing data for column \"{}\"", source_columns_[row.size()].name), line_);
    }
    if (row.size() > oids_.size()) return Bad("extra data after last expected column", line_);
    for (std::size_t i = 0; i < row.size(); ++i) {
      engine::ColumnBatch& column = batch.columns[i];
      column.valid.push_back(row[i] ? 1 : 0);
      if (row[i]) {
        auto text =
            options_.format == CopyFormat::kBinary ? ReadBinary(oids_[i], *row[i]) : EngineText(oids_[i], *row[i]);
        if (!text) {
          return Fail(Error(ErrorCode::kSqlRuntime, fmt::format("{} (COPY, line {}, column {})", text.error().message(),
                                                                line_, source_columns_[i].name)));
        }
        *row[i] = oids_[i] == oid::kBytea ? BlobText(*text) : std::move(*text);
      }
      column.texts.push_back(row[i] ? std::string_view(*row[i]) : std::string_view());
    }
    batch.columns.back().valid.push_back(1);
    batch.columns.back().integers.push_back(line_);
    ++batch.rows;
    return {};
  }

  /// Bytes as the engine's text of a blob.
  static std::string BlobText(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    return text;
  }

  Result<bool> ReadRow(std::vector<Field>& row) {
    row.clear();
    if (options_.format == CopyFormat::kBinary) return ReadBinaryRow(row);
    if (line_ == 0 && options_.header) {
      SMELT_ASSIGN(const bool has_header, ReadTextRow(row));
      if (!has_header) return false;
      row.clear();
    }
    return ReadTextRow(row);
  }

  Result<bool> ReadTextRow(std::vector<Field>& row) {
    if (bytes_.Peek() < 0) return false;
    ++line_;
    const std::int64_t begun = line_;
    while (true) {
      Field field;
      bool last = false;
      if (options_.format == CopyFormat::kCsv) {
        SMELT_ASSIGN(last, ReadCsvField(field));
      } else {
        SMELT_ASSIGN(last, ReadTextField(field));
      }
      if (ended_) return false;
      row.push_back(std::move(field));
      if (!last) continue;
      // One column whose text is empty is a line without anything.
      next_line_ = line_;
      line_ = begun;
      const bool blank = row.size() == 1 && oids_.size() > 1 && row[0] && row[0]->empty();
      if (blank) return Bad(fmt::format("missing data for column \"{}\"", source_columns_[1].name), line_);
      line_ = next_line_;
      return true;
    }
  }

  /// Ends of lines: \n, \r\n, \r.
  bool TakeLineEnd(int byte) {
    if (byte == '\n') return true;
    if (byte != '\r') return false;
    if (bytes_.Peek() == '\n') bytes_.Next();
    return true;
  }

  /// Whether the field is the last of its row.
  Result<bool> ReadTextField(Field& field) {
    std::string text;
    std::string raw;
    while (true) {
      const int byte = bytes_.Next();
      const bool ends = byte < 0 || TakeLineEnd(byte);
      if (ends || byte == static_cast<unsigned char>(options_.delimiter)) {
        if (raw == "\\.") ended_ = true;
        if (raw != options_.null_text) field = std::move(text);
        return ends;
      }
      raw += static_cast<char>(byte);
      if (byte != '\\' || bytes_.Peek() < 0) {
        text += static_cast<char>(byte);
        continue;
      }
      const int escaped = bytes_.Next();
      raw += static_cast<char>(escaped);
      text += Unescaped(escaped, raw);
    }
  }

  char Unescaped(int byte, std::string& raw) {
    switch (byte) {
      case 'b': return '\b';
      case 'f': return '\f';
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'v': return '\v';
      default: break;
    }
    if (byte == 'x' || (byte >= '0' && byte <= '7')) {
      const int base = byte == 'x' ? 16 : 8;
      std::string digits = byte == 'x' ? "" : std::string(1, static_cast<char>(byte));
      const std::size_t most = byte == 'x' ? 2 : 3;
      while (digits.size() < most && IsDigitOf(bytes_.Peek(), base)) {
        digits += static_cast<char>(bytes_.Next());
        raw += digits.back();
      }
      unsigned value = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
      if (!digits.empty()) return static_cast<char>(value);
    }
    return static_cast<char>(byte);
  }

  static bool IsDigitOf(int byte, int base) {
    if (base == 8) return byte >= '0' && byte <= '7';
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
  }

  Result<bool> ReadCsvField(Field& field) {
    std::string text;
    bool quoted = false;
    while (true) {
      const int byte = bytes_.Next();
      const bool ends = byte < 0 || TakeLineEnd(byte);
      if (ends || byte == static_cast<unsigned char>(options_.delimiter)) {
        if (ends && !quoted && text == "\\.") ended_ = true;
        if (quoted || text != options_.null_text) field = std::move(text);
        return ends;
      }
      if (byte != static_cast<unsigned char>(options_.quote)) {
        text += static_cast<char>(byte);
        continue;
      }
      quoted = true;
      SMELT_TRY(ReadQuoted(text));
    }
  }

  Status ReadQuoted(std::string& text) {
    const std::int64_t begun = line_;
    const int quote = static_cast<unsigned char>(options_.quote);
    const int escape = static_cast<unsigned char>(options_.escape);
    while (true) {
      const int byte = bytes_.Next();
      if (byte < 0) return Bad("unterminated CSV quoted field", begun);
      if (byte == escape && (bytes_.Peek() == quote || bytes_.Peek() == escape)) {
        text += static_cast<char>(bytes_.Next());
        continue;
      }
      if (byte == quote) return {};
      if (byte == '\n') ++line_;
      text += static_cast<char>(byte);
    }
  }

  Result<bool> ReadBinaryRow(std::vector<Field>& row) {
    if (line_ == 0) {
      if (bytes_.Take(kCopySignature.size()) != kCopySignature) return Bad("COPY file signature not recognized", 0);
      const std::string header = bytes_.Take(2 * sizeof(std::int32_t));
      WireReader in(header);
      in.Int<std::int32_t>();
      const auto extension = in.Int<std::int32_t>();
      if (in.failed() || extension < 0) return Bad("invalid COPY file header", 0);
      bytes_.Take(static_cast<std::size_t>(extension));
    }
    const std::string head = bytes_.Take(sizeof(std::int16_t));
    if (head.empty()) return false;
    const auto count = WireReader(head).Int<std::int16_t>();
    if (count < 0) {
      ended_ = true;
      return false;
    }
    ++line_;
    for (std::int16_t i = 0; i < count; ++i) {
      const std::string size = bytes_.Take(sizeof(std::int32_t));
      WireReader in(size);
      const auto length = in.Int<std::int32_t>();
      if (in.failed() || length < -1) return Bad("unexpected EOF in COPY data", line_);
      Field field;
      if (length >= 0) {
        field = bytes_.Take(static_cast<std::size_t>(length));
        if (field->size() != static_cast<std::size_t>(length)) return Bad("unexpected EOF in COPY data", line_);
      }
      row.push_back(std::move(field));
    }
    return true;
  }

  const CopyOptions& options_;
  ByteReader bytes_;
  std::vector<engine::SourceColumn> source_columns_;
  std::vector<std::uint32_t> oids_;
  std::vector<std::vector<Field>> rows_;
  std::int64_t line_ = 0;
  std::int64_t next_line_ = 0;
  bool ended_ = false;
};

}  // namespace

CopyIn::CopyIn(CopyOptions options, std::vector<engine::TypedColumnInfo> columns, std::size_t bytes_max)
    : options_(std::move(options)), columns_(std::move(columns)), bytes_max_(bytes_max), file_(std::tmpfile()) {}

WireStatus CopyIn::Add(std::string_view bytes) {
  if (bytes.size() > bytes_max_ - bytes_) {
    return std::unexpected(
        WireErrorOf("54000", "the data of a COPY are more than the server takes", "copy them in several parts"));
  }
  if (!file_ || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
    return std::unexpected(WireErrorOf("53100", "the data of a COPY cannot be kept: no space is left"));
  }
  bytes_ += bytes.size();
  return {};
}

std::unique_ptr<engine::RowSource> CopyIn::Read() {
  std::fflush(file_.get());
  return std::make_unique<CopyRows>(options_, columns_, file_.get());
}

}  // namespace smelt::serve::postgres
