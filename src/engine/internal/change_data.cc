#include "engine/internal/change_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/id.h"
#include "delta/change_feed.h"
#include "engine/internal/await.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/file_rewrite.h"
#include "engine/internal/parquet_writer.h"

namespace smelt::engine {
namespace {

using FilePtr = std::shared_ptr<const DataFile>;
using Mask = std::shared_ptr<const delta::RowSet>;

void PushRows(std::vector<LiveFile>& list, const FilePtr& file, const delta::RowSet& rows) {
  if (rows.count() > 0) list.push_back({file, nullptr, std::make_shared<const delta::RowSet>(rows)});
}

void MoveAll(std::vector<LiveFile>& from, std::vector<LiveFile>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

/// Rows by what happened to them, of one partition.
using PartitionChanges = std::map<std::string, std::vector<LiveFile>>;

/// Lends states for the duration of a statement.
class Loan {
 public:
  explicit Loan(Lake& lake) : lake_(lake) {}
  ~Loan() {
    for (const std::string& handle : handles_) lake_.TakeBack(handle);
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  const std::string& Lend(const TableState& like, std::vector<LiveFile> files) {
    auto part = std::make_shared<TableState>(like);
    part->files = std::move(files);
    handles_.push_back(lake_.Lend(std::move(part)));
    return handles_.back();
  }

 private:
  Lake& lake_;
  std::vector<std::string> handles_;
};

Result<delta::Cdc> WritePartition(Lake& lake, const TableState& state, const delta::PartitionValues& partition,
                                  PartitionChanges changes, const std::string& mark) {
  Loan loan(lake);
  std::vector<std::string> selects;
  const std::string columns = StoredColumnList(state.shape);
  for (auto& [change, files] : changes) {
    selects.push_back(fmt::format("select {}, {} as {} from smelt_lent({})", columns, QuoteLiteral(change),
                                  delta::kChangeTypeColumn, QuoteLiteral(loan.Lend(state, std::move(files)))));
  }
  const std::string path = fmt::format("_change_data/cdc-{}-{}.parquet", NewUuid(), mark);
  const std::string address = lake.store().Address(state.folder + "/" + path);
  MakeFolder(address.substr(0, address.rfind('/')));
  duckdb::Connection connection(lake.database());
  auto result =
      AwaitQuery(connection, CopyQuery(fmt::format("{}", fmt::join(selects, " union all ")), state.shape, address));
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  auto written = FilesFromReport(*result, lake.store().Address(state.folder), state.shape, partition);
  if (written.size() != 1) return Fail(ErrorCode::kInternal, "the change data of a partition is not one file");
  return delta::Cdc{written[0].add.path, partition, written[0].add.size_bytes, {}};
}

}  // namespace

RowChanges ChangesOf(const TableWork& work) {
  RowChanges changes;
  bool is_exact = true;  // no row went through two states within the transaction
  const std::set<FilePtr> added(work.added.begin(), work.added.end());
  for (const auto& [file, mask] : work.deleted) {
    const auto found = work.preimages.find(file);
    const delta::RowSet replaced = found == work.preimages.end() ? delta::RowSet() : *found->second;
    const delta::RowSet gone = mask->Without(replaced);
    if (added.contains(file)) {
      is_exact &= work.postimages.contains(file) ? gone.count() == 0 : replaced.count() == 0;
      continue;
    }
    PushRows(changes.preimages, file, replaced);
    PushRows(changes.deleted, file, gone);
    const bool is_whole = file->rows() && mask->count() == static_cast<std::uint64_t>(*file->rows());
    changes.must_be_recorded |= replaced.count() > 0 || !is_whole || file->add().deletion_vector.has_value();
  }
  for (const FilePtr& file : work.added) {
    const auto mask = work.deleted.find(file);
    LiveFile live{file, mask == work.deleted.end() ? nullptr : Mask(mask->second)};
    if (live.deleted && live.live_rows() == 0) continue;
    (work.postimages.contains(file) ? changes.postimages : changes.inserted).push_back(std::move(live));
  }
  if (is_exact) return changes;
  MoveAll(changes.preimages, changes.deleted);
  MoveAll(changes.postimages, changes.inserted);
  return changes;
}

Result<std::vector<delta::Cdc>> WriteChangeData(Lake& lake, const TableState& state, const RowChanges& changes,
                                                const std::string& mark) {
  std::map<delta::PartitionValues, PartitionChanges> partitions;
  const auto sort = [&](const char* change, const std::vector<LiveFile>& files) {
    for (const LiveFile& live : files) partitions[live.file->add().partition_values][change].push_back(live);
  };
  sort("delete", changes.deleted);
  sort("insert", changes.inserted);
  sort("update_preimage", changes.preimages);
  sort("update_postimage", changes.postimages);
  std::vector<delta::Cdc> written;
  for (auto& [partition, rows] : partitions) {
    SMELT_ASSIGN(delta::Cdc cdc, WritePartition(lake, state, partition, std::move(rows), mark));
    written.push_back(std::move(cdc));
  }
  return written;
}

}  // namespace smelt::engine
