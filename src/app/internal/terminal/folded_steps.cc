#include "app/internal/terminal/folded_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "app/internal/terminal/text.h"
#include "base/error.h"

namespace smelt::app {
namespace {

bool IsBroken(const StepResult& step) {
  return step.status == StepStatus::kFailed || step.status == StepStatus::kWarned;
}

/// The table that a test is about, or its own name.
std::string TableOf(const StepResult& test) {
  const auto table = test.details.find("table");
  return table != test.details.end() && table->is_string() ? table->get<std::string>() : test.name;
}

/// Whether `name` is that of a test, and not of a table.
bool IsName(const std::vector<StepResult>& steps, const std::string& name) {
  return std::ranges::any_of(steps, [&](const StepResult& step) { return IsTestStep(step) && step.name == name; });
}

StepStatus Worse(StepStatus a, StepStatus b) {
  for (const StepStatus status : {StepStatus::kFailed, StepStatus::kSkipped, StepStatus::kWarned, StepStatus::kDone}) {
    if (a == status || b == status) return status;
  }
  return StepStatus::kNothing;
}

void FoldTest(const StepResult& test, FoldedStep& row) {
  if (test.status == StepStatus::kSkipped) return;
  row.step.seconds += test.seconds;
  row.step.status = Worse(row.step.status, test.status);
  if (IsBroken(test)) {
    row.broken.push_back(test);
  } else {
    ++row.tests_held;
  }
}

void FoldTests(const std::vector<StepResult>& steps, std::vector<FoldedStep>& rows) {
  std::map<std::string, std::size_t> row_of;
  for (std::size_t i = 0; i < rows.size(); ++i) row_of[rows[i].step.name] = i;
  for (const StepResult& test : steps) {
    if (!IsTestStep(test)) continue;
    const std::string table = TableOf(test);
    auto found = row_of.find(table);
    if (found == row_of.end()) {
      StepResult step;
      step.name = table;
      step.kind = "test";
      step.status = test.status;
      found = row_of.emplace(table, rows.size()).first;
      rows.push_back({.step = std::move(step)});
    }
    FoldTest(test, rows[found->second]);
    auto& step = rows[found->second].step;
    if (IsTestStep(step)) step.rows_in = std::max(step.rows_in, test.rows_in);
  }
}

/// Takes out the steps that were not run, unless they are few.
void FoldSkipped(FoldedSteps& folded) {
  constexpr std::int64_t kRowsMax = 3;
  const auto is_skipped = [](const FoldedStep& row) { return row.step.status == StepStatus::kSkipped; };
  if (std::ranges::count_if(folded.rows, is_skipped) <= kRowsMax) return;
  folded.skipped_because = std::ranges::find_if(folded.rows, is_skipped)->step.message;
  folded.skipped = static_cast<std::int64_t>(std::erase_if(folded.rows, is_skipped));
}

void Add(std::int64_t& sum, std::int64_t count) {
  if (count >= 0) sum = std::max<std::int64_t>(sum, 0) + count;
}

/// Counts a suite that holds instead of giving it a row.
void CountSuite(const StepResult& suite, FoldedSteps& folded) {
  ++folded.suites_held;
  const auto evaluated = suite.details.find("evaluated");
  if (evaluated != suite.details.end() && evaluated->is_number()) folded.checks_held += evaluated->get<std::int64_t>();
}

/// What the state of the step and of its tests comes to, in several lengths.
std::vector<std::string> VerdictsOf(const FoldedStep& row) {
  const auto held = row.tests_held;
  const auto broken = static_cast<std::int64_t>(row.broken.size());
  if (broken > 0) {
    const std::string_view what = row.step.status == StepStatus::kWarned ? "warned" : "failed";
    return {fmt::format("{} of {} {}", broken, held + broken, what), fmt::format("{} {}", broken, what),
            std::string(what)};
  }
  switch (row.step.status) {
    case StepStatus::kDone:
      if (held == 0) return {"ok"};
      return {"ok, " + Counted(held, "test"), Counted(held, "test"), "ok"};
    case StepStatus::kNothing:
      if (IsDescribedStep(row.step)) return {"no-op"};
      return {"up to date", "unchanged"};
    case StepStatus::kWarned: return {"warning"};
    case StepStatus::kFailed: return {"failed"};
    case StepStatus::kSkipped: return {"skipped"};
  }
  return {};
}

Tone ToneOf(StepStatus status) {
  return status == StepStatus::kFailed ? Tone::kBad : Tone::kWarn;
}

}  // namespace

bool IsTestStep(const StepResult& step) {
  return step.kind == "test" || step.kind == "unit_test";
}

bool IsDescribedStep(const StepResult& step) {
  return step.kind == "exposure" || step.kind == "saved_query";
}

bool WasInterrupted(const StepResult& step) {
  return step.status == StepStatus::kFailed && step.message.starts_with(CodeText(ErrorCode::kCancelled));
}

FoldedSteps FoldSteps(const std::vector<StepResult>& steps) {
  FoldedSteps folded;
  for (const StepResult& step : steps) {
    if (IsTestStep(step)) continue;
    const bool held = step.status == StepStatus::kDone || step.status == StepStatus::kNothing;
    if (step.kind == "suite" && held) {
      CountSuite(step, folded);
      if (step.status == StepStatus::kNothing) ++folded.up_to_date;
      continue;
    }
    folded.rows.push_back({.step = step});
  }
  FoldTests(steps, folded.rows);
  for (const FoldedStep& row : folded.rows) folded.tests_held += row.tests_held;
  // A test on no table in particular that holds has nothing to say that the number of tests does not.
  std::erase_if(folded.rows, [&](const FoldedStep& row) {
    return IsTestStep(row.step) && row.broken.empty() && IsName(steps, row.step.name);
  });
  const auto idle = std::erase_if(folded.rows, [](const FoldedStep& row) {
    return row.step.status == StepStatus::kNothing && row.step.message.empty() && !IsDescribedStep(row.step);
  });
  folded.up_to_date += static_cast<std::int64_t>(idle);
  FoldSkipped(folded);
  for (const FoldedStep& row : folded.rows) {
    if (IsTestStep(row.step)) continue;
    Add(folded.counts[0], row.step.rows_in);
    Add(folded.counts[1], row.step.rows_out);
    Add(folded.counts[2], row.step.rows_quarantined);
  }
  return folded;
}

std::vector<std::string> DrawStep(const FoldedStep& folded, int indent, std::string_view task, const Look& look) {
  const StepResult& step = folded.step;
  ProgressLine line{.status = StatusOf(step.status), .indent = indent, .name = step.name};
  if (IsDescribedStep(step)) line.name = (step.kind == "exposure" ? "exposure " : "saved query ") + step.name;
  line.prefix = PrefixOf(step.name, task);
  line.counts = {step.rows_in, step.rows_out, step.rows_quarantined};
  const bool says_why = !IsBroken(step) && line.counts == kNoCounts;
  if (says_why) line.note = step.message;
  if (step.status != StepStatus::kSkipped) {
    line.time = FormatSeconds(step.seconds);
    line.verdicts = VerdictsOf(folded);
  } else {
    line.note = step.message.starts_with("because") ? "skipped " + step.message : step.message;
    line.counts = kNoCounts;
  }
  if (WasInterrupted(step)) {
    line.status = state::TaskStatus::kInterrupted;
    line.verdicts = {"interrupted", "stopped"};
  }
  std::vector<std::string> lines = {DrawLine(line, look)};
  if (IsBroken(step) && !step.message.empty() && !WasInterrupted(step)) {
    Append(lines, DrawMessage(step.message, indent + 2, ToneOf(step.status), look));
  }
  for (const StepResult& test : folded.broken) {
    Append(lines, DrawMessage(test.name + ": " + test.message, indent + 2, ToneOf(test.status), look));
  }
  if (step.rows_quarantined > 0 && !ShowsQuarantined(look)) {
    Append(lines, DrawMessage(Counted(step.rows_quarantined, "row") + " quarantined", indent + 2, Tone::kWarn, look));
  }
  return lines;
}

std::size_t PrefixOf(std::string_view step, std::string_view task) {
  return !task.empty() && step.starts_with(std::string(task) + ".") ? task.size() + 1 : 0;
}

std::string Counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", FormatCount(count), noun, count == 1 ? "" : "s");
}

std::string RateOf(std::int64_t done, double seconds, std::string_view unit) {
  constexpr double kShortest = 0.05;
  return done > 0 && seconds >= kShortest ? FormatRate(static_cast<double>(done) / seconds, unit) : "";
}

}  // namespace smelt::app
