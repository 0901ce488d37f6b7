#include "app/internal/serving/operations_recorder.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "app/internal/operations_tables.h"
#include "base/log.h"

namespace smelt::app {
namespace {

constexpr std::chrono::seconds kLookEvery(5);
constexpr std::int64_t kRunsLookedAt = 10;

/// What changes when a run ends.
std::string StandOf(const std::vector<state::RunRecord>& runs) {
  std::string stand;
  for (const state::RunRecord& run : runs) {
    if (run.finished_us != 0) stand += run.id + "@" + std::to_string(run.finished_us) + ";";
  }
  return stand;
}

}  // namespace

OperationsRecorder::OperationsRecorder(engine::Engine& engine, std::unique_ptr<state::RunStore> store)
    : engine_(engine), store_(std::move(store)), thread_([this](const std::stop_token& stop) { Work(stop); }) {}

OperationsRecorder::~OperationsRecorder() = default;

Result<std::unique_ptr<OperationsRecorder>> OperationsRecorder::Start(engine::Engine& engine,
                                                                      const state::StoreAddress& address) {
  SMELT_ASSIGN(auto store, state::RunStore::Open(address));
  return std::unique_ptr<OperationsRecorder>(new OperationsRecorder(engine, std::move(store)));
}

void OperationsRecorder::Work(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::string recorded = "nothing";
  while (!stop.stop_requested()) {
    const auto runs = store_->ListRuns({.limit = kRunsLookedAt});
    const std::string stand = runs ? StandOf(*runs) : recorded;
    if (stand != recorded) {
      if (const Status done = RefreshOperationsTables(engine_, *store_); done) {
        recorded = stand;
      } else {
        Log(LogLevel::kWarn, "operations.unrecorded", {{"error", done.error().ToString()}});
      }
    }
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

}  // namespace smelt::app
