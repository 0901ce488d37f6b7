#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::serve {

/// What changed since it was last told.
struct LakeChanges {
  std::set<std::string> tables{};  ///< "schema.table" with a new version, or made or dropped
  std::set<std::string> paths{};   ///< of those that are watched, as they were named
};

struct CommitWatchSettings {
  /// How often the versions of tables in a bucket, whose changes nobody tells of, are looked at; only while tables are
  /// watched.
  std::int64_t look_ms = 1'000;
};

/// Tells of commits to tables, whoever makes them: this process or another. In a local lake by its file system, within
/// milliseconds and without looking in between. Thread-safe.
class CommitWatch {
 public:
  /// Called on the watch's own thread, never twice at a time; it should not take long.
  using Listener = std::function<void(const LakeChanges&)>;

  /// The engine must outlive it. Errors: kStoreIo when the system gives no more descriptors.
  static Result<std::unique_ptr<CommitWatch>> Start(engine::Engine& engine, const CommitWatchSettings& settings,
                                                    Listener listener);
  /// Stops, and waits for the listener to return.
  ~CommitWatch();

  /// From now on these tables ("schema.table") and paths are watched. Those that were not watched before are told
  /// once, since nobody knows what happened to them until now.
  void Watch(std::set<std::string> tables, std::set<std::string> paths);

 private:
  struct Impl;
  explicit CommitWatch(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::serve
