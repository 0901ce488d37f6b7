#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "base/retry.h"
#include "pipeline/event.h"
#include "pipeline/expression.h"
#include "pipeline/http_trigger.h"
#include "pipeline/params.h"
#include "pipeline/timetable.h"

namespace smelt::pipeline {

/// When a task runs, given how the tasks it needs ended; the rules and their names are Airflow's. A task that a rule
/// or a condition passes over is skipped; one that cannot run because something failed is ruled out, and what is ruled
/// out counts as failed for those that need it.
enum class TriggerRule {
  kAllSuccess,               ///< all succeeded
  kAllDone,                  ///< all ended, in whatever way
  kOneFailed,                ///< one failed; does not wait for the others
  kAllFailed,                ///< all failed
  kAllSkipped,               ///< all were skipped
  kAllDoneMinOneSuccess,     ///< all ended and one succeeded
  kOneSuccess,               ///< one succeeded; does not wait for the others
  kOneDone,                  ///< one succeeded or failed; does not wait for the others
  kNoneFailed,               ///< all succeeded or were skipped
  kNoneFailedMinOneSuccess,  ///< the same, and one succeeded
  kNoneSkipped,              ///< all succeeded or failed
  kAlways,                   ///< at once, whatever becomes of them
};

/// How a task is tried again.
struct RetrySettings {
  RetryPolicy policy{.attempts_max = 1};
  bool all_errors = false;  ///< also errors that are not known to pass; never a failed gate or wrong configuration
};

/// What a task is done for, once for each: one of the three.
struct ForEach {
  Json items{};                            ///< a list; null: one of the others
  std::optional<Expression> expression{};  ///< whose value is a list
  std::string sql{};                       ///< a query on the lake, whose rows are the items
  ConfigNode place;                        ///< where it stands, for errors
};

/// One task of a pipeline.
struct TaskDefinition {
  std::string name{};
  std::string type{};  ///< a name in the TaskRegistry
  std::vector<std::string> needs{};
  ConfigNode with;  ///< the settings of the task's type: a map, or null when there are none
  RetrySettings retries{};
  std::int64_t timeout_ms = 0;  ///< 0: none
  bool gate = true;             ///< a failed check stops what is downstream; otherwise it is a warning
  TriggerRule trigger_rule = TriggerRule::kAllSuccess;
  std::optional<Expression> when{};  ///< the task is skipped unless this is true when its turn comes
  std::optional<ForEach> for_each{};
  int priority = 0;         ///< of the tasks that could begin, the highest comes first
  std::string pool{};       ///< of which it takes slots while it runs; empty: none
  int pool_slots = 1;       ///< how many
  std::int64_t sla_ms = 0;  ///< how long after the run was due it should have ended; 0: no matter
  ConfigNode place;         ///< where it stands, for errors
};

/// A file of `pipelines/`: what to run, in which order, how often and how patiently. The schema for editors is
/// docs/schemas/pipeline.schema.json. Immutable once loaded.
struct Pipeline {
  std::string name{};
  std::string description{};
  std::string file{};
  std::string content{};                 ///< the text of the file
  std::optional<Timetable> timetable{};  ///< when it runs by itself
  std::string schedule{};                ///< cron's text, where the timetable follows it
  std::int64_t every_ms = 0;             ///< the interval, where the timetable has one
  std::string timezone = "UTC";
  std::int64_t start_us = 0;            ///< no run is due before this instant
  std::int64_t end_us = 0;              ///< none is due at or after this instant; 0: for ever
  bool catchup = false;                 ///< every instant that was missed gets a run, not only the last one
  std::vector<Event> events{};          ///< what else brings runs about
  std::optional<HttpTrigger> http{};    ///< whether and from whom it takes calls
  std::int64_t timeout_ms = 0;          ///< of a whole run; 0: none
  std::int64_t sla_ms = 0;              ///< how long after it was due a run should have ended; 0: no matter
  std::int64_t fresher_than_ms = 0;     ///< how old the tables may become that it keeps fresh; 0: it keeps none
  int concurrency = 4;                  ///< tasks that may run side by side
  Json vars = Json::object();           ///< defaults of the variables that tasks see
  std::vector<Param> params{};          ///< variables that are typed
  std::vector<TaskDefinition> tasks{};  ///< every task stands behind those it needs

  /// When its timetable has it run, in a few words; empty where it has none.
  std::string WhenText() const;
};

/// Reads a definition and checks all of it that does not depend on the task types.
/// Errors, with file and line: kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid,
/// kPipelineGraph (cycle, unknown need, name used twice), kPipelineSchedule.
Result<Pipeline> ParsePipeline(std::string_view yaml, std::string file);

/// Reads `path`, whose stem must be the pipeline's name. Errors: as ParsePipeline; kStoreNotFound, kStoreIo.
Result<Pipeline> LoadPipeline(const std::string& path);

/// Reads the pipeline `name` of a project's pipelines folder.
/// Errors: as LoadPipeline; kPipelineNotFound, naming those there are.
Result<Pipeline> FindPipeline(const std::string& folder, std::string_view name);

/// The files of a project's pipelines folder, ascending; a missing folder has none. Errors: kStoreIo, kStoreDenied.
Result<std::vector<std::string>> ListPipelineFiles(const std::string& folder);

/// The pipeline that consists of one task of another, whatever that needs, to be run by itself: it is named
/// "pipeline.task", is due never, and tries its task once, since whoever asks for a single task decides on the next
/// try. Errors: kUsage, naming the nearest task.
Result<Pipeline> SelectTask(const Pipeline& pipeline, std::string_view task);

/// Reads all pipelines of a folder, by name; a missing folder has none. Errors: as LoadPipeline.
Result<std::vector<Pipeline>> LoadPipelines(const std::string& folder);

}  // namespace smelt::pipeline
