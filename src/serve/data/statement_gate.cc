#include "serve/data/statement_gate.h"

#include <fmt/format.h>

#include <utility>

namespace smelt::serve {

StatementPlace::StatementPlace(StatementGate& gate, std::string caller, std::int64_t ms)
    : gate_(gate), caller_(std::move(caller)), ms_(ms) {}

StatementPlace::~StatementPlace() {
  client_.reset();
  gate_.Leave(*this);
  session_.reset();
}

Error StatementPlace::Explain(Error error) const {
  if (!timed_out_ || error.code() != ErrorCode::kCancelled) return error;
  return Error(ErrorCode::kServeTimeout, fmt::format("the statement took longer than {} ms and was ended", ms_))
      .Hint("give it more time with timeout_ms, ask for less, or run it with `\"async\": true`");
}

StatementGate::StatementGate(engine::Engine& engine, const DataLimits& limits)
    : engine_(engine), limits_(limits), clock_([this](const std::stop_token& stop) { WatchTheClock(stop); }) {}

StatementGate::~StatementGate() {
  clock_.request_stop();
  clock_.join();
}

Result<std::unique_ptr<StatementPlace>> StatementGate::Enter(const std::string& caller, std::int64_t ms,
                                                             const std::stop_token& stop) {
  std::unique_ptr<StatementPlace> place(new StatementPlace(*this, caller, ms));
  {
    const std::lock_guard guard(mutex_);
    place->due_ = StatementPlace::Clock::now() + std::chrono::milliseconds(ms);
    due_.emplace(place->due_, place.get());
    ++total_;
    ++at_work_[caller];
    changed_.notify_all();
    // The place is left again when it is one too many.
    if (total_ > limits_.statements_max) {
      return Fail(Error(ErrorCode::kServeBusy,
                        fmt::format("{} statements are at work, as many as may be", limits_.statements_max))
                      .Hint("ask again later"));
    }
    if (at_work_[caller] > limits_.statements_of_one_max) {
      return Fail(Error(ErrorCode::kServeBusy, fmt::format("{} of your statements are at work, as many as may be",
                                                           limits_.statements_of_one_max))
                      .Hint("wait for one of them, or cancel it"));
    }
  }
  SMELT_ASSIGN(place->session_, engine_.Connect());
  place->session_->ObserveStop(place->stop_.get_token());
  place->client_.emplace(stop, [here = place.get()] { here->Stop(); });
  return place;
}

void StatementGate::Leave(const StatementPlace& place) {
  const std::lock_guard guard(mutex_);
  const auto [begin, end] = due_.equal_range(place.due_);
  for (auto entry = begin; entry != end; ++entry) {
    if (entry->second != &place) continue;
    due_.erase(entry);
    break;
  }
  --total_;
  if (--at_work_[place.caller_] == 0) at_work_.erase(place.caller_);
}

std::size_t StatementGate::at_work() const {
  const std::lock_guard guard(mutex_);
  return total_;
}

void StatementGate::WatchTheClock(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (due_.empty()) {
      changed_.wait(lock, stop, [this] { return !due_.empty(); });
      continue;
    }
    const auto next = due_.begin()->first;
    changed_.wait_until(lock, stop, next, [&] { return due_.empty() || due_.begin()->first < next; });
    while (!due_.empty() && due_.begin()->first <= StatementPlace::Clock::now()) {
      // A place leaves, with the mutex held, before it goes: this one is there.
      StatementPlace& late = *due_.begin()->second;
      due_.erase(due_.begin());
      late.timed_out_ = true;
      late.Stop();
    }
  }
}

}  // namespace smelt::serve
