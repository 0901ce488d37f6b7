#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::engine {

/// How a value comes from a column. Where one column reaches another in several ways, the last of them here counts.
enum class Derivation : std::uint8_t {
  kCopy,        ///< unchanged: renamed at most, or of a wider type
  kComputed,    ///< through an expression
  kAggregated,  ///< through an aggregate, or one over a window
};

/// "copy", "computed", "aggregated".
std::string_view DerivationText(Derivation derivation);

/// A column that a query reads.
struct OriginColumn {
  std::string schema;  ///< empty: `table` is the call of a table function, "read_csv('orders.csv')"
  std::string table;
  std::string column;
  std::string field;  ///< the part of a struct that is read: "address.city"; empty: all of the column
  auto operator<=>(const OriginColumn&) const = default;
};

struct ColumnSource {
  OriginColumn column;
  Derivation derivation = Derivation::kCopy;
  auto operator<=>(const ColumnSource&) const = default;
};

/// A column of a query's result.
struct TracedColumn {
  std::string name;
  std::string type;                      ///< as SQL: "DECIMAL(10,2)"
  std::vector<ColumnSource> sources;     ///< what its values are made of, in the order of names
  std::vector<OriginColumn> influences;  ///< what only decides about values of this one: conditions within a subquery,
                                         ///< partitions and order of a window; in the order of names
};

/// Where the columns of a query's result come from.
struct QueryLineage {
  std::vector<TracedColumn> columns;     ///< as the query gives them
  std::vector<OriginColumn> influences;  ///< what decides which rows there are, and in what order: columns that are
                                         ///< filtered, joined, grouped or ordered by; in the order of names
  /// What could not be traced, in words. The claims about columns behind it are then larger than the truth.
  std::vector<std::string> untraced;
};

/// What a query makes of views.
enum class ViewTracing : std::uint8_t {
  kThrough,  ///< the columns of the tables behind them are the sources
  kStop,     ///< their own columns are
};

/// Finds out where the columns of a query's result come from, by the plan it is bound to; nothing is run. Changing the
/// values of a column that is neither among a result column's sources and influences nor among those of the query
/// leaves that result column as it is. Confined to the session's thread.
/// Errors: kSql… of a query that cannot be bound, with its line; kSqlSyntax for no or several statements;
/// kSqlUnsupported for a statement that is no query.
Result<QueryLineage> TraceColumns(Session& session, std::string_view sql, ViewTracing views = ViewTracing::kThrough);

/// Tables with columns and without rows, to bind queries to what has not been built. They lie in a catalogue called
/// `lake`, as those of a real one do. Thread-safe.
class EmptyLake {
 public:
  using Columns = std::vector<std::pair<std::string, std::string>>;  ///< names and SQL types

  /// Errors: kSql….
  static Result<std::unique_ptr<EmptyLake>> Open();
  ~EmptyLake();

  /// Makes a table, or replaces it. Errors: kSql… for types or names that the engine does not take, and no columns.
  Status Define(std::string_view schema, std::string_view table, const Columns& columns);
  /// As TraceColumns.
  Result<QueryLineage> Trace(std::string_view sql);

 private:
  struct Impl;
  explicit EmptyLake(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::engine
