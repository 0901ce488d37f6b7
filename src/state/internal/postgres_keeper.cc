#include "state/internal/postgres_keeper.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/retry.h"
#include "state/internal/locked_error.h"
#include "state/internal/machine.h"
#include "state/internal/postgres_schema.h"

namespace smelt::state::internal {
namespace {

constexpr double kMillis = 1e3;
constexpr int kReconnectPauseMs = 250;
/// How long a server needs to see that a process which died is gone, and how long to be there again after a restart.
constexpr double kBurialSeconds = 2;
constexpr double kRestartSeconds = 15;
constexpr std::int64_t kTryPauseMs = 50;

class KeeperSignals final : public Signals {
 public:
  KeeperSignals(PostgresKeeper& keeper, FileDescriptor event) : keeper_(keeper), event_(std::move(event)) {}
  ~KeeperSignals() override { keeper_.Forget(event_.get()); }
  int descriptor() const override { return event_.get(); }
  void Take() override {
    std::uint64_t count = 0;
    static_cast<void>(!read(event_.get(), &count, sizeof count));
  }

 private:
  PostgresKeeper& keeper_;
  FileDescriptor event_;
};

void Raise(int event) {
  const std::uint64_t one = 1;
  static_cast<void>(!write(event, &one, sizeof one));
}

}  // namespace

const std::string_view kHolderSql =
    "SELECT run_id, host, machine, pid, process_start, since_us, CASE WHEN "
    "(extract(epoch FROM clock_timestamp() - greatest(to_timestamp(heartbeat_us / 1e6), pg_postmaster_start_time())) "
    "* 1000000)::bigint <= lease_us THEN 1 ELSE 0 END, "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) AND "
    "((classid::bigint << 32) | objid::bigint) = hashtextextended('smelt:' || current_schema() || ':' || name, 0)), "
    "token "
    "FROM locks WHERE name = ?";

std::optional<LockOwner> LivingHolder(const Row& row) {
  LockOwner owner{row.Text(0), row.Text(1), row.Int(3), row.Int(5)};
  if (row.Text(2) == ThisMachine() && ProcessStart(owner.pid) != row.Int(4)) return std::nullopt;
  const bool fresh = row.Int(6) != 0;
  const bool in_session = row.Int(7) != 0;
  if (!fresh && !in_session) return std::nullopt;
  return owner;
}

HeldRow::~HeldRow() {
  keeper_.Release(name_);
}

PostgresKeeper::PostgresKeeper(StoreAddress address) : address_(std::move(address)), token_(NewUuid()) {}

Result<std::unique_ptr<PostgresKeeper>> PostgresKeeper::Start(const StoreAddress& address) {
  std::unique_ptr<PostgresKeeper> keeper(new PostgresKeeper(address));
  keeper->pokes_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!keeper->pokes_.valid()) return Fail(FileError(errno, "make", "an event"));
  {
    const std::lock_guard guard(keeper->mutex_);
    SMELT_TRY(keeper->Connect());
  }
  keeper->thread_ = std::jthread([raw = keeper.get()](const std::stop_token& stop) { raw->Work(stop); });
  return keeper;
}

PostgresKeeper::~PostgresKeeper() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  Poke();
  thread_.join();
}

void PostgresKeeper::Poke() {
  Raise(pokes_.get());
}

void PostgresKeeper::WakeListeners() {
  for (const int listener : listeners_) Raise(listener);
}

/// Opens a new session if there is none, and takes the locks of the last one along. The caller holds the mutex.
Status PostgresKeeper::Connect() {
  if (connection_ && !connection_->IsBroken()) return {};
  connection_.reset();
  constexpr std::int64_t kBusyMs = 5'000;
  SMELT_ASSIGN(std::unique_ptr<PostgresConnection> opened, PostgresConnection::Open(address_, kBusyMs));
  // The server ends this session, with its locks, when the machine is gone for the time of a lease.
  const std::int64_t silence = std::max<std::int64_t>(address_.lease_ms / 2000, 1);
  SMELT_TRY(
      opened->Execute(fmt::format("LISTEN \"{}\"; SET tcp_keepalives_idle = {}; SET tcp_keepalives_interval = 1; "
                                  "SET tcp_keepalives_count = {}",
                                  ChannelOf(address_), silence, silence)));
  connection_ = std::move(opened);
  for (auto& [name, held] : held_) held.in_session = false;
  beat_at_ = 0;
  WakeListeners();
  Poke();
  return {};
}

