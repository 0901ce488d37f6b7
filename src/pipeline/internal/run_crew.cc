#include "pipeline/internal/run_crew.h"

#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

namespace smelt::pipeline::internal {

RunCrew::~RunCrew() {
  Drain();
  members_.clear();  // waits
}

Status RunCrew::Start(const state::RunRecord& run, Work work) {
  try {
    Member& member = members_[run.pipeline];
    member.run_id = run.id;
    const Wishes wishes{.drain = drain_.get_token(), .stop = stop_.get_token(), .cancel = member.cancel.get_token()};
    member.thread = std::jthread([this, run, wishes, work = std::move(work)] {
      Result<RunReport> report = Fail(ErrorCode::kInternal, "the run has not begun");
      try {
        report = work(wishes);
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
    members_.erase(run.pipeline);
    return Fail(Error(ErrorCode::kInternal,
                      fmt::format("cannot start a thread for a run of '{}': {}", run.pipeline, error.what()))
                    .Hint("raise the limit on processes and threads (ulimit -u)"));
  }
  return {};
}

std::vector<std::string> RunCrew::RunIds() const {
  std::vector<std::string> ids;
  for (const auto& [pipeline, member] : members_) ids.push_back(member.run_id);
  return ids;
}

bool RunCrew::Cancel(const std::string& run_id) {
  for (auto& [pipeline, member] : members_) {
    if (member.run_id == run_id) return member.cancel.request_stop();
  }
  return false;
}

std::vector<RunCrew::Ended> RunCrew::TakeEnded() {
  std::vector<Ended> ended;
  {
    const std::lock_guard guard(mutex_);
    ended.swap(ended_);
  }
  for (const Ended& end : ended) members_.erase(end.run.pipeline);  // waits for the last steps of its thread
  return ended;
}

}  // namespace smelt::pipeline::internal
