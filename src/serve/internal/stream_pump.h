#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>

#include "serve/body_stream.h"

namespace smelt::serve::internal {

/// What a connection waits at until its stream has something again. Confined to the network's thread, but for Post.
class Waker : public std::enable_shared_from_this<Waker> {
 public:
  explicit Waker(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Wakes from any thread.
  void Post();
  /// Wakes from the network's thread.
  void Wake();
  /// Waits until it is woken, or for `patience`; whether it was woken. Forgets it.
  boost::asio::awaitable<bool> Wait(std::chrono::milliseconds patience);

 private:
  boost::asio::steady_timer timer_;
  bool woken_ = false;
};

/// Has a stream wake a waker, as long as this lives.
class WakesStream {
 public:
  WakesStream(BodyStream& stream, const std::shared_ptr<Waker>& waker) : stream_(stream) {
    stream_.OnWake([waker] { waker->Post(); });
  }
  ~WakesStream() { stream_.OnWake({}); }
  WakesStream(const WakesStream&) = delete;
  WakesStream& operator=(const WakesStream&) = delete;

 private:
  BodyStream& stream_;
};

/// The next piece of a stream, made here when the stream never waits, and on a thread of the pool otherwise.
boost::asio::awaitable<Result<BodyStream::Piece>> NextPiece(BodyStream& stream, boost::asio::thread_pool& pool);

}  // namespace smelt::serve::internal
