// Processes that use a store on a PostgreSQL server as schedulers do, and are killed while sessions break. Needs a
// server: SMELT_TEST_POSTGRES.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/retry.h"
#include "state/internal/postgres_connection.h"
#include "state/run_store.h"
#include "state/schedule_store.h"
#include "state/tests/child_process.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

constexpr std::int64_t kInstants = 60;
constexpr std::int64_t kLeaseUs = 300'000;
constexpr std::int64_t kBusyMs = 5'000;

/// One process that schedules: it leads if it can, queues instant after instant, and goes on with the runs of the dead.
class MiniScheduler {
 public:
  explicit MiniScheduler(RunStore& runs) : runs_(runs), store_(runs) {}

  Status Round() {
    SMELT_ASSIGN(lease_, lease_ ? store_.RenewLease(*lease_, kLeaseUs) : store_.TakeLease("s", holder_, kLeaseUs));
    if (!lease_) return {};
    SMELT_ASSIGN(const std::vector<RunRecord> orphans, store_.Orphans());
    for (const RunRecord& orphan : orphans) SMELT_TRY(store_.Adopt(orphan, NewUuid(), &*lease_));
    SMELT_TRY(QueueNext());
    SMELT_ASSIGN(const std::vector<RunRecord> queued, store_.Queued());
    for (const RunRecord& run : queued) SMELT_TRY(Work(run));
    return {};
  }

 private:
  Status QueueNext() {
    SMELT_ASSIGN(const auto schedules, store_.Schedules());
    const auto schedule = schedules.find("p");
    const std::int64_t next = schedule == schedules.end() ? 1 : schedule->second.cursor_us + 1;
    if (next > kInstants) return {};
    RunRecord run;
    run.id = NewUuid();
    run.pipeline = "p";
    run.triggered_by = "schedule";
    run.scheduled_us = next;
    SMELT_TRY(store_.Enqueue({.run = run, .cursor_us = next}, &*lease_));
    return {};
  }

  /// Runs the one task of a run, unless the run that it goes on with has done that.
  Status Work(RunRecord run) {
    SMELT_ASSIGN(const PipelineLock lock, runs_.LockPipeline("p", run.id));
    SMELT_TRY(runs_.BuryDeadRuns("p"));
    SMELT_ASSIGN(const std::vector<TaskRecord> before, runs_.Tasks(run.resumed_from));
    run.status = RunStatus::kRunning;
    TaskRecord task;
    task.run_id = run.id;
    task.name = "t";
    const auto is_done = [](const TaskRecord& one) { return one.status == TaskStatus::kDone; };
    const bool reuses = std::ranges::any_of(before, is_done);
    if (reuses) {
      task.status = TaskStatus::kDone;
      task.reused_from = run.resumed_from;
    }
    SMELT_TRY(runs_.Together([&]() -> Status {
      SMELT_TRY(runs_.StartRun(run));
      return runs_.AddTask(task);
    }));
    if (!reuses) {
      SleepFor(5, {});
      task.status = TaskStatus::kDone;
      SMELT_TRY(runs_.FinishTask(task));
    }
    return runs_.FinishRun(run.id, RunStatus::kSucceeded, "");
  }

  RunStore& runs_;
  ScheduleStore store_;
  const std::string holder_ = NewUuid();
  std::optional<Lease> lease_;
};

/// Starts such a process. It lives until it is killed.
std::unique_ptr<ChildProcess> StartScheduler(const StoreAddress& address) {
  return std::make_unique<ChildProcess>([&address] {
    static std::jthread work([address] {
      const auto runs = std::move(RunStore::Open(address).value());
      MiniScheduler scheduler(*runs);
      while (true) {
        // What fails is tried again in the next round, as schedulers do.
        static_cast<void>(scheduler.Round());
        SleepFor(5, {});
      }
    });
    return true;
  });
}

class SharedSchedulePostgresService : public testing::Test {
 protected:
  std::string Ask(const std::string& sql) {
    const auto result = server_->Execute(sql);
    return result && result->rows() > 0 ? result->Text(0, 0) : result ? "nothing" : result.error().ToString();
  }

  const StoreAddress address_ = FreshPostgres();
  const std::unique_ptr<internal::PostgresConnection> server_ =
      std::move(internal::PostgresConnection::Open(address_, kBusyMs).value());
};

TEST_F(SharedSchedulePostgresService, TheKilledLoseAndRepeatNothing) {
  constexpr int kKills = 16;
  constexpr double kPatienceSeconds = 120;
  std::mt19937 moments(std::random_device{}());
  ASSERT_TRUE(RunStore::Open(address_));
  std::array<std::unique_ptr<ChildProcess>, 3> running;
  for (auto& process : running) process = StartScheduler(address_);
  for (int kill = 0; kill < kKills; ++kill) {
    SleepFor(std::uniform_int_distribution<std::int64_t>(20, 400)(moments), {});
    if (kill % 3 == 1) {
      Ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
          "application_name = 'smelt'");
    }
    auto& victim = running.at(std::uniform_int_distribution<std::size_t>(0, running.size() - 1)(moments));
    victim->Kill();
    victim = StartScheduler(address_);
  }
  const std::string all = fmt::format("{}", kInstants);
  const double give_up_at = MonotonicSeconds() + kPatienceSeconds;
  while (Ask("SELECT count(*) FROM runs WHERE status = 'succeeded'") != all && MonotonicSeconds() < give_up_at) {
    SleepFor(50, {});
  }
  for (auto& process : running) process->Kill();
  EXPECT_EQ(Ask("SELECT count(DISTINCT scheduled_us) FROM runs WHERE status = 'succeeded'"), all) << "one is lost";
  EXPECT_EQ(Ask("SELECT count(*) FROM runs WHERE status = 'succeeded'"), all) << "one succeeded twice";
  EXPECT_EQ(Ask("SELECT count(*) FROM runs WHERE resumed_from = ''"), all) << "an instant was begun twice";
  EXPECT_EQ(Ask("SELECT count(*) FROM tasks WHERE status = 'done' AND reused_from = ''"), all)
      << "a task that succeeded ran again, or is lost";
}

}  // namespace
}  // namespace smelt::state
