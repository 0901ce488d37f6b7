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

/// A test or check that runs shorter than this is not shown while it runs: it would only flicker.
constexpr double kTestShownAfter = 0.3;

int FrameOf(double seconds) {
  return static_cast<int>(std::fmod(std::max(seconds, 0.0) * kFrameRate, 1e6));
}

/// Whether there is nothing to tell of a task but that nothing had changed.
bool IsIdle(const TaskReport& report) {
  return report.idle() && report.attempts <= 1 && report.reused_from.empty();
}

/// Whether the steps of a task say nothing that its own line does not.
bool IsWhole(const TaskReport& report, const FoldedSteps& folded) {
  if (folded.rows.size() > 1) return false;
  return report.status == TaskStatus::kDone && folded.counts == kNoCounts && folded.tests_held == 0;
}

/// Whether the steps of a failed task have said already why it failed.
bool ToldBySteps(const TaskReport& report) {
  if (report.error->code() == ErrorCode::kPipelineGate) return true;
  return std::ranges::any_of(report.outcome.steps, [&](const StepResult& step) {
    return step.status == StepStatus::kFailed && step.message.find(report.error->message()) != std::string::npos;
  });
}

std::vector<std::string> VerdictsOf(const TaskReport& report, const FoldedSteps& folded) {
  if (report.attempts > 1 && Succeeded(report.status))
    return {fmt::format("ok, attempt {}", report.attempts), fmt::format("attempt {}", report.attempts)};
  switch (report.status) {
    case TaskStatus::kDone:
      if (folded.tests_held == 0) return {"ok"};
      return {"ok, " + Counted(folded.tests_held, "test"), Counted(folded.tests_held, "test"), "ok"};
    case TaskStatus::kNothing: return {"up to date", "unchanged"};
    case TaskStatus::kWarned: return {"warning"};
    default: return {std::string(state::TaskStatusText(report.status))};
  }
}

/// What a task without rows did, in a few words.
std::string SummaryOf(const TaskReport& report, const FoldedSteps& folded) {
  if (folded.suites_held > 0) {
    if (folded.checks_held == 0) return Counted(folded.suites_held, "suite");
    return fmt::format("{}, {} hold", Counted(folded.suites_held, "suite"), Counted(folded.checks_held, "check"));
  }
  return IsWhole(report, folded) && !folded.rows.empty() ? folded.rows[0].step.message : "";
}

/// A message with templates is left out: their values are known where the task runs. `smelt pipeline show` has them.
std::string QuestionText(const pipeline::TaskDefinition& task, std::string_view run_id) {
  if (task.type != "approval") return {};
  const std::string command = fmt::format("`smelt pipeline approve {} {}`", run_id, task.name);
  const auto message = task.with.Find("message");
  const std::string text = message ? message->AsString().value_or("") : "";
  return text.empty() || text.find("{{") != std::string::npos ? command : text + "\n" + command;
}

}  // namespace

std::vector<std::string> DrawTaskEnd(const TaskReport& report, const Look& look) {
  const FoldedSteps folded = FoldSteps(report.outcome.steps);
  ProgressLine line{.status = report.status, .name = report.name};
  if (report.status == TaskStatus::kSkipped) {
    line.note = "skipped: " + report.skipped_because;
  } else if (!report.reused_from.empty()) {
    line.note = "done earlier";
  } else {
    line.time = report.attempts > 0 ? FormatSeconds(report.seconds) : "";
    line.verdicts = VerdictsOf(report, folded);
    line.note = SummaryOf(report, folded);
    line.counts = folded.counts;
  }
  std::vector<std::string> lines = {DrawLine(line, look)};
  if (report.error && report.status == TaskStatus::kFailed) {
    if (ToldBySteps(report)) {
      const bool told = std::ranges::any_of(report.outcome.steps, [&](const StepResult& step) {
        return step.message.find(report.error->hint()) != std::string::npos;
      });
      if (!told) {
        Append(lines, DrawMessage("hint: " + report.error->hint(), 0, Tone::kBad, look));
      }
    } else {
      Append(lines, DrawMessage(report.error->ToString(), 0, Tone::kBad, look));
    }
  }
  return lines;
}

void ProgressTree::Plan(const pipeline::Pipeline& pipeline, std::string_view run_id) {
  for (const pipeline::TaskDefinition& task : pipeline.tasks) {
    tasks_.push_back({.name = task.name, .needs = task.needs, .question = QuestionText(task, run_id)});
  }
}

