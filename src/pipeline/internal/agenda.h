#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "pipeline/definition.h"

namespace smelt::pipeline::internal {

/// An instant that a pipeline is due for.
struct Due {
  std::string pipeline;
  std::int64_t at_us = 0;
};

/// What is due when: the next instant of every scheduled pipeline. Knows no clock; the time is an argument. Confined to
/// one thread.
class Agenda {
 public:
  /// Enters a pipeline, or enters it anew. `cursor_us` is the last instant that was dealt with; 0: none ever was.
  /// Returns the cursor that holds from now on: of a new pipeline it is now, or before its start when it catches up; of
  /// one whose cursor is far in the future, because the clock was wrong, it is now.
  std::int64_t Enter(const Pipeline& pipeline, std::int64_t cursor_us, std::int64_t now_us);
  void Remove(const std::string& pipeline);
  void Clear();

  /// The next instant of all; nothing when nothing is planned.
  std::optional<std::int64_t> NextDue() const;
  /// Takes an instant that is due by now. Without catch-up it is the pipeline's last one: those before are passed over.
  /// The pipeline's cursor moves there.
  std::optional<Due> Take(std::int64_t now_us);

 private:
  struct Entry {
    Timetable timetable;
    std::int64_t end_us;
    bool catchup;
    std::int64_t next_us;
  };
  void Plan(const std::string& pipeline, Entry& entry, std::int64_t cursor_us);

  std::map<std::string, Entry> entries_;
  std::set<std::pair<std::int64_t, std::string>> queue_;
};

}  // namespace smelt::pipeline::internal
