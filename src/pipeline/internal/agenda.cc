#include "pipeline/internal/agenda.h"

#include <algorithm>

namespace smelt::pipeline::internal {
namespace {

/// A cursor ahead of the clock by more than this was set by a clock that was wrong.
constexpr std::int64_t kAheadMaxUs = 24LL * 3'600 * 1'000'000;

}  // namespace

std::int64_t Agenda::Enter(const Pipeline& pipeline, std::int64_t cursor_us, std::int64_t now_us) {
  Remove(pipeline.name);
  if (cursor_us > now_us + kAheadMaxUs) cursor_us = now_us;
  if (cursor_us == 0) cursor_us = pipeline.catchup && pipeline.start_us > 0 ? pipeline.start_us - 1 : now_us;
  if (!pipeline.timetable) return cursor_us;
  Entry& entry = entries_
                     .emplace(pipeline.name, Entry{.timetable = *pipeline.timetable,
                                                   .end_us = pipeline.end_us,
                                                   .catchup = pipeline.catchup,
                                                   .next_us = 0})
                     .first->second;
  Plan(pipeline.name, entry, std::max(cursor_us, pipeline.start_us - 1));
  return cursor_us;
}

void Agenda::Remove(const std::string& pipeline) {
  const auto entry = entries_.find(pipeline);
  if (entry == entries_.end()) return;
  queue_.erase({entry->second.next_us, pipeline});
  entries_.erase(entry);
}

void Agenda::Clear() {
  entries_.clear();
  queue_.clear();
}

void Agenda::Plan(const std::string& pipeline, Entry& entry, std::int64_t cursor_us) {
  const std::optional<std::int64_t> next = entry.timetable.NextAfter(cursor_us);
  if (!next || (entry.end_us > 0 && *next >= entry.end_us)) return;
  entry.next_us = *next;
  queue_.emplace(*next, pipeline);
}

std::optional<std::int64_t> Agenda::NextDue() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

std::optional<Due> Agenda::Take(std::int64_t now_us) {
  if (queue_.empty() || queue_.begin()->first > now_us) return std::nullopt;
  Due due{.pipeline = queue_.begin()->second, .at_us = queue_.begin()->first};
  queue_.erase(queue_.begin());
  Entry& entry = entries_.at(due.pipeline);
  if (!entry.catchup) {
    const std::int64_t before = entry.end_us > 0 ? std::min(now_us + 1, entry.end_us) : now_us + 1;
    due.at_us = std::max(due.at_us, entry.timetable.PreviousBefore(before).value_or(due.at_us));
  }
  Plan(due.pipeline, entry, due.at_us);
  return due;
}

}  // namespace smelt::pipeline::internal
