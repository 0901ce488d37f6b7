#include "serve/internal/stream_pump.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace smelt::serve::internal {
namespace {

namespace asio = boost::asio;

Result<BodyStream::Piece> Next(BodyStream& stream) {
  try {
    return stream.Next();
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInternal, error.what());
  }
}

asio::awaitable<Result<BodyStream::Piece>> NextOnPool(BodyStream* stream) {
  co_return Next(*stream);
}

}  // namespace

void Waker::Post() {
  asio::post(timer_.get_executor(), [self = shared_from_this()] { self->Wake(); });
}

void Waker::Wake() {
  woken_ = true;
  timer_.cancel();
}

asio::awaitable<bool> Waker::Wait(std::chrono::milliseconds patience) {
  if (!woken_) {
    timer_.expires_after(patience);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return std::exchange(woken_, false);
}

asio::awaitable<Result<BodyStream::Piece>> NextPiece(BodyStream& stream, asio::thread_pool& pool) {
  if (stream.immediate()) co_return Next(stream);
  // Destroyed by nobody but the caller, who waits.
  Result<BodyStream::Piece> piece = co_await asio::co_spawn(pool, NextOnPool(&stream), asio::use_awaitable);
  co_return piece;
}

}  // namespace smelt::serve::internal
