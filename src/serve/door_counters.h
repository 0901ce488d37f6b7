#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace smelt::serve {

/// How often something was done, and how long it took.
struct WorkSum {
  std::int64_t times = 0;
  double seconds = 0;
};

/// What a door of a server has done.
struct DoorCounts {
  std::int64_t open = 0;                                          ///< connections there are now
  std::int64_t accepted = 0;                                      ///< connections so far
  std::int64_t refused = 0;                                       ///< of these, for want of places
  std::map<std::pair<std::string, std::string>, WorkSum> work{};  ///< by what was asked for, and how it ended
};

/// Counts it since the server began. Thread-safe.
class DoorCounters {
 public:
  void Accept();
  void Close();
  void Refuse();
  /// Both words must be of few kinds, whatever clients send.
  void Finish(std::string_view what, std::string_view outcome, double seconds);

  DoorCounts counts() const;

 private:
  mutable std::mutex mutex_;
  DoorCounts counts_;
};

}  // namespace smelt::serve
