#include "pipeline/definition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <system_error>

#include "base/file.h"
#include "pipeline/internal/definition_keys.h"
#include "pipeline/internal/keep_reader.h"
#include "pipeline/internal/names.h"
#include "pipeline/internal/param_reader.h"
#include "pipeline/internal/schedule_reader.h"
#include "pipeline/internal/task_graph.h"

namespace smelt::pipeline {
namespace {

using internal::kForEachKeys;
using internal::kPipelineKeys;
using internal::kRetriedErrors;
using internal::kRetryKeys;
using internal::kTaskKeys;
using internal::kTriggerRules;

constexpr std::int64_t kConcurrencyMax = 64;
constexpr std::int64_t kAttemptsMax = 100;
constexpr std::size_t kNameSizeMax = 100;
constexpr std::array<std::string_view, 2> kExtensions = {".yml", ".yaml"};

Status RequireMap(const ConfigNode& node, std::string_view what, std::span<const std::string_view> keys) {
  if (!node.is_map()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} must be a map", what))
                    .Hint(fmt::format("its keys are: {}", fmt::join(keys, ", "))));
  }
  return node.AllowKeys(std::vector<std::string_view>(keys.begin(), keys.end()));
}

/// Names appear in file names, logs and commands: plain characters only.
Result<std::string> ReadName(const ConfigNode& parent, std::string_view key = "name") {
  SMELT_ASSIGN(const ConfigNode node, parent.Require(key));
  SMELT_ASSIGN(std::string name, node.AsString());
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
  if (plain && !name.empty() && name.size() <= kNameSizeMax && name.front() != '.') return name;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' cannot be a name", name))
                  .Hint("use letters, digits, '_', '-' and '.'"));
}

/// The position of the word under `key` in `words`; 0 when the key is absent.
Result<std::size_t> ReadChoice(const ConfigNode& parent, std::string_view key,
                               std::span<const std::string_view> words) {
  const std::optional<ConfigNode> node = parent.Find(key);
  if (!node) return 0;
  SMELT_ASSIGN(const std::string word, node->AsString());
  const auto found = std::ranges::find(words, word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no {}", word, key))
                  .Hint(fmt::format("use one of: {}", fmt::join(words, ", "))));
}

Result<std::int64_t> ReadInt(const ConfigNode& parent, std::string_view key, std::int64_t fallback, std::int64_t low,
                             std::int64_t high) {
  const std::optional<ConfigNode> node = parent.Find(key);
  if (!node) return fallback;
  SMELT_ASSIGN(const std::int64_t value, node->AsInt());
  if (value >= low && value <= high) return value;
  return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid,
                              fmt::format("'{}' must be between {} and {}, not {}", key, low, high, value))
                  .Hint(fmt::format("write `{}: {}`, say", key, std::max<std::int64_t>(low, 1))));
}

Result<std::int64_t> ReadDuration(const ConfigNode& parent, std::string_view key, std::int64_t fallback) {
  const std::optional<ConfigNode> node = parent.Find(key);
  if (!node) return fallback;
  return node->AsDurationMs();
}

/// A `sla`, which is longer than nothing; 0 when there is none.
Result<std::int64_t> ReadSla(const ConfigNode& parent) {
  SMELT_ASSIGN(const std::int64_t sla_ms, ReadDuration(parent, "sla", 0));
  const std::optional<ConfigNode> node = parent.Find("sla");
  if (!node || sla_ms > 0) return sla_ms;
  return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid, "a 'sla' of no time would always be missed")
                  .Hint("write `sla: 30m`, say, or leave it out"));
}

