#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "state/internal/sqlite_database.h"

namespace smelt::state::internal {

/// The scripts that lead from one version of the schema to the next, in SQLite's words.
std::span<const std::string_view> Migrations();

/// The version of the schema in the file; 0 for an empty file.
/// Errors: kStateTooNew; kStateDamaged when the file belongs to another program; those of Database.
Result<std::int64_t> SchemaVersion(SqliteDatabase& database, const std::string& path);

/// Brings a file of schema version `found` to the current one, in one transaction. Errors: as SchemaVersion.
Status MigrateSchema(SqliteDatabase& database, const std::string& path, std::int64_t found);

}  // namespace smelt::state::internal