void PostgresKeeper::Work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> waits = {pollfd{pokes_.get(), POLLIN, 0}, pollfd{-1, POLLIN, 0}};
    int wait_ms = -1;
    {
      const std::lock_guard guard(mutex_);
      Round();
      const bool connected = connection_ != nullptr;
      if (connected) waits[1].fd = connection_->descriptor();
      if (!held_.empty()) {
        wait_ms = static_cast<int>(std::ceil(std::max(beat_at_ - MonotonicSeconds(), 0.0) * kMillis));
      }
      if (!connected) wait_ms = kReconnectPauseMs;
    }
    poll(waits.data(), waits.size(), wait_ms);
    std::uint64_t count = 0;
    if (waits[0].revents != 0) static_cast<void>(!read(pokes_.get(), &count, sizeof count));
  }
}

/// Does all that is due. The caller holds the mutex.
void PostgresKeeper::Round() {
  if (!connection_ || connection_->IsBroken()) {
    const bool was_there = connection_ != nullptr;
    const Status connected = Connect();
    if (!connected) {
      if (was_there) Log(LogLevel::kWarn, "state.connection.lost", {{"error", connected.error().ToString()}});
      return;
    }
    Log(LogLevel::kInfo, "state.connection.renewed", {});
  }
  if (connection_->TakeNotifications()) WakeListeners();
  if (!held_.empty() && MonotonicSeconds() >= beat_at_) Heartbeat();
}

void PostgresKeeper::Heartbeat() {
  beat_at_ = MonotonicSeconds() + static_cast<double>(heartbeat_us()) / 1e6;
  for (auto& [name, held] : held_) {
    if (!Beat(name, held)) return;  // the session broke: the next round opens another
  }
}

Status PostgresKeeper::Beat(const std::string& name, Held& held) {
  if (held.lost.stop_requested()) return {};
  SMELT_ASSIGN(const PostgresResult result,
               connection_->Execute(
                   fmt::format("UPDATE locks SET heartbeat_us = {} WHERE name = ? AND token = ?", kServerNowSql),
                   {name, token_}));
  if (result.changed() == 0) {
    Log(LogLevel::kError, "state.lock.lost", {{"name", name}});
    held.lost.request_stop();
    return {};
  }
  // A half-dead session of this very process may still have it: the next heartbeat tries again.
  if (!held.in_session) {
    SMELT_ASSIGN(held.in_session, TakeSessionLock(name));
  }
  return {};
}

Result<bool> PostgresKeeper::TakeSessionLock(std::string_view name) {
  SMELT_ASSIGN(const PostgresResult result,
               connection_->Execute("SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('smelt:' || "
                                    "current_schema() || ':' || ?::text, 0)) THEN 1 ELSE 0 END",
                                    {name}));
  return result.Int(0, 0) != 0;
}

void PostgresKeeper::GiveSessionLock(std::string_view name) {
  static_cast<void>(connection_->Execute(
      "SELECT pg_advisory_unlock(hashtextextended('smelt:' || current_schema() || ':' || ?::text, 0))", {name}));
}

Result<std::unique_ptr<HeldRow>> PostgresKeeper::Lock(std::string_view name, const LockOwner& owner,
                                                      std::string_view purpose) {
  const double began = MonotonicSeconds();
  while (true) {
    {
      const std::lock_guard guard(mutex_);
      const auto taken = TryLock(name, owner, purpose);
      if (taken && *taken) return Keep(name);
      const bool cut = !taken && (!connection_ || connection_->IsBroken());
      if (!taken && !cut) return Fail(taken.error());
      if (MonotonicSeconds() - began >= (cut ? kRestartSeconds : kBurialSeconds)) {
        return Fail(taken ? LockedError({}, purpose) : taken.error());
      }
    }
    SleepFor(kTryPauseMs, {});
  }
}

