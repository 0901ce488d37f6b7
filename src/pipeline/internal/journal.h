#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/definition.h"
#include "pipeline/report.h"
#include "pipeline/run.h"
#include "state/run_store.h"

namespace smelt::pipeline::internal {

/// Tells the world how a run goes, in one place: the state store, the log and the observer. A store that fails does not
/// stop the run; its first error is kept for the report. Confined to one thread.
class Journal {
 public:
  /// All must outlive the journal.
  Journal(state::RunStore& store, PipelineObserver& observer) : store_(store), observer_(observer) {}

  /// In one transaction with what `reuse` tells of tasks that the run does not repeat: a run that goes on with this one
  /// finds either all of that or no run. Errors: those of the store; nothing was announced then.
  Status RunStarted(const state::RunRecord& run, const Pipeline& pipeline, const std::function<void()>& reuse);
  void AttemptStarted(const TaskReport& report, const std::string& fingerprint);
  void AttemptFailed(const TaskReport& report, int next_attempt, std::int64_t delay_ms);
  /// The task is settled: done, failed, skipped or reused.
  void TaskFinished(const TaskReport& report, const std::string& fingerprint);
  void SlaMissed(const SlaMiss& miss);
  void RunFinished(const RunReport& report);

  /// Records all that `body` tells it in one transaction. The log and the observer hear of it when it is durable.
  void Together(const std::function<void()>& body);

  const std::optional<Error>& store_error() const { return store_error_; }

 private:
  state::TaskRecord RecordOf(const TaskReport& report) const;
  void Note(const Status& status);
  /// Calls `announcement` now or, within Together, at its end.
  void Announce(std::function<void()> announcement);

  state::RunStore& store_;
  PipelineObserver& observer_;
  std::string run_id_;
  std::optional<Error> store_error_;
  bool together_ = false;
  std::vector<std::function<void()>> announcements_;
};

}  // namespace smelt::pipeline::internal
