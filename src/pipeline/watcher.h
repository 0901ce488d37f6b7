#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace smelt::pipeline {

/// What ended a wait.
struct Wakeup {
  bool timer = false;               ///< the time has come
  bool clock_set = false;           ///< the wall clock was set meanwhile: what is due must be worked out anew
  bool poked = false;               ///< Poke was called
  bool signalled = false;           ///< the descriptor that is followed is readable
  std::set<std::string> changed{};  ///< watched paths, as they were named, in or at which something changed
};

/// Sleeps until an instant of the wall clock, a change in watched folders and files, a descriptor, or a call, whichever
/// comes first; it never looks in between. Poke is thread-safe; the rest is confined to one thread.
class Watcher {
 public:
  /// Errors: kStoreIo when the system gives no more descriptors.
  static Result<Watcher> Make();

  /// Watches a folder (what is written, moved into or deleted from it) or a file (what is written to it). Of a path
  /// that is not there yet, the nearest folder above it is watched, and its changes count as the path's. Calling it
  /// again after such a change moves the watch closer.
  /// Errors: kStoreIo, kStoreDenied, and kStoreFull when the system's limit of watches is reached.
  Status Watch(const std::string& path);
  /// Waits for a descriptor to become readable, too; it stays the caller's, who makes it unreadable again.
  void Follow(int descriptor) { followed_ = descriptor; }
  /// Forgets all watched paths.
  Status Clear();

  /// Waits until `until_us` (microseconds since the epoch) at the latest.
  Result<Wakeup> Wait(std::int64_t until_us);
  void Poke();

 private:
  Watcher() = default;
  /// Whether the clock was set since the last wait.
  Result<bool> SetTimer(std::int64_t until_us);
  void ReadChanges(Wakeup& wakeup);

  FileDescriptor timer_;
  FileDescriptor changes_;
  FileDescriptor pokes_;
  int followed_ = -1;
  std::map<int, std::set<std::string>> paths_of_;  ///< by the number of the watch
};

}  // namespace smelt::pipeline
