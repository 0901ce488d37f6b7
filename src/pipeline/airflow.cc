#include "pipeline/airflow.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pipeline/internal/definition_keys.h"

namespace smelt::pipeline {
namespace {

/// A value as Python writes it. JSON's texts are Python's, but for characters that JSON would write as two halves;
/// those stay as they are.
std::string Python(const Json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  std::vector<std::string> parts;
  if (value.is_array()) {
    for (const Json& part : value) parts.push_back(Python(part));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) parts.push_back(Python(key) + ": " + Python(part));
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  return JsonText(value);
}

std::string Milliseconds(std::int64_t milliseconds) {
  return fmt::format("timedelta(milliseconds={})", milliseconds);
}

std::string Instant(std::int64_t micros) {
  return fmt::format("pendulum.parse({})", Python(FormatUtcMicros(micros)));
}

/// Text for within Python's """.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text) plain += c == '"' || c == '\\' ? '\'' : c;
  return plain;
}

/// The schedule in cron's language; empty when there is none, or none that cron can tell. An interval that divides the
/// hour or the day is told so as well, since Airflow counts its own intervals from whenever it was started.
std::string CronOf(const Pipeline& pipeline) {
  constexpr std::int64_t kMinuteMs = 60'000, kMinuteUs = 60'000'000, kHour = 60, kDay = 1'440;
  if (!pipeline.schedule.empty() || pipeline.every_ms % kMinuteMs != 0 || pipeline.start_us % kMinuteUs != 0) {
    return pipeline.schedule;
  }
  const std::int64_t every = pipeline.every_ms / kMinuteMs;
  if (every == 0 || kDay % every != 0 || (kHour % every != 0 && every % kHour != 0)) return "";
  const std::int64_t first = ((pipeline.start_us / kMinuteUs) % every + every) % every;
  if (every < kHour) return fmt::format("{}-59/{} * * * *", first, every);
  if (every == kDay) return fmt::format("{} {} * * *", first % kHour, first / kHour);
  return fmt::format("{} {}-23/{} * * *", first % kHour, first / kHour, every / kHour);
}

/// What Airflow does not do with this pipeline, a line each.
std::vector<std::string> Notes(const Pipeline& pipeline) {
  std::vector<std::string> notes;
  for (const Event& event : pipeline.events) {
    notes.push_back(fmt::format("Airflow does not begin it by the event: {}.", event.Name()));
  }
  if (pipeline.http) notes.emplace_back("Calls by HTTP begin it here by Airflow's own API only.");
  std::map<std::string, int> pools;
  bool has_sla = pipeline.sla_ms > 0;
  for (const TaskDefinition& task : pipeline.tasks) {
    has_sla = has_sla || task.sla_ms > 0;
    if (!task.pool.empty()) pools[task.pool] = std::max(pools[task.pool], task.pool_slots);
  }
  for (const auto& [pool, slots] : pools) {
    notes.push_back(
        fmt::format("Its pool must be there: airflow pools set {} SLOTS 'of smelt' ({} or more).", pool, slots));
  }
  const auto needs_three = [](const TaskDefinition& task) {
    return task.trigger_rule == TriggerRule::kAllDoneMinOneSuccess;
  };
  if (std::ranges::any_of(pipeline.tasks, needs_three)) {
    notes.emplace_back("Its trigger rule all_done_min_one_success is known to Airflow 3 only.");
  }
  if (has_sla) notes.emplace_back("SLAs are smelt's own: they are not watched here.");
  return notes;
}

std::string Header(const Pipeline& pipeline) {
  std::string text =
      fmt::format("\"\"\"{}\n\n", Plain(pipeline.description.empty() ? pipeline.name : pipeline.description));
  text += fmt::format("Written by `smelt pipeline export {} --airflow`: edit the pipeline and export it again.\n",
                      pipeline.name);
  for (const std::string& note : Notes(pipeline)) text += Plain(note) + "\n";
  text += "\"\"\"\n\n";
  text += "import os\nimport shlex\nfrom datetime import timedelta\n\nimport pendulum\n";
  if (!CronOf(pipeline).empty()) text += "from airflow.timetables.trigger import CronTriggerTimetable\n";
  text +=
      "\ntry:\n"
      "    from airflow.providers.standard.operators.bash import BashOperator\n"
      "    from airflow.sdk import DAG, Param\n"
      "except ImportError:  # Airflow 2\n"
      "    from airflow import DAG\n"
      "    from airflow.models.param import Param\n"
      "    from airflow.operators.bash import BashOperator\n\n";
  return text;
}

/// The command of a task up to its name. What changes from run to run comes through the environment, quoted by nobody.
std::string Command(const Pipeline& pipeline, const AirflowPlace& place) {
  std::vector<std::string> words = {"pipeline",        "run",    pipeline.name, "--project-dir",
                                    place.project_dir, "--lake", place.lake};
  if (!place.data_dir.empty()) words.insert(words.end(), {"--data", place.data_dir});
  std::string text = fmt::format("SMELT = [os.environ.get(\"SMELT_PROGRAM\", \"smelt\"), *{}]\n", Python(Json(words)));
  // A run that follows an interval is due at its end; one that was asked for may have none.
  Json environment = {
      {"DAG_RUN_AT", "{{ (dag_run.data_interval_end or dag_run.logical_date or dag_run.run_after).isoformat() }}"}};
  std::string options = " --skipped-exit 99 --at \"$DAG_RUN_AT\"";
  for (std::size_t i = 0; i < pipeline.params.size(); ++i) {
    const std::string& name = pipeline.params[i].name;
    environment[fmt::format("DAG_PARAM_{}", i)] = fmt::format("{{{{ params[{}] | tojson }}}}", JsonText(Json(name)));
    options += fmt::format(" --param '{}'=\"$DAG_PARAM_{}\"", name, i);
  }
  text += fmt::format("ENVIRONMENT = {}\nOPTIONS = {}\n\n\n", Python(environment), Python(options));
  text +=
      "def task(name, **options):\n"
      "    command = shlex.join([*SMELT, \"--task\", name]) + OPTIONS\n"
      "    return BashOperator(\n"
      "        task_id=name, bash_command=command, env=ENVIRONMENT, append_env=True, weight_rule=\"absolute\", "
      "**options\n"
      "    )\n\n\n";
  return text;
}

std::string ParamText(const Param& param) {
  static constexpr std::array<std::string_view, 6> kSchemaTypes = {"string",  "integer", "number",
                                                                   "boolean", "string",  "array"};
  std::string text = param.fallback.is_null() ? "" : Python(param.fallback) + ", ";
  text += fmt::format("type=\"{}\"", kSchemaTypes.at(static_cast<std::size_t>(param.type)));
  if (param.type == ParamType::kDate) text += ", format=\"date\"";
  if (!param.choices.empty()) text += fmt::format(", enum={}", Python(param.choices));
  if (!param.description.empty()) text += fmt::format(", description={}", Python(param.description));
  return fmt::format("Param({})", text);
}

std::string Schedule(const Pipeline& pipeline) {
  const std::string cron = CronOf(pipeline);
  if (!cron.empty()) {
    const std::string zone = pipeline.schedule.empty() ? "UTC" : pipeline.timezone;
    return fmt::format("CronTriggerTimetable({}, timezone={})", Python(cron), Python(zone));
  }
  return pipeline.every_ms > 0 ? Milliseconds(pipeline.every_ms) : "None";
}

std::string DagOptions(const Pipeline& pipeline) {
  std::string text = fmt::format("    dag_id={},\n", Python(pipeline.name));
  if (!pipeline.description.empty()) text += fmt::format("    description={},\n", Python(pipeline.description));
  text += fmt::format("    schedule={},\n    start_date={},\n", Schedule(pipeline), Instant(pipeline.start_us));
  if (pipeline.end_us > 0) text += fmt::format("    end_date={},\n", Instant(pipeline.end_us - 1));
  text += fmt::format("    catchup={},\n    max_active_runs=1,\n    max_active_tasks={},\n", Python(pipeline.catchup),
                      pipeline.concurrency);
  if (pipeline.timeout_ms > 0) text += fmt::format("    dagrun_timeout={},\n", Milliseconds(pipeline.timeout_ms));
  if (!pipeline.params.empty()) {
    text += "    params={\n";
    for (const Param& param : pipeline.params) {
      text += fmt::format("        {}: {},\n", Python(param.name), ParamText(param));
    }
    text += "    },\n";
  }
  return text + "    tags=[\"smelt\"],\n    doc_md=__doc__,\n";
}

std::string TaskText(const TaskDefinition& task) {
  std::string text = Python(task.name);
  const auto rule = static_cast<std::size_t>(task.trigger_rule);
  if (rule != 0) text += fmt::format(", trigger_rule=\"{}\"", internal::kTriggerRules.at(rule));
  const RetryPolicy& policy = task.retries.policy;
  if (policy.attempts_max > 1) {
    text += fmt::format(", retries={}, retry_delay={}, max_retry_delay={}, retry_exponential_backoff={}",
                        policy.attempts_max - 1, Milliseconds(policy.delay_ms), Milliseconds(policy.delay_max_ms),
                        Python(policy.multiplier > 1));
  }
  if (task.timeout_ms > 0) text += fmt::format(", execution_timeout={}", Milliseconds(task.timeout_ms));
  if (task.priority != 0) text += fmt::format(", priority_weight={}", task.priority);
  if (!task.pool.empty()) text += fmt::format(", pool={}, pool_slots={}", Python(task.pool), task.pool_slots);
  return fmt::format("    tasks[{}] = task({})\n", Python(task.name), text);
}

}  // namespace

std::string ToAirflow(const Pipeline& pipeline, const AirflowPlace& place) {
  std::string text = Header(pipeline) + Command(pipeline, place);
  text += fmt::format("with DAG(\n{}):\n    tasks = {{}}\n", DagOptions(pipeline));
  for (const TaskDefinition& task : pipeline.tasks) text += TaskText(task);
  for (const TaskDefinition& task : pipeline.tasks) {
    for (const std::string& need : task.needs) {
      text += fmt::format("    tasks[{}] >> tasks[{}]\n", Python(need), Python(task.name));
    }
  }
  return text;
}

}  // namespace smelt::pipeline
