// What only a store on a PostgreSQL server can do or suffer. Needs one: SMELT_TEST_POSTGRES.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <charconv>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/retry.h"
#include "state/alert_store.h"
#include "state/internal/postgres_connection.h"
#include "state/internal/postgres_database.h"
#include "state/run_store.h"
#include "state/schedule_store.h"
#include "state/tests/child_process.h"
#include "state/tests/lost_answer.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

using internal::PostgresConnection;
using internal::PostgresDatabase;

constexpr std::int64_t kStoreBusyMs = 5'000;

RunRecord SomeRun(const std::string& id) {
  RunRecord run;
  run.id = id;
  run.pipeline = "daily";
  run.triggered_by = "manual";
  return run;
}

/// Looks again and again, for half a minute.
bool Becomes(const std::function<bool()>& condition) {
  const double give_up_at = MonotonicSeconds() + 30;
  while (!condition()) {
    if (MonotonicSeconds() > give_up_at) return false;
    SleepFor(20, {});
  }
  return true;
}

class PostgresService : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(StoreKinds().size(), 2U) << "SMELT_TEST_POSTGRES names no server"; }
  std::unique_ptr<RunStore> Open() { return std::move(RunStore::Open(address_).value()); }

  /// Runs SQL in a session of the test's own.
  void Execute(const std::string& sql) {
    if (!other_) other_ = std::move(PostgresConnection::Open(address_, kStoreBusyMs).value());
    const auto done = other_->Execute(sql);
    ASSERT_TRUE(done) << done.error().ToString();
  }
  std::string Ask(const std::string& sql) {
    if (!other_) other_ = std::move(PostgresConnection::Open(address_, kStoreBusyMs).value());
    const auto result = other_->Execute(sql);
    return result && result->rows() > 0 ? result->Text(0, 0) : "nothing";
  }
  /// What another process does: it begins a run, and keeps the lock of its pipeline as long as it lives.
  bool HoldRun() {
    kept_ = Open();
    auto lock = kept_->LockPipeline("daily", "r1");
    if (lock) held_ = std::move(*lock);
    return held_ && kept_->StartRun(SomeRun("r1"));
  }
  /// Ends all other sessions, as the end of the server does.
  void CutSessions() {
    Execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
        "application_name = 'smelt'");
  }

  StoreAddress address_ = FreshPostgres();
  std::unique_ptr<PostgresConnection> other_;
  std::unique_ptr<RunStore> kept_;
  std::optional<PipelineLock> held_;
};

TEST_F(PostgresService, GoesOnInANewSession) {
  const auto store = Open();
  ASSERT_TRUE(store->StartRun(SomeRun("r1")));
  CutSessions();
  EXPECT_TRUE(store->FindRun("r1").value()) << "a query is asked again";
  CutSessions();
  EXPECT_TRUE(store->FinishRun("r1", RunStatus::kSucceeded, "")) << "a statement is written again";
  EXPECT_EQ(store->FindRun("r1").value()->status, RunStatus::kSucceeded);
}

TEST_F(PostgresService, ATransactionThatWasCutIsWrittenAgain) {
  const auto store = Open();
  int times = 0;
  const Status done = store->Together([&]() -> Status {
    ++times;
    SMELT_TRY(store->StartRun(SomeRun("r1")));
    CutSessions();
    SMELT_TRY(store->StartRun(SomeRun("r2")));
    CutSessions();  // before it is committed
    return {};
  });
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(times, 1) << "its statements are repeated, not what led to them";
  EXPECT_EQ(store->ListRuns({}).value().size(), 2U);
}

TEST_F(PostgresService, ATransactionThatHasReadIsNot) {
  const auto store = Open();
  const Status cut = store->Together([&]() -> Status {
    SMELT_TRY(store->FindRun("r1"));
    SMELT_TRY(store->StartRun(SomeRun("r1")));
    CutSessions();
    SMELT_TRY(store->StartRun(SomeRun("r2")));
    return {};
  });
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), ErrorCode::kStateUnavailable);
  EXPECT_TRUE(store->ListRuns({}).value().empty()) << "nothing of it is left";
}

