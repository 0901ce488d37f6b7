#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace smelt::transform {

/// Lets nodes run side by side, and one by itself that needs all the memory there is. Who waits to be alone goes before
/// those that have not begun. Thread-safe.
class Turns {
 public:
  /// Ends when it is destroyed. Confined to one thread, which has one turn at a time.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    /// Whether another one ran for some of this turn's time.
    bool had_company() const;

   private:
    friend class Turns;
    Turn(Turns& turns, bool alone) : turns_(&turns), alone_(alone), place_(turns.begun_), met_(turns.together_ > 1) {}
    Turns* turns_;
    bool alone_;
    std::size_t place_;  ///< how many turns had begun with this one
    bool met_;           ///< somebody when it began
  };

  /// Waits until nobody is alone or waits for it.
  Turn Together();
  /// Waits until all others have ended.
  Turn Alone();

 private:
  void End(bool alone);

  mutable std::mutex lock_;
  std::condition_variable changed_;
  int together_ = 0, waiting_ = 0;  ///< turns with others; those that wait to be alone
  std::size_t begun_ = 0;
  bool alone_ = false;
};

}  // namespace smelt::transform
