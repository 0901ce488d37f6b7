#include "serve/door_counters.h"

namespace smelt::serve {

void DoorCounters::Accept() {
  const std::lock_guard guard(mutex_);
  ++counts_.open;
  ++counts_.accepted;
}

void DoorCounters::Close() {
  const std::lock_guard guard(mutex_);
  --counts_.open;
}

void DoorCounters::Refuse() {
  const std::lock_guard guard(mutex_);
  ++counts_.refused;
}

void DoorCounters::Finish(std::string_view what, std::string_view outcome, double seconds) {
  const std::lock_guard guard(mutex_);
  WorkSum& sum = counts_.work[{std::string(what), std::string(outcome)}];
  ++sum.times;
  sum.seconds += seconds;
}

DoorCounts DoorCounters::counts() const {
  const std::lock_guard guard(mutex_);
  return counts_;
}

}  // namespace smelt::serve
