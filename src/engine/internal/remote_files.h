#pragma once

#include "base/error.h"
#include "engine/internal/duck.h"

namespace smelt::engine {

/// Teaches the database to read and write s3:// addresses: loads DuckDB's httpfs extension, which lies beside its
/// library, and hands it the credentials of the environment (storage::S3SettingsFromEnvironment).
/// Errors: kConfigKeyMissing (no credentials), kConfigValueInvalid, kStoreNotFound (the extension is not installed).
Status EnableRemoteFiles(duckdb::DatabaseInstance& db);

}  // namespace smelt::engine
