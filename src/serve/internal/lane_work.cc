#include "serve/internal/lane_work.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace smelt::serve::internal {

namespace asio = boost::asio;

asio::awaitable<bool> LaneWork::Enter(const asio::any_io_executor& executor, std::chrono::milliseconds patience) {
  if (handlers_ < handlers_max_) {
    ++handlers_;
    co_return true;
  }
  const auto place = waiting_.insert(waiting_.end(), {.timer = asio::steady_timer(executor, patience)});
  co_await place->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  const bool has_turn = place->has_turn;
  waiting_.erase(place);
  co_return has_turn;
}

void LaneWork::Leave() {
  const auto next = std::ranges::find(waiting_, false, &Waiting::has_turn);
  if (next == waiting_.end()) {
    --handlers_;
    return;
  }
  next->has_turn = true;
  next->timer.cancel();
}

}  // namespace smelt::serve::internal
