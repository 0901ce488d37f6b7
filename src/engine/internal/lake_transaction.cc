#include "engine/internal/lake_transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"
#include "delta/optimize_plan.h"
#include "engine/internal/change_data.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/file_rewrite.h"
#include "engine/internal/optimized_write.h"
#include "engine/internal/row_rules.h"
#include "engine/internal/session_mark.h"

namespace smelt::engine {
namespace {

/// Whether all rows of `file` are deleted, the last of them by the transaction.
bool IsEmptied(const LiveFile& live) {
  return live.deleted && live.live_rows() == 0;
}

/// The file as it is in the table after `rows` of it were deleted: the same file with a larger deletion vector.
Result<delta::Add> WithoutRows(const DataFile& file, const delta::RowSet& rows, delta::DeletionVectorFile& vectors) {
  delta::RowSet deleted = rows;
  SMELT_ASSIGN(auto before, file.DeletedRows());
  if (before) deleted.Merge(*before);
  delta::Add add = file.add();
  add.deletion_vector = vectors.Add(deleted);
  add.stats = delta::WithLooseBounds(add.stats.Read());
  add.data_change = true;
  return add;
}

void MergeRows(std::shared_ptr<delta::RowSet>& into, const delta::RowSet& rows) {
  if (!into) into = std::make_shared<delta::RowSet>();
  into->Merge(rows);
}

Status CheckMarks(const TableKey& key, const CommitNotes& notes, const delta::Snapshot* snapshot) {
  if (!notes.marks_must_be_new || snapshot == nullptr) return {};
  for (const TxnMark& mark : notes.txns) {
    if (!HasMark(*snapshot, mark)) continue;
    return Fail(ErrorCode::kDeltaConflict,
                fmt::format("{} has the mark '{}' already: another writer did this work", key.Text(), mark.app_id));
  }
  return {};
}

void ApplyNotes(const CommitNotes& notes, delta::Proposal& proposal) {
  for (const TxnMark& mark : notes.txns) proposal.txns.push_back({mark.app_id, mark.version, NowMillis()});
  if (!notes.info.empty()) proposal.info["smelt"] = notes.info;
}

/// Rows that the writer of a commit says are in quarantine instead of in the table.
std::int64_t QuarantinedRows(const CommitNotes& notes) {
  const auto rows = notes.info.find("rows_quarantined");
  return rows != notes.info.end() && rows->is_number_integer() ? rows->get<std::int64_t>() : 0;
}

/// What writing files of the table takes, without its files.
TableState StateToWrite(const TableKey& key, const TableWork& work) {
  TableState state;
  state.folder = key.Folder();
  state.metadata = work.metadata;
  state.shape = work.shape.Stored();
  return state;
}

TableShape ShapeOrThrow(const delta::Protocol& protocol, const delta::Metadata& metadata) {
  return Unwrap(ShapeOf(protocol, metadata, Unwrap(delta::ParseSchema(metadata.schema_string))));
}

/// DELETE and UPDATE name one kind of change. A transaction that made several is told as the operation of Delta that
/// makes several, and whose metrics count each.
void NameOperation(TableWork& work) {
  if (work.operation != "DELETE" && work.operation != "UPDATE") return;
  const bool inserts = work.rows.inserted > 0;
  const bool changes = work.rows.updated > 0 || work.rows.deleted > 0;
  const bool several = work.rows.updated > 0 && work.rows.deleted > 0;
  if (!work.base || (!inserts && !several)) return;
  work.operation = changes ? "MERGE" : "WRITE";
  work.operation_parameters = Json::object();
}

}  // namespace

void TableWork::ForgetRows() {
  added.clear();
  deleted.clear();
  preimages.clear();
  postimages.clear();
}

CommitReport ReportOf(const TableKey& key, const delta::Proposal& proposal) {
  CommitReport report;
  report.table = key.Text();
  report.operation = proposal.operation;
  report.files_added = static_cast<std::int64_t>(proposal.adds.size());
  report.files_removed = static_cast<std::int64_t>(proposal.removes.size());
  std::set<std::string_view> there;  // a file whose rows are only marked as deleted is removed and added
  for (const delta::Remove& removed : proposal.removes) there.insert(removed.path);
  for (const delta::Add& add : proposal.adds) {
    if (there.contains(add.path)) continue;
    report.rows_added += add.stats.rows().value_or(0);
    report.bytes_added += add.size_bytes;
  }
  return report;
}

LakeTransaction::LakeTransaction(duckdb::TransactionManager& manager, duckdb::ClientContext& context, Lake& lake)
    : Transaction(manager, context), lake_(lake) {
  ConnectionState& session = ConnectionState::Of(context);
  std::lock_guard guard(session.lock);
  pinned_ = session.pinned;
  release_ = session.pinned_release;
}

const Release& LakeTransaction::ReleaseUnderLock() {
  if (!release_) release_ = Unwrap(lake_.releases().Current());
  return *release_;
}

const Release& LakeTransaction::release() {
  std::lock_guard guard(lock_);
  return ReleaseUnderLock();
}

void LakeTransaction::CheckMayWrite(const TableKey& key) {
  const Release& seen = release();
  if (seen.Owns(key.Name())) Throw(Lake::RefusedByRelease(key, seen));
}

TableStatePtr LakeTransaction::Base(const TableKey& key) {
  if (pinned_) {
    if (const auto found = pinned_->find(key); found != pinned_->end()) return found->second;
  }
  return Unwrap(lake_.Seen(key, ReleaseUnderLock()));
}

TableWork& LakeTransaction::Work(const TableKey& key) {
  auto found = tables_.find(key);
  if (found != tables_.end()) return found->second;
  TableStatePtr base = Base(key);
  TableWork work;
  work.base = base;
  work.view = base;
  if (base) {
    work.protocol = base->protocol;
    work.metadata = base->metadata;
    work.shape = base->shape;
  }
  return tables_.emplace(key, std::move(work)).first->second;
}

TableStatePtr LakeTransaction::BuildView(const TableKey& key, const TableWork& work) const {
  auto state = std::make_shared<TableState>();
  state->folder = key.Folder();
  state->protocol = work.protocol;
  state->metadata = work.metadata;
  if (work.base) state->snapshot = work.base->snapshot;
  state->shape = work.shape;
  auto push = [&](const std::shared_ptr<const DataFile>& file) {
    auto mask = work.deleted.find(file);
    LiveFile live{file, mask == work.deleted.end() ? nullptr : std::make_shared<delta::RowSet>(*mask->second)};
    if (!IsEmptied(live)) state->files.push_back(std::move(live));
  };
  if (work.base && !work.replaced) {
    for (const LiveFile& live : work.base->files) push(live.file);
  }
  for (const auto& file : work.added) push(file);
  return state;
}

TableStatePtr LakeTransaction::View(const TableKey& key) {
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  if (!work.exists()) {
    // A table that is not there is looked for again: others may create it meanwhile.
    if (!work.changed()) tables_.erase(key);
    return nullptr;
  }
  if (!work.view) work.view = BuildView(key, work);
  return work.view;
}

void LakeTransaction::NoteScan(const TableKey& key) {
  std::lock_guard guard(lock_);
  ++Work(key).scans;
}

void LakeTransaction::Create(const TableKey& key, delta::Protocol protocol, delta::Metadata metadata,
                             std::string operation) {
  CheckMayWrite(key);
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  work.created = true;
  work.replaced = work.base != nullptr;
  work.dropped = false;
  work.protocol = std::move(protocol);
  work.metadata = std::move(metadata);
  work.shape = ShapeOrThrow(work.protocol, work.metadata);
  work.clustering.reset();
  if (work.base && work.base->snapshot->domains().contains(delta::kClusteringDomain)) {
    work.clustering = delta::NoClusteringDomain();
  }
  work.ForgetRows();
  work.operation = std::move(operation);
  work.view = nullptr;
}

void LakeTransaction::Redefine(const TableKey& key, delta::Protocol protocol, delta::Metadata metadata,
                               std::string operation) {
  CheckMayWrite(key);
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  work.redefined = true;
  work.protocol = std::move(protocol);
  work.metadata = std::move(metadata);
  work.shape = ShapeOrThrow(work.protocol, work.metadata);
  work.operation = std::move(operation);
  work.redefinition = work.operation;
  work.view = nullptr;
}

void LakeTransaction::ClusterBy(const TableKey& key, const std::vector<delta::PhysicalPath>& columns) {
  std::lock_guard guard(lock_);
  Work(key).clustering = delta::ClusteringDomain(columns);
}

void LakeTransaction::Drop(const TableKey& key) {
  CheckMayWrite(key);
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  work.dropped = true;
  work.created = false;
  work.ForgetRows();
  work.view = nullptr;
}

void LakeTransaction::BeginWrite(const TableKey& key, const std::string& mark) {
  CheckMayWrite(key);
  std::lock_guard guard(lock_);
  Work(key).writers.insert(mark);
}

void LakeTransaction::EndWrite(const TableKey& key, const std::string& mark) {
  std::lock_guard guard(lock_);
  Work(key).writers.erase(mark);
}

void LakeTransaction::AddFile(const TableKey& key, delta::Add add, const std::string& address, bool updated) {
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  work.written.push_back(key.Folder() + "/" + Unwrap(delta::DecodePath(add.path)));
  work.added.push_back(
      Unwrap(DataFile::Make(std::make_shared<const delta::Add>(std::move(add)), address, work.shape, nullptr)));
  if (updated) work.postimages.insert(work.added.back());
  if (work.operation == work.redefinition) work.operation = "WRITE";
  work.view = nullptr;
}

void LakeTransaction::DeleteRows(const TableKey& key, const std::shared_ptr<const DataFile>& file,
                                 const delta::RowSet& rows, const delta::RowSet& replaced) {
  if (rows.count() == 0) return;
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  MergeRows(work.deleted[file], rows);
  if (replaced.count() > 0) MergeRows(work.preimages[file], replaced);
  work.view = nullptr;
}

void LakeTransaction::CountRows(const TableKey& key, std::int64_t inserted, std::int64_t updated) {
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  work.rows.inserted += inserted;
  work.rows.updated += updated;
}

void LakeTransaction::SetOperation(const TableKey& key, std::string operation, Json parameters) {
  CheckMayWrite(key);
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  if (operation == "DELETE" || operation == "UPDATE") ++work.row_changes;
  if (operation == "DELETE" && work.operation != "DELETE") {
    work.before_delete = {work.operation, work.operation_parameters};
  }
  work.operation = std::move(operation);
  work.operation_parameters = std::move(parameters);
}

std::int64_t LakeTransaction::TakeNumbers(const TableKey& key, std::size_t column, std::int64_t count) {
  std::lock_guard guard(lock_);
  TableWork& work = Work(key);
  delta::Schema schema = Unwrap(delta::ParseSchema(work.metadata.schema_string));
  RowRules rules = Unwrap(ReadRules(work.metadata));
  const IdentityColumn* identity = rules.IdentityAt(column);
  SMELT_ASSERT(identity != nullptr && count > 0);
  std::int64_t first = Unwrap(identity->Next());
  std::int64_t span = 0, last = 0;
  if (__builtin_mul_overflow(count - 1, identity->step, &span) || __builtin_add_overflow(first, span, &last)) {
    Throw(Error(ErrorCode::kSqlRuntime, fmt::format("the identity column '{}' of {} has run out of numbers",
                                                    work.shape.names[column], key.Text())));
  }
  auto field = std::ranges::find(schema.fields, work.shape.names[column], &delta::Field::name);
  field->metadata["delta.identity.highWaterMark"] = last;
  work.metadata.schema_string = delta::SchemaToString(schema);
  work.redefined = true;
  return first;
}

duckdb::CatalogEntry& LakeTransaction::KeepEntry(
    const std::string& identity, const std::function<duckdb::unique_ptr<duckdb::CatalogEntry>()>& make) {
  std::lock_guard guard(lock_);
  auto& slot = entries_[identity];
  if (!slot) slot = make();
  return *slot;
}

Status LakeTransaction::ProposeFiles(const TableKey& key, TableWork& work, delta::Proposal& proposal) {
  std::vector<LiveFile> touched, fresh;
  delta::DeletionVectorFile vectors;
  for (const auto& file : work.added) {
    if (!work.deleted.contains(file)) fresh.push_back({file, nullptr});
  }
  const std::set<std::shared_ptr<const DataFile>> added(work.added.begin(), work.added.end());
  for (const auto& [file, mask] : work.deleted) {
    const bool is_base = !added.contains(file);
    if (is_base) proposal.removes.push_back(delta::RemovalOf(file->add()));
    LiveFile live{file, mask};
    if (IsEmptied(live)) continue;
    if (is_base && file->rows() && delta::WritesDeletionVectors(work.protocol, work.metadata)) {
      SMELT_ASSIGN(delta::Add shrunk, WithoutRows(*file, *mask, vectors));
      proposal.adds.push_back(std::move(shrunk));
    } else {
      touched.push_back(std::move(live));
    }
  }
  if (vectors.needed()) {
    work.written.push_back(key.Folder() + "/" + vectors.name());
    SMELT_TRY(lake_.store().Put(work.written.back(), vectors.bytes()));
  }
  std::vector<WriteBin> bins;
  if (delta::OptimizesWrites(work.metadata)) {
    bins = PackWrites(std::move(touched), fresh, delta::TargetFileBytes(work.metadata));
  } else {
    bins.push_back(std::move(touched));
  }
  for (const LiveFile& live : fresh) proposal.adds.push_back(live.file->add());
  for (const WriteBin& bin : bins) {
    SMELT_TRY(RewriteBin(key, work, bin, proposal));
    for (const LiveFile& live : bin) {
      if (!added.contains(live.file)) continue;
      if (live.deleted) work.rows.copied -= live.live_rows().value_or(0);
      SMELT_ASSIGN(const std::string path, delta::DecodePath(live.file->add().path));
      work.superseded.push_back(key.Folder() + "/" + path);
    }
  }
  return {};
}

Status LakeTransaction::RewriteBin(const TableKey& key, TableWork& work, const std::vector<LiveFile>& bin,
                                   delta::Proposal& proposal) {
  if (bin.empty()) return {};
  const TableState state = StateToWrite(key, work);
  const std::string mark = NewUuid();
  work.writers.insert(mark);
  SMELT_ASSIGN(auto rewritten, RewriteSurvivors(lake_, state, bin, mark));
  for (const LiveFile& live : bin) {
    // What this commit has written already is not copied.
    if (!live.deleted) work.rows.copied -= live.live_rows().value_or(0);
  }
  for (WrittenFile& file : rewritten) {
    SMELT_ASSIGN(std::string path, delta::DecodePath(file.add.path));
    work.written.push_back(key.Folder() + "/" + path);
    work.rows.copied += file.add.stats.rows().value_or(0);
    proposal.adds.push_back(std::move(file.add));
  }
  work.writers.erase(mark);
  return {};
}

Status LakeTransaction::RecordChanges(const TableKey& key, TableWork& work, delta::Proposal& proposal) {
  if (work.replaced || !delta::WritesChangeData(work.protocol, work.metadata)) return {};
  const RowChanges changes = ChangesOf(work);
  if (!changes.must_be_recorded) return {};
  const TableState state = StateToWrite(key, work);
  const std::string mark = NewUuid();
  work.writers.insert(mark);
  SMELT_ASSIGN(proposal.cdc, WriteChangeData(lake_, state, changes, mark));
  for (const delta::Cdc& cdc : proposal.cdc) {
    SMELT_ASSIGN(std::string path, delta::DecodePath(cdc.path));
    work.written.push_back(key.Folder() + "/" + path);
  }
  work.writers.erase(mark);
  return {};
}

Result<delta::Proposal> LakeTransaction::ProposalOf(const TableKey& key, TableWork& work, std::int64_t quarantined) {
  delta::Proposal proposal;
  const delta::Snapshot* snapshot = work.base ? work.base->snapshot.get() : nullptr;
  if (work.base) proposal.base = work.base->snapshot;
  if (work.created || work.redefined) {
    if (snapshot == nullptr || !(snapshot->protocol() == work.protocol)) proposal.protocol = work.protocol;
    if (snapshot == nullptr || !(snapshot->metadata() == work.metadata)) proposal.metadata = work.metadata;
  }
  if (work.replaced) {
    for (const LiveFile& live : work.base->files) proposal.removes.push_back(delta::RemovalOf(live.file->add()));
  }
  SMELT_TRY(ProposeFiles(key, work, proposal));
  SMELT_TRY(RecordChanges(key, work, proposal));
  if (work.replaced) {
    proposal.reads.whole_table = true;
  } else if (work.base && (work.scans > 0 || !work.deleted.empty())) {
    // Any row may have been read: whoever changed rows meanwhile is in the way, whoever only appended is not.
    for (const LiveFile& live : work.base->files) proposal.reads.files.push_back(live.file->add().path);
    proposal.reads.may_match = [](const delta::Add&) { return true; };
    proposal.reads.row_by_row = work.scans == work.row_changes;
  }
  if (work.clustering) proposal.domains.push_back(*work.clustering);
  std::int64_t masked = 0;
  for (const auto& [file, mask] : work.deleted) masked += static_cast<std::int64_t>(mask->count());
  work.rows.deleted = std::max<std::int64_t>(masked - work.rows.updated, 0);
  work.rows.quarantined = quarantined;
  if (quarantined > 0 && work.operation == "DELETE") {
    // The audit deletes what goes to quarantine. What the user did is what came before.
    if (!work.before_delete.first.empty()) {
      std::tie(work.operation, work.operation_parameters) = work.before_delete;
    }
    work.rows.taken_out = std::min(quarantined, work.rows.deleted);
    work.rows.deleted -= work.rows.taken_out;
  }
  NameOperation(work);
  proposal.operation = work.operation.empty() ? "WRITE" : work.operation;
  proposal.operation_parameters = work.operation_parameters;
  proposal.operation_metrics = OperationMetrics(proposal, work.rows);
  return proposal;
}

Status LakeTransaction::CommitTable(const TableKey& key, TableWork& work, const std::optional<TxnMark>& mark,
                                    ConnectionState& connection) {
  // Also one that was made since this transaction began.
  SMELT_TRY(lake_.CheckNotReleased(key));
  if (work.dropped) return work.base ? lake_.RemoveTable(key) : Status();
  std::int64_t quarantined = 0;
  {
    std::lock_guard guard(connection.lock);
    if (auto notes = connection.notes.find(key); notes != connection.notes.end()) {
      quarantined = QuarantinedRows(notes->second);
    }
  }
  SMELT_ASSIGN(delta::Proposal proposal, ProposalOf(key, work, quarantined));
  if (mark && work.writes_rows()) proposal.txns.push_back({mark->app_id, mark->version, NowMillis()});
  const delta::Snapshot* snapshot = proposal.base.get();
  {
    std::lock_guard guard(connection.lock);
    if (auto notes = connection.notes.find(key); notes != connection.notes.end()) {
      SMELT_TRY(CheckMarks(key, notes->second, snapshot));
      ApplyNotes(notes->second, proposal);
    }
  }
  bool nothing = !proposal.protocol && !proposal.metadata && proposal.adds.empty() && proposal.removes.empty() &&
                 proposal.txns.empty() && proposal.domains.empty();
  if (nothing) return {};
  delta::Log log = lake_.LogOf(key.Folder());
  if (snapshot != nullptr) {
    SMELT_ASSIGN(bool present, lake_.store().Exists(log.CommitKey(snapshot->version())));
    if (!present) {
      return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the log of {} has vanished: commit {} is no longer there",
                                                        key.Text(), snapshot->version().value));
    }
  }
  CommitReport report = ReportOf(key, proposal);
  std::set<delta::PartitionValues> to_compact;
  if (delta::CompactsAutomatically(work.metadata)) {
    for (const delta::Add& add : proposal.adds) to_compact.insert(add.partition_values);
  }
  auto committed = delta::Commit(log, std::move(proposal));
  if (!committed) return Fail(std::move(committed.error()).Context(key.Text()));
  // From here on the commit stands: what follows must not turn it into a failure.
  work.written.clear();
  for (const std::string& file : work.superseded) (void)lake_.store().Delete(file);
  report.version = committed->version.value;
  if (!lake_.Remember(key, committed->snapshot)) lake_.Forget(key);
  std::lock_guard guard(connection.lock);
  connection.notes.erase(key);
  if (!to_compact.empty()) connection.to_compact[key].merge(to_compact);
  connection.usage.bytes_written += report.bytes_added;
  connection.reports.push_back(std::move(report));
  return {};
}

