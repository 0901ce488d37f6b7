#include "delta/internal/vector_rebase.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "delta/statistics.h"

namespace smelt::delta {
namespace {

/// A file that stays in the table with another deletion vector.
struct VectorChange {
  const Remove* before = nullptr;
  const Add* after = nullptr;
};

std::map<std::string, VectorChange> VectorChangesOf(const std::vector<Action>& actions) {
  std::map<std::string, VectorChange> changes;
  for (const Action& action : actions) {
    if (const auto* remove = std::get_if<Remove>(&action)) changes[remove->path].before = remove;
    if (const auto* add = std::get_if<Add>(&action)) changes[add->path].after = add;
  }
  std::erase_if(changes, [](const auto& entry) {
    const auto& [before, after] = entry.second;
    return before == nullptr || after == nullptr || !after->deletion_vector;
  });
  return changes;
}

/// Reads deletion vectors of one table's files.
class VectorReader {
 public:
  explicit VectorReader(const Log& log) : log_(log) {}

  Result<RowSet> Read(const std::optional<DeletionVector>& vector, const Add& file) const {
    if (!vector) return RowSet();
    constexpr auto kRowsMax = static_cast<std::uint64_t>(std::numeric_limits<std::uint32_t>::max());
    const std::optional<std::int64_t> rows = file.stats.rows();
    return ReadDeletionVector(log_.store(), log_.folder(), *vector,
                              rows && *rows >= 0 ? static_cast<std::uint64_t>(*rows) : kRowsMax);
  }

  /// The rows that a change deletes; nothing when it brings some back, as a restore does.
  Result<std::optional<RowSet>> Deleted(const std::optional<DeletionVector>& before, const Add& after) const {
    SMELT_ASSIGN(const RowSet old_rows, Read(before, after));
    SMELT_ASSIGN(const RowSet new_rows, Read(after.deletion_vector, after));
    if (old_rows.Without(new_rows).count() != 0) return std::nullopt;
    return new_rows.Without(old_rows);
  }

 private:
  const Log& log_;
};

/// Puts the proposal's deletions in one file on top of the winner's. Returns whether both can stand.
Result<bool> Rebase(const VectorReader& reader, const VectorChange& theirs, Proposal& proposal,
                    DeletionVectorFile& vectors, bool& changed) {
  SMELT_ASSIGN(const auto their_rows, reader.Deleted(theirs.before->deletion_vector, *theirs.after));
  if (!their_rows) return false;
  const std::string& path = theirs.after->path;
  const auto removal = std::ranges::find(proposal.removes, path, &Remove::path);
  if (removal == proposal.removes.end()) return true;
  const auto add = std::ranges::find(proposal.adds, path, &Add::path);
  if (add == proposal.adds.end() || !add->deletion_vector) return false;
  if (removal->deletion_vector != theirs.before->deletion_vector) return false;
  SMELT_ASSIGN(const auto our_rows, reader.Deleted(removal->deletion_vector, *add));
  if (!our_rows || our_rows->Without(*their_rows).count() != our_rows->count()) return false;
  SMELT_ASSIGN(RowSet all, reader.Read(theirs.after->deletion_vector, *theirs.after));
  all.Merge(*our_rows);
  removal->deletion_vector = theirs.after->deletion_vector;
  add->deletion_vector = vectors.Add(all);
  changed = true;
  return true;
}

}  // namespace

RebasedVectors RebaseVectors(const Log& log, Proposal& proposal, const std::vector<Action>& winner,
                             DeletionVectorFile& vectors) {
  RebasedVectors rebased;
  if (!proposal.reads.row_by_row) return rebased;
  const VectorReader reader(log);
  for (const auto& [path, change] : VectorChangesOf(winner)) {
    const Result<bool> stands = Rebase(reader, change, proposal, vectors, rebased.changed);
    if (stands && *stands) rebased.settled.insert(path);
  }
  return rebased;
}

}  // namespace smelt::delta
