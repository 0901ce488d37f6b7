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
  /// What may be wished of a run at work.
  struct Wishes {
    std::stop_token drain{};   ///< to begin no task any more
    std::stop_token stop{};    ///< to end
    std::stop_token cancel{};  ///< to end for good
  };
  using Work = std::function<Result<RunReport>(const Wishes& wishes)>;

  /// `ended` is called on a run's thread when it is over.
  explicit RunCrew(std::function<void()> ended) : ended_signal_(std::move(ended)) {}
  ~RunCrew();

  bool Has(const std::string& pipeline) const { return members_.contains(pipeline); }
  std::size_t size() const { return members_.size(); }
  std::vector<std::string> RunIds() const;

  /// Begins a run of a pipeline that has none. Errors: kInternal when the system gives no thread.
  Status Start(const state::RunRecord& run, Work work);
  /// The runs that have ended since the last call.
  std::vector<Ended> TakeEnded();
  /// Lets no task of any run begin any more.
  void Drain() { drain_.request_stop(); }
  /// Stops all runs.
  void Stop() { stop_.request_stop(); }
  /// Cancels a run. Returns whether it is one of these, and was not cancelled before.
  bool Cancel(const std::string& run_id);

 private:
  struct Member {
    std::string run_id{};
    std::stop_source cancel{};
    std::jthread thread{};  // last: it ends before its sources do
  };

  std::function<void()> ended_signal_;
  std::stop_source drain_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::vector<Ended> ended_;               ///< guarded by mutex_
  std::map<std::string, Member> members_;  ///< by pipeline
};

}  // namespace smelt::pipeline::internal
