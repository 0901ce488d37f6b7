#include "ingest/internal/csv/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ingest/internal/text_scan.h"

namespace smelt::ingest {
namespace {

using engine::ColumnBatch;
using engine::RowBatch;

constexpr std::size_t kShownValueBytes = 80, kRawBytesMax = 65'536;
constexpr std::string_view kFine = "ok";

}  // namespace

struct CsvRows::OpenFile {
  OpenFile(const InputFile& input_file, FileSource opened, const CsvFormat& format)
      : input(input_file), source(std::move(opened)), reader(source, format) {}
  const InputFile& input;
  FileSource source;
  CsvReader reader;
  ColumnMapping mapping;
  std::int64_t bytes_told = 0;
  bool finished = false;
};

CsvRows::CsvRows(const SourceTable& table, const std::vector<ColumnContract>& contract,
                 const std::vector<InputFile>& files, const LoadStamp& stamp, RejectStore& rejects,
                 std::function<void(std::int64_t)> on_bytes, std::stop_token stop)
    : table_(table),
      contract_(contract),
      files_(files),
      stamp_(stamp),
      rejects_(rejects),
      on_bytes_(std::move(on_bytes)),
      stop_(std::move(stop)),
      columns_(ColumnsOf(table)) {
  if (table.load == LoadMode::kMerge) return;  // which of the rows with a key is kept is found out by the merge
  for (const std::string& name : table.key) {
    key_columns_.push_back(static_cast<std::size_t>(table.Find(name) - table.columns.data()));
  }
}

CsvRows::~CsvRows() = default;

std::vector<engine::SourceColumn> CsvRows::ColumnsOf(const SourceTable& table) {
  std::vector<engine::SourceColumn> columns;
  for (const Column& column : table.columns) columns.push_back(EngineColumn(column));
  columns.push_back({"ingestion_timestamp", engine::ColumnType::kTimestampTz});
  columns.push_back({"source_file", engine::ColumnType::kText});
  if (table.load == LoadMode::kMerge) columns.push_back({"source_line", engine::ColumnType::kInteger});
  columns.push_back({"data_quality_flag", engine::ColumnType::kText});
  return columns;
}

Status CsvRows::Next(RowBatch& batch) {
  batch.rows = 0;
  made_texts_.clear();
  for (ColumnBatch& column : batch.columns) {
    column.valid.resize(RowBatch::kRowsMax);
    column.integers.resize(RowBatch::kRowsMax);
    column.reals.resize(RowBatch::kRowsMax);
    column.texts.resize(RowBatch::kRowsMax);
  }
  // A batch ends where its texts would lose their buffer: before more input and at the end of a file.
  while (batch.rows < RowBatch::kRowsMax) {
    if (file_ && file_->finished) file_.reset();
    if (!file_) {
      if (next_file_ == files_.size()) break;
      SMELT_TRY(Open(files_[next_file_++]));
    }
    auto outcome = file_->reader.Next(record_);
    if (!outcome) return Fail(AtFile(std::move(outcome).error()));
    if (*outcome == CsvReader::Outcome::kRecord) {
      SMELT_TRY(TakeRecord(batch));
      continue;
    }
    if (*outcome == CsvReader::Outcome::kEnd) SMELT_TRY(CloseFile());
    if (batch.rows > 0) break;
    if (*outcome == CsvReader::Outcome::kNeedInput) SMELT_TRY(Refill());
  }
  FinishBatch(batch);
  return {};
}

Error CsvRows::AtFile(Error error) const {
  const std::int64_t line = error.line();
  return std::move(error).At(file_->input.file.place, line);
}

Status CsvRows::Open(const InputFile& input) {
  SMELT_ASSIGN(FileSource source, FileSource::Open(input.file.path));
  file_ = std::make_unique<OpenFile>(input, std::move(source), table_.format);
  keys_.Clear();
  SMELT_TRY(Refill());
  if (file_->reader.is_wide_text()) {
    return Fail(Error(ErrorCode::kCsvHeaderInvalid, "the file is UTF-16 or UTF-32 text")
                    .At(input.file.place, 1)
                    .Hint("save it as UTF-8"));
  }
  if (table_.format.header) return ReadHeader();
  file_->mapping = MapPositions(table_);
  return {};
}

Status CsvRows::ReadHeader() {
  while (true) {
    auto outcome = file_->reader.Next(record_);
    if (!outcome) return Fail(AtFile(std::move(outcome).error()));
    if (*outcome == CsvReader::Outcome::kRecord) break;
    if (*outcome == CsvReader::Outcome::kEnd) {
      return Fail(Error(ErrorCode::kCsvNoHeader, "the file is empty: it has no header line")
                      .At(file_->input.file.place, 1)
                      .Hint("export it again, or set `header: false` if files of this table have none"));
    }
    SMELT_TRY(Refill());
  }
  auto mapping = MapHeader(record_, table_);
  if (!mapping) return Fail(AtFile(std::move(mapping).error()));
  file_->mapping = std::move(*mapping);
  return {};
}

Status CsvRows::Refill() {
  if (stop_.stop_requested())
    return Fail(ErrorCode::kCancelled, fmt::format("reading {} was stopped", file_->input.file.place));
  SMELT_TRY(file_->reader.Refill());
  on_bytes_(file_->reader.bytes_read() - std::exchange(file_->bytes_told, file_->reader.bytes_read()));
  return {};
}

Status CsvRows::CloseFile() {
  file_->finished = true;
  counts_.blank_lines += file_->reader.blank_lines();
  if (file_->source.Stamp() == file_->input.stamp) return {};
  return Fail(
      Error(ErrorCode::kIngestFileChanged, "the file changed while it was read")
          .At(file_->input.file.place)
          .Hint("run again when it is complete; write files under another name and rename them when they are done"));
}

Status CsvRows::TakeRecord(RowBatch& batch) {
  ++counts_.in;
  violations_.clear();
  flags_.clear();
  if (CheckRecord()) {
    for (std::size_t i = 0; i < contract_.size(); ++i) ReadField(i, batch.rows, batch.columns[i]);
  }
  if (!violations_.empty()) return RejectRecord();
  if (!key_columns_.empty() && IsRepeatedKey()) {
    flags_.insert(0, flags_.empty() ? "duplicate_key" : "duplicate_key;");
  }
  std::string_view& flag = batch.columns.back().texts[batch.rows];
  flag = kFine;
  if (!flags_.empty()) {
    flag = made_texts_.emplace_back(flags_);
    ++counts_.flagged;
  }
  if (table_.load == LoadMode::kMerge) batch.columns[contract_.size() + 2].integers[batch.rows] = record_.line;
  ++batch.rows;
  ++counts_.out;
  return {};
}

/// Judges the record as a whole; false when its fields cannot be looked at.
bool CsvRows::CheckRecord() {
  if (record_.fault == RecordFault::kTooLong) {
    Violate("", "too_long", fmt::format("the row is longer than row_bytes_max = {}", table_.format.row_bytes_max));
    return false;
  }
  if (record_.fault == RecordFault::kTextAfterQuote) {
    Violate("", "quoting", "there is text between a closing quote and the next delimiter");
    return false;
  }
  if (record_.fields.size() != file_->mapping.fields) {
    Violate("", "ragged",
            fmt::format("the row has {} fields instead of {}", record_.fields.size(), file_->mapping.fields));
    return false;
  }
  const Glance glance = GlanceAt(record_.raw);
  const bool broken = !glance.ascii && table_.format.encoding == CsvFormat::Encoding::kUtf8 && !IsUtf8(record_.raw);
  if (!broken && !glance.has_nul) return true;
  for (std::size_t i = 0; i < contract_.size(); ++i) {
    const std::string_view text = record_.fields[file_->mapping.field_of_column[i]].text;
    if (broken && !IsUtf8(text)) Violate(contract_[i].column().name, "encoding", "the bytes are not UTF-8");
    if (glance.has_nul && GlanceAt(text).has_nul)
      Violate(contract_[i].column().name, "nul_byte", "the text holds a NUL byte");
  }
  // In a column that the contract leaves out it does no harm.
  return violations_.empty();
}

std::string_view CsvRows::TextOf(const CsvField& field) {
  const bool latin1 = table_.format.encoding == CsvFormat::Encoding::kLatin1 && !GlanceAt(field.text).ascii;
  if (!field.doubled && !latin1) return field.text;
  std::string& text = made_texts_.emplace_back();
  if (field.doubled) {
    Unquote(field.text, table_.format.quote, text);
  } else {
    text = field.text;
  }
  if (latin1) AppendLatin1(std::exchange(text, {}), text);
  return text;
}

bool CsvRows::IsNull(std::string_view text) const {
  const std::vector<std::string>& words = table_.format.null_values;
  return std::ranges::any_of(words, [&](const std::string& word) { return word == text; });
}

void CsvRows::ReadField(std::size_t column, std::size_t row, ColumnBatch& out) {
  const ColumnContract& contract = contract_[column];
  FieldValue value{.text = TextOf(record_.fields[file_->mapping.field_of_column[column]])};
  out.valid[row] = 0;
  if (IsNull(value.text)) {
    if (contract.column().required) Violate(contract.column().name, "required", "the value is missing");
    return;
  }
  if (static_cast<std::int64_t>(value.text.size()) > table_.format.field_bytes_max) {
    Violate(contract.column().name, "too_long",
            fmt::format("the value is longer than field_bytes_max = {}", table_.format.field_bytes_max));
    return;
  }
  if (const Problem problem = contract.Parse(value)) {
    Violate(contract.column().name, "type",
            fmt::format("'{}' {}", EscapeInvalid(value.text, kShownValueBytes), problem));
    return;
  }
  CheckValue(column, value);
  out.valid[row] = 1;
  switch (contract.column().type) {
    case ValueType::kText: out.texts[row] = value.text; break;
    case ValueType::kReal: out.reals[row] = value.real; break;
    default: out.integers[row] = value.integer;
  }
}

void CsvRows::CheckValue(std::size_t column, const FieldValue& value) {
  const ColumnContract& contract = contract_[column];
  for (const auto& check : contract.checks()) {
    if (check->Passes(value)) continue;
    if (check->severity == Severity::kReject) {
      Violate(contract.column().name, check->name,
              fmt::format("'{}' {}", EscapeInvalid(value.text, kShownValueBytes), check->complaint));
    } else {
      flags_ += fmt::format("{}{}:{}", flags_.empty() ? "" : ";", contract.column().name, check->name);
    }
  }
}

bool CsvRows::IsRepeatedKey() {
  for (const std::size_t column : key_columns_) {
    keys_.Part(record_.fields[file_->mapping.field_of_column[column]].text);
  }
  return !keys_.Insert();
}

void CsvRows::Violate(std::string_view column, std::string_view rule, std::string message) {
  violations_.push_back({column, rule, std::move(message)});
}

Status CsvRows::RejectRecord() {
  std::string message = violations_.front().message;
  for (std::size_t i = 1; i < violations_.size(); ++i) {
    message += fmt::format("; {}: {}", violations_[i].column, violations_[i].message);
  }
  std::string raw;
  if (table_.format.encoding == CsvFormat::Encoding::kLatin1) {
    AppendLatin1(record_.raw.substr(0, kRawBytesMax), raw);
  } else {
    raw = record_.raw;
  }
  ++counts_.quarantined;
  return rejects_.Add({.file_name = file_->input.file.name,
                       .file_hash = file_->input.stamp.hash,
                       .line = record_.line,
                       .column = violations_.front().column,
                       .rule = violations_.front().rule,
                       .message = message,
                       .raw = EscapeInvalid(raw, kRawBytesMax)});
}

void CsvRows::FinishBatch(RowBatch& batch) const {
  const std::size_t first = contract_.size();
  // Files of one run are told apart, so that of two versions of a row the one in the later file is the newer.
  const std::int64_t ingestion_micros = stamp_.ingestion_micros + static_cast<std::int64_t>(next_file_ - 1);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    batch.columns[first].integers[row] = ingestion_micros;
    batch.columns[first + 1].texts[row] = file_->input.file.name;
    for (std::size_t i = first; i < batch.columns.size(); ++i) batch.columns[i].valid[row] = 1;
  }
}

}  // namespace smelt::ingest