/// The `retries` of a pipeline, or of a task on top of its pipeline's.
Result<RetrySettings> ReadRetries(const ConfigNode& parent, RetrySettings settings) {
  const std::optional<ConfigNode> node = parent.Find("retries");
  if (!node) return settings;
  SMELT_TRY(RequireMap(*node, "'retries'", kRetryKeys));
  RetryPolicy& policy = settings.policy;
  SMELT_ASSIGN(const std::int64_t attempts, ReadInt(*node, "attempts", policy.attempts_max, 1, kAttemptsMax));
  policy.attempts_max = static_cast<int>(attempts);
  SMELT_ASSIGN(policy.delay_ms, ReadDuration(*node, "delay", policy.delay_ms));
  SMELT_ASSIGN(policy.delay_max_ms, ReadDuration(*node, "delay_max", std::max(policy.delay_max_ms, policy.delay_ms)));
  if (policy.delay_max_ms < policy.delay_ms) {
    return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid, "'delay_max' is shorter than 'delay'")
                    .Hint("raise delay_max, or leave it out"));
  }
  if (const auto multiplier = node->Find("multiplier")) {
    SMELT_ASSIGN(policy.multiplier, multiplier->AsDouble());
    if (!(policy.multiplier >= 1.0 && policy.multiplier <= 100.0)) {
      return Fail(multiplier->ErrorHere(ErrorCode::kConfigValueInvalid, "'multiplier' must be between 1 and 100")
                      .Hint("write `multiplier: 2`, say"));
    }
  }
  if (node->Find("errors")) {
    SMELT_ASSIGN(const std::size_t choice, ReadChoice(*node, "errors", kRetriedErrors));
    settings.all_errors = choice == 1;
  }
  return settings;
}

/// A list, an expression that gives one, or a query.
Result<ForEach> ReadForEach(const ConfigNode& node) {
  ForEach each{.place = node};
  if (node.is_list()) {
    each.items = node.ToJson();
    return each;
  }
  if (node.is_map()) {
    SMELT_TRY(RequireMap(node, "'for_each'", kForEachKeys));
    SMELT_ASSIGN(const ConfigNode sql, node.Require("sql"));
    SMELT_ASSIGN(each.sql, sql.AsString());
    return each;
  }
  SMELT_ASSIGN(const std::string text, node.AsString());
  auto expression = Expression::Parse(text);
  if (!expression) {
    return Fail(Error(expression.error())
                    .At(node.file(), node.line(), node.column())
                    .Hint("'for_each' is a list, an expression that gives one, or {sql: a query}"));
  }
  each.expression = std::move(*expression);
  return each;
}

/// How a task stands beside others: its turn, its pool, its time.
Status ReadTurn(const ConfigNode& node, TaskDefinition& task) {
  constexpr std::int64_t kPriorityMax = 1'000'000;
  constexpr std::int64_t kSlotsMax = 10'000;
  SMELT_ASSIGN(const std::int64_t priority, ReadInt(node, "priority", 0, -kPriorityMax, kPriorityMax));
  task.priority = static_cast<int>(priority);
  SMELT_ASSIGN(const std::int64_t slots, ReadInt(node, "pool_slots", 1, 1, kSlotsMax));
  task.pool_slots = static_cast<int>(slots);
  if (node.Find("pool")) {
    SMELT_ASSIGN(task.pool, ReadName(node, "pool"));
  } else if (const auto alone = node.Find("pool_slots")) {
    return Fail(
        alone->ErrorHere(ErrorCode::kConfigValueInvalid, "'pool_slots' says how many, and 'pool' of which is missing")
            .Hint("add 'pool', a name of 'pools' in smelt.yml"));
  }
  SMELT_ASSIGN(task.sla_ms, ReadSla(node));
  return {};
}

