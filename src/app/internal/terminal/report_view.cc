#include "app/internal/terminal/report_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "app/internal/terminal/folded_steps.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

using pipeline::RunReport;
using pipeline::TaskReport;
using state::RunStatus;

/// What steps did, counted.
struct Totals {
  std::int64_t rows_read = -1;
  std::int64_t rows_quarantined = -1, rows_duplicate = 0, rows_held = 0;
  std::int64_t tables_written = 0;
  std::int64_t up_to_date = 0;
  std::int64_t tests_held = 0;
  std::int64_t checks_held = 0;
  std::int64_t failed = 0;
  std::int64_t warned = 0;
  std::int64_t skipped = 0;

  void Add(const StepResult& step) {
    const bool test = IsTestStep(step);
    if (step.kind == "ingest" && step.rows_in >= 0) rows_read = std::max<std::int64_t>(rows_read, 0) + step.rows_in;
    rows_duplicate += step.details.value("rows_duplicate", std::int64_t{0});
    rows_held += step.details.value("rows_held", std::int64_t{0});
    if (step.rows_quarantined >= 0) {
      rows_quarantined = std::max<std::int64_t>(rows_quarantined, 0) + step.rows_quarantined;
    }
    switch (step.status) {
      case StepStatus::kDone:
        if (test) ++tests_held;
        if (!test && step.rows_out >= 0) ++tables_written;
        break;
      case StepStatus::kNothing:
        if (IsDescribedStep(step)) break;
        ++(test ? tests_held : up_to_date);
        break;
      case StepStatus::kWarned: ++warned; break;
      case StepStatus::kFailed:
        if (!WasInterrupted(step)) ++failed;
        break;
      case StepStatus::kSkipped: ++skipped; break;
    }
  }
};

/// "1,550,922 rows read, 44 tables written, 283 tests and 446 checks hold".
std::string Describe(const Totals& totals) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::int64_t count, std::string_view noun, std::string_view rest) {
    if (count > 0) parts.push_back(Counted(count, noun) + std::string(rest));
  };
  add(totals.rows_read, "row", " read");
  if (totals.rows_read >= 0 && totals.rows_quarantined >= 0) {
    parts.push_back(FormatCount(totals.rows_quarantined) + " quarantined");
    if (totals.rows_held > 0) parts.push_back(FormatCount(totals.rows_held) + " wait for others");
    if (totals.rows_duplicate > 0) parts.push_back(Counted(totals.rows_duplicate, "repeat"));
  }
  add(totals.tables_written, "table", " written");
  add(totals.up_to_date, "step", " up to date");
  if (totals.tests_held > 0 && totals.checks_held > 0) {
    parts.push_back(
        fmt::format("{} and {} hold", Counted(totals.tests_held, "test"), Counted(totals.checks_held, "check")));
  } else {
    add(totals.tests_held, "test", totals.tests_held == 1 ? " holds" : " hold");
    add(totals.checks_held, "check", totals.checks_held == 1 ? " holds" : " hold");
  }
  add(totals.warned, "warning", "");
  if (totals.failed > 0) parts.push_back(FormatCount(totals.failed) + " failed");
  if (totals.skipped > 0) parts.push_back(FormatCount(totals.skipped) + " skipped");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string Wrapped(const std::string& message, Tone tone, const Terminal& terminal) {
  std::string text;
  for (const std::string& line : Wrap(message, std::min(terminal.size.columns, 116) - 1)) {
    text += Paint(line, tone, terminal.color) + "\n";
  }
  return text;
}

/// Whether a run ended because somebody wanted it to.
bool WasStopped(RunStatus status) {
  return status == RunStatus::kInterrupted || status == RunStatus::kCancelled;
}

std::string Sentence(const RunReport& report, const std::string& time) {
  const std::string place = report.resumed_from.empty() ? "" : fmt::format(", resumed from {}", report.resumed_from);
  if (report.status == RunStatus::kSucceeded) {
    return fmt::format("{} succeeded in {} (run {}{})", report.pipeline, time, report.run_id, place);
  }
  if (WasStopped(report.status)) {
    return fmt::format("{} {} after {} (run {}{}). State safe: every table is as before or as after its step.",
                       report.pipeline, state::RunStatusText(report.status), time, report.run_id, place);
  }
  const auto failed = std::ranges::find(report.tasks, state::TaskStatus::kFailed, &TaskReport::status);
  const std::string where = failed == report.tasks.end() ? "" : fmt::format(" at '{}'", failed->name);
  return fmt::format("{} failed{} after {} (run {}{})", report.pipeline, where, time, report.run_id, place);
}

/// " (0.000013 EUR)", what a usage costs; empty where no prices are known.
std::string PriceOf(const Usage& usage, const Prices& prices) {
  return prices.known() ? fmt::format(" ({})", Money(prices.Of(usage), prices)) : std::string();
}

