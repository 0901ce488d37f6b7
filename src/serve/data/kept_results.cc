#include "serve/data/kept_results.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "base/clock.h"
#include "base/id.h"

namespace smelt::serve {
namespace {

constexpr auto kSweepInterval = std::chrono::seconds(5);
constexpr double kMillisPerSecond = 1e3;

}  // namespace

std::string_view ResultStateText(ResultState state) {
  switch (state) {
    case ResultState::kRunning: return "running";
    case ResultState::kSucceeded: return "succeeded";
    case ResultState::kFailed: return "failed";
    case ResultState::kCancelled: break;
  }
  return "cancelled";
}

struct KeptResults::Kept {
  std::string caller;
  ResultStanding standing;  ///< with the mutex of the owner
  std::function<void()> stop;
  double last_used_s = 0;
  std::jthread worker;
};

KeptResults::KeptResults(std::unique_ptr<ResultFolder> folder, const DataLimits& limits)
    : folder_(std::move(folder)), limits_(limits), sweeper_([this](const std::stop_token& stop) { Sweep(stop); }) {}

KeptResults::~KeptResults() {
  sweeper_.request_stop();
  sweeper_.join();
  for (const auto& [id, kept] : kept_) Drop(kept);
}

/// Not with the mutex held: the worker needs it to end.
void KeptResults::Drop(const KeptPtr& kept) {
  kept->stop();
  if (kept->worker.joinable()) kept->worker.join();
  if (!kept->standing.path.empty()) ::unlink(kept->standing.path.c_str());
}

std::size_t KeptResults::CountOf(const std::string& caller) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(kept_, [&](const auto& entry) { return entry.second->caller == caller; }));
}

Result<std::string> KeptResults::Begin(const std::string& caller, ResultStanding asked, Work work,
                                       std::function<void()> stop) {
  auto kept = std::make_shared<Kept>();
  kept->caller = caller;
  kept->standing = std::move(asked);
  kept->standing.id = NewUuid();
  kept->standing.submitted_us = NowMicros();
  kept->stop = std::move(stop);
  kept->last_used_s = MonotonicSeconds();
  const std::string path = folder_->NewPath();
  const std::lock_guard guard(mutex_);
  if (kept_.size() >= limits_.results_max || CountOf(caller) >= limits_.results_of_one_max) {
    return Fail(Error(ErrorCode::kServeBusy, "as many results are kept as may be")
                    .Hint("delete those that you have read: DELETE /api/v1/sql/{id}"));
  }
  kept_.emplace(kept->standing.id, kept);
  kept->worker = std::jthread([this, here = kept.get(), path, work = std::move(work)]() mutable {
    Result<StatementOutcome> outcome = Fail(ErrorCode::kInternal, "the statement did not begin");
    try {
      outcome = work(path);
    } catch (const std::exception& error) {
      outcome = Fail(ErrorCode::kInternal, error.what());
    }
    work = nullptr;  // with the place among the statements at work
    const std::lock_guard lock(mutex_);
    ResultStanding& standing = here->standing;
    standing.finished_us = NowMicros();
    here->last_used_s = MonotonicSeconds();
    if (outcome) {
      standing.state = ResultState::kSucceeded;
      standing.columns = std::move(outcome->columns);
      standing.rows = outcome->rows;
      standing.changed = outcome->changed;
      if (!standing.columns.empty()) standing.path = path;
    } else {
      const bool cancelled = outcome.error().code() == ErrorCode::kCancelled;
      standing.state = cancelled ? ResultState::kCancelled : ResultState::kFailed;
      standing.error = std::move(outcome.error());
    }
    changed_.notify_all();
  });
  return kept->standing.id;
}

KeptResults::KeptPtr KeptResults::Look(const std::string& caller, const std::string& id) {
  const auto found = kept_.find(id);
  if (found == kept_.end() || found->second->caller != caller) return nullptr;
  found->second->last_used_s = MonotonicSeconds();
  return found->second;
}

std::optional<ResultStanding> KeptResults::Find(const std::string& caller, const std::string& id) {
  const std::lock_guard guard(mutex_);
  const KeptPtr kept = Look(caller, id);
  if (!kept) return std::nullopt;
  return kept->standing;
}

std::optional<ResultStanding> KeptResults::Await(const std::string& caller, const std::string& id, std::int64_t ms,
                                                 const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const KeptPtr kept = Look(caller, id);
  if (!kept) return std::nullopt;
  changed_.wait_for(lock, stop, std::chrono::milliseconds(ms),
                    [&] { return kept->standing.state != ResultState::kRunning; });
  return kept->standing;
}

std::vector<ResultStanding> KeptResults::List(const std::string& caller) {
  std::vector<ResultStanding> list;
  {
    const std::lock_guard guard(mutex_);
    for (const auto& [id, kept] : kept_) {
      if (kept->caller == caller) list.push_back(kept->standing);
    }
  }
  std::ranges::sort(list, std::greater(), &ResultStanding::submitted_us);
  return list;
}

bool KeptResults::Remove(const std::string& caller, const std::string& id) {
  KeptPtr kept;
  {
    const std::lock_guard guard(mutex_);
    kept = Look(caller, id);
    if (!kept) return false;
    kept_.erase(id);
  }
  Drop(kept);
  return true;
}

void KeptResults::Sweep(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, kSweepInterval, [] { return false; });
    const double oldest = MonotonicSeconds() - static_cast<double>(limits_.result_idle_ms_max) / kMillisPerSecond;
    std::vector<KeptPtr> idle;
    std::erase_if(kept_, [&](const auto& entry) {
      const bool is_idle = entry.second->standing.state != ResultState::kRunning && entry.second->last_used_s < oldest;
      if (is_idle) idle.push_back(entry.second);
      return is_idle;
    });
    lock.unlock();
    for (const KeptPtr& kept : idle) Drop(kept);
    lock.lock();
  }
}

}  // namespace smelt::serve