Result<TaskDefinition> ReadTask(const ConfigNode& node, const RetrySettings& retries, const ConfigNode& nothing) {
  SMELT_TRY(RequireMap(node, "a task", kTaskKeys));
  TaskDefinition task{.with = nothing, .place = node};
  SMELT_ASSIGN(task.name, ReadName(node));
  SMELT_ASSIGN(const ConfigNode type, node.Require("type"));
  SMELT_ASSIGN(task.type, type.AsString());
  if (const auto needs = node.Find("needs")) {
    SMELT_ASSIGN(task.needs, needs->AsStringList());
  }
  if (const auto with = node.Find("with")) {
    if (!with->is_map()) {
      return Fail(with->ErrorHere(ErrorCode::kConfigValueInvalid, "'with' must be a map of the task's settings"));
    }
    task.with = *with;
  }
  SMELT_ASSIGN(task.retries, ReadRetries(node, retries));
  SMELT_ASSIGN(task.timeout_ms, ReadDuration(node, "timeout", 0));
  SMELT_ASSIGN(task.gate, node.BoolOr("gate", true));
  SMELT_ASSIGN(const std::size_t rule, ReadChoice(node, "trigger_rule", kTriggerRules));
  task.trigger_rule = static_cast<TriggerRule>(rule);
  SMELT_TRY(ReadTurn(node, task));
  if (const auto each = node.Find("for_each")) {
    SMELT_ASSIGN(task.for_each, ReadForEach(*each));
  }
  if (const auto when = node.Find("when")) {
    SMELT_ASSIGN(const std::string text, when->AsString());
    auto expression = Expression::Parse(text);
    if (!expression) return Fail(Error(expression.error()).At(when->file(), when->line(), when->column()));
    task.when = std::move(*expression);
  }
  return task;
}

Result<std::vector<TaskDefinition>> ReadTasks(const ConfigNode& root, const RetrySettings& retries) {
  SMELT_ASSIGN(const ConfigNode list, root.Require("tasks"));
  if (!list.is_list() || list.items().empty()) {
    return Fail(list.ErrorHere(ErrorCode::kConfigValueInvalid, "'tasks' must be a list of at least one task")
                    .Hint("write it as `tasks: [{name: load, type: ingest}]`"));
  }
  SMELT_ASSIGN(const ConfigNode nothing, ConfigNode::ParseYaml("", root.file()));
  std::vector<TaskDefinition> tasks;
  for (const ConfigNode& item : list.items()) {
    SMELT_ASSIGN(TaskDefinition task, ReadTask(item, retries, nothing));
    tasks.push_back(std::move(task));
  }
  return internal::SortTasks(std::move(tasks));
}

/// The pipeline files of a folder, ascending; a missing folder has none.
Result<std::vector<std::filesystem::path>> PipelineFiles(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (std::ranges::find(kExtensions, entry->path().extension()) != kExtensions.end()) files.push_back(entry->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) return Fail(FileError(error.value(), "list", folder));
  std::ranges::sort(files);
  return files;
}

Result<Pipeline> ReadPipeline(const ConfigNode& root) {
  SMELT_TRY(RequireMap(root, "a pipeline", kPipelineKeys));
  Pipeline pipeline;
  pipeline.file = root.file();
  SMELT_ASSIGN(pipeline.name, ReadName(root));
  SMELT_ASSIGN(pipeline.description, root.StringOr("description", ""));
  SMELT_TRY(internal::ReadSchedule(root, pipeline));
  SMELT_ASSIGN(pipeline.timeout_ms, ReadDuration(root, "timeout", 0));
  SMELT_ASSIGN(pipeline.sla_ms, ReadSla(root));
  SMELT_ASSIGN(const std::int64_t concurrency, ReadInt(root, "concurrency", pipeline.concurrency, 1, kConcurrencyMax));
  pipeline.concurrency = static_cast<int>(concurrency);
  if (const auto vars = root.Find("vars")) {
    if (!vars->is_map()) {
      return Fail(vars->ErrorHere(ErrorCode::kConfigValueInvalid, "'vars' must be a map of names and values"));
    }
    pipeline.vars = vars->ToJson();
  }
  SMELT_ASSIGN(pipeline.params, internal::ReadParams(root));
  SMELT_ASSIGN(const RetrySettings retries, ReadRetries(root, {}));
  if (const auto keep = root.Find("keep")) {
    SMELT_TRY(internal::ReadKeep(root, *keep, retries, pipeline));
  } else {
    SMELT_ASSIGN(pipeline.tasks, ReadTasks(root, retries));
  }
  SMELT_TRY(internal::CheckNames(pipeline));
  return pipeline;
}

}  // namespace

std::string Pipeline::WhenText() const {
  if (fresher_than_ms > 0) return "tables fresher than " + IntervalText(fresher_than_ms * 1000);
  return timetable ? timetable->Describe() : "";
}

