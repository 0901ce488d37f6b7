#include "app/internal/terminal/progress_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using pipeline::TaskReport;
using state::TaskStatus;

constexpr int kStepIndent = 2;
/// Frames of the spinner per second.
constexpr double kFrameRate = 12;

std::string RateOf(std::int64_t done, double seconds, std::string_view unit) {
  constexpr double kShortest = 0.05;  // below, a rate says more about the clock than about the work
  return done > 0 && seconds >= kShortest ? FormatRate(static_cast<double>(done) / seconds, unit) : "";
}

int FrameOf(double seconds) {
  return static_cast<int>(std::fmod(std::max(seconds, 0.0) * kFrameRate, 1e6));
}

/// Whether the one step of a task says all that there is to say.
bool IsWhole(const TaskReport& report) {
  return report.outcome.steps.size() == 1 && report.outcome.steps[0].name == report.name;
}

/// Whether the steps of a failed task have said already why it failed.
bool ToldBySteps(const TaskReport& report) {
  if (report.error->code() == ErrorCode::kPipelineGate) return true;
  return std::ranges::any_of(report.outcome.steps, [&](const StepResult& step) {
    return step.status == StepStatus::kFailed && step.message.find(report.error->message()) != std::string::npos;
  });
}

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(lines));
}

}  // namespace

std::vector<std::string> DrawStep(const StepResult& step, int indent, const Look& look) {
  ProgressLine line;
  line.status = StatusOf(step.status);
  line.indent = indent;
  line.name = step.name;
  line.amount = AmountOf(step);
  line.rate = RateOf(step.rows_out, step.seconds, "rows");
  line.time = step.status == StepStatus::kSkipped ? "" : FormatSeconds(step.seconds);
  std::vector<std::string> lines = {DrawLine(line, look)};
  if (step.status == StepStatus::kFailed) Append(lines, DrawMessage(step.message, indent + 2, Tone::kBad, look));
  if (step.status == StepStatus::kWarned) Append(lines, DrawMessage(step.message, indent + 2, Tone::kWarn, look));
  if (step.rows_quarantined > 0) {
    const std::string text =
        fmt::format("{} row{} quarantined", FormatCount(step.rows_quarantined), step.rows_quarantined == 1 ? "" : "s");
    Append(lines, DrawMessage(text, indent + 2, Tone::kWarn, look));
  }
  return lines;
}

std::vector<std::string> DrawTaskEnd(const TaskReport& report, const Look& look) {
  ProgressLine line;
  line.status = report.status;
  line.name = report.name;
  line.time = report.attempts > 0 ? FormatSeconds(report.seconds) : "";
  if (report.status == TaskStatus::kSkipped) {
    line.amount = "skipped: " + report.skipped_because;
  } else if (!report.reused_from.empty()) {
    line.amount = "done earlier";
  } else if (report.status == TaskStatus::kNothing) {
    line.amount = "up to date";
  } else if (IsWhole(report)) {
    line.amount = AmountOf(report.outcome.steps[0]);
  } else if (report.outcome.rows_out >= 0) {
    line.amount = FormatCount(report.outcome.rows_out) + " rows";
    line.rate = RateOf(report.outcome.rows_out, report.seconds, "rows");
  }
  std::vector<std::string> lines = {DrawLine(line, look)};
  if (report.error && report.status == TaskStatus::kFailed) {
    if (ToldBySteps(report)) {
      if (!report.error->hint().empty()) {
        Append(lines, DrawMessage("hint: " + report.error->hint(), 0, Tone::kBad, look));
      }
    } else {
      Append(lines, DrawMessage(report.error->ToString(), 0, Tone::kBad, look));
    }
  }
  return lines;
}

void ProgressTree::Plan(const pipeline::Pipeline& pipeline) {
  for (const pipeline::TaskDefinition& task : pipeline.tasks)
    tasks_.push_back({.name = task.name, .needs = task.needs});
}

void ProgressTree::TaskStarted(std::string_view name, int attempt, double now) {
  Task& task = FindTask(name);
  task.running = true;
  task.attempt = attempt;
  task.began = now;
  task.retry_error.reset();
  task.steps.clear();
}

void ProgressTree::TaskRetrying(std::string_view name, int next_attempt, double at, const Error& error) {
  Task& task = FindTask(name);
  task.running = false;
  task.attempt = next_attempt;
  task.retry_at = at;
  task.retry_error = error;
}

void ProgressTree::TaskFinished(const TaskReport& report) {
  Task& task = FindTask(report.name);
  task.running = false;
  task.report = report;
}

void ProgressTree::StepStarted(std::string_view task, std::string_view step, double now) {
  FindStep(FindTask(task), step, now).began = now;
}

void ProgressTree::StepProgress(std::string_view task, std::string_view name, std::int64_t done, std::int64_t total,
                                std::string_view unit) {
  for (Step& step : FindTask(task).steps) {
    if (step.name != name || !step.running) continue;
    step.done = done;
    step.total = total;
    step.unit = unit;
  }
}

void ProgressTree::StepFinished(std::string_view task_name, const StepResult& result, double now) {
  Task& task = FindTask(task_name);
  Step& step = FindStep(task, result.name, now);
  if (task_name.empty()) {
    loose_finished_.push_back(result);
    std::erase_if(task.steps, [&](const Step& other) { return other.name == result.name; });
    return;
  }
  step.running = false;
  step.result = result;
}

