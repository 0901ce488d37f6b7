#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/session.h"
#include "quality/data_source.h"
#include "quality/tolerance.h"

namespace smelt::quality {

struct DiffOptions {
  std::vector<std::string> key = {};  ///< what tells rows apart; empty: whole rows are compared, and none is "changed"
  std::vector<std::string> columns = {};  ///< compare only these; empty: all that both sides have
  std::vector<std::string> ignored = {};  ///< do not compare these, nor their presence and type
  Tolerance tolerance = {};               ///< of numbers
  int samples = 5;                        ///< of each kind of difference
};

/// What became of one column in the rows that both sides have.
struct ColumnDiff {
  std::string name;
  std::int64_t changed = 0;
  Json samples = Json::array();  ///< {"key": {…}, "a": …, "b": …} of the first by key
};

struct SchemaDiff {
  struct Column {
    std::string name, type_a, type_b;  ///< an empty type: the side does not have the column
  };
  std::vector<Column> columns;  ///< those that differ
};

/// How side b differs from side a.
struct DataDiff {
  std::string a, b;  ///< as DataSource::label
  std::vector<std::string> key;
  std::int64_t rows_a = 0, rows_b = 0;
  std::int64_t added = 0;    ///< rows that b alone has
  std::int64_t removed = 0;  ///< rows that a alone has
  std::int64_t changed = 0;  ///< rows of one key with another value in some column
  std::int64_t unchanged = 0;
  std::int64_t repeated_a = 0, repeated_b = 0;  ///< rows beyond the first of their key
  std::vector<ColumnDiff> columns;              ///< all compared, in order
  Json added_samples = Json::array(), removed_samples = Json::array();
  SchemaDiff schema;
  double seconds = 0;

  bool same() const { return added == 0 && removed == 0 && changed == 0 && schema.columns.empty(); }
  Json ToJson() const;
};

/// Compares two sides by one hash join that reads each of them once. NULL equals NULL, also in keys; NaN equals NaN.
/// Rows whose key repeats are put beside each other in the order of their content.
/// Errors: kUsage (a key or column that is not on both sides, no column to compare), kCancelled, kSql…, kDelta…,
/// kStore….
Result<DataDiff> Diff(engine::Session& session, const DataSource& a, const DataSource& b, const DiffOptions& options,
                      std::stop_token stop = {});

}  // namespace smelt::quality
