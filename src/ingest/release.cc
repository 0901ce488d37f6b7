#include "ingest/release.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/id.h"
#include "ingest/internal/csv/csv_rows.h"
#include "ingest/internal/insert_rows.h"
#include "ingest/internal/merge_table.h"
#include "ingest/internal/original_files.h"
#include "ingest/internal/table_load.h"
#include "ingest/source.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReleasePrefix = "smelt.release/";
constexpr std::int64_t kRejectMemoryBytes = 32 << 20;
/// What quarantine keeps of longer rows is their beginning.
constexpr std::int64_t kWholeBytesMax = 65'536;
constexpr std::size_t kComplaintsMax = 5;
/// A merge that loses against another writer is judged again so often.
constexpr int kAttemptsMax = 8;

/// A row of quarantine.
struct Held {
  std::string file_hash;
  std::int64_t line = 0;
  std::string raw;
};

/// The held rows of one file, which have its columns in common.
struct HeldFile {
  std::string name, source;
  /// What refers to nothing has been read once: its raw text is made of its values, in the order of the contract.
  bool in_contract_order = false;
  std::vector<Held> rows;
};

/// A file that goes with this object.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& content)
      : path_((fs::temp_directory_path() / ("smelt-release-" + NewUuid())).string()) {
    written_ = WriteWholeFile(path_, content);
  }
  ~ScratchFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }
  const Status& written() const { return written_; }

 private:
  std::string path_;
  Status written_;
};

std::int64_t LineBreaksIn(std::string_view text) {
  std::int64_t breaks = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends = text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
    if (ends) ++breaks;
  }
  return breaks;
}

/// One release, from finding the table to taking rows out of quarantine.
class Release {
 public:
  Release(engine::Engine& engine, const ReleaseOptions& options, std::stop_token stop)
      : engine_(engine), options_(options), stop_(std::move(stop)) {
    stamp_.run_id = options.run_id.empty() ? NewRunId() : options.run_id;
    stamp_.ingestion_micros = NowMicros();
  }

  Result<ReleaseReport> Run() {
    SMELT_TRY(FindTable());
    report_.table = table_.QualifiedName();
    SMELT_ASSIGN(session_, engine_.Connect());
    session_->ObserveStop(stop_);
    SMELT_TRY(FinishEarlier());
    SMELT_TRY(ReadHeld());
    SMELT_ASSIGN(contract_, CompileContract(table_));
    for (const HeldFile& file : files_) SMELT_TRY(ReleaseFile(file));
    report_.kept = report_.examined - report_.released;
    return std::move(report_);
  }

 private:
  Status FindTable() {
    SMELT_ASSIGN(std::vector<Source> sources, LoadSources(options_.project_dir, options_.sources_folder));
    if (options_.sharpen) SMELT_TRY(options_.sharpen(sources));
    std::vector<std::string> names;
    for (const Source& source : sources) {
      for (const SourceTable& table : source.tables) {
        names.push_back(table.QualifiedName());
        if (table.name != options_.table && table.QualifiedName() != options_.table) continue;
        table_ = table;
        originals_.emplace(options_.data_dir.empty() ? source.location : options_.data_dir, source.zones.archive,
                           stop_);
        stamp_.source = source.name;
        // Quarantine keeps texts as UTF-8, whatever the file was.
        is_latin1_ = table_.format.encoding == CsvFormat::Encoding::kLatin1;
        table_.format.encoding = CsvFormat::Encoding::kUtf8;
        return {};
      }
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string nearest = NearestWord(options_.table, known);
    return Fail(Error(ErrorCode::kIngestSourceUnknown, fmt::format("no source has a table {}", options_.table))
                    .Hint(nearest.empty() ? fmt::format("the tables are {}", fmt::join(names, ", "))
                                          : fmt::format("did you mean {}?", nearest)));
  }

  std::string HeldTable() const { return TableName(kQuarantine, table_.name); }

  /// What was loaded leaves quarantine; what was only marked is free again.
  Status FinishEarlier() {
    SMELT_TRY(
        session_->Execute(fmt::format("alter table {} add column if not exists release_id varchar", HeldTable())));
    SMELT_ASSIGN(const engine::ResultTable open,
                 session_->Query(fmt::format(
                     "select release_id, count(*) from {} where release_id is not null group by all", HeldTable())));
    for (std::size_t i = 0; i < open.rows.size(); ++i) {
      const std::string id = open.Text(i).value_or("");
      SMELT_ASSIGN(const auto loaded, engine_.TxnVersion(table_.schema, table_.name, std::string(kReleasePrefix) + id));
      const std::string of_it = "release_id = " + engine::QuoteLiteral(id);
      if (!loaded) {
        SMELT_TRY(session_->Execute(fmt::format("update {} set release_id = null where {}", HeldTable(), of_it)));
        continue;
      }
      SMELT_TRY(session_->Execute(fmt::format("delete from {} where {}", HeldTable(), of_it)));
      report_.finished += open.Int(i, 1).value_or(0);
    }
    return {};
  }

  Status ReadHeld() {
    const std::string condition = options_.where.empty() ? "true" : "(" + options_.where + ")";
    SMELT_ASSIGN(const engine::ResultTable rows,
                 session_->Query(fmt::format(
                     "select file_hash, line, raw_text, source_file, rule, octet_length(encode(raw_text)) from {} "
                     "where {} order by source_file, file_hash, rule = 'reference', line",
                     HeldTable(), condition)));
    report_.examined = std::ssize(rows.rows);
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      const std::string rule = rows.Text(i, 4).value_or("");
      // Bytes that are no text, and what is too long, were not kept as they were; of a refused file there are no rows.
      if (rule == "file" || rule == "encoding" || rule == "nul_byte" || rows.Int(i, 5).value_or(0) >= kWholeBytesMax)
        continue;
      const std::string hash = rows.Text(i).value_or("");
      const bool refers = rule == "reference";
      if (files_.empty() || files_.back().rows.front().file_hash != hash || files_.back().in_contract_order != refers) {
        files_.push_back({rows.Text(i, 3).value_or(""), stamp_.source, refers, {}});
      }
      files_.back().rows.push_back({hash, rows.Int(i, 1).value_or(0), rows.Text(i, 2).value_or("")});
    }
    return {};
  }

