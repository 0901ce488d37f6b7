#include "ingest/internal/rejects.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace smelt::ingest {
namespace {

constexpr std::string_view kWhat = "the temporary file of rejected rows";

void AppendNumber(std::uint64_t value, std::string& out) {
  std::array<char, sizeof value> bytes;
  std::memcpy(bytes.data(), &value, sizeof value);
  out.append(bytes.data(), bytes.size());
}

std::uint64_t TakeNumber(std::string_view& block) {
  std::uint64_t value;
  std::memcpy(&value, block.data(), sizeof value);
  block.remove_prefix(sizeof value);
  return value;
}

void AppendText(std::string_view text, std::string& out) {
  AppendNumber(text.size(), out);
  out += text;
}

std::string_view TakeText(std::string_view& block) {
  const std::size_t size = TakeNumber(block);
  const std::string_view text = block.substr(0, size);
  block.remove_prefix(size);
  return text;
}

}  // namespace

std::string_view CategoryOf(std::string_view rule) {
  constexpr std::array<std::string_view, 7> kShapes = {"file",     "type",     "ragged",  "quoting",
                                                       "encoding", "nul_byte", "too_long"};
  if (rule == "reference") return "referential";
  return std::ranges::find(kShapes, rule) != kShapes.end() ? "schema" : "quality";
}

Status RejectStore::Add(const Reject& reject) {
  for (const std::string_view text :
       {reject.file_name, reject.file_hash, reject.column, reject.rule, reject.message, reject.raw}) {
    AppendText(text, memory_);
  }
  AppendNumber(static_cast<std::uint64_t>(reject.line), memory_);
  ++count_;
  return memory_.size() > memory_bytes_max_ ? Spill() : Status();
}

Reject RejectStore::Decode(std::string_view& block) {
  Reject reject;
  for (std::string_view* text :
       {&reject.file_name, &reject.file_hash, &reject.column, &reject.rule, &reject.message, &reject.raw}) {
    *text = TakeText(block);
  }
  reject.line = static_cast<std::int64_t>(TakeNumber(block));
  return reject;
}

Status RejectStore::Spill() {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) return Fail(FileError(errno, "create", kWhat));
  std::string size;
  AppendNumber(memory_.size(), size);
  const bool written = std::fwrite(size.data(), 1, size.size(), file_.get()) == size.size() &&
                       std::fwrite(memory_.data(), 1, memory_.size(), file_.get()) == memory_.size() &&
                       std::fflush(file_.get()) == 0;
  if (!written) return Fail(FileError(errno, "write", kWhat));
  ++blocks_in_file_;
  memory_.clear();
  return {};
}

Result<std::string> RejectStore::TakeBlock() {
  if (blocks_in_file_ == 0) return std::exchange(memory_, {});
  if (!reading_ && std::fseek(file_.get(), 0, SEEK_SET) != 0) return Fail(FileError(errno, "read", kWhat));
  reading_ = true;
  --blocks_in_file_;
  std::string block(sizeof(std::uint64_t), '\0');
  if (std::fread(block.data(), 1, block.size(), file_.get()) == block.size()) {
    std::string_view header = block;
    block.resize(TakeNumber(header));
    if (std::fread(block.data(), 1, block.size(), file_.get()) == block.size()) return block;
  }
  return Fail(FileError(errno, "read", kWhat));
}

const std::vector<engine::SourceColumn>& RejectRows::Columns() {
  using engine::ColumnType;
  static const std::vector<engine::SourceColumn> kColumns = {
      {"source", ColumnType::kText},      {"source_file", ColumnType::kText},
      {"file_hash", ColumnType::kText},   {"line", ColumnType::kInteger},
      {"column_name", ColumnType::kText}, {"rule", ColumnType::kText},
      {"message", ColumnType::kText},     {"raw_text", ColumnType::kText},
      {"run_id", ColumnType::kText},      {"ingestion_timestamp", ColumnType::kTimestampTz},
      {"category", ColumnType::kText},
  };
  return kColumns;
}

Status RejectRows::Next(engine::RowBatch& batch) {
  batch.rows = 0;
  if (rest_.empty()) {
    SMELT_ASSIGN(block_, rejects_.TakeBlock());
    rest_ = block_;
  }
  for (engine::ColumnBatch& column : batch.columns) {
    column.valid.assign(engine::RowBatch::kRowsMax, 1);
    column.texts.resize(engine::RowBatch::kRowsMax);
    column.integers.resize(engine::RowBatch::kRowsMax);
  }
  for (; batch.rows < engine::RowBatch::kRowsMax && !rest_.empty(); ++batch.rows) {
    const Reject reject = RejectStore::Decode(rest_);
    const std::size_t row = batch.rows;
    batch.columns[0].texts[row] = stamp_.source;
    batch.columns[1].texts[row] = reject.file_name;
    batch.columns[2].texts[row] = reject.file_hash;
    batch.columns[3].integers[row] = reject.line;
    batch.columns[4].texts[row] = reject.column;
    batch.columns[4].valid[row] = reject.column.empty() ? 0 : 1;
    batch.columns[5].texts[row] = reject.rule;
    batch.columns[6].texts[row] = reject.message;
    batch.columns[7].texts[row] = reject.raw;
    batch.columns[8].texts[row] = stamp_.run_id;
    batch.columns[9].integers[row] = stamp_.ingestion_micros;
    batch.columns[10].texts[row] = CategoryOf(reject.rule);
  }
  return {};
}

}  // namespace smelt::ingest