bool LakeTransaction::IsRepeated(const TableKey& key, TableWork& work, const TxnMark& mark) {
  if (!work.writes_rows() || !work.base || !HasMark(*work.base->snapshot, mark)) return false;
  Log(LogLevel::kInfo, "engine.write.repeated",
      {{"table", key.Text()}, {"app", mark.app_id}, {"version", mark.version}});
  DeleteFilesOf(key, work);
  return true;
}

Status LakeTransaction::Commit(duckdb::ClientContext& context) {
  std::lock_guard guard(lock_);
  ConnectionState& connection = ConnectionState::Of(context);
  const auto mark = MarkOfSession(context);
  if (!mark) {
    DeleteWrittenFiles();
    return Fail(Error(mark.error()));
  }
  for (auto& [key, work] : tables_) {
    if (*mark && IsRepeated(key, work, **mark)) {
      // What was to be noted was to be noted of this write.
      std::lock_guard connection_guard(connection.lock);
      connection.notes.erase(key);
      continue;
    }
    bool noted = false;
    {
      std::lock_guard connection_guard(connection.lock);
      noted = connection.notes.contains(key) && work.exists();
    }
    if (!work.changed() && !noted) continue;
    Status status;
    try {
      status = CommitTable(key, work, *mark, connection);
    } catch (const std::exception&) {
      status = Fail(FromCurrentException());
    }
    if (status) continue;
    // Files of a commit whose fate is unknown may be in use.
    if (status.error().code() == ErrorCode::kDeltaCommitUnknown) work.written.clear();
    DeleteWrittenFiles();
    return status;
  }
  return {};
}