TEST_F(PostgresService, ATransactionWhoseAnswerIsLostIsNotWrittenTwice) {
  std::uint16_t port = 0;
  const std::string server = address_.url.substr(address_.url.rfind(':') + 1);
  std::from_chars(server.data(), server.data() + server.size(), port);
  LostAnswer network(port, "COMMIT");
  StoreAddress through = address_;
  through.url.replace(through.url.rfind(':') + 1, std::to_string(port).size(), std::to_string(network.port()));
  const auto store = std::move(RunStore::Open(through).value());
  Execute("CREATE TABLE notes (n BIGINT)");
  Execute(
      "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO notes VALUES (1); RETURN NEW; "
      "END'; CREATE TRIGGER noted AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION note()");
  network.LoseNext();
  const Status begun = store->StartRun(SomeRun("r1"));
  EXPECT_TRUE(begun) << begun.error().ToString();
  EXPECT_TRUE(network.has_lost());
  EXPECT_EQ(Ask("SELECT count(*) FROM notes"), "1");
  EXPECT_TRUE(store->FindRun("r1").value());
}

TEST_F(PostgresService, TransactionsTakeTurns) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 25;
  Open();
  Execute("CREATE TABLE counts (n BIGINT NOT NULL); INSERT INTO counts VALUES (0)");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this] {
        const auto database = PostgresDatabase::Open(address_, kStoreBusyMs).value();
        for (int round = 0; round < kRounds; ++round) {
          // Reads, then writes what follows from it: two at once would lose a round.
          const Status done = database->Transaction([&]() -> Status {
            std::int64_t n = 0;
            SMELT_TRY(database->Select("SELECT n FROM counts", {}, [&](const internal::Row& row) -> Status {
              n = row.Int(0);
              return {};
            }));
            SMELT_TRY(database->Run("UPDATE counts SET n = ?", {n + 1}));
            return {};
          });
          EXPECT_TRUE(done) << done.error().ToString();
        }
      });
    }
  }
  EXPECT_EQ(Ask("SELECT n FROM counts"), fmt::format("{}", kThreads * kRounds));
}

TEST_F(PostgresService, TheLockOfADeadMachineIsFreeAfterItsLease) {
  ChildProcess child([this] { return HoldRun(); });
  ASSERT_TRUE(child.ok());
  const auto store = Open();
  Execute("UPDATE locks SET machine = 'elsewhere', lease_us = 3600000000");
  child.Kill();
  ASSERT_TRUE(Becomes([this] {
    return Ask(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%{}%' AND pid <> "
                           "pg_backend_pid()",
                           address_.schema)) == "0";
  }));
  EXPECT_EQ(store->LockPipeline("daily", "r2").error().code(), ErrorCode::kStateLocked) << "it may have been cut off";
  EXPECT_EQ(store->FindRun("r1").value()->status, RunStatus::kRunning);
  Execute("UPDATE locks SET lease_us = 0");
  EXPECT_EQ(store->FindRun("r1").value()->status, RunStatus::kDied);
  EXPECT_TRUE(store->LockPipeline("daily", "r2"));
}

TEST_F(PostgresService, TheLockOfAHaltedProcessIsNeverTaken) {
  ChildProcess child([this] { return HoldRun(); });
  ASSERT_TRUE(child.ok());
  const auto store = Open();
  kill(child.pid(), SIGSTOP);
  Execute("UPDATE locks SET machine = 'elsewhere', lease_us = 0");
  const auto lock = store->LockPipeline("daily", "r2");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code(), ErrorCode::kStateLocked);
  EXPECT_NE(lock.error().message().find("r1"), std::string::npos) << lock.error().ToString();
  EXPECT_EQ(store->FindRun("r1").value()->status, RunStatus::kRunning);
}

TEST_F(PostgresService, ALockOutlivesItsSession) {
  address_.lease_ms = 2'000;
  const auto store = Open();
  const auto signals = store->Listen();
  ASSERT_TRUE(signals);
  const auto lock = store->LockPipeline("daily", "r1");
  ASSERT_TRUE(lock);
  const std::string before = Ask("SELECT heartbeat_us FROM locks");
  CutSessions();
  pollfd wait{(*signals)->descriptor(), POLLIN, 0};
  constexpr int kPatienceMs = 30'000;
  EXPECT_EQ(poll(&wait, 1, kPatienceMs), 1) << "something may have been missed";
  EXPECT_TRUE(Becomes([&] { return Ask("SELECT heartbeat_us FROM locks") != before; }));
  EXPECT_TRUE(Becomes([&] { return Ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "1"; }));
  EXPECT_FALSE(Open()->LockPipeline("daily", "r2"));
  EXPECT_TRUE(lock->Check());
}

