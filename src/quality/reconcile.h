#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/session.h"
#include "quality/data_source.h"
#include "quality/tolerance.h"

namespace smelt::quality {

struct ReconcileOptions {
  std::vector<std::string> columns = {};  ///< empty: all that both sides have
  std::vector<std::string> ignored = {};
  Tolerance tolerance = {};  ///< of row counts, counts of values and sums; contents are then not compared by hash
};

/// One figure of the two sides.
struct ReconciledFigure {
  std::string column;  ///< empty: of the rows
  std::string figure;  ///< "rows", "values" (not null), "sum", "min", "max", "hash" (of all values, in any order)
  std::optional<std::string> source, landed;
  bool holds = false;
};

/// Whether what landed is what the source has, by figures of whole columns.
struct Reconciliation {
  std::string source, landed;  ///< as DataSource::label
  std::vector<ReconciledFigure> figures;
  std::vector<std::string> only_source, only_landed;  ///< columns that cannot be compared
  double seconds = 0;

  bool holds() const;
  Json ToJson() const;
};

/// Compares counts, sums, bounds and hashes of two sides, one query each: no key is needed, and the sides may be as
/// large as they like. Texts of one side are read as the type of the other where they all can be. Errors: kUsage (a
/// column that is not on both sides), kCancelled, kSql…, kDelta…, kStore….
Result<Reconciliation> Reconcile(engine::Session& session, const DataSource& source, const DataSource& landed,
                                 const ReconcileOptions& options, std::stop_token stop = {});

}  // namespace smelt::quality
