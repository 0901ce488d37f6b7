#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/project/event_time.h"
#include "transform/internal/project/manifest.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// A part of a microbatch model's time that is built by itself.
struct Batch {
  EventTimeWindow window;  ///< both edges are there
  std::string name;        ///< its start as far as the size of batches goes: "2024-01-31", "2024-01-31T12", "2024"
};

/// Whether the model is built batch by batch.
bool IsMicrobatch(const Node& node);

/// The batches that a run builds, the earliest first: those of --event-time-start and -end; of a model that is there
/// already, the present one and the `lookback` before it; else all since `begin`. As dbt's docs on microbatch say.
/// Errors: kDbtConfigInvalid for settings that are missing or wrong; kUsage for the flags.
Result<std::vector<Batch>> BatchesOf(const Node& node, const InvokeOptions& options, bool is_incremental,
                                     std::int64_t now_micros);

/// "2024-01-31T00:00:00+00:00": both edges, as run_results.json names the batch.
Json BatchTimes(const Batch& batch);

/// The batches that an earlier run left to do, of what run_results.json says of the model: {"failed": [[start, end]]}.
/// Errors: kDbtConfigInvalid for the model's settings; kConfigValueInvalid for times that are none.
Result<std::vector<Batch>> FailedBatches(const Node& node, const Json& earlier);

}  // namespace smelt::transform
