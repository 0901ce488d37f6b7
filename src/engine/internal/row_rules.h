#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "delta/schema.h"
#include "engine/internal/duck.h"
#include "engine/internal/table_state.h"

namespace smelt::engine {

/// Before the name of a CHECK constraint among a table's properties ("CHECK Constraints" of the protocol).
inline constexpr std::string_view kConstraintPrefix = "delta.constraints.";

/// A column whose values the table numbers ("Identity Columns" of the protocol).
struct IdentityColumn {
  std::size_t column = 0;
  std::int64_t start = 1;
  std::int64_t step = 1;
  std::optional<std::int64_t> high_water_mark;  ///< the last number given out
  bool explicit_allowed = false;                ///< rows may bring a number of their own

  /// The first of the numbers that follow those given out. Errors: kSqlRuntime when the type has no more.
  Result<std::int64_t> Next() const;
};

/// What a table's metadata demands of its rows beyond type and nullability, as SQL texts: "Column Invariants", "CHECK
/// Constraints", "Generated Columns", "Default Columns" and "Identity Columns" of the protocol. Immutable.
struct RowRules {
  struct Check {
    std::string name;  ///< of the constraint, or the column of an invariant
    std::string sql;   ///< must be true, not just not false
  };
  struct Generated {
    std::size_t column;
    std::string sql;
  };
  struct Default {
    std::size_t column;
    std::string sql;
  };
  std::vector<Check> checks;
  std::vector<Generated> generated;
  std::vector<Default> defaults;
  std::vector<IdentityColumn> identities;

  const Generated* GeneratedAt(std::size_t column) const;
  const IdentityColumn* IdentityAt(std::size_t column) const;
};

/// Reads the rules out of table metadata, and of the columns that it describes where they were parsed before
/// (TableShape::fields). Errors: kDeltaCorrupt.
Result<RowRules> ReadRules(const delta::Metadata& metadata);
Result<RowRules> ReadRules(const delta::Metadata& metadata, std::span<const delta::Field> columns);

/// The default of a column as a parsed expression; null when DuckDB cannot parse it.
duckdb::unique_ptr<duckdb::ParsedExpression> ParseDefault(const RowRules::Default& rule);

/// The text of an expression as Spark writes it in DuckDB's dialect: `quoted` names become "quoted".
std::string FromSparkSql(std::string_view sql);
/// The inverse, for expressions that DuckDB printed.
std::string ToSparkSql(std::string_view sql);

/// The rules of one table, bound to the columns of its rows. `given` says of each column whether the statement gives
/// its values; generated columns that it does not are computed, the others are checked. Immutable, hence shared by the
/// threads of a write.
class BoundRules {
 public:
  /// Throws kDeltaUnsupported when an expression of the table cannot be understood.
  BoundRules(duckdb::ClientContext& context, const std::string& table, const TableShape& shape, const RowRules& rules,
             const std::vector<bool>& given);

  bool empty() const { return checks_.empty() && computed_.empty(); }

 private:
  friend class RuleExecutor;
  struct Check {
    std::string name, sql;
    std::vector<std::size_t> columns;  ///< that it looks at
  };
  duckdb::unique_ptr<duckdb::Expression> Bind(duckdb::ClientContext& context, const std::string& sql,
                                              const duckdb::LogicalType& type, duckdb::physical_index_set_t& columns);
  void AddCheck(duckdb::ClientContext& context, std::string name, std::string sql);

  std::string table_;
  TableShape shape_;
  duckdb::ColumnList columns_;
  std::vector<Check> checks_;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> check_expressions_;
  std::vector<std::size_t> computed_;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> computed_expressions_;
};

/// Applies bound rules to rows. Confined to one thread.
class RuleExecutor {
 public:
  RuleExecutor(duckdb::ClientContext& context, const BoundRules& rules);

  /// Fills the computed columns of `rows`.
  void Compute(duckdb::DataChunk& rows);
  /// Throws kSqlConstraint for the first row that breaks a rule.
  void Check(duckdb::DataChunk& rows);

 private:
  [[noreturn]] void Refuse(const BoundRules::Check& check, const duckdb::DataChunk& rows, duckdb::idx_t row) const;

  const BoundRules& rules_;
  duckdb::ExpressionExecutor computing_, checking_;
  duckdb::DataChunk computed_, verdicts_;
};

}  // namespace smelt::engine
