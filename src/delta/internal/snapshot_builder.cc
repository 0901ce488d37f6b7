#include "delta/internal/snapshot_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "delta/features.h"

namespace smelt::delta {
namespace {

/// Identifies a logical file that has a deletion vector. A line break is in no path: it would be percent-encoded.
std::string KeyWithVector(std::string_view path, const DeletionVector& vector) {
  return fmt::format("{}\n{}", path, vector.UniqueId());
}

/// Appends what is left of `from`, whose taken entries are null.
template <typename T>
void AppendRest(std::vector<std::shared_ptr<const T>>& from, std::vector<std::shared_ptr<const T>>& to) {
  for (auto& item : from) {
    if (item) to.push_back(std::move(item));
  }
}

/// What others wrote may be anything: a sum that does not fit stays at the largest number.
void AddUp(std::int64_t& sum, std::int64_t value) {
  if (__builtin_add_overflow(sum, value, &sum)) sum = std::numeric_limits<std::int64_t>::max();
}

void Count(const Add& file, Totals& totals) {
  AddUp(totals.bytes, file.size_bytes);
  if (!file.deletion_vector) return;
  ++totals.deletion_vectors;
  AddUp(totals.deleted_rows, file.deletion_vector->cardinality);
}

Totals TotalsOf(const std::vector<std::shared_ptr<const Add>>& files) {
  Totals totals;
  for (const auto& file : files) Count(*file, totals);
  return totals;
}

/// Totals that go on from those of an earlier snapshot. What others wrote may be anything: sums are only trusted that
/// stay far from the ends of the range, and are counted anew otherwise.
class RunningTotals {
 public:
  explicit RunningTotals(const Totals& start) : totals_(start) { Check(); }

  void Add(const delta::Add& file) {
    Count(file, totals_);
    Check(file);
  }
  void Drop(const delta::Add& file) {
    Check(file);
    if (!is_exact_) return;
    totals_.bytes -= file.size_bytes;
    if (!file.deletion_vector) return;
    --totals_.deletion_vectors;
    totals_.deleted_rows -= file.deletion_vector->cardinality;
  }
  Totals Of(const std::vector<std::shared_ptr<const delta::Add>>& files) {
    Check();
    return is_exact_ ? totals_ : TotalsOf(files);
  }

 private:
  static bool IsPlain(std::int64_t value) { return value >= 0 && value < std::numeric_limits<std::int64_t>::max() / 4; }

  void Check() { is_exact_ &= IsPlain(totals_.bytes) && IsPlain(totals_.deleted_rows); }
  void Check(const delta::Add& file) {
    is_exact_ &= IsPlain(file.size_bytes) && (!file.deletion_vector || IsPlain(file.deletion_vector->cardinality));
    Check();
  }

