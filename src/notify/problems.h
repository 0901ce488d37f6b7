#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "notify/alert.h"
#include "notify/settings.h"
#include "state/records.h"

namespace smelt::notify {

/// A run that has ended, as the state store has it.
struct RunFacts {
  state::RunRecord run = {};
  std::vector<state::TaskRecord> tasks = {};       ///< all attempts, in the order in which they began
  std::optional<state::RunRecord> last_good = {};  ///< the newest run before that succeeded
  std::vector<state::SlaRecord> sla_misses = {};   ///< the run may be at work still
};

/// A value of a sample before it is masked: text, number, truth value or null.
struct RawSample {
  std::string of = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<Json>> rows = {};
  std::vector<std::string> plain = {};  ///< columns that hold no data: names of files and rules; never masked
};

/// Fetches rows that show what is wrong with a step (its JSON form), at most so many; none when there are none to have.
using SampleReader = std::function<std::vector<RawSample>(const Json& step, int rows_max)>;

/// The unexpected values of expectations that failed: objects with `expectation`, `column` and the `result` of Great
/// Expectations. Those without any are left out.
std::vector<RawSample> UnexpectedValues(const Json& expectations);

/// What is wrong with a run, worst first; with one that is at work, what is late. Rows that went to quarantine are of
/// severity info.
std::vector<Problem> FindProblems(const RunFacts& facts, const SampleSettings& samples, const SampleReader& read);

/// The tasks about which the run says something: they succeeded or failed, and were not skipped or interrupted.
std::set<std::string> JudgedTasks(const RunFacts& facts);

/// A value as an alert may show it.
std::string MaskValue(const Json& value, const std::string& column, const SampleSettings& settings);

}  // namespace smelt::notify
