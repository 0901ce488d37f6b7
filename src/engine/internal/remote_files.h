#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/internal/duck.h"
#include "storage/s3_keys.h"

namespace smelt::engine {

/// Whether an address names a place in an object store, not a folder.
inline bool IsRemote(std::string_view address) {
  return address.find("://") != std::string_view::npos;
}

/// Teaches a database to read and write s3:// addresses: loads DuckDB's httpfs extension, which lies beside its
/// library, and hands it the keys of storage::S3SettingsFromEnvironment. Thread-safe.
class RemoteFiles {
 public:
  explicit RemoteFiles(duckdb::DatabaseInstance& db) : db_(db) {}

  /// Errors: kConfigKeyMissing (no keys), kConfigValueInvalid, kStoreNotFound (the extension is not installed), those
  /// of S3KeySource.
  Status Enable();
  /// To be called before a statement begins, for it does not see what comes later: enables all this where its text
  /// names a bucket, and hands over keys that were renewed. That there are no keys is told where the bucket is read.
  /// Errors: those of S3KeySource.
  Status ReadyFor(std::string_view sql);

 private:
  Status HandOverKeys();

  duckdb::DatabaseInstance& db_;
  std::mutex lock_;
  std::shared_ptr<storage::S3KeySource> keys_;  ///< null before Enable
  std::string handed_over_;                     ///< the access key that DuckDB has
  std::string options_;                         ///< of the secret, but for the keys
};

}  // namespace smelt::engine
