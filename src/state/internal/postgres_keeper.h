#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "state/internal/database.h"
#include "state/internal/postgres_connection.h"
#include "state/lock.h"
#include "state/signals.h"
#include "state/store_address.h"

namespace smelt::state::internal {

class PostgresKeeper;

/// The row of a lock that this process holds; gives it back when it goes.
class HeldRow {
 public:
  HeldRow(PostgresKeeper& keeper, std::string name, std::stop_token lost)
      : keeper_(keeper), name_(std::move(name)), lost_(std::move(lost)) {}
  HeldRow(const HeldRow&) = delete;
  HeldRow& operator=(const HeldRow&) = delete;
  ~HeldRow();
  std::stop_token lost() const { return lost_; }

 private:
  PostgresKeeper& keeper_;
  std::string name_;
  std::stop_token lost_;
};

/// Finds the row of the lock ?1, for LivingHolder.
extern const std::string_view kHolderSql;
/// The holder of a row, or nothing when it is dead: its process is gone from this machine; or it has said nothing for
/// the time of its lease, in which the server was up, and its session is over. A process that was only halted keeps its
/// session and so its lock; one that was cut off, or whose server was started anew, has the time of the lease to
/// return.
std::optional<LockOwner> LivingHolder(const Row& row);

/// A session of its own, and a thread that keeps this process's locks alive and hears notifications. When the session
/// breaks it opens another, takes the locks along and wakes everybody: something may have been missed. It sleeps until
/// something comes or a heartbeat is due; without locks there are none. Thread-safe.
class PostgresKeeper {
 public:
  static Result<std::unique_ptr<PostgresKeeper>> Start(const StoreAddress& address);
  /// Ends the thread and waits for it. Locks and Signals are gone by then.
  ~PostgresKeeper();

  /// Errors: kStateLocked, naming the holder; kStateUnavailable.
  Result<std::unique_ptr<HeldRow>> Lock(std::string_view name, const LockOwner& owner, std::string_view purpose);
  void Release(const std::string& name);

  Result<std::unique_ptr<Signals>> Listen();
  void Forget(int listener);

 private:
  struct Held {
    std::stop_source lost{};
    bool in_session = true;  ///< the lock of the session stands behind the row
  };

  explicit PostgresKeeper(StoreAddress address);
  void Work(const std::stop_token& stop);
  void Round();
  Status Connect();
  void Heartbeat();
  Status Beat(const std::string& name, Held& held);
  std::unique_ptr<HeldRow> Keep(std::string_view name);
  Result<bool> TryLock(std::string_view name, const LockOwner& owner, std::string_view purpose);
  Result<bool> TakeRow(std::string_view name, const LockOwner& owner, std::string_view purpose, bool& in_session);
  Result<bool> TakeSessionLock(std::string_view name);
  void GiveSessionLock(std::string_view name);
  void WakeListeners();
  void Poke();
  std::int64_t heartbeat_us() const { return address_.lease_ms * 1000 / 4; }

  const StoreAddress address_;
  const std::string token_;  ///< of this object in `locks`
  FileDescriptor pokes_;     ///< wakes the thread
  std::mutex mutex_;         ///< guards all below
  std::unique_ptr<PostgresConnection> connection_;
  std::map<std::string, Held> held_;
  std::set<int> listeners_;
  double beat_at_ = 0;  ///< when the next heartbeat is due, on the monotonic clock
  std::jthread thread_;
};

}  // namespace smelt::state::internal
