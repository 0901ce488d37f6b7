#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"
#include "engine/session.h"

namespace smelt::transform {

enum class Command { kBuild, kRun, kTest, kSeed, kSnapshot };

/// "build", "run", "test", "seed", "snapshot". Errors: kUsage.
Result<Command> ParseCommand(std::string_view text);

struct InvokeOptions {
  std::string project_dir;  ///< the folder of dbt_project.yml
  Command command = Command::kBuild;
  std::vector<std::string> select;  ///< dbt's node selection; a union; empty: everything
  std::vector<std::string> exclude;
  bool full_refresh = false;    ///< build incremental models and seeds anew
  Json vars = Json::object();   ///< wins over the project's vars
  std::string target = "dev";   ///< target.name
  int threads = 0;              ///< nodes side by side; 0: one per core
  bool skip_unchanged = false;  ///< leave out nodes whose definition and inputs are those of their last run
  bool fail_fast = false;       ///< start nothing new after the first failure
  std::string run_id;           ///< recorded in every commit; empty: a new one
  std::string target_dir;       ///< for compiled SQL and artefacts; empty: <project_dir>/target
};

/// What became of one node.
struct NodeResult {
  std::string unique_id;  ///< "model.olist.orders"
  StepResult step;
  std::int64_t commits = 0;
  std::int64_t failures = -1;  ///< of a test: rows or groups that fail it
  std::optional<Error> error;  ///< why a node could not be built; a failed test has none
};

struct RunResults {
  std::vector<NodeResult> nodes;  ///< in the order in which they ended
  double seconds = 0;
  std::int64_t commits = 0;

  /// Success; or the first error; or kDbtTestFailed when a test of severity error found failures.
  Status Outcome() const;
};

/// Runs a dbt project on the lake: loads and checks all of it, then builds the selected nodes in the order of their
/// dependencies, side by side where they are independent. Each node is one commit of its table, or none. What depends
/// on a failed node is skipped; the rest goes on. Each node is one step for the observer.
/// Errors: those of the project (kJinja…, kDbt…, kConfig…, with file and line), before anything runs; kCancelled. What
/// goes wrong with one node is in its result.
Result<RunResults> Invoke(engine::Engine& engine, const InvokeOptions& options, RunObserver& observer,
                          std::stop_token stop = {});

}  // namespace smelt::transform
