#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generate/internal/description.h"

namespace smelt::generate {

/// What a plan is made for.
struct PlanSettings {
  std::uint64_t seed = 1;
  double scale = 1;
  double dirt = 1;
  std::int64_t day = 0;  ///< the day of the drop; for the base files the last day of the period
  bool drop = false;
};

/// The rows of a table with rows: that are there at the end of a day.
std::int64_t RowsAt(const DataSet& data, const DataTable& table, double scale, std::int64_t day);

/// How the rows of one file come out of the keys of its root, as a query of nested selects: each computes what needs
/// only what those within it have computed. Nothing is joined: a row that another refers to is computed from its key.
/// Confined to one thread.
class TablePlan {
 public:
  /// The plan of `table`, or nothing when it has no rows of that period.
  /// Errors: those of ColumnText; kConfigValueInvalid for names that mean nothing and for columns that need themselves.
  static Result<std::optional<TablePlan>> Make(const DataSet& data, const DataTable& table,
                                               const PlanSettings& settings);
  TablePlan(TablePlan&&) noexcept;
  ~TablePlan();

  /// The table from whose keys the rows come: this one, or that at the top of its parents.
  const DataTable& root() const;
  /// The query, over a query that gives the root's keys in a column "root key".
  std::string Sql(const std::string& keys) const;

  /// Queries that each have one column more than the one before, and the column's place in the description: to find
  /// the column that the engine refuses.
  struct Probe {
    std::string sql;
    ConfigNode at;
    std::string column;
  };
  std::vector<Probe> Probes(const std::string& keys) const;

 private:
  class Maker;
  struct Level {
    struct Entry {
      std::string alias, sql;
      ConfigNode at;
      std::string column;
    };
    std::vector<Entry> entries;
  };
  explicit TablePlan(const DataTable& root);

  const DataTable* root_;
  std::vector<Level> levels_;
  std::string outputs_, filter_;
  std::optional<ConfigNode> filter_at_;
};

}  // namespace smelt::generate
