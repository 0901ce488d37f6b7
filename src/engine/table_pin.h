#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace smelt::engine {

struct Release;
struct TableState;

/// Which committed state of a table is meant: that of a version, the newest one at a time, or the newest of all.
struct TablePoint {
  std::optional<std::int64_t> version = std::nullopt;
  std::optional<std::int64_t> timestamp_ms = std::nullopt;  ///< since the epoch, without a version; later
                                                            ///< than the newest: the newest
};

/// A committed state of a table, kept: a session that reads it (Session::ReadAt) sees the same rows whatever is
/// committed meanwhile. A value type; copies share the state.
struct TablePin {
  std::string schema;
  std::string table;
  std::string table_id;  ///< a table that is dropped and made anew has another one
  std::int64_t version = -1;
  std::int64_t committed_at_ms = 0;  ///< since the epoch
  std::shared_ptr<const TableState> state = nullptr;
  std::shared_ptr<const Release> release = nullptr;  ///< of the lake, by which the newest state was found
  std::int64_t release_number = 0;                   ///< 0: there was none
};

}  // namespace smelt::engine