TEST_F(PostgresService, WhoLostALockIsTold) {
  address_.lease_ms = 400;
  const auto store = Open();
  const auto lock = store->LockPipeline("daily", "r1");
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->Check());
  Execute("UPDATE locks SET token = 'another'");
  EXPECT_TRUE(Becomes([&] { return lock->lost().stop_requested(); }));
  EXPECT_EQ(lock->Check().error().code(), ErrorCode::kStateLocked);
}

TEST_F(PostgresService, LeasesGoByTheClockOfTheServer) {
  const auto runs = Open();
  ScheduleStore store(*runs);
  const Lease lease = store.TakeLease("scheduler", "one", 60'000'000).value().value();
  EXPECT_EQ(Ask("SELECT to_timestamp(expires_us / 1e6) BETWEEN clock_timestamp() AND clock_timestamp() + "
                "interval '60 seconds' FROM leases"),
            "t");
  EXPECT_GT(lease.expires_us, NowMicros());
}

TEST_F(PostgresService, RefusesWhatIsNotItsOwn) {
  Open();
  StoreAddress elsewhere = address_;
  elsewhere.lake = "/another";
  const auto another = RunStore::Open(elsewhere);
  ASSERT_FALSE(another);
  EXPECT_NE(another.error().ToString().find("has the state of the lake /lake, not of /another"), std::string::npos);
  EXPECT_NE(another.error().hint().find("SMELT_STATE_SCHEMA"), std::string::npos);
  Execute("UPDATE store SET version = 99");
  EXPECT_EQ(RunStore::Open(address_).error().code(), ErrorCode::kStateTooNew);
  address_ = FreshPostgres();
  other_.reset();
  Execute(fmt::format("CREATE SCHEMA {0}; CREATE TABLE {0}.recipes (name TEXT)", address_.schema));
  const auto foreign = RunStore::Open(address_);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code(), ErrorCode::kStateDamaged);
  EXPECT_NE(foreign.error().message().find("another program"), std::string::npos);
}

TEST_F(PostgresService, OlderSchemasAreBroughtUpToDate) {
  Open();
  // As version 2 left it: what the later steps add is gone.
  Execute(
      "DROP INDEX runs_by_instant; ALTER TABLE runs DROP COLUMN scheduled_us, DROP COLUMN definition, DROP COLUMN "
      "parent, DROP COLUMN ended; "
      "DROP INDEX runs_unsettled, runs_by_predecessor; DROP TABLE definitions, schedules, events, leases, approvals, "
      "sla_misses, history_totals, calls, pool_slots, cancellations; "
      "UPDATE store SET version = 2");
  const auto store = RunStore::Open(address_);
  ASSERT_TRUE(store) << store.error().ToString();
  ASSERT_TRUE((*store)->StartRun(SomeRun("r1")));
  EXPECT_TRUE(ScheduleStore(**store).Schedules());
}

TEST_F(PostgresService, NoServerAndNoRightAreClearErrors) {
  StoreAddress nowhere = address_;
  nowhere.url = "postgresql://smelt@127.0.0.1:9/ops";
  const auto missing = RunStore::Open(nowhere);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kStateUnavailable);
  EXPECT_NE(missing.error().message().find("127.0.0.1:9"), std::string::npos) << missing.error().ToString();
  StoreAddress wrong = address_;
  wrong.password = Secret("open sesame");
  const auto refused = AlertStore::Open(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().hint(), "check user, password and database");
  EXPECT_EQ(refused.error().ToString().find("sesame"), std::string::npos);
  wrong.password = Secret();
  EXPECT_NE(AlertStore::Open(wrong).error().hint().find("PGPASSWORD"), std::string::npos);
}

}  // namespace
}  // namespace smelt::state