  /// The line that tells the columns of a file; empty when rows are in the contract's order anyway; nothing when the
  /// file is gone.
  Result<std::optional<std::string>> HeaderOf(const HeldFile& file) {
    if (!table_.format.header) return std::string();
    if (!file.in_contract_order) {
      SMELT_ASSIGN(const auto line, originals_->FirstLine(file.name, file.rows.front().file_hash));
      if (line && is_latin1_) {
        std::string header;
        AppendLatin1(*line, header);
        return header + "\n";
      }
      if (line) return *line + "\n";
    }
    if (!options_.contract_order && !file.in_contract_order) return std::optional<std::string>();
    std::string header;
    for (const Column& column : table_.columns) {
      header += fmt::format("{}\"{}\"", header.empty() ? "" : std::string(1, table_.format.delimiter), column.header);
    }
    return header + "\n";
  }

  Status ReleaseFile(const HeldFile& file) {
    SMELT_ASSIGN(const std::optional<std::string> header, HeaderOf(file));
    if (!header) {
      report_.files_gone.push_back(file.name);
      return {};
    }
    std::string content = *header;
    std::map<std::int64_t, std::size_t> row_at_line;
    std::int64_t line = header->empty() ? 1 : 2;
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
      row_at_line[line] = i;
      content += file.rows[i].raw + "\n";
      line += 1 + LineBreaksIn(file.rows[i].raw);
    }
    const ScratchFile scratch(content);
    SMELT_TRY(scratch.written());
    SMELT_ASSIGN(FileStamp content_stamp, StampFile(
                                              scratch.path(), [](std::int64_t) {}, stop_));
    const std::vector<InputFile> inputs = {
        {{.path = scratch.path(), .name = file.name, .place = scratch.path()}, std::move(content_stamp)}};
    RejectStore rejects(kRejectMemoryBytes);
    CsvRows rows(
        table_, contract_, inputs, stamp_, rejects, [](std::int64_t) {}, stop_);
    SMELT_ASSIGN(const auto loading, engine_.Connect());
    loading->ObserveStop(stop_);
    if (table_.load == LoadMode::kMerge) {
      MergeTable merge(*loading, table_, stamp_);
      SMELT_TRY(merge.CreateIfMissing());
      // Rows that wait are known by the file that they came in.
      std::vector<InputFile> arrived = inputs;
      arrived.front().stamp.hash = file.rows.front().file_hash;
      SMELT_TRY(merge.Take(rows, arrived));
      SMELT_ASSIGN(const std::set<std::size_t> kept, KeptRows(rejects, row_at_line, file));
      if (kept.size() == file.rows.size()) return {};
      std::map<std::int64_t, std::int64_t> lines;
      for (const auto& [at, row] : row_at_line) lines[at] = file.rows[row].line;
      SMELT_TRY(merge.Renumber(lines));
      return Merge(merge, file, kept);
    }
    SMELT_TRY(loading->Execute("begin"));
    SMELT_TRY(InsertRows(*loading, table_.schema, table_.name, rows, stamp_));
    SMELT_ASSIGN(const std::set<std::size_t> kept, KeptRows(rejects, row_at_line, file));
    if (kept.size() == file.rows.size()) return loading->Execute("rollback");
    return Move(*loading, file, kept);
  }

  /// The rows that still do not fit.
  Result<std::set<std::size_t>> KeptRows(RejectStore& rejects, const std::map<std::int64_t, std::size_t>& row_at_line,
                                         const HeldFile& file) {
    std::set<std::size_t> kept;
    while (true) {
      SMELT_ASSIGN(const std::string block, rejects.TakeBlock());
      if (block.empty()) return kept;
      std::string_view rest = block;
      while (!rest.empty()) {
        const Reject reject = RejectStore::Decode(rest);
        const auto row = row_at_line.find(reject.line);
        SMELT_ASSERT(row != row_at_line.end());
        kept.insert(row->second);
        if (report_.complaints.size() >= kComplaintsMax) continue;
        report_.complaints.push_back(fmt::format("{}:{}: {}{}{}", file.name, file.rows[row->second].line, reject.column,
                                                 reject.column.empty() ? "" : ": ", reject.message));
      }
    }
  }

  engine::CommitNotes NotesOf(const HeldFile& file, const std::set<std::size_t>& kept) const {
    engine::CommitNotes notes;
    notes.info = {{"kind", "release"},
                  {"run", stamp_.run_id},
                  {"source", stamp_.source},
                  {"file", file.name},
                  {"rows_out", static_cast<std::int64_t>(file.rows.size() - kept.size())}};
    return notes;
  }

  /// As Move, for a table that is merged. Another writer may be first: then all is judged again.
  Status Merge(MergeTable& merge, const HeldFile& file, const std::set<std::size_t>& kept) {
    const std::string id = NewUuid();
    SMELT_TRY(Mark(file, kept, id));
    for (int attempt = 1;; ++attempt) {
      SMELT_TRY(merge.Judge());
      if (merge.has_held()) SMELT_TRY(merge.CommitHeld(NotesOf(file, kept), {}));
      if (merge.has_given_up()) SMELT_TRY(merge.CommitGivenUp(NotesOf(file, kept)));
      engine::CommitNotes notes = NotesOf(file, kept);
      notes.txns.push_back({std::string(kReleasePrefix) + id, 1});
      notes.marks_must_be_new = true;
      const Status merged = merge.CommitMerged(std::move(notes));
      if (merged) break;
      if (merged.error().code() != ErrorCode::kDeltaConflict || attempt == kAttemptsMax) return merged;
    }
    SMELT_TRY(merge.DropReleased());
    report_.released += static_cast<std::int64_t>(file.rows.size() - kept.size());
    report_.waiting += merge.counts().held;
    return session_->Execute(
        fmt::format("delete from {} where release_id = {}", HeldTable(), engine::QuoteLiteral(id)));
  }

  /// Marks, loads, takes out: a crash between any two is put right by FinishEarlier.
  Status Move(engine::Session& loading, const HeldFile& file, const std::set<std::size_t>& kept) {
    const std::string id = NewUuid();
    SMELT_TRY(Mark(file, kept, id));
    engine::CommitNotes notes = NotesOf(file, kept);
    notes.txns.push_back({std::string(kReleasePrefix) + id, 1});
    notes.marks_must_be_new = true;
    loading.Annotate(table_.schema, table_.name, std::move(notes));
    SMELT_TRY(loading.Execute("commit"));
    report_.released += static_cast<std::int64_t>(file.rows.size() - kept.size());
    return session_->Execute(
        fmt::format("delete from {} where release_id = {}", HeldTable(), engine::QuoteLiteral(id)));
  }

  Status Mark(const HeldFile& file, const std::set<std::size_t>& kept, const std::string& id) {
    std::string lines;
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
      if (!kept.contains(i)) lines += fmt::format("{}{}", lines.empty() ? "" : ", ", file.rows[i].line);
    }
    return session_->Execute(fmt::format("update {} set release_id = {} where file_hash = {} and line in ({})",
                                         HeldTable(), engine::QuoteLiteral(id),
                                         engine::QuoteLiteral(file.rows.front().file_hash), lines));
  }

  engine::Engine& engine_;
  const ReleaseOptions& options_;
  std::stop_token stop_;
  SourceTable table_;
  bool is_latin1_ = false;  ///< whether its files are
  std::optional<OriginalFiles> originals_;
  LoadStamp stamp_;
  std::unique_ptr<engine::Session> session_;
  std::vector<ColumnContract> contract_;
  std::vector<HeldFile> files_;
  ReleaseReport report_;
};

}  // namespace

Result<ReleaseReport> ReleaseQuarantined(engine::Engine& engine, const ReleaseOptions& options, std::stop_token stop) {
  return Release(engine, options, std::move(stop)).Run();
}

}  // namespace smelt::ingest
