#include "app/internal/terminal/progress_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ranges>
#include <utility>

#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "base/file_descriptor.h"

namespace smelt::app {
namespace {

/// 15 pictures a second: smooth to the eye, nothing to the processor.
constexpr std::chrono::milliseconds kTick{67};
constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kEraseLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

}  // namespace

ProgressOptions ProgressTo(int descriptor, bool json) {
  ProgressOptions options;
  options.terminal = DescribeTerminal(descriptor);
  options.style = json                           ? ProgressStyle::kJson
                  : options.terminal.interactive ? ProgressStyle::kLive
                                                 : ProgressStyle::kPlain;
  options.write = [descriptor](std::string_view text) { WriteAll(descriptor, text); };
  options.screen_size = [descriptor] { return ReadScreenSize(descriptor); };
  options.clock = MonotonicSeconds;
  return options;
}

/// The steps of one task, on their way to the view.
class ProgressView::TaskSteps : public RunObserver {
 public:
  TaskSteps(ProgressView& view, std::string task) : view_(view), task_(std::move(task)) {}
  void StepStarted(std::string_view name, std::string_view kind) override { view_.OnStepStarted(task_, name, kind); }
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override {
    view_.OnStepProgress(task_, name, done, total, unit);
  }
  void StepFinished(const StepResult& result) override { view_.OnStepFinished(task_, result); }

 private:
  ProgressView& view_;
  const std::string task_;
};

ProgressView::ProgressView(ProgressOptions options) : options_(std::move(options)) {
  if (options_.style != ProgressStyle::kLive || !options_.animate) return;
  ticker_ = std::jthread([this](std::stop_token stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      DrawLocked();
      wake_.wait_for(lock, stop, kTick, [] { return false; });
    }
  });
}

ProgressView::~ProgressView() {
  Stop();
}

void ProgressView::Stop() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  const std::lock_guard guard(mutex_);
  if (stopped_) return;
  ended_ = true;
  DrawLocked();
  WriteFinal();
  stopped_ = true;
  if (cursor_hidden_) options_.write(kShowCursor);
}

void ProgressView::Draw() {
  const std::lock_guard guard(mutex_);
  DrawLocked();
}

void ProgressView::Print(std::string_view text) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) return WriteJson("printed", {}, {{"text", text}});
  if (options_.style != ProgressStyle::kLive || stopped_) return options_.write(std::string(text) + "\n");
  for (const auto line : std::views::split(text, '\n')) {
    printed_.push_back(OneLine(std::string_view(line.begin(), line.end())));
  }
}

void ProgressView::DrawLocked() {
  if (options_.style != ProgressStyle::kLive || stopped_) return;
  const ScreenSize size = options_.screen_size();
  const Look look = LookNow(size.columns);
  std::vector<std::string> final_lines = std::exchange(printed_, {});
  std::ranges::move(tree_.TakeFinal(look, ended_), std::back_inserter(final_lines));
  const std::vector<std::string> live_lines = tree_.Live(look, size.rows - 1, options_.clock());
  if (final_lines.empty() && live_lines.empty() && drawn_widths_.empty()) return;

  std::string text;
  if (!std::exchange(cursor_hidden_, true)) text += kHideCursor;
  // A window that has become narrower has wrapped what was drawn in it before.
  int rows_up = 0;
  for (const int width : drawn_widths_) rows_up += std::max(1, (width + size.columns - 1) / size.columns);
  if (rows_up > 0) text += fmt::format("\r\x1b[{}A", rows_up);
  drawn_widths_.clear();
  for (const std::string& line : final_lines) text += line + std::string(kEraseLine) + "\n";
  for (const std::string& line : live_lines) {
    text += line + std::string(kEraseLine) + "\n";
    drawn_widths_.push_back(DisplayWidth(line));
  }
  text += kEraseBelow;
  options_.write(text);
}

void ProgressView::RunStarted(std::string_view run_id, const pipeline::Pipeline& pipeline,
                              std::string_view resumed_from) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) {
    Json fields = {{"run_id", run_id}, {"pipeline", pipeline.name}};
    if (!resumed_from.empty()) fields["resumed_from"] = resumed_from;
    return WriteJson("run_started", {}, fields);
  }
  tree_.Plan(pipeline, run_id);
}

