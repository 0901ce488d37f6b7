#include "notify/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/clock.h"

namespace smelt::notify {
namespace {

using state::RunStatus;
using state::TaskRecord;
using state::TaskStatus;

/// Longer values are cut: an alert is to be read, not to carry data.
constexpr std::size_t kValueMax = 80;
constexpr std::size_t kSamplesMax = 3;

/// Cuts behind a whole character.
std::string Shorten(std::string text) {
  if (text.size() <= kValueMax) return text;
  std::size_t end = kValueMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

/// How many bytes the first character has.
std::size_t FirstCharacter(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

/// "2018-05-24", "2018-05-24 10:00:00+00": says when, not who.
bool IsTime(std::string_view text) {
  constexpr std::size_t kDate = 10;
  if (text.size() < kDate || text[4] != '-' || text[7] != '-') return false;
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!digit(at)) return false;
  }
  const bool in_range = text.substr(5, 2) >= "01" && text.substr(5, 2) <= "12" && text.substr(8, 2) <= "31";
  return in_range && (text.size() == kDate || (text.find_first_not_of("0123456789:.+-TZ ") == std::string_view::npos &&
                                               (text[kDate] == ' ' || text[kDate] == 'T')));
}

/// The first character tells values apart; short texts would be told by it.
std::string MaskText(std::string_view text) {
  constexpr std::size_t kShort = 4;
  if (text.size() < kShort) return "***";
  std::string masked = std::string(text.substr(0, FirstCharacter(text))) + "***";
  if (text.find('@') != std::string_view::npos) masked += "@***";
  return masked;
}

Sample Mask(const RawSample& raw, const SampleSettings& settings) {
  Sample sample;
  sample.of = raw.of;
  sample.columns = raw.columns;
  for (const auto& row : raw.rows) {
    if (sample.rows.size() == static_cast<std::size_t>(settings.rows)) break;
    std::vector<std::string> masked;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string column = i < raw.columns.size() ? raw.columns[i] : std::string();
      const bool is_plain = std::ranges::count(raw.plain, column) > 0;
      masked.push_back(MaskValue(row[i], column, is_plain ? SampleSettings{.mask = Masking::kNone} : settings));
    }
    sample.rows.push_back(std::move(masked));
  }
  return sample;
}

/// "price expect_column_values_to_be_between".
std::string Describe(const Json& failed) {
  const std::string column = TextAt(failed, "column");
  return column.empty() ? TextAt(failed, "expectation") : column + " " + TextAt(failed, "expectation");
}

/// One row of a sample: a value, or the values of several columns.
void AddRow(const Json& value, RawSample& sample) {
  std::vector<Json> row;
  if (value.is_object()) {
    for (const auto& [name, part] : value.items()) {
      if (sample.rows.empty()) sample.columns.push_back(name);
      row.push_back(part);
    }
  } else if (value.is_array()) {
    row.assign(value.begin(), value.end());
  } else {
    row.push_back(value);
  }
  sample.rows.push_back(std::move(row));
}

}  // namespace

std::vector<RawSample> UnexpectedValues(const Json& expectations) {
  std::vector<RawSample> samples;
  for (const Json& failed : expectations) {
    if (!failed.is_object() || !failed.contains("result") || !failed["result"].is_object()) continue;
    const Json values = failed["result"].value("partial_unexpected_list", Json::array());
    if (values.empty()) continue;
    RawSample sample{.of = Describe(failed)};
    for (const Json& value : values) AddRow(value, sample);
    if (sample.columns.empty() && sample.rows.front().size() == 1) sample.columns = {TextAt(failed, "column")};
    samples.push_back(std::move(sample));
  }
  return samples;
}

