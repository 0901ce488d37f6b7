#pragma once

namespace smelt::state {

/// Hears of what happens in a store that a scheduler should look at: a run was queued, ended, or approved, a pipeline
/// paused. It comes from RunStore::Listen, which must outlive it. Confined to one thread.
class Signals {
 public:
  virtual ~Signals() = default;
  /// Becomes readable, for poll(2), when something happened.
  virtual int descriptor() const = 0;
  /// Makes it unreadable again: call it before looking at the store.
  virtual void Take() = 0;
};

}  // namespace smelt::state
