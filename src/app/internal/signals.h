#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace smelt::app {

/// Turns SIGINT and SIGTERM into a stop request; a second signal ends the program at once, or a third where somebody
/// takes the second. One per process, made before any other thread, so that those inherit the blocked signals.
class SignalStop {
 public:
  SignalStop();
  ~SignalStop();
  std::stop_token token() const { return source_.get_token(); }
  /// Requested by the second signal, which from this call on does not end the program by itself. Thread-safe.
  std::stop_token TakeSecond();
  /// Calls `handler` at SIGINT instead of stopping; an empty one restores that. Thread-safe.
  void OnInterrupt(std::function<void()> handler);

 private:
  void Handle(int signal);

  std::mutex lock_;
  std::function<void()> on_interrupt_;
  std::stop_source source_;
  std::stop_source second_;
  bool second_taken_ = false;
  std::jthread waiter_;
};

}  // namespace smelt::app
