#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/report.h"
#include "state/records.h"

namespace smelt::pipeline::internal {

/// The runs at work, each on a thread of its own, at most one of a pipeline. Confined to the thread that made it; the
/// destructor waits for the runs.
class RunCrew {
 public:
  struct Ended {
    state::RunRecord run;
    Result<RunReport> report;
  };
  using Work = std::function<Result<RunReport>(const std::stop_token& drain)>;

  /// `ended` is called on a run's thread when it is over.
  explicit RunCrew(std::function<void()> ended) : ended_signal_(std::move(ended)) {}
  ~RunCrew();

  bool Has(const std::string& pipeline) const { return threads_.contains(pipeline); }
  std::size_t size() const { return threads_.size(); }

  /// Begins a run of a pipeline that has none. Errors: kInternal when the system gives no thread.
  Status Start(const state::RunRecord& run, Work work);
  /// The runs that have ended since the last call.
  std::vector<Ended> TakeEnded();
  /// Lets no task of any run begin any more.
  void Drain() { drain_.request_stop(); }

 private:
  std::function<void()> ended_signal_;
  std::stop_source drain_;
  std::mutex mutex_;
  std::vector<Ended> ended_;                     ///< guarded by mutex_
  std::map<std::string, std::jthread> threads_;  ///< by pipeline
};

}  // namespace smelt::pipeline::internal
