#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "serve/access/identity.h"
#include "serve/dashboards/dashboard_service.h"

namespace smelt::serve::internal {

/// The table whose commits change verdicts, not rows.
inline constexpr const char* kQualityTable = "quality.results";

/// The newest event of its sort: whoever has come to an earlier place gets it.
struct LiveEvent {
  std::uint64_t sequence = 0;  ///< 0: there was none
  std::shared_ptr<const std::string> text{};
};

/// Whose commits change what a tile shows: tables that it reads, and that it would read if they were there.
inline std::set<std::string> TablesOf(const TileReading& tile) {
  std::set<std::string> tables;
  for (const auto& name : tile.reading.info.reads) tables.insert(name.Text());
  for (std::string name : tile.reading.info.unknown) {
    if (name.starts_with("lake.")) name.erase(0, 5);
    if (name.find('.') != std::string::npos) tables.insert(std::move(name));
  }
  return tables;
}

/// A tile under a selection, that somebody looks at. What is not said otherwise is under the mutex of the hub.
struct LiveTile {
  LiveTile(std::string key_p, Identity identity_p, TileReading reading_p)
      : key(std::move(key_p)),
        identity(std::move(identity_p)),
        reading(std::move(reading_p)),
        tables(TablesOf(reading)) {
    reading.reading.pins.clear();
  }
  const Tile& tile() const { return *reading.tile; }

  const std::string key;
  const Identity identity;  ///< of who looked first: the others may read the same, or they would not be here
  TileReading reading;      ///< as it was looked at first, without what it held of the tables; constant
  std::set<std::string> tables;
  LiveEvent rows{};
  LiveEvent quality{};
  int viewers = 0;
  bool queued = false;
  bool at_work = false;
  bool again = false;

  // Of the thread that is at work on it.
  std::string shown{};  ///< the key of the answer that `rows` shows
  std::string shown_quality{};
};
using LiveTilePtr = std::shared_ptr<LiveTile>;

/// The same for tiles of one definition that ask the same question.
inline std::string LiveKey(const TileReading& tile) {
  std::string key = tile.dashboard->name + "/" + tile.tile->name + "/" +
                    std::to_string(reinterpret_cast<std::uintptr_t>(tile.dashboard.get())) + "/" +
                    tile.reading.question.sql;
  for (const auto& value : tile.reading.question.parameters) key += value ? "\n=" + *value : std::string("\n");
  return key;
}

}  // namespace smelt::serve::internal
