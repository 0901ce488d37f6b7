#include "state/records.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace smelt::state {
namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 7> kRunTexts = {{
    {RunStatus::kQueued, "queued"},
    {RunStatus::kRunning, "running"},
    {RunStatus::kSucceeded, "succeeded"},
    {RunStatus::kFailed, "failed"},
    {RunStatus::kInterrupted, "interrupted"},
    {RunStatus::kDied, "died"},
    {RunStatus::kCancelled, "cancelled"},
}};

constexpr std::array<std::pair<TaskStatus, std::string_view>, 8> kTaskTexts = {{
    {TaskStatus::kRunning, "running"},
    {TaskStatus::kDone, "done"},
    {TaskStatus::kNothing, "nothing"},
    {TaskStatus::kWarned, "warned"},
    {TaskStatus::kFailed, "failed"},
    {TaskStatus::kSkipped, "skipped"},
    {TaskStatus::kInterrupted, "interrupted"},
    {TaskStatus::kDied, "died"},
}};

template <typename Table, typename Value>
std::string_view TextOf(const Table& table, Value value) {
  for (const auto& [known, text] : table) {
    if (known == value) return text;
  }
  return "unknown";
}

template <typename Status, typename Table>
Result<Status> ValueOf(const Table& table, std::string_view text) {
  for (const auto& [value, known] : table) {
    if (known == text) return value;
  }
  return Fail(ErrorCode::kStateDamaged, fmt::format("the state database holds the unknown status '{}'", text));
}

}  // namespace

std::string_view RunStatusText(RunStatus status) {
  return TextOf(kRunTexts, status);
}
std::string_view TaskStatusText(TaskStatus status) {
  return TextOf(kTaskTexts, status);
}
Result<RunStatus> ParseRunStatus(std::string_view text) {
  return ValueOf<RunStatus>(kRunTexts, text);
}
Result<TaskStatus> ParseTaskStatus(std::string_view text) {
  return ValueOf<TaskStatus>(kTaskTexts, text);
}

}  // namespace smelt::state
