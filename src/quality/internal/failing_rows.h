#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/session.h"
#include "quality/internal/frame.h"
#include "quality/suite.h"

/// Which rows expectations blame, so that these can be moved.
namespace smelt::quality {

/// An expectation as a rule on rows: one that can quarantine, with its parameters replaced.
struct RowRule {
  const ExpectationConfig* config;  ///< outlives the rule
  std::string suite;

  /// What the rule demands, in a line: `expect_column_values_to_be_between {"max_value":100}`.
  std::string Text() const;
};

/// The two columns of a frame's relation by which a row is known; beside those of the frame.
inline constexpr std::string_view kRowKeyA = "smelt_row_key_a";
inline constexpr std::string_view kRowKeyB = "smelt_row_key_b";
/// The temporary table that FindFailingRows makes: kRowKeyA, kRowKeyB, rule.
inline constexpr std::string_view kFailingRows = "smelt_failing_rows";

/// Makes kFailingRows: an entry for each row and each rule (its index) that finds the row unexpected. What has to be
/// unique is looked for among the rows that no other rule blames: a bad copy does not take the good row along. Rows
/// whose kRowKeyB is missing are judged with the others, but not listed.
/// Errors: kQualityNotApplicable (a rule does not fit the columns), those of the engine.
Status FindFailingRows(engine::Session& session, const Frame& frame, std::span<const RowRule> rules);

}  // namespace smelt::quality