  Totals totals_;
  bool is_exact_ = true;
};

}  // namespace

void SnapshotBuilder::BeginCheckpoint(Version version) {
  checkpoint_version_ = version;
  keeps_states_ = false;
}

void SnapshotBuilder::EndCheckpoint() {
  // What the checkpoint holds is a snapshot's files, as far as the commits after it are concerned.
  auto files = std::make_shared<Snapshot>();
  AppendRest(adds_, files->files_);
  AppendRest(removes_, files->tombstones_);
  files->totals_ = TotalsOf(files->files_);
  base_ = std::move(files);
  adds_.clear();
  removes_.clear();
  files_.clear();
  paths_ = {};
  checkpoint_files_ = {};
  keeps_states_ = true;
}

bool SnapshotBuilder::IsFirstOfCheckpoint(const std::string& path, const std::optional<DeletionVector>& vector) {
  if (keeps_states_) return false;
  const std::size_t hash = vector ? TextHash()(KeyWithVector(path, *vector)) : TextHash()(path);
  if (checkpoint_files_.Insert(hash)) return true;
  KeepStates();
  return false;
}

void SnapshotBuilder::KeepStates() {
  keeps_states_ = true;
  checkpoint_files_ = {};
  for (std::int64_t i = 0; i < std::ssize(adds_); ++i) {
    const Add& add = *adds_[static_cast<std::size_t>(i)];
    StateOf(add.path, add.deletion_vector).add = i;
  }
  for (std::int64_t i = 0; i < std::ssize(removes_); ++i) {
    const Remove& remove = *removes_[static_cast<std::size_t>(i)];
    StateOf(remove.path, remove.deletion_vector) = {.remove = i, .was_removed = true};
  }
}

SnapshotBuilder::FileState& SnapshotBuilder::StateOf(const std::string& path,
                                                     const std::optional<DeletionVector>& vector) {
  paths_.Insert(path);
  return files_[vector ? KeyWithVector(path, *vector) : path];
}

SnapshotBuilder::FileState* SnapshotBuilder::FindState(const std::string& path,
                                                       const std::optional<DeletionVector>& vector) {
  if (files_.empty() || !paths_.MayHold(path)) return nullptr;
  const auto found = vector ? files_.find(KeyWithVector(path, *vector)) : files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

void SnapshotBuilder::Apply(std::shared_ptr<const Add> add) {
  if (IsFirstOfCheckpoint(add->path, add->deletion_vector)) {
    adds_.push_back(std::move(add));
    return;
  }
  FileState& state = StateOf(add->path, add->deletion_vector);
  if (state.remove >= 0) removes_[static_cast<std::size_t>(std::exchange(state.remove, -1))].reset();
  if (state.add >= 0) {
    adds_[static_cast<std::size_t>(state.add)] = std::move(add);
  } else {
    state.add = std::ssize(adds_);
    adds_.push_back(std::move(add));
  }
}

void SnapshotBuilder::ApplyRemove(Remove remove) {
  if (IsFirstOfCheckpoint(remove.path, remove.deletion_vector)) {
    removes_.push_back(std::make_shared<const Remove>(std::move(remove)));
    return;
  }
  FileState& state = StateOf(remove.path, remove.deletion_vector);
  if (state.add >= 0) adds_[static_cast<std::size_t>(std::exchange(state.add, -1))].reset();
  if (state.remove >= 0) removes_[static_cast<std::size_t>(state.remove)].reset();
  state.was_removed = true;
  state.remove = std::ssize(removes_);
  removes_.push_back(std::make_shared<const Remove>(std::move(remove)));
}

const DomainMetadata* SnapshotBuilder::domain(const std::string& name) const {
  if (const auto found = domains_.find(name); found != domains_.end()) return &found->second;
  if (!base_) return nullptr;
  const auto found = base_->domains().find(name);
  return found == base_->domains().end() ? nullptr : &found->second;
}

void SnapshotBuilder::Apply(Action action) {
  if (auto* add = std::get_if<Add>(&action)) {
    Apply(std::make_shared<const Add>(std::move(*add)));
  } else if (auto* remove = std::get_if<Remove>(&action)) {
    ApplyRemove(std::move(*remove));
  } else if (auto* txn = std::get_if<Txn>(&action)) {
    txns_.insert_or_assign(txn->app_id, *txn);
  } else if (auto* domain = std::get_if<DomainMetadata>(&action)) {
    domains_.insert_or_assign(domain->domain, *domain);
  } else if (auto* protocol = std::get_if<Protocol>(&action)) {
    protocol_ = std::move(*protocol);
  } else if (auto* metadata = std::get_if<Metadata>(&action)) {
    metadata_ = std::move(*metadata);
  }
}

void SnapshotBuilder::Apply(std::vector<Action> actions) {
  for (Action& action : actions) Apply(std::move(action));
}

const Protocol* SnapshotBuilder::protocol() const {
  if (protocol_) return &*protocol_;
  return base_ ? &base_->protocol() : nullptr;
}

const Metadata* SnapshotBuilder::metadata() const {
  if (metadata_) return &*metadata_;
  return base_ ? &base_->metadata() : nullptr;
}

void SnapshotBuilder::MergeFiles(Snapshot& snapshot) {
  RunningTotals totals(base_ ? base_->totals_ : Totals());
  if (base_) {
    snapshot.files_.reserve(base_->files_.size() + adds_.size());
    snapshot.tombstones_.reserve(base_->tombstones_.size() + removes_.size());
    for (const auto& file : base_->files_) {
      const FileState* state = FindState(file->path, file->deletion_vector);
      if (state == nullptr) {
        snapshot.files_.push_back(file);
        continue;
      }
      totals.Drop(*file);
      if (state->was_removed) continue;
      totals.Add(*adds_[static_cast<std::size_t>(state->add)]);
      snapshot.files_.push_back(std::move(adds_[static_cast<std::size_t>(state->add)]));
    }
    for (const auto& tombstone : base_->tombstones_) {
      if (FindState(tombstone->path, tombstone->deletion_vector) == nullptr) snapshot.tombstones_.push_back(tombstone);
    }
  }
  for (const auto& file : adds_) {
    if (file) totals.Add(*file);
  }
  AppendRest(adds_, snapshot.files_);
  AppendRest(removes_, snapshot.tombstones_);
  snapshot.totals_ = totals.Of(snapshot.files_);
}

Status SnapshotBuilder::SetSchema(Snapshot& snapshot) const {
  if (!metadata_) {
    snapshot.schema_ = base_->schema_;
    return {};
  }
  SMELT_ASSIGN(snapshot.schema_, ParseSchema(metadata_->schema_string));
  for (const std::string& column : metadata_->partition_columns) {
    if (snapshot.schema_.Find(column) == nullptr) {
      return Fail(ErrorCode::kDeltaCorrupt,
                  fmt::format("the partition column '{}' is not in the table's schema", column));
    }
  }
  return {};
}

Result<SnapshotPtr> SnapshotBuilder::Build(Version version, std::int64_t timestamp_ms, std::string commit_hash) {
  if (protocol() == nullptr) return Fail(ErrorCode::kDeltaCorrupt, "the log has no 'protocol' action");
  if (metadata() == nullptr) return Fail(ErrorCode::kDeltaCorrupt, "the log has no 'metaData' action");
  SMELT_TRY(CheckReadable(*protocol()));
  auto snapshot = std::make_shared<Snapshot>();
  SMELT_TRY(SetSchema(*snapshot));
  snapshot->version_ = version;
  snapshot->timestamp_ms_ = timestamp_ms;
  snapshot->commit_hash_ = std::move(commit_hash);
  snapshot->checkpoint_version_ = checkpoint_version_.value_or(base_ ? base_->checkpoint_version_ : Version{});
  snapshot->protocol_ = *protocol();
  snapshot->metadata_ = *metadata();
  MergeFiles(*snapshot);
  snapshot->txns_ = std::move(txns_);
  snapshot->domains_ = std::move(domains_);
  if (base_) {
    snapshot->txns_.insert(base_->txns_.begin(), base_->txns_.end());
    snapshot->domains_.insert(base_->domains_.begin(), base_->domains_.end());
  }
  std::erase_if(snapshot->domains_, [](const auto& entry) { return entry.second.removed; });
  *this = SnapshotBuilder();
  return snapshot;
}

}  // namespace smelt::delta
