#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <list>

namespace smelt::serve::internal {

/// The threads of a lane, and how many requests they have. A burst of more than they may have waits for its turn, in
/// order: what one client asks for at once, and drops, turns no other away. Confined to the thread that serves the
/// network, but for the pool.
class LaneWork {
 public:
  LaneWork(boost::asio::thread_pool& pool, std::size_t handlers_max) : pool_(pool), handlers_max_(handlers_max) {}

  /// Waits for a turn, which Leave() gives back; false if there was none in `patience`.
  boost::asio::awaitable<bool> Enter(const boost::asio::any_io_executor& executor, std::chrono::milliseconds patience);
  void Leave();
  boost::asio::thread_pool& pool() { return pool_; }

 private:
  struct Waiting {
    boost::asio::steady_timer timer;
    bool has_turn = false;
  };

  boost::asio::thread_pool& pool_;
  std::size_t handlers_max_;
  std::size_t handlers_ = 0;  ///< at work or waiting for a thread
  std::list<Waiting> waiting_;
};

}  // namespace smelt::serve::internal
