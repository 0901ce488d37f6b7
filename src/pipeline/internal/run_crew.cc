#include "pipeline/internal/run_crew.h"

#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

namespace smelt::pipeline::internal {

RunCrew::~RunCrew() {
  Drain();
  threads_.clear();  // waits
}

Status RunCrew::Start(const state::RunRecord& run, Work work) {
  try {
    threads_[run.pipeline] = std::jthread([this, run, work = std::move(work)] {
      Result<RunReport> report = Fail(ErrorCode::kInternal, "the run has not begun");
      try {
        report = work(drain_.get_token());
      } catch (const std::exception& exception) {
        report = Fail(ErrorCode::kInternal, fmt::format("the run {} threw: {}", run.id, exception.what()));
      }
      {
        const std::lock_guard guard(mutex_);
        ended_.push_back({run, std::move(report)});
      }
      ended_signal_();
    });
  } catch (const std::system_error& error) {
    threads_.erase(run.pipeline);
    return Fail(Error(ErrorCode::kInternal,
                      fmt::format("cannot start a thread for a run of '{}': {}", run.pipeline, error.what()))
                    .Hint("raise the limit on processes and threads (ulimit -u)"));
  }
  return {};
}

std::vector<RunCrew::Ended> RunCrew::TakeEnded() {
  std::vector<Ended> ended;
  {
    const std::lock_guard guard(mutex_);
    ended.swap(ended_);
  }
  for (const Ended& end : ended) threads_.erase(end.run.pipeline);  // waits for the last steps of its thread
  return ended;
}

}  // namespace smelt::pipeline::internal
