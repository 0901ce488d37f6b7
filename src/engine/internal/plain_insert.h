#pragma once

#include "engine/internal/duck.h"

namespace smelt::engine {

/// Whether a statement inserts rows that it lists or counts out itself: VALUES, or SELECT without a table or from
/// range() and generate_series(), and nothing but expressions of a row. Of such a plan nothing can be made better, and
/// the optimizer would take as long as all other planning.
bool IsPlainInsert(const duckdb::SQLStatement& statement);

/// Plans without the optimizer for as long as it lives. Confined to the connection's thread.
class WithoutOptimizer {
 public:
  explicit WithoutOptimizer(duckdb::ClientContext& context);
  WithoutOptimizer(const WithoutOptimizer&) = delete;
  WithoutOptimizer& operator=(const WithoutOptimizer&) = delete;
  ~WithoutOptimizer();

 private:
  duckdb::ClientConfig& config_;
  bool before_;
};

}  // namespace smelt::engine
