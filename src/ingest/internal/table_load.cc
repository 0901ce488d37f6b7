#include "ingest/internal/table_load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/retry.h"
#include "ingest/internal/insert_rows.h"

namespace smelt::ingest {
namespace {

constexpr std::string_view kMarkPrefix = "smelt.file/";

}  // namespace

std::string FileMark(std::string_view content_hash) {
  return fmt::format("{}{}", kMarkPrefix, content_hash);
}

TableLoad::TableLoad(const LoadContext& context, const SourceTable& table, std::vector<FoundFile> files)
    : context_(context), table_(table), name_(table.QualifiedName()), files_(std::move(files)) {}

TableLoad::~TableLoad() = default;

std::int64_t TableLoad::bytes() const {
  return std::accumulate(files_.begin(), files_.end(), std::int64_t{0},
                         [](std::int64_t sum, const FoundFile& file) { return sum + file.bytes; });
}

Status TableLoad::Stage() {
  SMELT_ASSIGN(contract_, CompileContract(table_));
  SMELT_TRY(SelectNewFiles());
  if (inputs_.empty()) return {};
  SMELT_ASSIGN(quarantined_before_, QuarantineMarks());
  SMELT_ASSIGN(session_, context_.engine.Connect());
  session_->ObserveStop(context_.stop);
  SMELT_TRY(session_->Execute(fmt::format("create schema if not exists {}", engine::QuoteIdentifier(table_.schema))));
  SMELT_TRY(session_->Execute("begin"));
  Status written = WriteRows();
  if (!written) Abandon();
  return written;
}

void TableLoad::Abandon() {
  // A session that ends rolls back; doing it here lets go of the written files at once.
  if (session_) {
    static_cast<void>(session_->Execute("rollback"));
    usage_ += session_->TakeUsage();
  }
  session_.reset();
}

Status TableLoad::SelectNewFiles() {
  inputs_.clear();
  counts_ = {};
  files_known_ = 0;
  SMELT_ASSIGN(const std::optional<engine::TableInfo> existing, context_.engine.FindTable(table_.schema, table_.name));
  if (existing) SMELT_TRY(CheckColumns(*existing));
  std::set<std::string> seen;
  for (const FoundFile& file : files_) {
    SMELT_ASSIGN(FileStamp stamp, StampFile(
                                      file.path, [](std::int64_t) {}, context_.stop));
    const bool known = existing && existing->txns.contains(FileMark(stamp.hash));
    // A copy of a file under another name has the same content: it is loaded once.
    if (known || !seen.insert(stamp.hash).second) {
      ++files_known_;
      continue;
    }
    inputs_.push_back({file.path, file.name, std::move(stamp)});
  }
  return {};
}

Status TableLoad::CheckColumns(const engine::TableInfo& existing) const {
  for (const engine::SourceColumn& column : CsvRows::ColumnsOf(table_)) {
    const auto found = std::ranges::find(existing.columns, column.name, &std::pair<std::string, std::string>::first);
    std::string type = column.SqlType();
    if (type == "TIMESTAMPTZ") type = "TIMESTAMP WITH TIME ZONE";
    if (found != existing.columns.end() && found->second == type) continue;
    const std::string problem =
        found == existing.columns.end() ? "has no such column" : fmt::format("has it as {}", found->second);
    return Fail(Error(ErrorCode::kDeltaSchemaMismatch,
                      fmt::format("the contract has the column {} {}, but the table {} in the lake {}", column.name,
                                  type, name_, problem))
                    .At(table_.file, table_.line)
                    .Hint("alter the table to fit, or take the change of the contract back"));
  }
  return {};
}

Result<TableLoad::Marks> TableLoad::QuarantineMarks() const {
  Marks marks;
  SMELT_ASSIGN(const std::optional<engine::TableInfo> quarantine, context_.engine.FindTable(kQuarantine, table_.name));
  if (!quarantine) return marks;
  for (const InputFile& input : inputs_) {
    const auto found = quarantine->txns.find(FileMark(input.stamp.hash));
    if (found != quarantine->txns.end()) marks[input.stamp.hash] = found->second;
  }
  return marks;
}

Status TableLoad::WriteRows() {
  rejects_ = std::make_unique<RejectStore>(context_.quarantine_memory_bytes_max);
  const std::int64_t total =
      std::accumulate(inputs_.begin(), inputs_.end(), std::int64_t{0},
                      [](std::int64_t sum, const InputFile& input) { return sum + input.stamp.bytes; });
  usage_.bytes_read += total;
  std::int64_t done = 0;
  const auto on_bytes = [&](std::int64_t bytes) {
    done += bytes;
    context_.observer.StepProgress(name_, std::min(done, total), total, "bytes");
  };
  CsvRows rows(table_, contract_, inputs_, context_.stamp, *rejects_, on_bytes, context_.stop);
  SMELT_TRY(InsertRows(*session_, table_.schema, table_.name, rows, context_.stamp));
  counts_ = rows.counts();
  return {};
}

Status TableLoad::Commit() {
  const RetryPolicy patience{.attempts_max = context_.conflict_attempts_max, .delay_ms = 20, .delay_max_ms = 2'000};
  for (int attempt = 1; has_work(); ++attempt) {
    Status committed = CommitOnce();
    if (committed) return {};
    Abandon();
    if (committed.error().code() != ErrorCode::kDeltaConflict || attempt >= patience.attempts_max) return committed;
    if (!SleepFor(RetryDelayMs(patience, attempt + 1), context_.stop)) {
      return Fail(ErrorCode::kCancelled, fmt::format("loading {} was stopped", name_));
    }
    SMELT_TRY(Stage());
  }
  return {};
}

Status TableLoad::CommitOnce() {
  if (rejects_->count() > 0 || !quarantined_before_.empty()) SMELT_TRY(CommitQuarantine());
  session_->Annotate(table_.schema, table_.name, Notes({}));
  SMELT_TRY(session_->Execute("commit"));
  for (engine::CommitReport& commit : session_->TakeCommits()) commits_.push_back(std::move(commit));
  usage_ += session_->TakeUsage();
  session_.reset();
  for (const InputFile& input : inputs_) {
    Log(LogLevel::kInfo, "ingest.file.loaded",
        {{"table", name_},
         {"file", input.name},
         {"bytes", input.stamp.bytes},
         {"hash", input.stamp.hash},
         {"run", context_.stamp.run_id}});
  }
  return {};
}

Status TableLoad::CommitQuarantine() {
  SMELT_ASSIGN(const auto session, context_.engine.Connect());
  session->ObserveStop(context_.stop);
  SMELT_TRY(session->Execute(fmt::format("create schema if not exists {}", kQuarantine)));
  session->Annotate(kQuarantine, table_.name, Notes(quarantined_before_));
  SMELT_TRY(session->Transaction([&] { return WriteQuarantine(*session); }));
  for (engine::CommitReport& commit : session->TakeCommits()) commits_.push_back(std::move(commit));
  usage_ += session->TakeUsage();
  return {};
}

Status TableLoad::WriteQuarantine(engine::Session& session) {
  if (!quarantined_before_.empty()) {
    std::string hashes;
    for (const auto& [hash, version] : quarantined_before_) {
      hashes += fmt::format("{}{}", hashes.empty() ? "" : ", ", engine::QuoteLiteral(hash));
    }
    SMELT_TRY(session.Execute(
        fmt::format("delete from {} where file_hash in ({})", TableName(kQuarantine, table_.name), hashes)));
  }
  if (rejects_->count() == 0) return {};
  RejectRows rows(*rejects_, context_.stamp);
  return InsertRows(session, kQuarantine, table_.name, rows, context_.stamp);
}

/// The marks of the files, each one version later than `earlier`, and what the commit's log entry says of the load.
engine::CommitNotes TableLoad::Notes(const Marks& earlier) const {
  engine::CommitNotes notes;
  notes.marks_must_be_new = true;
  Json files = Json::array();
  for (const InputFile& input : inputs_) {
    const auto before = earlier.find(input.stamp.hash);
    notes.txns.push_back({FileMark(input.stamp.hash), before == earlier.end() ? 1 : before->second + 1});
    files.push_back({{"name", input.name}, {"bytes", input.stamp.bytes}, {"hash", input.stamp.hash}});
  }
  notes.info = {{"kind", "ingest"},
                {"run", context_.stamp.run_id},
                {"source", context_.stamp.source},
                {"files", std::move(files)},
                {"rows_in", counts_.in},
                {"rows_out", counts_.out},
                {"rows_quarantined", counts_.quarantined}};
  return notes;
}

Json TableLoad::Details() const {
  Json details = {
      {"files_loaded", files_loaded()},
      {"files_known", files_known_},
      {"bytes", std::accumulate(inputs_.begin(), inputs_.end(), std::int64_t{0},
                                [](std::int64_t sum, const InputFile& input) { return sum + input.stamp.bytes; })},
      {"rows_flagged", counts_.flagged},
      {"blank_lines", counts_.blank_lines}};
  for (const engine::CommitReport& commit : commits_) details["versions"][commit.table] = commit.version;
  return details;
}

}  // namespace smelt::ingest