std::unique_ptr<HeldRow> PostgresKeeper::Keep(std::string_view name) {
  if (held_.empty()) beat_at_ = MonotonicSeconds() + static_cast<double>(heartbeat_us()) / 1e6;
  const Held& held = held_.insert_or_assign(std::string(name), Held{}).first->second;
  Poke();  // the thread has a heartbeat to keep, and notifications may have come meanwhile
  return std::make_unique<HeldRow>(*this, std::string(name), held.lost.get_token());
}

/// One attempt. False: its holder is dead and the server has not seen it yet.
Result<bool> PostgresKeeper::TryLock(std::string_view name, const LockOwner& owner, std::string_view purpose) {
  SMELT_TRY(Connect());
  SMELT_TRY(connection_->Execute("BEGIN; " + LockSchemaSql(address_)));
  bool in_session = false;
  auto taken = TakeRow(name, owner, purpose, in_session);
  const auto ended = connection_->Execute(taken && *taken ? "COMMIT" : "ROLLBACK");
  if (taken && *taken && ended) return true;
  if (in_session) GiveSessionLock(name);  // it is not taken back with the transaction
  if (taken && !ended) return Fail(ended.error());
  return taken;
}

Result<bool> PostgresKeeper::TakeRow(std::string_view name, const LockOwner& owner, std::string_view purpose,
                                     bool& in_session) {
  SMELT_ASSIGN(const PostgresResult found, connection_->Execute(kHolderSql, {name}));
  if (found.rows() > 0) {
    const std::optional<LockOwner> holder = LivingHolder(ResultRow(found, 0));
    // A row of our own that is not held is that of an attempt whose answer was lost.
    const bool is_remains = found.Text(0, 8) == token_ && !held_.contains(std::string(name));
    if (holder && !is_remains) return Fail(LockedError(*holder, purpose));
  }
  SMELT_ASSIGN(in_session, TakeSessionLock(name));
  if (!in_session) return false;
  SMELT_TRY(connection_->Execute(
      fmt::format("INSERT INTO locks (name, token, run_id, host, machine, pid, process_start, since_us, heartbeat_us, "
                  "lease_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {}, ?) ON CONFLICT (name) DO UPDATE SET "
                  "token = excluded.token, run_id = excluded.run_id, host = excluded.host, machine = excluded.machine, "
                  "pid = excluded.pid, process_start = excluded.process_start, since_us = excluded.since_us, "
                  "heartbeat_us = excluded.heartbeat_us, lease_us = excluded.lease_us",
                  kServerNowSql),
      {name, token_, owner.run_id, owner.host, ThisMachine(), owner.pid, ProcessStart(owner.pid), owner.since_us,
       address_.lease_ms * 1000}));
  return true;
}

void PostgresKeeper::Release(const std::string& name) {
  const std::lock_guard guard(mutex_);
  held_.erase(name);
  // Without a session the row is left behind; without heartbeats it is taken for what it is.
  if (!Connect()) return;
  static_cast<void>(connection_->Execute("DELETE FROM locks WHERE name = ? AND token = ?", {name, token_}));
  GiveSessionLock(name);
  Poke();
}

Result<std::unique_ptr<Signals>> PostgresKeeper::Listen() {
  FileDescriptor event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event.valid()) return Fail(FileError(errno, "make", "an event"));
  const std::lock_guard guard(mutex_);
  listeners_.insert(event.get());
  return std::make_unique<KeeperSignals>(*this, std::move(event));
}

void PostgresKeeper::Forget(int listener) {
  const std::lock_guard guard(mutex_);
  listeners_.erase(listener);
}

}  // namespace smelt::state::internal
