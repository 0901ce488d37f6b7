#include "pipeline/task.h"

#include <fmt/format.h>

#include <algorithm>

namespace smelt::pipeline {
namespace {

/// Whether the value under a setting is of its kind.
Status CheckValue(const TaskSetting& setting, const ConfigNode& node) {
  switch (setting.kind) {
    case SettingKind::kText: {
      SMELT_ASSIGN(const std::string text, node.AsString());
      if (setting.required && text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is empty", setting.name))
                        .Hint(fmt::format("write {}", setting.summary)));
      }
      if (setting.choices.empty() || std::ranges::find(setting.choices, text) != setting.choices.end()) return {};
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no {}", text, setting.name))
                      .Hint(fmt::format("use one of: {}", fmt::join(setting.choices, ", "))));
    }
    case SettingKind::kTextList: SMELT_TRY(node.AsStringList()); return {};
    case SettingKind::kInteger: SMELT_TRY(node.AsInt()); return {};
    case SettingKind::kBoolean: SMELT_TRY(node.AsBool()); return {};
    case SettingKind::kDuration: SMELT_TRY(node.AsDurationMs()); return {};
    case SettingKind::kMap:
      if (node.is_map()) return {};
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' must be a map", setting.name))
                      .Hint(fmt::format("write `{}: {{name: value}}`", setting.name)));
  }
  return {};
}

Status CheckTask(const TaskDefinition& task, const TaskType& type) {
  std::vector<std::string_view> known;
  for (const TaskSetting& setting : type.settings) known.push_back(setting.name);
  if (known.empty() && !task.with.keys().empty()) {
    return Fail(
        task.with.ErrorHere(ErrorCode::kConfigKeyUnknown, fmt::format("tasks of type '{}' have no settings", type.name))
            .Hint("remove 'with'"));
  }
  SMELT_TRY(task.with.AllowKeys(known));
  for (const TaskSetting& setting : type.settings) {
    if (const auto node = task.with.Find(setting.name)) {
      SMELT_TRY(CheckValue(setting, *node));
    } else if (setting.required) {
      return Fail(
          task.place
              .ErrorHere(ErrorCode::kConfigKeyMissing, fmt::format("the task '{}' of type '{}' lacks the setting '{}'",
                                                                   task.name, type.name, setting.name))
              .Hint(fmt::format("add under 'with': {}: … ({})", setting.name, setting.summary)));
    }
  }
  return {};
}

}  // namespace

void TaskRegistry::Add(TaskType type) {
  SMELT_ASSERT(Find(type.name) == nullptr);
  types_.push_back(std::move(type));
}

const TaskType* TaskRegistry::Find(std::string_view name) const {
  const auto type = std::ranges::find(types_, name, &TaskType::name);
  return type == types_.end() ? nullptr : &*type;
}

Status TaskRegistry::Check(const Pipeline& pipeline) const {
  for (const TaskDefinition& task : pipeline.tasks) {
    if (const TaskType* type = Find(task.type)) {
      SMELT_TRY(CheckTask(task, *type));
      continue;
    }
    std::vector<std::string_view> names;
    for (const TaskType& type : types_) names.push_back(type.name);
    const std::string near = NearestWord(task.type, names);
    return Fail(task.place
                    .ErrorHere(ErrorCode::kPipelineTaskType,
                               fmt::format("the task '{}' has the unknown type '{}'", task.name, task.type))
                    .Hint(near.empty() ? fmt::format("the types are: {}", fmt::join(names, ", "))
                                       : fmt::format("did you mean '{}'?", near)));
  }
  return {};
}

}  // namespace smelt::pipeline
