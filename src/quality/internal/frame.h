#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::quality {

/// A column as SQL sees it.
struct Column {
  std::string name;
  std::string sql;   ///< an expression: the quoted name
  std::string type;  ///< "DECIMAL(10,2)"
  engine::TypeKind kind = engine::TypeKind::kOther;

  bool is_number() const {
    return kind == engine::TypeKind::kInteger || kind == engine::TypeKind::kDecimal || kind == engine::TypeKind::kFloat;
  }
  bool is_temporal() const { return kind == engine::TypeKind::kDate || kind == engine::TypeKind::kTimestamp; }
};

/// The rows under test: a relation of SQL and its columns. Immutable.
class Frame {
 public:
  Frame(std::string relation, std::string schema, std::vector<Column> columns)
      : relation_(std::move(relation)), schema_(std::move(schema)), columns_(std::move(columns)) {}

  /// What stands after FROM: `silver.orders at (version => 3)`, `read_parquet('…')`.
  const std::string& relation() const { return relation_; }
  /// The schema of the table, which unqualified names of other tables are looked up in; empty for a file.
  const std::string& schema() const { return schema_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// The column of that name, compared without case; null when there is none.
  const Column* Find(std::string_view name) const;
  /// Errors: kQualityNotApplicable.
  Result<Column> Require(std::string_view name) const;

 private:
  std::string relation_;
  std::string schema_;
  std::vector<Column> columns_;
};

}  // namespace smelt::quality
