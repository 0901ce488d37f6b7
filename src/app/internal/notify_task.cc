#include "app/internal/notify_task.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "notify/delivery.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;

/// Puts the run's id and its variables where their names stand in braces.
std::string FillIn(const std::string& text, const TaskContext& context) {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    const auto close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) return filled + text.substr(at);
    filled += text.substr(at, open - at);
    const std::string name = text.substr(open + 1, close - open - 1);
    const auto variable = context.vars.find(name);
    if (name == "run_id") {
      filled += context.run_id;
    } else if (variable != context.vars.end()) {
      filled += variable->is_string() ? variable->get<std::string>() : JsonText(*variable);
    } else {
      filled += text.substr(open, close - open + 1);
    }
    at = close + 1;
  }
  return filled;
}

constexpr std::size_t kAttachedBytesMax = 20UL << 20U;

std::string TypeOf(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".html") return "text/html";
  if (extension == ".pdf") return "application/pdf";
  if (extension == ".csv") return "text/csv";
  if (extension == ".xlsx") return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  return "application/octet-stream";
}

/// The files that go along, relative to the project. They may come from tasks before this one.
Result<std::vector<notify::Attachment>> AttachmentsOf(const ProjectConfig& project, const TaskContext& context) {
  std::vector<notify::Attachment> attachments;
  const auto node = context.with.Find("attach");
  if (!node) return attachments;
  SMELT_ASSIGN(const std::vector<std::string> names, node->AsStringList());
  std::size_t bytes = 0;
  for (const std::string& name : names) {
    const std::filesystem::path path = std::filesystem::path(project.dir) / FillIn(name, context);
    auto content = ReadWholeFile(path.string());
    if (!content) {
      return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid, "cannot attach: " + content.error().message())
                      .Hint("name a file that a task before this one writes, such as target/reports/NAME.pdf"));
    }
    bytes += content->size();
    if (bytes > kAttachedBytesMax) {
      return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid,
                                  fmt::format("what is attached is larger than {} MB", kAttachedBytesMax >> 20U))
                      .Hint("mail servers refuse larger messages; send a link instead"));
    }
    attachments.push_back({.name = path.filename().string(), .type = TypeOf(path), .content = std::move(*content)});
  }
  return attachments;
}

Result<notify::Alert> MessageOf(const ProjectConfig& project, const TaskContext& context) {
  SMELT_ASSIGN(const ConfigNode message, context.with.Require("message"));
  SMELT_ASSIGN(const std::string text, message.AsString());
  SMELT_ASSIGN(const std::string severity, context.with.StringOr("severity", "info"));
  notify::Alert alert;
  alert.id = NewUuid();
  alert.incident = NewUuid();
  alert.severity = notify::ParseSeverity(severity).value_or(notify::Severity::kInfo);
  alert.title = FillIn(text, context);
  alert.project = project.name;
  alert.run_id = context.run_id;
  alert.created_us = NowMicros();
  SMELT_ASSIGN(alert.attachments, AttachmentsOf(project, context));
  return alert;
}

Result<TaskOutcome> Notify(const ProjectConfig& project, const TaskContext& context) {
  SMELT_ASSIGN(const ConfigNode node, context.with.Require("channels"));
  SMELT_ASSIGN(const std::vector<std::string> names, node.AsStringList());
  SMELT_ASSIGN(const notify::Alert alert, MessageOf(project, context));
  TaskOutcome outcome;
  for (const std::string& name : names) {
    const notify::Channel* channel = project.notifications.Find(name);
    if (channel == nullptr) {
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("there is no channel '{}'", name))
                      .Hint("describe it under notifications.channels in smelt.yml"));
    }
    StepResult step;
    step.name = "channel " + name;
    step.kind = "notify";
    context.observer.StepStarted(step.name, step.kind);
    const double begin = MonotonicSeconds();
    const Status sent = notify::SendAlert(*channel, alert, context.stop);
    step.seconds = MonotonicSeconds() - begin;
    if (!sent) {
      step.status = StepStatus::kFailed;
      step.message = sent.error().ToString();
    }
    context.observer.StepFinished(step);
    if (!sent) return Fail(sent.error());
    outcome.steps.push_back(std::move(step));
  }
  return outcome;
}

}  // namespace

void RegisterNotifyTask(pipeline::TaskRegistry& registry, const ProjectConfig& project) {
  registry.Add({"notify",
                "Send a message over the project's notification channels",
                {{"channels", SettingKind::kTextList, "names of channels in smelt.yml", true},
                 {"message", SettingKind::kText, "what to say; {run_id} and {variable} are filled in", true},
                 {"attach", SettingKind::kTextList, "files of the project that go along by mail, 20 MB at most"},
                 {"severity", SettingKind::kText, "how bad it is", false, {"info", "warning", "error", "critical"}}},
                [&project](const TaskContext& context) { return Notify(project, context); }});
}

}  // namespace smelt::app
