#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/definition.h"
#include "pipeline/report.h"
#include "pipeline/run.h"

namespace smelt::pipeline::internal {

/// The SLAs of a run and its tasks: which of them have passed unfulfilled. Time is an argument, in microseconds of the
/// wall clock, for an SLA counts from when the run was due. Confined to one thread.
class SlaWatch {
 public:
  /// An SLA counts from the instant at which a schedule wanted the run; from `started_us` where none did, and for runs
  /// that make up for the past, by catching up or a backfill.
  SlaWatch(const Pipeline& pipeline, std::int64_t started_us, const RunOptions& options);

  /// A task of the pipeline has ended or will not run; numbers beyond its tasks are ignored.
  void Settle(std::size_t task);
  /// What should have ended by now and has not, each told once.
  std::vector<SlaMiss> TakeMissed(std::int64_t now_us);
  /// The seconds until the next look is due; infinity when none is.
  double SecondsLeft(std::int64_t now_us) const;

 private:
  struct Watched {
    std::size_t task;  ///< the number of tasks for the run itself
    SlaMiss miss;
  };
  std::vector<Watched> watched_;
};

}  // namespace smelt::pipeline::internal