namespace {

std::vector<Sample> SamplesOf(const Json& step, const SampleSettings& settings, const SampleReader& read) {
  std::vector<Sample> samples;
  if (settings.rows == 0) return samples;
  const Json details = step.value("details", Json::object());
  std::vector<RawSample> raw = UnexpectedValues(details.value("failed", Json::array()));
  if (raw.empty() && read) raw = read(step, settings.rows);
  for (const RawSample& one : raw) {
    if (samples.size() == kSamplesMax) break;
    if (!one.rows.empty()) samples.push_back(Mask(one, settings));
  }
  return samples;
}

/// An error's text as records keep it, in its parts: "message\n  hint: …".
void SplitHint(std::string text, Problem& problem) {
  constexpr std::string_view kHint = "\n  hint: ";
  const auto at = text.find(kHint);
  problem.message = text.substr(0, at);
  if (at != std::string::npos) problem.hint = text.substr(at + kHint.size());
}

/// The last attempt at each task, in the order in which they began.
std::vector<const TaskRecord*> LastAttempts(const RunFacts& facts) {
  std::map<std::string, const TaskRecord*> last;
  for (const TaskRecord& task : facts.tasks) {
    const TaskRecord*& known = last[task.name];
    if (known == nullptr || known->attempt <= task.attempt) known = &task;
  }
  std::vector<const TaskRecord*> attempts;
  for (const TaskRecord& task : facts.tasks) {
    if (last[task.name] == &task) attempts.push_back(&task);
  }
  return attempts;
}

/// How bad a step's status is; nothing when all is well.
std::optional<Severity> SeverityOf(const Json& step) {
  const std::string status = TextAt(step, "status");
  if (status == "failed") return Severity::kError;
  if (status == "warned") return Severity::kWarning;
  const auto quarantined = step.find("rows_quarantined");
  const bool any =
      quarantined != step.end() && quarantined->is_number_integer() && quarantined->get<std::int64_t>() > 0;
  return any ? std::optional(Severity::kInfo) : std::nullopt;
}

void AddSteps(const TaskRecord& task, const SampleSettings& samples, const SampleReader& read,
              std::vector<Problem>& problems) {
  const auto steps = task.outcome.find("steps");
  if (steps == task.outcome.end() || !steps->is_array()) return;
  for (const Json& step : *steps) {
    if (!step.is_object()) continue;
    const std::optional<Severity> severity = SeverityOf(step);
    if (!severity) continue;
    Problem problem{
        .task = task.name, .name = TextAt(step, "name"), .kind = TextAt(step, "kind"), .severity = *severity};
    // What failed in a task that is no gate is a warning.
    if (task.status == TaskStatus::kWarned) problem.severity = std::min(problem.severity, Severity::kWarning);
    SplitHint(TextAt(step, "message"), problem);
    if (problem.severity == Severity::kInfo) {
      problem.message = fmt::format("{} rows went to quarantine", step["rows_quarantined"].get<std::int64_t>());
    }
    problem.samples = SamplesOf(step, samples, read);
    problems.push_back(std::move(problem));
  }
}

void AddTask(const TaskRecord& task, const SampleSettings& samples, const SampleReader& read,
             std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  AddSteps(task, samples, read, problems);
  const bool is_bad = task.status == TaskStatus::kFailed || task.status == TaskStatus::kDied;
  if (!is_bad && task.status != TaskStatus::kWarned) return;
  const Severity severity = is_bad ? Severity::kError : Severity::kWarning;
  const bool told = std::any_of(problems.begin() + static_cast<std::ptrdiff_t>(before), problems.end(),
                                [&](const Problem& problem) { return problem.severity >= severity; });
  if (told) return;
  Problem problem{.task = task.name, .name = task.name, .kind = task.type, .severity = severity};
  SplitHint(task.error, problem);
  if (problem.message.empty() && task.status == TaskStatus::kDied) problem.message = "its process ended without a word";
  problems.push_back(std::move(problem));
}

/// What had not ended when it should have.
void AddLateness(const RunFacts& facts, std::vector<Problem>& problems) {
  for (const state::SlaRecord& miss : facts.sla_misses) {
    Problem problem{.task = miss.task,
                    .name = miss.task.empty() ? facts.run.pipeline : miss.task,
                    .kind = "sla",
                    .severity = Severity::kWarning};
    problem.message = fmt::format("should have ended by {}Z", FormatUtcMicros(miss.due_us).substr(0, 19));
    problem.hint =
        fmt::format("`smelt pipeline show {} --run {}` shows how it stands", facts.run.pipeline, facts.run.id);
    problems.push_back(std::move(problem));
  }
}

}  // namespace

std::string MaskValue(const Json& value, const std::string& column, const SampleSettings& settings) {
  if (value.is_null()) return "NULL";
  const bool shown = settings.mask == Masking::kNone || std::ranges::count(settings.columns_shown, column) > 0;
  const std::string text = value.is_string() ? value.get<std::string>() : JsonText(value);
  const bool is_plain = value.is_number() || value.is_boolean() || (value.is_string() && IsTime(text));
  if (shown || (settings.mask == Masking::kText && is_plain)) return Shorten(text);
  return settings.mask == Masking::kText ? MaskText(text) : "***";
}

std::vector<Problem> FindProblems(const RunFacts& facts, const SampleSettings& samples, const SampleReader& read) {
  std::vector<Problem> problems;
  AddLateness(facts, problems);
  if (!state::HasEnded(facts.run.status)) return problems;
  for (const TaskRecord* task : LastAttempts(facts)) AddTask(*task, samples, read, problems);
  const bool is_bad = facts.run.status == RunStatus::kFailed || facts.run.status == RunStatus::kDied;
  const bool told = std::ranges::any_of(problems, [](const Problem& one) { return one.severity >= Severity::kError; });
  if (is_bad && !told) {
    Problem problem{.name = facts.run.pipeline, .kind = "run"};
    SplitHint(facts.run.error, problem);
    problems.push_back(std::move(problem));
  }
  std::ranges::stable_sort(problems, std::ranges::greater(), &Problem::severity);
  return problems;
}

std::set<std::string> JudgedTasks(const RunFacts& facts) {
  std::set<std::string> judged;
  if (!state::HasEnded(facts.run.status)) return judged;
  for (const TaskRecord* task : LastAttempts(facts)) {
    if (state::Succeeded(task->status) || task->status == TaskStatus::kFailed || task->status == TaskStatus::kDied) {
      judged.insert(task->name);
    }
  }
  const bool was_stopped = facts.run.status == RunStatus::kInterrupted || facts.run.status == RunStatus::kCancelled;
  if (!was_stopped) judged.insert("");
  return judged;
}

}  // namespace smelt::notify
