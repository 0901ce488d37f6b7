#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <thread>

namespace smelt::app {

/// How a program that serves is to end.
struct Ending {
  std::stop_token stop{};  ///< take on nothing more, and let what is at work come to its end
  std::stop_token over{};  ///< end what is still at work
};

/// The time between the two: it is over when it has passed, or at once when `at_once` is requested.
class Grace {
 public:
  Grace(std::stop_token stop, std::stop_token at_once, std::int64_t ms);

  Ending ending() const { return {stop_, over_.get_token()}; }

 private:
  void Work(const std::stop_token& ended);

  const std::stop_token stop_;
  const std::stop_token at_once_;
  const std::int64_t ms_;
  std::stop_source over_;
  std::jthread thread_;
};

/// Does something on a thread of its own when a stop is requested, or when this goes before that. The destructor waits
/// until it is done.
class AtStop {
 public:
  AtStop(std::stop_token stop, std::function<void()> act);

 private:
  std::jthread thread_;
};

}  // namespace smelt::app
