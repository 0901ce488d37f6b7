#include "app/internal/terminal/report_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/internal/terminal/progress_line.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using pipeline::RunReport;
using pipeline::TaskReport;
using state::TaskStatus;

/// One line of the report. The first line of the verdict stands in its column, errors follow below.
struct Entry {
  std::string name;
  int indent = 0;
  TaskStatus status = TaskStatus::kDone;
  std::array<std::int64_t, 3> counts = {-1, -1, -1};  ///< rows in, out, quarantined
  double seconds = -1;                                ///< -1: it was not run
  std::string verdict;
  std::string below;
};

constexpr std::array<std::string_view, 3> kCountTitles = {"rows in", "rows out", "quarantined"};
constexpr std::string_view kTimeTitle = "time";
constexpr int kGap = 2;
constexpr int kNameWidthMax = 44;
constexpr int kVerdictWidthMin = 16;

std::string VerdictOf(TaskStatus status, const std::string& message) {
  if (!message.empty() && status != TaskStatus::kFailed) return OneLine(message);
  switch (status) {
    case TaskStatus::kDone: return "ok";
    case TaskStatus::kNothing: return "up to date";
    default: return std::string(state::TaskStatusText(status));
  }
}

Tone ToneOf(TaskStatus status) {
  switch (status) {
    case TaskStatus::kDone: return Tone::kGood;
    case TaskStatus::kWarned:
    case TaskStatus::kInterrupted: return Tone::kWarn;
    case TaskStatus::kFailed:
    case TaskStatus::kDied: return Tone::kBad;
    default: return Tone::kDim;
  }
}

Entry EntryOf(const StepResult& step, int indent) {
  const TaskStatus status = StatusOf(step.status);
  return {.name = step.name,
          .indent = indent,
          .status = status,
          .counts = {step.rows_in, step.rows_out, step.rows_quarantined},
          .seconds = status == TaskStatus::kSkipped ? -1 : step.seconds,
          .verdict = VerdictOf(status, step.message),
          .below = status == TaskStatus::kFailed ? step.message : ""};
}

Entry EntryOf(const TaskReport& task) {
  Entry entry{.name = task.name, .status = task.status, .verdict = {}, .below = {}};
  entry.counts = {task.outcome.rows_in, task.outcome.rows_out, task.outcome.rows_quarantined};
  if (task.attempts > 0) entry.seconds = task.seconds;
  entry.verdict = VerdictOf(task.status, task.skipped_because.empty() ? "" : "skipped: " + task.skipped_because);
  if (!task.reused_from.empty()) {
    entry.verdict = "done earlier";
    entry.status = TaskStatus::kNothing;
  }
  if (task.attempts > 1) entry.verdict += fmt::format(" ({} attempts)", task.attempts);
  return entry;
}

std::vector<Entry> EntriesOf(const RunReport& report) {
  std::vector<Entry> entries;
  for (const TaskReport& task : report.tasks) {
    Entry entry = EntryOf(task);
    const auto& steps = task.outcome.steps;
    const bool whole = steps.size() == 1 && steps[0].name == task.name;  // its one step says nothing new but a message
    if (whole && task.status != TaskStatus::kFailed && task.reused_from.empty()) {
      entry.verdict = VerdictOf(task.status, steps[0].message);
    }
    entries.push_back(std::move(entry));
    if (!task.reused_from.empty() || (whole && task.status != TaskStatus::kFailed)) continue;
    for (const StepResult& step : steps) entries.push_back(EntryOf(step, 2));
  }
  return entries;
}