void ProgressView::TaskStarted(std::string_view task, std::string_view type, int attempt) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) {
    return WriteJson("task_started", task, {{"type", type}, {"attempt", attempt}});
  }
  tree_.TaskStarted(task, attempt, options_.clock());
  if (options_.style != ProgressStyle::kPlain || type != "approval") return;
  const Look look = LookNow(options_.terminal.size.columns);
  WriteLines({DrawLine({.waiting = true, .name = std::string(task), .note = "waits for approval"}, look)});
  WriteLines(tree_.QuestionOf(task, look));
}

void ProgressView::TaskRetrying(std::string_view task, int next_attempt, std::int64_t delay_ms, const Error& error) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) {
    return WriteJson("task_retrying", task,
                     {{"next_attempt", next_attempt}, {"delay_ms", delay_ms}, {"error", pipeline::ToJson(error)}});
  }
  const double delay = static_cast<double>(delay_ms) / 1000;
  tree_.TaskRetrying(task, next_attempt, options_.clock() + delay, error);
  if (options_.style == ProgressStyle::kPlain) {
    const Look look = LookNow(options_.terminal.size.columns);
    const ProgressLine line{.waiting = true,
                            .name = std::string(task),
                            .note = fmt::format("attempt {} in {}", next_attempt, FormatSeconds(delay))};
    WriteLines({DrawLine(line, look)});
    WriteLines(DrawMessage(error.ToString(), 0, Tone::kPlain, look));
  }
}

void ProgressView::TaskFinished(const pipeline::TaskReport& report) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) {
    return WriteJson("task_finished", report.name, pipeline::ToJson(report));
  }
  tree_.TaskFinished(report);
  WriteFinal();
}

void ProgressView::RunFinished(const pipeline::RunReport& report) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) WriteJson("run_finished", {}, pipeline::ToJson(report));
}

void ProgressView::SlaMissed(std::string_view task, std::int64_t due_us) {
  const std::string due = FormatUtcMicros(due_us);
  if (options_.style == ProgressStyle::kJson) {
    const std::lock_guard guard(mutex_);
    return WriteJson("sla_missed", task, {{"due_at", due}});
  }
  const std::string what = task.empty() ? "the run" : fmt::format("'{}'", task);
  if (options_.style != ProgressStyle::kSilent) {
    Print(fmt::format("{} should have ended by {}Z (sla)", what, due.substr(0, due.find('.'))));
  }
}

RunObserver& ProgressView::StepsOf(std::string_view task) {
  const std::lock_guard guard(mutex_);
  const auto found = steps_of_.find(task);
  if (found != steps_of_.end()) return *found->second;
  const std::string name(task);
  return *steps_of_.emplace(name, std::make_unique<TaskSteps>(*this, name)).first->second;
}

void ProgressView::StepStarted(std::string_view name, std::string_view kind) {
  OnStepStarted({}, name, kind);
}

void ProgressView::StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) {
  OnStepProgress({}, name, done, total, unit);
}

void ProgressView::StepFinished(const StepResult& result) {
  OnStepFinished({}, result);
}

void ProgressView::OnStepStarted(std::string_view task, std::string_view name, std::string_view kind) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) {
    return WriteJson("step_started", task, {{"name", name}, {"kind", kind}});
  }
  tree_.StepStarted(task, name, kind, options_.clock());
}

void ProgressView::OnStepProgress(std::string_view task, std::string_view name, std::int64_t done, std::int64_t total,
                                  std::string_view unit) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) return;
  tree_.StepProgress(task, name, done, total, unit);
}

void ProgressView::OnStepFinished(std::string_view task, const StepResult& result) {
  const std::lock_guard guard(mutex_);
  if (options_.style == ProgressStyle::kJson) return WriteJson("step_finished", task, pipeline::ToJson(result));
  tree_.StepFinished(task, result, options_.clock());
  WriteFinal();
}

Look ProgressView::LookNow(int width) const {
  return {.width = width, .color = options_.terminal.color, .unicode = options_.terminal.unicode};
}

/// Elsewhere than on a terminal, lines are written as soon as they are final.
void ProgressView::WriteFinal() {
  if (options_.style != ProgressStyle::kPlain || stopped_) return;
  WriteLines(tree_.TakeFinal(LookNow(options_.terminal.size.columns), ended_));
}

void ProgressView::WriteLines(const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  options_.write(text);
}

void ProgressView::WriteJson(std::string_view event, std::string_view task, const Json& fields) {
  Json line = {{"event", event}};
  if (!task.empty()) line["task"] = task;
  line.update(fields);
  options_.write(JsonText(line) + "\n");
}

}  // namespace smelt::app
