#include "pipeline/internal/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/clock.h"

namespace smelt::pipeline::internal {
namespace {

constexpr std::array<std::string_view, 4> kRoots = {"vars", "params", "run", "tasks"};

Error At(const Error& error, const ConfigNode& node) {
  return Error(error).At(node.file(), node.line(), node.column());
}

/// Whether a task ends before another begins, walking up its needs.
bool EndsBefore(const Pipeline& pipeline, std::string_view early, const TaskDefinition& late) {
  std::set<std::string_view> wanted(late.needs.begin(), late.needs.end());
  // Tasks stand behind those they need: one walk from the back meets everything upstream.
  for (auto task = pipeline.tasks.rbegin(); task != pipeline.tasks.rend(); ++task) {
    if (!wanted.contains(task->name)) continue;
    if (task->name == early) return true;
    wanted.insert(task->needs.begin(), task->needs.end());
  }
  return false;
}

class NameCheck {
 public:
  explicit NameCheck(const Pipeline& pipeline) : pipeline_(pipeline) {}

  /// `has_item`: whether it is looked at for an item of the task.
  Status Check(const TaskDefinition& task, const ConfigNode& place, const Expression& expression,
               bool has_item = false) const {
    for (const std::string& name : expression.names()) {
      const bool is_item = name == "item" || name.starts_with("item.");
      if (is_item && has_item) continue;
      if (is_item) {
        return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' names nothing here", name))
                        .Hint("only the settings under 'with' of a task with 'for_each' know its item"));
      }
      SMELT_TRY(CheckName(task, place, name));
    }
    return {};
  }

  Status CheckForEach(const TaskDefinition& task) const {
    if (!task.for_each) return {};
    const ForEach& each = *task.for_each;
    if (each.expression) return Check(task, each.place, *each.expression);
    const auto expressions = FindExpressions(each.sql);
    if (!expressions) return Fail(At(expressions.error(), each.place));
    for (const Expression& expression : *expressions) SMELT_TRY(Check(task, each.place, expression));
    return {};
  }

  /// Every text of a task's settings.
  Status CheckTexts(const TaskDefinition& task, const ConfigNode& node) const {
    for (const ConfigNode& item : node.items()) SMELT_TRY(CheckTexts(task, item));
    for (const std::string& key : node.keys()) SMELT_TRY(CheckTexts(task, *node.Find(key)));
    if (node.kind() != ConfigNode::Kind::kScalar) return {};
    const auto text = node.AsString();
    if (!text || text->find("{{") == std::string::npos) return {};
    const auto expressions = FindExpressions(*text);
    if (!expressions) return Fail(At(expressions.error(), node));
    for (const Expression& expression : *expressions)
      SMELT_TRY(Check(task, node, expression, task.for_each.has_value()));
    return {};
  }

 private:
  Status CheckName(const TaskDefinition& task, const ConfigNode& place, const std::string& name) const {
    const std::size_t dot = name.find('.');
    const std::string_view root = std::string_view(name).substr(0, dot);
    const std::string_view rest = dot == std::string::npos ? "" : std::string_view(name).substr(dot + 1);
    if (std::ranges::find(kRoots, root) == kRoots.end()) {
      const std::string near = NearestWord(root, {kRoots.begin(), kRoots.end()});
      return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' names nothing", name))
                      .Hint(near.empty() ? "names begin with vars, params, run or tasks; texts stand in quotes"
                                         : fmt::format("did you mean '{}'?", near)));
    }
    if (root == "params" && !rest.empty()) return CheckParam(place, rest);
    if (root == "tasks") return CheckTask(task, place, rest);
    return {};
  }

  Status CheckParam(const ConfigNode& place, std::string_view rest) const {
    const std::string_view name = rest.substr(0, rest.find('.'));
    std::vector<std::string_view> known;
    for (const Param& param : pipeline_.params) known.push_back(param.name);
    if (std::ranges::find(known, name) != known.end()) return {};
    const std::string near = NearestWord(name, known);
    return Fail(place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the pipeline has no param '{}'", name))
                    .Hint(near.empty() ? "declare it under 'params'" : fmt::format("did you mean '{}'?", near)));
  }

  Status CheckTask(const TaskDefinition& task, const ConfigNode& place, std::string_view rest) const {
    std::vector<std::string_view> names;
    for (const TaskDefinition& other : pipeline_.tasks) names.push_back(other.name);
    const auto named = std::ranges::find_if(names, [&](std::string_view name) {
      return rest == name || (rest.starts_with(name) && rest.size() > name.size() && rest[name.size()] == '.');
    });
    if (named == names.end()) {
      const std::string near = NearestWord(rest.substr(0, rest.find('.')), names);
      return Fail(
          place.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'tasks.{}' names no task", rest))
              .Hint(near.empty() ? "write it as tasks.<name>.status" : fmt::format("did you mean '{}'?", near)));
    }
    if (EndsBefore(pipeline_, *named, task)) return {};
    return Fail(
        place
            .ErrorHere(ErrorCode::kConfigValueInvalid,
                       fmt::format("the task '{}' looks at '{}', which may not have ended by then", task.name, *named))
            .Hint(fmt::format("add '{}' to its 'needs'", *named)));
  }

