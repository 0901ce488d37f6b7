#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "transform/internal/run/difference_query.h"
#include "transform/internal/run/inputs.h"
#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// One version of a table and no other: a table that was made anew, or a log that was put back, has other commits.
struct TablePast {
  std::int64_t version = -1;
  std::string commit;
};

/// What a test found, and what it read.
struct TestPast {
  std::int64_t failures = 0;
  std::int64_t definition = 0;              ///< InputState::definition
  std::map<std::string, TablePast> tables;  ///< "schema.table" → what it was
};

/// What a test finds now, as its past and the differences of its inputs tell.
struct FailuresNow {
  std::int64_t count = 0;
  std::string newest = {};  ///< a query of the rows that it did not find before; empty: there are none
};

/// Tells what tests find by what they found before and what their inputs have become since. Keeps what it has learnt of
/// tables, for all tests of a run. Thread-safe; sessions are the callers'.
class InputHistory {
 public:
  /// What the inputs are now; nothing when one of them is no table with a version.
  std::optional<TestPast> Note(engine::Session& session, const InputState& inputs);

  /// The rows that a test gives, whose SQL is compiled by now: by FollowDifferences. Nothing where that cannot be
  /// known, or is not worth it.
  std::optional<FailuresNow> Failures(NodeRun& run, const InputState& inputs, const TestPast& past);

 private:
  std::optional<TablePast> PastOf(engine::Session& session, const std::string& table, std::int64_t version);
  TableDifference DifferenceOf(const NodeRun& run, const std::string& table, const TablePast& since, std::int64_t now);

  std::optional<std::set<std::string>> Functions(engine::Session& session);

  KnownTrees trees_;
  std::mutex lock_;
  std::optional<std::set<std::string>> functions_;
  std::map<std::pair<std::string, std::int64_t>, std::optional<TablePast>> pasts_;
  std::map<std::string, TableDifference> differences_;  ///< by table and both versions
};

}  // namespace smelt::transform
