#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/internal/csv/csv_rows.h"
#include "ingest/internal/discovery.h"

namespace smelt::ingest {

/// The place where the files of a source lie: a folder, or what a bucket has under a prefix. Thread-safe.
class DropFolder {
 public:
  virtual ~DropFolder() = default;

  /// The files there, as FindFiles has them. Errors: those of FindFiles.
  virtual Result<std::vector<FoundFile>> Find(const std::stop_token& stop) = 0;

  /// Leaves out files that are still being written, and returns their names. Errors: kCancelled.
  virtual Result<std::vector<std::string>> AwaitSettled(std::vector<FoundFile>& files, std::int64_t settle_ms,
                                                        const std::stop_token& stop) = 0;

  /// Sees to it that the file can be read at its path. Errors: kStoreNotFound (it is gone), kStore…, kCancelled.
  virtual Status Fetch(FoundFile& file, const std::stop_token& stop) = 0;

  /// Removes what Fetch has brought here, if anything; the file itself stays where it lies.
  virtual void PutAway(FoundFile& file) = 0;

  /// Moves a file into a zone, to <zone>/<day>/<name>, if it still has the content that was read: what has replaced it
  /// since stays where it is. Where another content has that name in the zone, the hash is added; where the same one
  /// has it, the file is only removed. Errors: kStoreDenied, kStoreFull, kStoreIo.
  virtual Status Move(const InputFile& file, const std::string& zone, const std::string& day) = 0;

  /// Writes beside a refused file why it was: <zone>/<day>/<name>.reason.json. Errors: as Move.
  virtual Status WriteReason(const std::string& zone, const std::string& day, const std::string& name,
                             std::string_view text) = 0;
};

/// Whether `location` is "s3://bucket/prefix".
bool IsBucketAddress(std::string_view location);

/// Errors: kConfigValueInvalid, kConfigKeyMissing (no keys for a bucket in the environment), kStoreIo (no room for what
/// is brought from a bucket).
Result<std::unique_ptr<DropFolder>> OpenDropFolder(const std::string& location);

/// What is written beside a refused file.
std::string ReasonText(const Error& error, std::string_view run_id);

/// "orders.csv" → "orders.5f2c….csv".
std::string WithHash(const std::string& name, const std::string& hash);

}  // namespace smelt::ingest