std::vector<std::string> ProgressTree::QuestionOf(std::string_view name, const Look& look) const {
  const auto task = std::ranges::find(tasks_, name, &Task::name);
  if (task == tasks_.end() || task->question.empty()) return {};
  return DrawMessage(task->question, 0, Tone::kAccent, look);
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

void ProgressTree::StepStarted(std::string_view task, std::string_view step, std::string_view kind, double now) {
  Step& started = FindStep(FindTask(task), step, now);
  started.kind = kind;
  started.began = now;
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

std::vector<std::string> ProgressTree::TakeFinal(const Look& look, bool ended) {
  std::vector<std::string> lines;
  for (StepResult& step : std::exchange(loose_finished_, {})) {
    const bool held = step.status == StepStatus::kDone || step.status == StepStatus::kNothing;
    const bool counted = held || step.status == StepStatus::kSkipped;
    if ((step.status == StepStatus::kNothing && !IsDescribedStep(step)) || (IsTestStep(step) && counted)) continue;
    Append(lines, DrawStep({.step = std::move(step)}, 0, {}, look));
  }
  for (; final_tasks_ < tasks_.size() && tasks_[final_tasks_].report; ++final_tasks_) {
    const Task& task = tasks_[final_tasks_];
    if (IsIdle(*task.report)) {
      idle_.push_back(*task.report);
      continue;
    }
    FlushIdle(look, lines);
    DrawFinished(task, look, lines);
  }
  if (ended && header_given_) FlushIdle(look, lines);
  if (!lines.empty() && !std::exchange(header_given_, true)) lines.insert(lines.begin(), DrawHeader(look));
  return lines;
}

/// Gives out the tasks that found nothing to do: those with something to tell one by one, the others in one line.
void ProgressTree::FlushIdle(const Look& look, std::vector<std::string>& lines) {
  std::vector<std::string> names;
  for (const TaskReport& report : std::exchange(idle_, {})) {
    const std::vector<StepResult>& steps = report.outcome.steps;
    const bool says_why = steps.size() == 1 && !steps[0].message.empty();
    if (says_why || FoldSteps(steps).checks_held > 0) {
      Append(lines, DrawTaskEnd(report, look));
    } else {
      names.push_back(report.name);
    }
  }
  if (names.empty()) return;
  const ProgressLine line{
      .status = TaskStatus::kNothing, .name = fmt::format("{}", fmt::join(names, ", ")), .note = "up to date"};
  lines.push_back(DrawLine(line, look));
}

void ProgressTree::DrawFinished(const Task& task, const Look& look, std::vector<std::string>& lines) const {
  const TaskReport& report = *task.report;
  const FoldedSteps folded = FoldSteps(report.outcome.steps);
  std::vector<std::string> end = DrawTaskEnd(report, look);
  lines.push_back(std::move(end.front()));
  if (report.reused_from.empty() && !IsWhole(report, folded)) {
    for (const FoldedStep& row : folded.rows) Append(lines, DrawStep(row, kStepIndent, report.name, look));
    if (folded.skipped > 0 && report.status != TaskStatus::kInterrupted) {
      lines.push_back(DrawLine({.status = TaskStatus::kSkipped,
                                .indent = kStepIndent,
                                .name = fmt::format("{} skipped", FormatCount(folded.skipped)),
                                .note = folded.skipped_because},
                               look));
    }
    if (folded.up_to_date > 0 && !IsIdle(report)) {
      lines.push_back(DrawLine({.status = TaskStatus::kNothing,
                                .indent = kStepIndent,
                                .name = fmt::format("{} more", FormatCount(folded.up_to_date)),
                                .note = "up to date"},
                               look));
    }
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
  if (!idle_.empty() && final_tasks_ < tasks_.size()) {
    const std::string name = fmt::format("{} up to date", Counted(static_cast<std::int64_t>(idle_.size()), "task"));
    lines.push_back({Role::kFinishedStep, DrawLine({.status = TaskStatus::kNothing, .name = name}, look)});
  }
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
  if (!header_given_ && !lines.empty()) lines.insert(lines.begin(), {Role::kFinishedStep, DrawHeader(look)});

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
      if (task.attempt > 1) line.note = fmt::format("attempt {}", task.attempt);
      if (!task.question.empty()) line.note = "waits for approval";
    } else if (task.retry_error) {
      line.note = fmt::format("attempt {} in {:.0f} s", task.attempt, std::ceil(std::max(0.0, task.retry_at - now)));
    } else {
      line.note = task.needs.empty() ? "" : fmt::format("after {}", task.needs.back());
    }
    lines.push_back({task.running || task.retry_error ? Role::kRunning : Role::kWaiting, DrawLine(line, look)});
    if (task.retry_error) {
      const std::string text = TruncateMiddle(OneLine(task.retry_error->message()), look.width - 5, look.unicode);
      lines.push_back({Role::kRunning, "   " + Paint(text, Tone::kWarn, look.color)});
      return;
    }
  }
  if (task.running && !task.question.empty()) {
    for (std::string& text : QuestionOf(task.name, look)) lines.push_back({Role::kRunning, std::move(text)});
  }
  DrawSteps(task, look, now, lines);
}

/// The steps of a task that runs: those that are finished, folded, then those at work.
void ProgressTree::DrawSteps(const Task& task, const Look& look, double now, std::vector<RoleLine>& lines) const {
  const int indent = task.name.empty() ? 0 : kStepIndent;
  std::vector<StepResult> finished;
  for (const Step& step : task.steps) {
    if (!step.running) finished.push_back(step.result);
  }
  const FoldedSteps folded = FoldSteps(finished);
  for (const FoldedStep& row : folded.rows) {
    for (std::string& text : DrawStep(row, indent, task.name, look)) {
      lines.push_back({Role::kFinishedStep, std::move(text)});
    }
  }
  for (const Step& step : task.steps) {
    const double seconds = now - step.began;
    if (!step.running || (step.kind.ends_with("test") && seconds < kTestShownAfter)) continue;
    ProgressLine line{.indent = indent,
                      .frame = FrameOf(seconds),
                      .name = step.name,
                      .prefix = PrefixOf(step.name, task.name),
                      .note = DrawShare(step.done, step.total, step.unit, look.unicode),
                      .short_note = DrawShare(step.done, step.total, step.unit),
                      .time = FormatSeconds(seconds)};
    if (const std::string rate = RateOf(step.done, seconds, step.unit); !rate.empty()) line.verdicts = {rate};
    lines.push_back({Role::kRunning, DrawLine(line, look)});
  }
}

}  // namespace smelt::app
