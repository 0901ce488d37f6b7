#pragma once

#include "base/error.h"
#include "state/internal/database.h"

namespace smelt::state::internal {

/// Brings a new or older database to the current schema, in one transaction.
/// Errors: kStateTooNew; kStateDamaged when the file belongs to another program; those of Database.
Status MigrateSchema(Database& database, const std::string& path);

}  // namespace smelt::state::internal