Result<Pipeline> ParsePipeline(std::string_view yaml, std::string file) {
  SMELT_ASSIGN(const ConfigNode root, ConfigNode::ParseYaml(yaml, std::move(file)));
  SMELT_ASSIGN(Pipeline pipeline, ReadPipeline(root));
  pipeline.content = yaml;
  return pipeline;
}

Result<Pipeline> LoadPipeline(const std::string& path) {
  SMELT_ASSIGN(const std::string content, ReadWholeFile(path));
  SMELT_ASSIGN(const ConfigNode root, ConfigNode::ParseYaml(content, path));
  SMELT_ASSIGN(Pipeline pipeline, ReadPipeline(root));
  pipeline.content = content;
  const std::string stem = std::filesystem::path(path).stem().string();
  if (pipeline.name == stem) return pipeline;
  return Fail(root.Find("name")
                  ->ErrorHere(ErrorCode::kConfigValueInvalid,
                              fmt::format("the pipeline is named '{}' but its file '{}'", pipeline.name, stem))
                  .Hint("give both the same name, so that it is found by it"));
}

Result<Pipeline> FindPipeline(const std::string& folder, std::string_view name) {
  SMELT_ASSIGN(const std::vector<std::filesystem::path> files, PipelineFiles(folder));
  std::vector<std::string> stems;
  for (const std::filesystem::path& file : files) {
    if (file.stem() == name) return LoadPipeline(file.string());
    stems.push_back(file.stem().string());
  }
  const std::string near = NearestWord(name, {stems.begin(), stems.end()});
  Error error(ErrorCode::kPipelineNotFound, fmt::format("there is no pipeline '{}' in {}", name, folder));
  if (stems.empty()) return Fail(std::move(error).Hint("check --project-dir: the folder holds no pipeline"));
  if (!near.empty()) return Fail(std::move(error).Hint(fmt::format("did you mean '{}'?", near)));
  return Fail(std::move(error).Hint(fmt::format("its pipelines are: {}", fmt::join(stems, ", "))));
}

Result<Pipeline> SelectTask(const Pipeline& pipeline, std::string_view task) {
  const auto found = std::ranges::find(pipeline.tasks, task, &TaskDefinition::name);
  if (found == pipeline.tasks.end()) {
    std::vector<std::string_view> names;
    for (const TaskDefinition& one : pipeline.tasks) names.push_back(one.name);
    const std::string near = NearestWord(task, names);
    return Fail(Error(ErrorCode::kUsage, fmt::format("the pipeline '{}' has no task '{}'", pipeline.name, task))
                    .Hint(near.empty() ? fmt::format("its tasks are: {}", fmt::join(names, ", "))
                                       : fmt::format("did you mean '{}'?", near)));
  }
  Pipeline single = pipeline;
  single.name = fmt::format("{}.{}", pipeline.name, task);
  single.timetable.reset();
  single.schedule.clear();
  single.every_ms = 0;
  single.events.clear();
  single.http.reset();
  single.sla_ms = 0;
  single.fresher_than_ms = 0;
  single.tasks = {*found};
  single.tasks.front().needs.clear();
  single.tasks.front().trigger_rule = TriggerRule::kAllSuccess;
  single.tasks.front().retries.policy.attempts_max = 1;
  return single;
}

Result<std::vector<std::string>> ListPipelineFiles(const std::string& folder) {
  SMELT_ASSIGN(const std::vector<std::filesystem::path> files, PipelineFiles(folder));
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files) names.push_back(file.string());
  return names;
}

Result<std::vector<Pipeline>> LoadPipelines(const std::string& folder) {
  SMELT_ASSIGN(const std::vector<std::filesystem::path> files, PipelineFiles(folder));
  std::vector<Pipeline> pipelines;
  for (const std::filesystem::path& file : files) {
    SMELT_ASSIGN(Pipeline pipeline, LoadPipeline(file.string()));
    pipelines.push_back(std::move(pipeline));
  }
  return pipelines;
}

}  // namespace smelt::pipeline
