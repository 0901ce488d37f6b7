#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/error.h"
#include "engine/session.h"
#include "serve/data/data_limits.h"

namespace smelt::serve {

class StatementGate;

/// A place among the statements at work, with a session of its own: ended when its time is up, when its client is gone,
/// or when it is told to. Confined to a thread at a time, but for Stop.
class StatementPlace {
 public:
  ~StatementPlace();
  StatementPlace(const StatementPlace&) = delete;
  StatementPlace& operator=(const StatementPlace&) = delete;

  engine::Session& session() { return *session_; }
  /// Ends what the session does, from any thread.
  void Stop() { stop_.request_stop(); }
  /// An error of the session, as its cause has it: kServeTimeout when the time was up.
  Error Explain(Error error) const;

 private:
  friend class StatementGate;
  using Clock = std::chrono::steady_clock;
  StatementPlace(StatementGate& gate, std::string caller, std::int64_t ms);

  StatementGate& gate_;
  const std::string caller_;
  const std::int64_t ms_;
  Clock::time_point due_{};
  std::stop_source stop_;
  std::atomic<bool> timed_out_ = false;
  std::unique_ptr<engine::Session> session_;
  std::optional<std::stop_callback<std::function<void()>>> client_;
};

/// Lets so many statements work at a time, and ends those whose time is up. Must outlive its places. Thread-safe.
class StatementGate {
 public:
  StatementGate(engine::Engine& engine, const DataLimits& limits);
  ~StatementGate();
  StatementGate(const StatementGate&) = delete;
  StatementGate& operator=(const StatementGate&) = delete;

  /// A place for a caller's statement of at most `ms`; it is stopped when `stop` is requested.
  /// Errors: kServeBusy, saying of what there is too much; those of Engine::Connect.
  Result<std::unique_ptr<StatementPlace>> Enter(const std::string& caller, std::int64_t ms,
                                                const std::stop_token& stop);
  std::size_t at_work() const;

 private:
  friend class StatementPlace;
  void Leave(const StatementPlace& place);
  void WatchTheClock(const std::stop_token& stop);

  engine::Engine& engine_;
  const DataLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, std::size_t> at_work_;  ///< by caller
  std::size_t total_ = 0;
  std::multimap<StatementPlace::Clock::time_point, StatementPlace*> due_;
  std::jthread clock_;
};

}  // namespace smelt::serve