void LakeTransaction::DeleteWrittenFiles() {
  // Best effort: a file that stays is unreferenced, and VACUUM removes it.
  for (auto& [key, work] : tables_) DeleteFilesOf(key, work);
}

void LakeTransaction::DeleteFilesOf(const TableKey& key, TableWork& work) {
  for (const std::string& file : work.written) (void)lake_.store().Delete(file);
  work.written.clear();
  if (!work.writers.empty()) DeleteMarkedFiles(lake_, key, work.writers);
  work.writers.clear();
}

void DeleteMarkedFiles(Lake& lake, const TableKey& key, const std::set<std::string>& marks) {
  auto objects = lake.store().List(key.Folder(), {}, true);
  if (!objects) return;
  for (const storage::ObjectInfo& object : *objects) {
    bool marked = std::ranges::any_of(marks, [&](const std::string& mark) { return object.key.contains(mark); });
    if (marked) (void)lake.store().Delete(object.key);
  }
}

void LakeTransaction::Rollback() {
  std::lock_guard guard(lock_);
  DeleteWrittenFiles();
}

duckdb::Transaction& LakeTransactionManager::StartTransaction(duckdb::ClientContext& context) {
  auto transaction = duckdb::make_uniq<LakeTransaction>(*this, context, lake_);
  auto& result = *transaction;
  std::lock_guard guard(lock_);
  open_[&result] = std::move(transaction);
  return result;
}

duckdb::ErrorData LakeTransactionManager::CommitTransaction(duckdb::ClientContext& context,
                                                            duckdb::Transaction& transaction) {
  Status status = transaction.Cast<LakeTransaction>().Commit(context);
  Close(transaction);
  if (status) return duckdb::ErrorData();
  // DuckDB keeps only the text of this error: the connection remembers the rest.
  ConnectionState& connection = ConnectionState::Of(context);
  std::lock_guard guard(connection.lock);
  connection.commit_error = status.error();
  return ToDuckDb(status.error());
}

void LakeTransactionManager::RollbackTransaction(duckdb::Transaction& transaction) {
  transaction.Cast<LakeTransaction>().Rollback();
  Close(transaction);
}

void LakeTransactionManager::Close(duckdb::Transaction& transaction) {
  std::lock_guard guard(lock_);
  open_.erase(&transaction);
}

}  // namespace smelt::engine
