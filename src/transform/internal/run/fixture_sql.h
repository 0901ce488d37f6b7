#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "transform/internal/jinja/value.h"
#include "transform/internal/run/input_columns.h"

namespace smelt::transform {

/// The queries of a unit test, as the macros get_fixture_sql, get_expected_sql and get_unit_test_sql write them, which
/// a project may have its own of. Confined to one thread.
class FixtureQueries {
 public:
  /// `model` is the one that is tested.
  FixtureQueries(const NodeRun& run, const Node& model) : run_(run), model_(model) {}

  /// The query of the rows that the test gives for `name`: every column of the input in its type, null where a row does
  /// not tell. Without `columns`, which are then not known, the rows' own columns as they are written.
  /// Errors: kDbtConfigInvalid for columns that the input does not have, with the nearest one, or when nothing is
  /// known; kJinja….
  Result<std::string> Given(const std::string& name, const Json& rows, const std::optional<NamedTypes>& columns) const;

  /// The query of the rows that the test expects, in the columns of the first row and the types of `columns`.
  /// Errors: kDbtConfigInvalid as above, and for rows with other columns than the first; kJinja….
  Result<std::string> Expected(const Json& rows, const NamedTypes& columns) const;

  /// Both sides, with the side as the last column: 'actual' or 'expected'. Errors: kJinja….
  Result<std::string> Comparison(const std::string& actual, const std::string& expected,
                                 const NamedTypes& compared) const;

 private:
  Result<std::string> Call(const std::string& call, const std::string& model,
                           std::map<std::string, jinja::Value> values) const;

  const NodeRun& run_;
  const Node& model_;
};

/// The column of `columns` that a fixture calls `name`, whatever its case; or null.
const engine::ResultColumn* FindColumn(const NamedTypes& columns, const std::string& name);

}  // namespace smelt::transform
