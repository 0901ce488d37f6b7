#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"
#include "engine/session.h"
#include "transform/warnings.h"
#include "transform/write_audit.h"

namespace smelt::transform {

/// The release of dbt whose behaviour is followed: `dbt_version` in templates and artefacts.
inline constexpr std::string_view kDbtVersion = "1.11.0";

enum class Command {
  kBuild,
  kRun,
  kTest,
  kSeed,
  kSnapshot,
  kCompile,
  kParse,
  kList,
  kShow,
  kDocsGenerate,
  kFreshness,
  kRunOperation,
  kClone,
};

/// What dbt calls the command in `flags.WHICH`: "build", "generate", "run-operation", …
std::string_view CommandText(Command command);
/// The command of that name, of those that Invoke runs: "build", "run", "test", "seed", "snapshot", "clone".
/// Errors: kUsage.
Result<Command> ParseCommand(std::string_view text);

/// The output of a profile that a project runs with: what templates see as `target`.
struct Target {
  std::string profile;           ///< target.profile_name; empty: as dbt_project.yml says
  std::string name = "dev";      ///< target.name
  std::string schema = "main";   ///< where nodes without a schema of their own go
  std::string database_alias;    ///< what the profile calls its database: another name of the lake; may be empty
  Json fields = Json::object();  ///< the output's other fields, secrets included: never printed
};

struct InvokeOptions {
  std::string project_dir;  ///< the folder of dbt_project.yml
  Command command = Command::kBuild;
  std::vector<std::string> select;  ///< dbt's node selection; a union; empty: everything
  std::vector<std::string> exclude;
  std::string selector;  ///< a name in selectors.yml, in place of `select` and `exclude`
  std::vector<std::string> resource_types, exclude_resource_types;  ///< "model", …; empty: all, none
  std::string indirect_selection;                                   ///< "eager", …; empty: as dbt_project.yml says
  bool full_refresh = false;                                        ///< build incremental models and seeds anew
  bool empty = false;                                               ///< read no rows of refs and sources
  std::string sample;  ///< "3 days" or "{start: …, end: …}": what has an event_time is read within it; empty: whole
  bool store_failures = false;  ///< keep the failing rows of tests as tables
  bool warn_error =
      false;  ///< what would be a warning of a test fails it; a warning of the project's files is an error
  WarningRules warning_rules;                    ///< the same for single kinds of warnings
  std::string event_time_start, event_time_end;  ///< of microbatch models; empty: their own
  std::string state_dir;                         ///< a folder with the artefacts of an earlier run, from the project's
                                                 ///< folder; empty: none
  std::string defer_state_dir;                   ///< the same for deferral; empty: state_dir
  bool defer = false;                            ///< refs to what is not selected go to the relations of that state
  bool favor_state = false;                      ///< also when they exist here
  Json vars = Json::object();                    ///< wins over the project's vars
  Target target;
  Json flags = Json::object();  ///< every flag by dbt's name, "full_refresh": what `flags` shows
  /// Takes what templates print(), and log() with info = true; null: it goes to the log. Called from several threads.
  std::function<void(std::string_view text)> print;
  /// Takes what looks wrong in the project's files but does no harm, while the project is loaded; null: it goes to the
  /// log.
  std::function<void(const Error& warning)> warn;
  WriteAudit* audit = nullptr;    ///< judges what models, seeds and snapshots are about to commit; null: nobody does
  int threads = 0;                ///< nodes side by side; 0: one per core
  bool skip_unchanged = false;    ///< leave out nodes whose definition and inputs are those of their last run
  bool fail_fast = false;         ///< start nothing new after the first failure
  std::string run_id;             ///< recorded in every commit; empty: a new one
  std::string invocation_id;      ///< a UUID, what artefacts and templates show; empty: the run's id
  bool write_artefacts = false;   ///< write manifest.json and run_results.json
  std::vector<std::string> only;  ///< unique ids, in place of a selection; empty: as is selected
  /// Of a retry: what became of the batches of microbatch models, by unique id, as run_results.json has it; of those
  /// only what failed is built.
  std::map<std::string, Json> earlier_batches;
  std::int64_t present_micros = 0;  ///< where microbatch models end that are not told; 0: now
  std::string target_dir;           ///< for compiled SQL and artefacts; empty: <project_dir>/target
};

/// Whether `resource_types` and `exclude_resource_types` leave nodes of the type in.
bool IsOfTypes(const InvokeOptions& options, std::string_view type);

/// What became of one node.
struct NodeResult {
  std::string unique_id;  ///< "model.olist.orders"
  StepResult step;
  std::int64_t commits = 0;
  std::int64_t rows_affected = -1;  ///< by its main statement, as adapters tell; -1: it did not say
  std::int64_t failures = -1;       ///< of a test: rows or groups that fail it
  Json batches;  ///< of a microbatch model: {"successful": [[start, end], …], "failed": […]}; else null
  std::optional<Error> error;  ///< why a node could not be built; a failed test has none
  std::string compiled;        ///< the SQL of its template, as far as that was rendered
  int thread = 0;              ///< which of the threads ran it, from 1; 0: none
  std::int64_t started_micros = 0, compiled_micros = 0, finished_micros = 0;  ///< of the wall clock; 0: never
};

struct RunResults {
  std::vector<NodeResult> nodes;  ///< in the order in which they ended
  double seconds = 0;
  std::int64_t commits = 0;
  bool interrupted = false;  ///< nothing new was begun after the request to stop

  /// Success; kCancelled when it was interrupted; or the first error; or kDbtTestFailed when a test of severity error
  /// found failures.
  Status Outcome() const;
};

/// Runs a dbt project on the lake: loads and checks all of it, then builds the selected nodes in the order of their
/// dependencies, side by side where they are independent. Each node is one commit of its table, or none. What depends
/// on a failed node is skipped; the rest goes on. Each node is one step for the observer.
/// Errors: those of the project (kJinja…, kDbt…, kConfig…, with file and line), before anything runs. What goes wrong
/// with one node is in its result; after a request to stop, those that had not begun are skipped.
Result<RunResults> Invoke(engine::Engine& engine, const InvokeOptions& options, RunObserver& observer,
                          std::stop_token stop = {});

}  // namespace smelt::transform