/// Draws entries in columns that are as wide as what they hold.
class Columns {
 public:
  Columns(const std::vector<Entry>& entries, const Terminal& terminal) : terminal_(terminal) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] = DisplayWidth(kCountTitles[i]);
    for (const Entry& entry : entries) {
      name_ = std::max(name_, entry.indent + DisplayWidth(OneLine(entry.name)));
      for (std::size_t i = 0; i < counts_.size(); ++i) {
        counts_[i] = std::max(counts_[i], DisplayWidth(CountText(entry.counts[i])));
      }
      time_ = std::max(time_, DisplayWidth(TimeText(entry)));
    }
    const int figures = counts_[0] + counts_[1] + counts_[2] + time_ + 5 * kGap;
    const int room = terminal.size.columns - 1;
    name_ = std::max(8, std::min({name_, kNameWidthMax, room - figures - kVerdictWidthMin}));
    verdict_ = std::max(kVerdictWidthMin, room - figures - name_);
  }

  std::string Header() const {
    std::string line = PadRight("step", name_);
    for (std::size_t i = 0; i < counts_.size(); ++i) line += Figure(std::string(kCountTitles[i]), counts_[i]);
    line += Figure(std::string(kTimeTitle), time_) + Repeat(" ", kGap) + "verdict";
    return Paint(line, Tone::kDim, terminal_.color) + "\n";
  }

  std::string Line(const Entry& entry) const {
    const std::string name =
        Repeat(" ", entry.indent) + TruncateMiddle(OneLine(entry.name), name_ - entry.indent, terminal_.unicode);
    std::string line = Paint(PadRight(name, name_), LayerTone(entry.name), terminal_.color);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const bool alarming = i == 2 && entry.counts[i] > 0;
      line +=
          Paint(Figure(CountText(entry.counts[i]), counts_[i]), alarming ? Tone::kWarn : Tone::kPlain, terminal_.color);
    }
    line += Paint(Figure(TimeText(entry), time_), Tone::kDim, terminal_.color) + Repeat(" ", kGap);
    // A verdict that is too long for its column moves below, where it has a whole line.
    const bool fits = DisplayWidth(entry.verdict) <= verdict_;
    const std::string verdict = fits ? entry.verdict : VerdictOf(entry.status, "");
    line += Paint(verdict, ToneOf(entry.status), terminal_.color) + "\n";
    for (const std::string& below :
         Wrap(fits ? entry.below : entry.verdict, terminal_.size.columns - entry.indent - 5)) {
      line += Repeat(" ", entry.indent + 4) + Paint(below, ToneOf(entry.status), terminal_.color) + "\n";
    }
    return line;
  }

 private:
  static std::string CountText(std::int64_t count) { return count < 0 ? "" : FormatCount(count); }
  static std::string TimeText(const Entry& entry) { return entry.seconds < 0 ? "" : FormatSeconds(entry.seconds); }
  static std::string Figure(std::string text, int width) { return PadLeft(std::move(text), width + kGap); }

  const Terminal& terminal_;
  int name_ = DisplayWidth("step");
  std::array<int, 3> counts_{};
  int time_ = DisplayWidth(kTimeTitle);
  int verdict_ = 0;
};

std::string RenderEntries(const std::vector<Entry>& entries, const Terminal& terminal) {
  const Columns columns(entries, terminal);
  std::string text = columns.Header();
  for (const Entry& entry : entries) text += columns.Line(entry);
  return text;
}

std::string Wrapped(const std::string& message, Tone tone, const Terminal& terminal) {
  std::string text;
  for (const std::string& line : Wrap(message, terminal.size.columns - 1)) {
    text += Paint(line, tone, terminal.color) + "\n";
  }
  return text;
}

std::string Outcome(const RunReport& report, const Terminal& terminal) {
  const std::string time = FormatSeconds(report.seconds);
  if (report.nothing_to_do()) {
    return Wrapped(fmt::format("{}: nothing to do, everything is up to date ({})", report.pipeline, time), Tone::kGood,
                   terminal);
  }
  const Tone tone = report.status == state::RunStatus::kSucceeded ? Tone::kGood
                    : report.status == state::RunStatus::kFailed  ? Tone::kBad
                                                                  : Tone::kWarn;
  std::string text =
      fmt::format("{} {} in {} (run {})", report.pipeline, state::RunStatusText(report.status), time, report.run_id);
  if (!report.resumed_from.empty()) text += fmt::format(", resumed from {}", report.resumed_from);
  return Wrapped(text, tone, terminal);
}

}  // namespace

std::string RenderReport(const RunReport& report, const Terminal& terminal) {
  std::string text = RenderEntries(EntriesOf(report), terminal) + "\n" + Outcome(report, terminal);
  if (report.error) text += Wrapped(report.error->ToString(), Tone::kBad, terminal);
  if (report.record_error) {
    text += Wrapped("the run's records are incomplete: " + report.record_error->ToString(), Tone::kWarn, terminal);
  }
  return text;
}

std::string RenderSteps(const std::vector<StepResult>& steps, double seconds, const Terminal& terminal) {
  std::vector<Entry> entries;
  std::array<std::int64_t, 5> by_status{};
  for (const StepResult& step : steps) {
    entries.push_back(EntryOf(step, 0));
    ++by_status[static_cast<std::size_t>(step.status)];
  }
  constexpr std::array<std::string_view, 5> kWords = {"done", "up to date", "warned", "failed", "skipped"};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < by_status.size(); ++i) {
    if (by_status[i] > 0) parts.push_back(fmt::format("{} {}", FormatCount(by_status[i]), kWords[i]));
  }
  if (parts.empty()) return Wrapped("nothing to do", Tone::kDim, terminal);
  const bool failed = by_status[static_cast<std::size_t>(StepStatus::kFailed)] > 0;
  const bool warned = by_status[static_cast<std::size_t>(StepStatus::kWarned)] > 0;
  return RenderEntries(entries, terminal) + "\n" +
         Wrapped(fmt::format("{} in {}", fmt::join(parts, ", "), FormatSeconds(seconds)),
                 failed   ? Tone::kBad
                 : warned ? Tone::kWarn
                          : Tone::kGood,
                 terminal);
}

std::string RenderNext(const std::vector<std::string>& commands, const Terminal& terminal) {
  if (commands.empty()) return {};
  std::string text = "Next:\n";
  for (const std::string& command : commands) text += "  " + Paint(command, Tone::kAccent, terminal.color) + "\n";
  return text;
}

}  // namespace smelt::app
