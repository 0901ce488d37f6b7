#include "notify/internal/alert_text.h"

#include <fmt/format.h>

#include "base/clock.h"

namespace smelt::notify::internal {

std::string StateWord(const Alert& alert) {
  const bool is_error = alert.severity >= Severity::kError;
  switch (alert.action) {
    case Action::kTrigger: return is_error ? "Failed" : alert.severity == Severity::kWarning ? "Warning" : "Note";
    case Action::kUpdate: return is_error ? "Worse" : "More warnings";
    case Action::kRepeat: return is_error ? "Still failing" : "Still warning";
    case Action::kAcknowledge: return "Acknowledged";
    case Action::kResolve: return "Resolved";
    case Action::kTest: return "Test";
  }
  return "Alert";
}

std::string Subject(const Alert& alert) {
  const std::string project = alert.project.empty() ? "" : alert.project + " ";
  return OneLineOf(fmt::format("[{}] {}{}", StateWord(alert), project, alert.title));
}

std::vector<std::pair<std::string, std::string>> Facts(const Alert& alert) {
  std::vector<std::pair<std::string, std::string>> facts;
  if (!alert.pipeline.empty()) facts.emplace_back("Pipeline", alert.pipeline);
  if (!alert.run_id.empty()) {
    facts.emplace_back(
        "Run", alert.run_status.empty() ? alert.run_id : fmt::format("{} ({})", alert.run_id, alert.run_status));
  }
  if (alert.started_us > 0) facts.emplace_back("Started", TimeText(alert.started_us));
  if (alert.opened_us > 0 && alert.runs > 1) {
    facts.emplace_back("Since", fmt::format("{}, {} runs", TimeText(alert.opened_us), alert.runs));
  }
  if (alert.action != Action::kTest && alert.action != Action::kAcknowledge && alert.action != Action::kResolve) {
    facts.emplace_back("Last good run", alert.last_good_run.empty()
                                            ? std::string("none")
                                            : fmt::format("{}, {}", alert.last_good_run, TimeText(alert.last_good_us)));
  }
  facts.emplace_back("Severity", SeverityText(alert.severity));
  return facts;
}

std::string MoreProblems(const Alert& alert) {
  if (alert.problems_total <= alert.problems.size()) return {};
  const std::size_t more = alert.problems_total - alert.problems.size();
  return fmt::format("and {} more problem{}", more, more == 1 ? "" : "s");
}

std::string TimeText(std::int64_t micros) {
  constexpr std::size_t kDate = 10, kClock = 5;
  const std::string text = FormatUtcMicros(micros);
  return fmt::format("{} {} UTC", text.substr(0, kDate), text.substr(kDate + 1, kClock));
}

std::string CutText(std::string text, std::size_t bytes_max) {
  constexpr std::string_view kMark = "…";
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - kMark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text.append(kMark);
}

std::string OneLineOf(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
  }
  return line;
}

std::string_view ColourOf(const Alert& alert) {
  if (alert.action == Action::kResolve) return "#188038";
  if (alert.action == Action::kTest || alert.action == Action::kAcknowledge) return "#5f6368";
  if (alert.severity >= Severity::kError) return "#d93025";
  return alert.severity == Severity::kWarning ? "#f29900" : "#1a73e8";
}

}  // namespace smelt::notify::internal
