#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// How old the rows of a source table are.
struct SourceFreshness {
  std::string unique_id;  ///< "source.shop.raw.orders"
  std::string verdict;    ///< "pass", "warn", "error"; "runtime error" when it could not be found out
  StepResult step;
  std::optional<std::int64_t> loaded_micros;  ///< of the newest row; nothing: there is none
  std::int64_t checked_micros = 0;            ///< when that was
  double age_seconds = 0;
  std::optional<Error> error;  ///< of a runtime error
  int thread = 0;              ///< from 1
  std::int64_t started_micros = 0, finished_micros = 0;
};

struct FreshnessResults {
  std::vector<SourceFreshness> sources;  ///< in the order in which they ended
  std::vector<NodeResult> hooks;         ///< of on-run-start and on-run-end
  double seconds = 0;

  /// Whether nothing is older than error_after and nothing went wrong.
  bool Passed() const;
};

/// Checks the selected source tables that have a freshness configuration: the newest loaded_at_field, the answer of
/// loaded_at_query, or, without either, the last commit of the table that changed its rows or definition. Writes
/// sources.json (version 3) to `output`, empty: into the target folder. Each source is one step for the observer.
/// Errors: those of the project, before anything runs; kCancelled; kStore…. What goes wrong with one source is its
/// result.
Result<FreshnessResults> CheckFreshness(engine::Engine& engine, const InvokeOptions& options, RunObserver& observer,
                                        const std::string& output, std::stop_token stop = {});

}  // namespace smelt::transform