  const Pipeline& pipeline_;
};

constexpr std::string_view kTasks = "tasks.";

/// Whether one of the names leads to a task: "tasks.load.rows_out" to 'load'.
bool IsNamed(const std::vector<std::string>& used, std::string_view task) {
  return std::ranges::any_of(used, [&](std::string_view name) {
    if (!name.starts_with(kTasks) || !name.substr(kTasks.size()).starts_with(task)) return false;
    const std::string_view rest = name.substr(kTasks.size() + task.size());
    return rest.empty() || rest.front() == '.';
  });
}

/// Every text in a value.
void CollectTexts(const Json& value, std::vector<std::string>& texts) {
  if (value.is_string()) texts.push_back(value.get<std::string>());
  if (!value.is_structured()) return;
  for (const Json& part : value) CollectTexts(part, texts);
}

bool HasExpression(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().find("{{") != std::string::npos;
  return value.is_structured() && std::ranges::any_of(value, HasExpression);
}

Result<Json> Render(const Json& value, const Json& names) {
  if (value.is_string()) {
    SMELT_ASSIGN(std::string text, RenderText(value.get_ref<const std::string&>(), names));
    return Json(std::move(text));
  }
  if (!value.is_structured()) return value;
  Json rendered = value;
  for (auto& item : rendered.items()) {
    SMELT_ASSIGN(item.value(), Render(item.value(), names));
  }
  return rendered;
}

}  // namespace

std::vector<std::string> UsedNames(const TaskDefinition& task) {
  std::vector<std::string> used;
  const auto add = [&used](const Expression& expression) {
    used.insert(used.end(), expression.names().begin(), expression.names().end());
  };
  if (task.when) add(*task.when);
  if (task.for_each && task.for_each->expression) add(*task.for_each->expression);
  std::vector<std::string> texts;
  if (task.for_each) texts.push_back(task.for_each->sql);
  if (!task.with.is_null()) CollectTexts(task.with.ToJson(), texts);
  for (const std::string& text : texts) {
    if (const auto expressions = FindExpressions(text)) std::ranges::for_each(*expressions, add);
  }
  return used;
}

Json NamesOfTask(std::string_view status, const TaskOutcome& outcome) {
  Json entry = {{"status", status},
                {"rows_in", outcome.rows_in},
                {"rows_out", outcome.rows_out},
                {"rows_quarantined", outcome.rows_quarantined},
                {"commits", outcome.commits}};
  for (const auto& [key, value] : outcome.details.items()) entry[key] = value;
  return entry;
}

Json NamesOf(const std::vector<std::string>& used, const RunReport& report, const Json& vars, const Json& known,
             std::int64_t scheduled_us, std::string_view triggered_by) {
  const std::int64_t at_us = scheduled_us > 0 ? scheduled_us : report.started_us;
  constexpr std::size_t kDateSize = 10;
  Json names = {{"vars", vars},
                {"params", vars},
                {"run",
                 {{"id", report.run_id},
                  {"pipeline", report.pipeline},
                  {"triggered_by", triggered_by},
                  {"scheduled_at", FormatUtcMicros(at_us)},
                  {"date", FormatUtcMicros(at_us).substr(0, kDateSize)}}},
                {"tasks", known}};
  const bool names_tasks = std::ranges::any_of(used, [](const auto& name) { return name.starts_with(kTasks); });
  if (!names_tasks) return names;
  for (const TaskReport& task : report.tasks) {
    if (task.status == state::TaskStatus::kRunning || !IsNamed(used, task.name)) continue;
    names["tasks"][task.name] = NamesOfTask(state::TaskStatusText(task.status), task.outcome);
  }
  return names;
}

Status CheckNames(const Pipeline& pipeline) {
  const NameCheck check(pipeline);
  for (const TaskDefinition& task : pipeline.tasks) {
    if (task.when) SMELT_TRY(check.Check(task, task.place.Find("when").value_or(task.place), *task.when));
    SMELT_TRY(check.CheckForEach(task));
    SMELT_TRY(check.CheckTexts(task, task.with));
  }
  return {};
}

Result<ConfigNode> RenderSettings(const ConfigNode& with, const Json& names) {
  if (with.is_null()) return with;
  const Json settings = with.ToJson();
  if (!HasExpression(settings)) return with;
  auto rendered = Render(settings, names);
  if (!rendered) return Fail(At(rendered.error(), with));
  return ConfigNode::ParseJsonText(JsonText(*rendered), with.file());
}

}  // namespace smelt::pipeline::internal