/// What the run took in all, and the steps that took most. Nothing for one that was not measured.
std::string DescribeUsage(const RunReport& report, const Prices& prices) {
  constexpr std::size_t kShown = 3;
  constexpr double kWorthTelling = 0.05;  // seconds
  Usage all;
  std::vector<const StepResult*> steps;
  for (const TaskReport& task : report.tasks) {
    if (!task.reused_from.empty()) continue;
    all += task.outcome.usage;
    for (const StepResult& step : task.outcome.steps) {
      all += step.usage;
      if (step.usage.cpu_seconds >= kWorthTelling) steps.push_back(&step);
    }
  }
  if (all == Usage()) return {};
  std::string text = fmt::format("{} of CPU, {} read, {} written{}", FormatSeconds(all.cpu_seconds),
                                 FormatBytes(all.bytes_read), FormatBytes(all.bytes_written), PriceOf(all, prices));
  const auto shown = steps.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, steps.size()));
  std::ranges::partial_sort(steps, shown, std::greater(),
                            [](const StepResult* step) { return step->usage.cpu_seconds; });
  for (auto step = steps.begin(); step != shown; ++step) {
    text += fmt::format("{}{} {}{}", step == steps.begin() ? "; most by " : ", ", (*step)->name,
                        FormatSeconds((*step)->usage.cpu_seconds), PriceOf((*step)->usage, prices));
  }
  return text;
}

}  // namespace

std::string RenderOutcome(const RunReport& report, const Prices& prices, const Terminal& terminal) {
  const std::string time = FormatSeconds(report.seconds);
  std::string text;
  Totals totals;
  for (const TaskReport& task : report.tasks) {
    if (!task.reused_from.empty()) continue;
    for (const StepResult& step : task.outcome.steps) totals.Add(step);
    totals.checks_held += FoldSteps(task.outcome.steps).checks_held;
  }
  if (report.nothing_to_do()) {
    const bool warned = totals.warned > 0;
    text = (warned ? "\n" : "") +
           Wrapped(fmt::format("{}: nothing to do, everything is up to date{} ({})", report.pipeline,
                               warned ? ", " + Counted(totals.warned, "warning") : "", time),
                   warned ? Tone::kWarn : Tone::kGood, terminal);
  } else {
    // What had not begun when the run was stopped did not fail to happen.
    if (WasStopped(report.status)) totals.skipped = 0;
    const Tone tone = report.status == RunStatus::kSucceeded ? Tone::kGood
                      : report.status == RunStatus::kFailed  ? Tone::kBad
                                                             : Tone::kWarn;
    text = "\n" + Wrapped(Sentence(report, time), tone, terminal) + Wrapped(Describe(totals), Tone::kPlain, terminal);
    if (const std::string usage = DescribeUsage(report, prices); !usage.empty()) {
      text += Wrapped(usage, Tone::kDim, terminal);
    }
  }
  if (report.record_error) {
    text += Wrapped("the run's records are incomplete: " + report.record_error->ToString(), Tone::kWarn, terminal);
  }
  return text;
}

std::string RenderOutcome(const std::vector<StepResult>& steps, double seconds, const Terminal& terminal) {
  Totals totals;
  for (const StepResult& step : steps) totals.Add(step);
  const std::string what = Describe(totals);
  const bool worked =
      std::ranges::any_of(steps, [](const StepResult& step) { return step.status != StepStatus::kNothing; });
  if (!worked) {
    return Wrapped(fmt::format("nothing to do{}{} ({})", what.empty() ? "" : ": ", what, FormatSeconds(seconds)),
                   Tone::kGood, terminal);
  }
  const Tone tone = totals.failed > 0 ? Tone::kBad : totals.warned > 0 ? Tone::kWarn : Tone::kGood;
  return "\n" + Wrapped(fmt::format("{} in {}", what, FormatSeconds(seconds)), tone, terminal);
}

std::string RenderFigures(const std::vector<Figure>& figures, const Terminal& terminal) {
  constexpr int kGap = 2;
  int label = 0;
  int value = 0;
  for (const Figure& figure : figures) {
    label = std::max(label, DisplayWidth(OneLine(figure.label)));
    value = std::max(value, DisplayWidth(OneLine(figure.value)));
  }
  const int width = kGap + label + kGap + value;
  const std::size_t columns = 2 * width < terminal.size.columns ? 2 : 1;
  const std::size_t lines = (figures.size() + columns - 1) / columns;
  std::string text;
  for (std::size_t line = 0; line < lines; ++line) {
    for (std::size_t at = line; at < figures.size(); at += lines) {
      text += Repeat(" ", kGap) + Paint(PadRight(OneLine(figures[at].label), label), Tone::kDim, terminal.color);
      text += Repeat(" ", kGap) + Paint(PadLeft(OneLine(figures[at].value), value), Tone::kStrong, terminal.color);
    }
    text += '\n';
  }
  return text;
}

std::string RenderNext(const std::vector<std::string>& commands, const Terminal& terminal) {
  if (commands.empty()) return {};
  std::string text = "\nNext:\n";
  for (const std::string& command : commands) text += "  " + Paint(command, Tone::kAccent, terminal.color) + "\n";
  return text;
}

}  // namespace smelt::app
