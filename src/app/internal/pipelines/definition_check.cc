#include "app/internal/pipelines/definition_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "app/internal/pipelines/settings_check.h"
#include "base/config.h"

namespace smelt::app {
namespace {

using pipeline::Event;
using pipeline::Pipeline;
using pipeline::TaskDefinition;

/// The text of a setting, unless it is worked out when the task runs.
std::optional<std::string> FixedText(const TaskDefinition& task, std::string_view key) {
  const auto node = task.with.Find(key);
  if (!node) return std::nullopt;
  const auto text = node->AsString();
  if (!text || text->find("{{") != std::string::npos) return std::nullopt;
  return *text;
}

Status CheckPipelineName(const ConfigNode& node, const std::string& name, const std::string& folder) {
  SMELT_ASSIGN(const std::vector<std::string> files, pipeline::ListPipelineFiles(folder));
  std::vector<std::string> names;
  for (const std::string& file : files) names.push_back(std::filesystem::path(file).stem().string());
  if (std::ranges::find(names, name) != names.end()) return {};
  const std::string near = NearestWord(name, {names.begin(), names.end()});
  return Fail(node.ErrorHere(ErrorCode::kPipelineNotFound, fmt::format("there is no pipeline '{}' in {}", name, folder))
                  .Hint(near.empty() ? fmt::format("its pipelines are: {}", fmt::join(names, ", "))
                                     : fmt::format("did you mean '{}'?", near)));
}

Status CheckFile(const TaskDefinition& task, std::string_view key, const std::string& project_dir) {
  const auto name = FixedText(task, key);
  if (!name) return {};
  const std::filesystem::path path = (std::filesystem::path(project_dir) / *name).lexically_normal();
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return {};
  return Fail(
      task.with.Find(key)
          ->ErrorHere(ErrorCode::kConfigValueInvalid,
                      fmt::format("the task '{}' wants the file {}, which is not there", task.name, path.string()))
          .Hint(fmt::format("relative paths start at the project's folder, {}", project_dir)));
}

Status CheckEvents(const Pipeline& definition, const DefinitionPlace& place) {
  for (const Event& event : definition.events) {
    if (event.kind == Event::Kind::kPipeline) {
      SMELT_TRY(
          CheckPipelineName(event.place.Find("pipeline").value_or(event.place), event.target, place.project.pipelines));
    }
    if (event.kind != Event::Kind::kTable || place.sees_commits) continue;
    return Fail(event.place
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("commits to '{}' cannot be seen: the lake is in a bucket", event.target))
                    .Hint("use 'schedule', 'every' or the end of the pipeline that writes the table"));
  }
  return {};
}

/// Follows the tasks of type pipeline from one definition to the next; `path` leads to this one.
Status CheckParts(const Pipeline& definition, const std::string& folder, std::vector<std::string>& path) {
  path.push_back(definition.name);
  for (const TaskDefinition& task : definition.tasks) {
    const auto name = task.type == "pipeline" ? FixedText(task, "name") : std::nullopt;
    if (!name) continue;
    const ConfigNode node = *task.with.Find("name");
    SMELT_TRY(CheckPipelineName(node, *name, folder));
    if (const auto met = std::ranges::find(path, *name); met != path.end()) {
      return Fail(
          node.ErrorHere(ErrorCode::kPipelineGraph, fmt::format("the pipelines run each other in a circle: {} → {}",
                                                                fmt::join(met, path.end(), " → "), *name))
              .Hint("remove one of these tasks"));
    }
    SMELT_ASSIGN(const Pipeline part, pipeline::FindPipeline(folder, *name));
    SMELT_TRY(CheckParts(part, folder, path));
  }
  path.pop_back();
  return {};
}

Status CheckOne(const Pipeline& definition, const DefinitionPlace& place, SettingsCheck& settings) {
  SMELT_TRY(place.registry.Check(definition));
  SMELT_TRY(place.pools.Check(definition));
  SMELT_TRY(CheckEvents(definition, place));
  std::vector<std::string> path;
  SMELT_TRY(CheckParts(definition, place.project.pipelines, path));
  for (const TaskDefinition& task : definition.tasks) {
    if (task.type == "sql") SMELT_TRY(CheckFile(task, "file", place.project.dir));
    if (task.type == "python") SMELT_TRY(CheckFile(task, "script", place.project.dir));
  }
  return settings.Check(definition);
}

}  // namespace

Status CheckDefinition(const Pipeline& definition, const DefinitionPlace& place) {
  SettingsCheck settings(place.project);
  return CheckOne(definition, place, settings);
}

Status CheckDefinitions(const DefinitionPlace& place) {
  SMELT_ASSIGN(const auto pipelines, pipeline::LoadPipelines(place.project.pipelines));
  SettingsCheck settings(place.project);
  for (const Pipeline& definition : pipelines) SMELT_TRY(CheckOne(definition, place, settings));
  return {};
}

}  // namespace smelt::app
