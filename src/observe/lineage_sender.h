#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "observe/lineage_settings.h"

namespace smelt::observe {

/// Sends events to the targets in the order in which they come, on a thread of its own. Thread-safe.
class LineageSender {
 public:
  explicit LineageSender(std::vector<LineageTarget> targets);
  /// As Stop.
  ~LineageSender();

  /// Puts an event into the queue, which takes 10,000: what comes when it is full is dropped and counted.
  void Send(const Json& event);
  /// Sends what is in the queue, for `drain_ms` at most, and ends the thread. May be called twice.
  void Stop(std::int64_t drain_ms = 30'000);
  /// What was not delivered, in a sentence; empty when all was. After Stop.
  std::string Complaint() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::observe
