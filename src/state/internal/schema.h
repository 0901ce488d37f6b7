#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "state/internal/database.h"

namespace smelt::state::internal {

/// The version of the schema in the file; 0 for an empty file.
/// Errors: kStateTooNew; kStateDamaged when the file belongs to another program; those of Database.
Result<std::int64_t> SchemaVersion(Database& database, const std::string& path);

/// Brings a file of schema version `found` to the current one, in one transaction. Errors: as SchemaVersion.
Status MigrateSchema(Database& database, const std::string& path, std::int64_t found);

}  // namespace smelt::state::internal
