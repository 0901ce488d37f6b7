#include "ingest/internal/table_load.h"

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/retry.h"
#include "ingest/internal/insert_rows.h"
#include "ingest/internal/quarantine.h"

namespace smelt::ingest {
namespace {

constexpr std::string_view kMarkPrefix = "smelt.file/";
/// Of files that are loaded in batches: about so much of them at a time.
constexpr std::int64_t kBatchBytes = std::int64_t{64} << 20;

}  // namespace

std::string FileMark(std::string_view content_hash) {
  return fmt::format("{}{}", kMarkPrefix, content_hash);
}

TableLoad::TableLoad(const LoadContext& context, const SourceTable& table, std::vector<FoundFile> files)
    : context_(context), table_(table), name_(table.QualifiedName()), files_(std::move(files)) {
  TakeBatch();
}

TableLoad::~TableLoad() = default;

std::int64_t TableLoad::bytes() const {
  return std::accumulate(files_.begin(), files_.end(), std::int64_t{0},
                         [](std::int64_t sum, const FoundFile& file) { return sum + file.bytes; });
}

void TableLoad::TakeBatch() {
  const bool all = !is_merge() || !context_.zones.in_batches;
  batch_.clear();
  std::int64_t bytes = 0;
  for (; next_file_ < files_.size(); ++next_file_) {
    const FoundFile& file = files_[next_file_];
    if (!all && !batch_.empty() && bytes + file.bytes > kBatchBytes) return;
    bytes += file.bytes;
    batch_.push_back(file);
  }
}

void TableLoad::AddToTotals() {
  totals_.rows.in += counts_.in;
  totals_.rows.out += counts_.out;
  totals_.rows.quarantined += counts_.quarantined;
  totals_.rows.flagged += counts_.flagged;
  totals_.rows.blank_lines += counts_.blank_lines;
  totals_.merge.merged += merge_counts_.merged;
  totals_.merge.duplicates += merge_counts_.duplicates;
  totals_.merge.held += merge_counts_.held;
  totals_.merge.released += merge_counts_.released;
  totals_.merge.given_up += merge_counts_.given_up;
  totals_.files_loaded += static_cast<std::int64_t>(inputs_.size());
  totals_.files_known += static_cast<std::int64_t>(known_.size());
  totals_.files_refused += static_cast<std::int64_t>(refused_.size());
  for (const InputFile& input : inputs_) totals_.bytes += input.stamp.bytes;
  if (!refused_.empty() && totals_.refusal.empty()) {
    totals_.refusal = fmt::format("{}: {}", refused_.front().input.file.name, refused_.front().error.message());
  }
}

Status TableLoad::Stage() {
  SMELT_ASSIGN(contract_, CompileContract(table_));
  SMELT_TRY(SelectNewFiles());
  while (true) {
    Status staged = StageOnce();
    if (staged) return AddRefusals();
    if (!Refuse(staged.error())) return staged;
  }
}

/// Takes a file that cannot be read from those that are loaded, if the source has a zone for such; likewise one that
/// another run at work has moved to a zone meanwhile.
bool TableLoad::Refuse(const Error& error) {
  constexpr std::array kRefusals = {ErrorCode::kCsvNoHeader, ErrorCode::kCsvHeaderInvalid, ErrorCode::kCsvColumnMissing,
                                    ErrorCode::kCsvColumnUnexpected, ErrorCode::kCsvUnclosedQuote};
  const bool is_gone = error.code() == ErrorCode::kStoreNotFound && context_.zones.any();
  const bool is_refused =
      !context_.zones.rejected.empty() && std::ranges::find(kRefusals, error.code()) != kRefusals.end();
  if (!is_gone && !is_refused) return false;
  const auto found = std::ranges::find_if(inputs_, [&](const InputFile& input) {
    return is_gone ? ::access(input.file.path.c_str(), F_OK) != 0 : input.file.place == error.file();
  });
  if (found == inputs_.end()) return false;
  Abandon();
  if (is_refused) refused_.push_back({std::move(*found), error});
  inputs_.erase(found);
  return true;
}

/// The refused files are in quarantine, too: without a row, with the place and the reason.
Status TableLoad::AddRefusals() {
  if (refused_.empty()) return {};
  if (!rejects_) rejects_ = std::make_unique<RejectStore>(context_.quarantine_memory_bytes_max);
  for (const auto& [input, error] : refused_) {
    quarantined_before_.try_emplace(input.stamp.hash, 0);  // an unfinished run may have put it there already
    SMELT_TRY(rejects_->Add({.file_name = input.file.name,
                             .file_hash = input.stamp.hash,
                             .line = error.line(),
                             .column = "",
                             .rule = "file",
                             .message = error.message(),
                             .raw = ""}));
  }
  return {};
}

std::string TableLoad::RefusalText() const {
  if (totals_.files_refused < 2) return totals_.refusal;
  return fmt::format("{}, and {} more", totals_.refusal, totals_.files_refused - 1);
}

Status TableLoad::StageOnce() {
  if (is_merge()) return StageMerge();
  if (inputs_.empty()) return {};
  SMELT_ASSIGN(quarantined_before_, MarksIn(kQuarantine));
  SMELT_ASSIGN(session_, context_.engine.Connect());
  session_->ObserveStop(context_.stop);
  SMELT_TRY(session_->Execute(fmt::format("create schema if not exists {}", engine::QuoteIdentifier(table_.schema))));
  SMELT_TRY(session_->Execute("begin"));
  Status written = WriteRows();
  if (!written) Abandon();
  return written;
}

Status TableLoad::StageMerge() {
  SMELT_ASSIGN(session_, context_.engine.Connect());
  session_->ObserveStop(context_.stop);
  MergeTable merge(*session_, table_, context_.stamp);
  releasable_ = false;
  if (inputs_.empty()) {  // else the merge looks at those that wait in any case
    SMELT_ASSIGN(releasable_, merge.HasReleasable());
    if (!releasable_) {
      session_.reset();
      return {};
    }
  }
  SMELT_ASSIGN(quarantined_before_, MarksIn(kQuarantine));
  SMELT_ASSIGN(held_before_, MarksIn(kHeld));
  SMELT_TRY(merge.CreateIfMissing());
  Status written = WriteRows();
  if (!written) Abandon();
  return written;
}

void TableLoad::Abandon() {
  // A session that ends rolls back; doing it here lets go of the written files at once.
  if (session_) {
    if (session_->in_transaction()) static_cast<void>(session_->Execute("rollback"));
    usage_ += session_->TakeUsage();
  }
  session_.reset();
}

Status TableLoad::SelectNewFiles() {
  // Of an attempt before this one nothing holds any more.
  inputs_.clear();
  counts_ = {};
  merge_counts_ = {};
  known_.clear();
  refused_.clear();
  rejects_.reset();
  quarantined_before_.clear();
  held_before_.clear();
  loaded_before_.clear();
  SMELT_ASSIGN(const std::optional<engine::TableInfo> existing, context_.engine.FindTable(table_.schema, table_.name));
  if (existing) SMELT_TRY(CheckColumns(*existing));
  std::set<std::string> seen;
  for (const FoundFile& found : batch_) {
    FoundFile file = found;
    auto read = Bring(file);
    // Another run at work has moved it to a zone.
    if (!read && read.error().code() == ErrorCode::kStoreNotFound && context_.zones.any()) continue;
    if (!read) return Fail(std::move(read).error());
    FileStamp stamp = std::move(*read);
    const auto mark = existing ? existing->txns.find(FileMark(stamp.hash)) : Marks::const_iterator();
    bool known = existing && mark != existing->txns.end();
    if (known && context_.again && is_merge()) {
      loaded_before_[stamp.hash] = mark->second;
      known = false;
    }
    // A copy of a file under another name has the same content: it is loaded once.
    if (known || !seen.insert(stamp.hash).second) {
      known_.push_back({std::move(file), std::move(stamp)});
      continue;
    }
    inputs_.push_back({std::move(file), std::move(stamp)});
  }
  return {};
}

/// Makes a file readable here, and reads it for its stamp.
Result<FileStamp> TableLoad::Bring(FoundFile& file) const {
  SMELT_TRY(context_.folder.Fetch(file, context_.stop));
  return StampFile(
      file.path, [](std::int64_t) {}, context_.stop);
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

/// The marks of the new files in the table of the same name in another schema.
Result<TableLoad::Marks> TableLoad::MarksIn(std::string_view schema) const {
  Marks marks;
  SMELT_ASSIGN(const std::optional<engine::TableInfo> other, context_.engine.FindTable(schema, table_.name));
  if (!other) return marks;
  for (const InputFile& input : inputs_) {
    const auto found = other->txns.find(FileMark(input.stamp.hash));
    if (found != other->txns.end()) marks[input.stamp.hash] = found->second;
  }
  return marks;
}

Status TableLoad::WriteRows() {
  rejects_ = std::make_unique<RejectStore>(context_.quarantine_memory_bytes_max);
  for (const InputFile& input : inputs_) usage_.bytes_read += input.stamp.bytes;
  const std::int64_t total = bytes();
  std::int64_t done = totals_.bytes;
  const auto on_bytes = [&](std::int64_t bytes) {
    done += bytes;
    context_.observer.StepProgress(name_, std::min(done, total), total, "bytes");
  };
  CsvRows rows(table_, contract_, inputs_, context_.stamp, *rejects_, on_bytes, context_.stop);
  if (is_merge()) {
    SMELT_TRY(MergeTable(*session_, table_, context_.stamp).Take(rows, inputs_));
  } else {
    SMELT_TRY(InsertRows(*session_, table_.schema, table_.name, rows, context_.stamp));
  }
  counts_ = rows.counts();
  return {};
}

Status TableLoad::Commit() {
  while (true) {
    SMELT_TRY(CommitBatch());
    AddToTotals();
    if (next_file_ == files_.size()) return {};
    TakeBatch();
    SMELT_TRY(Stage());
  }
}

Status TableLoad::CommitBatch() {
  const RetryPolicy patience{.attempts_max = context_.conflict_attempts_max, .delay_ms = 20, .delay_max_ms = 2'000};
  for (int attempt = 1; has_work(); ++attempt) {
    Status committed = CommitOnce();
    if (committed) break;
    Abandon();
    if (committed.error().code() != ErrorCode::kDeltaConflict || attempt >= patience.attempts_max) return committed;
    if (!SleepFor(RetryDelayMs(patience, attempt + 1), context_.stop)) {
      return Fail(ErrorCode::kCancelled, fmt::format("loading {} was stopped", name_));
    }
    SMELT_TRY(Stage());
  }
  return ClearZone();
}

/// Moves files whose rows the table has, those of earlier runs that were cut off among them, and those that were
/// refused.
Status TableLoad::ClearZone() const {
  const std::string day = context_.stamp.ingest_date();
  if (!context_.zones.archive.empty()) {
    for (const std::vector<InputFile>* files : {&inputs_, &known_}) {
      for (const InputFile& file : *files) {
        SMELT_TRY(context_.folder.Move(file, context_.zones.archive, day));
      }
    }
  }
  for (const auto& [input, error] : refused_) {
    SMELT_TRY(context_.folder.WriteReason(context_.zones.rejected, day, input.file.name,
                                          ReasonText(error, context_.stamp.run_id)));
    SMELT_TRY(context_.folder.Move(input, context_.zones.rejected, day));
    Log(LogLevel::kWarn, "ingest.file.refused",
        {{"table", name_}, {"file", input.file.name}, {"error", error.ToString()}, {"run", context_.stamp.run_id}});
  }
  return {};
}

Status TableLoad::CommitOnce() {
  const bool has_rejects = rejects_ && rejects_->count() > 0;
  if (has_rejects || !quarantined_before_.empty()) SMELT_TRY(CommitQuarantine());
  if (!session_) return {};  // all files were refused
  if (is_merge()) {
    SMELT_TRY(CommitMerge());
  } else {
    session_->Annotate(table_.schema, table_.name, Notes({}));
    SMELT_TRY(session_->Execute("commit"));
  }
  for (engine::CommitReport& commit : session_->TakeCommits()) commits_.push_back(std::move(commit));
  usage_ += session_->TakeUsage();
  session_.reset();
  for (const InputFile& input : inputs_) {
    Log(LogLevel::kInfo, "ingest.file.loaded",
        {{"table", name_},
         {"file", input.file.name},
         {"bytes", input.stamp.bytes},
         {"hash", input.stamp.hash},
         {"run", context_.stamp.run_id}});
  }
  return {};
}

Status TableLoad::CommitMerge() {
  MergeTable merge(*session_, table_, context_.stamp);
  SMELT_TRY(merge.Judge());
  if (merge.has_held() || !held_before_.empty()) {
    std::vector<std::string> replaced;
    for (const auto& [hash, version] : held_before_) replaced.push_back(hash);
    SMELT_TRY(merge.CommitHeld(Notes(held_before_), replaced));
  }
  if (merge.has_given_up()) SMELT_TRY(merge.CommitGivenUp({.txns = {}, .info = NotesOfRun()}));
  SMELT_TRY(merge.CommitMerged(Notes(loaded_before_)));
  SMELT_TRY(merge.DropReleased());
  merge_counts_ = merge.counts();
  return {};
}

Status TableLoad::CommitQuarantine() {
  SMELT_ASSIGN(const auto session, context_.engine.Connect());
  session->ObserveStop(context_.stop);
  SMELT_ASSIGN(const bool there, UpgradeQuarantine(*session, table_.name));
  session->Annotate(kQuarantine, table_.name, Notes(quarantined_before_));
  SMELT_TRY(session->Transaction([&] { return WriteQuarantine(*session, there); }));
  for (engine::CommitReport& commit : session->TakeCommits()) commits_.push_back(std::move(commit));
  usage_ += session->TakeUsage();
  return {};
}

Status TableLoad::WriteQuarantine(engine::Session& session, bool there) {
  if (there && !quarantined_before_.empty()) {
    std::string hashes;
    for (const auto& [hash, version] : quarantined_before_) {
      hashes += fmt::format("{}{}", hashes.empty() ? "" : ", ", engine::QuoteLiteral(hash));
    }
    SMELT_TRY(session.Execute(
        fmt::format("delete from {} where file_hash in ({})", TableName(kQuarantine, table_.name), hashes)));
  }
  if (!rejects_ || rejects_->count() == 0) return {};
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
    files.push_back({{"name", input.file.name},
                     {"bytes", input.stamp.bytes},
                     {"hash", input.stamp.hash},
                     {"arrived", FormatUtcMicros(input.file.modified_us)}});
  }
  notes.info = NotesOfRun();
  notes.info["files"] = std::move(files);
  notes.info["rows_in"] = counts_.in;
  notes.info["rows_out"] = counts_.out;
  notes.info["rows_quarantined"] = counts_.quarantined;
  return notes;
}

Json TableLoad::NotesOfRun() const {
  return {{"kind", "ingest"}, {"run", context_.stamp.run_id}, {"source", context_.stamp.source}};
}

Json TableLoad::Details() const {
  Json details = {{"files_loaded", totals_.files_loaded},   {"files_known", totals_.files_known},
                  {"files_refused", totals_.files_refused}, {"bytes", totals_.bytes},
                  {"rows_flagged", totals_.rows.flagged},   {"blank_lines", totals_.rows.blank_lines}};
  if (is_merge()) {
    details["rows_duplicate"] = totals_.merge.duplicates;
    details["rows_held"] = totals_.merge.held;
    details["rows_released"] = totals_.merge.released;
    details["rows_given_up"] = totals_.merge.given_up;
  }
  for (const engine::CommitReport& commit : commits_) details["versions"][commit.table] = commit.version;
  return details;
}

}  // namespace smelt::ingest
