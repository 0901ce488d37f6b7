#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/session.h"

namespace smelt::quality {

/// Rows as a command names them: "silver.orders", "silver.orders@3", "silver.orders@2018-05-24", "new.parquet",
/// "/lake/silver/orders" (the folder of a Delta table).
struct DataSource {
  std::string label;  ///< for people: "silver.orders@3", "new.parquet"
  std::string table;  ///< "schema.table"; empty for files and folders
  std::optional<std::int64_t> version;
  std::string relation;  ///< what stands after FROM
  std::vector<engine::ResultColumn> columns;
};

/// Finds what `text` names, and its columns. An existing file or folder wins over a table. A table is held at the
/// version it has now, so that several queries see the same rows; a moment after '@' is what SQL's AT (TIMESTAMP => …)
/// takes, a bare date its first instant. CSV and JSON files are read once, into a temporary table of the session.
/// Errors: kUsage (a table without lake, a file of unknown kind), kStoreNotFound, kSqlCatalog (no such table),
/// kDeltaVersionMissing and others of the engine.
Result<DataSource> FindData(engine::Engine& engine, engine::Session& session, std::string_view text);

/// Whether `text` names a file or folder that exists, for which no lake is needed.
bool NamesFile(std::string_view text);

}  // namespace smelt::quality
