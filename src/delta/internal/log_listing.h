#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "delta/snapshot.h"

namespace smelt::delta {

inline constexpr std::string_view kLogFolder = "_delta_log";

struct CommitFile {
  Version version;
  std::int64_t modified_ms = 0;
};

/// A classic or UUID-named checkpoint (one key), or a multi-part one with all its parts.
struct CheckpointFiles {
  Version version;
  std::vector<std::string> keys;
  std::int64_t modified_ms = 0;
};

/// What several commits in a row amount to ("Log Compaction Files").
struct CompactionFile {
  Version from;
  Version to;
  std::string key;
};

/// The files of a log that matter for replay.
struct LogListing {
  Version from;                              ///< files of earlier versions were not asked for
  std::vector<CommitFile> commits;           ///< ascending
  std::vector<CheckpointFiles> checkpoints;  ///< complete ones, ascending

  std::vector<CompactionFile> compactions;
  std::vector<Version> checksums;  ///< versions that have a checksum file, ascending

  bool is_empty() const { return commits.empty() && checkpoints.empty(); }
  /// The newest version, -1 when there is none.
  Version Latest() const;
  /// The oldest version that can be rebuilt, -1 when there is none.
  Version Earliest() const;
  /// The commit file of a version, null when it is not there.
  const CommitFile* FindCommit(Version version) const;
  /// The compaction that begins with a version and leads farthest, but not beyond `target`; null when there is none.
  const CompactionFile* FindCompaction(Version from, Version target) const;
};

/// The name of a log file without its ending: the version with 20 digits.
std::string VersionDigits(Version version);

/// Sorts the files of a log, as a store lists them, into commits and checkpoints.
LogListing SortLogFiles(const std::vector<storage::ObjectInfo>& objects);

/// Lists the log's files of version `from` and later. Errors: kStoreDenied, kStoreIo.
Result<LogListing> ListLog(const Log& log, Version from = {0});

/// The version in `_last_checkpoint`: a hint. Nothing when the file is missing or of no use.
std::optional<Version> ReadCheckpointHint(const Log& log);

}  // namespace smelt::delta
