#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/internal/lake.h"
#include "engine/internal/lookup/kept_file.h"

namespace smelt::engine {

/// The data files of tables in which rows are often looked up, in memory. A data file never changes, so that a commit
/// costs the reading of the files that it brought. The engine keeps one for all sessions. Thread-safe.
class KeptFiles {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{128} << 20;  ///< of all files; those not used longest go first
  static constexpr int kLookupsBefore = 3;                          ///< of a table, before its files are kept

  /// Counts a lookup in a table and tells whether its files are worth keeping: it is looked into often, and fits.
  bool IsWorthIt(const TableKey& key, const TableState& state);
  /// The file as `state` describes it, read now when it is not kept yet; null while another thread reads it. Throws as
  /// scans do.
  std::shared_ptr<KeptFile> Get(Lake& lake, const TableState& state, const LiveFile& file);

 private:
  struct Slot {
    std::shared_ptr<const DataFile> file;  ///< whose address names the slot
    std::shared_ptr<KeptFile> kept;        ///< null while it is read
    std::uint64_t used = 0;
  };

  std::shared_ptr<KeptFile> Find(const TableState& state, const LiveFile& file, bool& is_being_read);
  /// Under the lock: makes room by letting go what no table has any more, then what was not used longest.
  void MakeRoom();

  std::mutex lock_;
  std::map<TableKey, int> lookups_;
  std::map<const DataFile*, Slot> slots_;
  std::uint64_t clock_ = 0;
};

}  // namespace smelt::engine