ProgressTree::Task& ProgressTree::FindTask(std::string_view name) {
  if (name.empty()) return loose_;
  const auto task = std::ranges::find(tasks_, name, &Task::name);
  if (task != tasks_.end()) return *task;
  return tasks_.emplace_back(Task{.name = std::string(name)});
}

/// The running step of that name, or a new one.
ProgressTree::Step& ProgressTree::FindStep(Task& task, std::string_view name, double now) {
  for (Step& step : task.steps) {
    if (step.running && step.name == name) return step;
  }
  return task.steps.emplace_back(Step{.name = std::string(name), .began = now});
}

std::vector<std::string> ProgressTree::TakeFinal(const Look& look) {
  std::vector<std::string> lines;
  for (const StepResult& step : std::exchange(loose_finished_, {})) Append(lines, DrawStep(step, 0, look));
  for (; final_tasks_ < tasks_.size() && tasks_[final_tasks_].report; ++final_tasks_) {
    DrawFinished(tasks_[final_tasks_], look, lines);
  }
  return lines;
}

void ProgressTree::DrawFinished(const Task& task, const Look& look, std::vector<std::string>& lines) const {
  const TaskReport& report = *task.report;
  std::vector<std::string> end = DrawTaskEnd(report, look);
  lines.push_back(std::move(end.front()));
  const bool show_steps = report.reused_from.empty() && !(IsWhole(report) && report.status == TaskStatus::kDone);
  if (show_steps) {
    for (const StepResult& step : report.outcome.steps) Append(lines, DrawStep(step, kStepIndent, look));
  }
  std::move(end.begin() + 1, end.end(), std::back_inserter(lines));
}

/// Takes out the last of the waiting lines, `excess` and one more, and says at the end how many there are.
void ProgressTree::SumUpWaiting(std::vector<RoleLine>& lines, int excess, const Look& look) {
  int hidden = 0;
  for (auto line = lines.end(); line != lines.begin() && hidden <= excess;) {
    if ((--line)->role != Role::kWaiting) continue;
    line = lines.erase(line);
    ++hidden;
  }
  if (hidden == 0) return;
  const ProgressLine more{.waiting = true, .name = fmt::format("{} more to come", hidden)};
  lines.push_back({Role::kWaiting, DrawLine(more, look)});
}

std::vector<std::string> ProgressTree::Live(const Look& look, int rows, double now) const {
  std::vector<RoleLine> lines;
  for (std::size_t i = final_tasks_; i < tasks_.size(); ++i) {
    if (!tasks_[i].report) {
      DrawUnfinished(tasks_[i], look, now, lines);
      continue;
    }
    std::vector<std::string> finished;
    DrawFinished(tasks_[i], look, finished);
    for (std::string& line : finished) lines.push_back({Role::kFinishedStep, std::move(line)});
  }
  DrawUnfinished(loose_, look, now, lines);

  const auto excess = [&] { return static_cast<int>(lines.size()) - std::max(rows, 1); };
  for (auto line = lines.begin(); line != lines.end() && excess() > 0;) {
    line = line->role == Role::kFinishedStep ? lines.erase(line) : line + 1;
  }
  if (excess() > 0) SumUpWaiting(lines, excess(), look);
  if (excess() > 0) lines.resize(static_cast<std::size_t>(std::max(rows, 1)));
  std::vector<std::string> texts;
  for (RoleLine& line : lines) texts.push_back(std::move(line.text));
  return texts;
}

void ProgressTree::DrawUnfinished(const Task& task, const Look& look, double now, std::vector<RoleLine>& lines) const {
  if (!task.name.empty()) {
    ProgressLine line{.waiting = !task.running, .frame = FrameOf(now - task.began), .name = task.name};
    if (task.running) {
      line.time = FormatSeconds(now - task.began);
      if (task.attempt > 1) line.amount = fmt::format("attempt {}", task.attempt);
    } else if (task.retry_error) {
      line.amount = fmt::format("attempt {} in {:.0f} s", task.attempt, std::ceil(std::max(0.0, task.retry_at - now)));
    } else {
      line.amount = task.needs.empty() ? "" : fmt::format("after {}", task.needs.back());
    }
    lines.push_back({task.running || task.retry_error ? Role::kRunning : Role::kWaiting, DrawLine(line, look)});
    if (task.retry_error) {
      const std::string text = TruncateMiddle(OneLine(task.retry_error->message()), look.width - 5, look.unicode);
      lines.push_back({Role::kRunning, "   " + Paint(text, Tone::kWarn, look.color)});
      return;
    }
  }
  const int indent = task.name.empty() ? 0 : kStepIndent;
  for (const Step& step : task.steps) {
    if (!step.running) {
      for (std::string& text : DrawStep(step.result, indent, look))
        lines.push_back({Role::kFinishedStep, std::move(text)});
      continue;
    }
    const double seconds = now - step.began;
    const ProgressLine line{.indent = indent,
                            .frame = FrameOf(seconds),
                            .name = step.name,
                            .amount = AmountOf(step.done, step.total, step.unit, look.unicode),
                            .rate = RateOf(step.done, seconds, step.unit),
                            .time = FormatSeconds(seconds)};
    lines.push_back({Role::kRunning, DrawLine(line, look)});
  }
}

}  // namespace smelt::app
