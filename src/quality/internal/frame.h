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

/// The column of numbered_relation() that tells a row's position, counted from 0.
inline constexpr std::string_view kRowNumber = "smelt_row_number";

/// The rows under test: relations of SQL and their columns. Immutable.
class Frame {
 public:
  struct Relations {
    std::string source;         ///< `silver.orders at (version => 3)`, `read_parquet('…')`
    std::string rows = {};      ///< the same where not-a-number is a missing value; empty: `source`
    std::string counted = {};   ///< like `rows`, in functions of smelt's that cost less; empty: `rows`
    std::string numbered = {};  ///< like `rows`, with kRowNumber; empty: rows have no position
  };

  Frame(Relations relations, std::string schema, std::vector<Column> columns)
      : relations_(std::move(relations)), schema_(std::move(schema)), columns_(std::move(columns)) {}

  /// The same rows, which know their positions by this relation.
  Frame Numbered(std::string relation) const {
    Frame numbered = *this;
    numbered.relations_.numbered = std::move(relation);
    return numbered;
  }

  /// What stands after FROM. Not-a-number is a missing value there, as it is in pandas.
  const std::string& relation() const { return relations_.rows.empty() ? relations_.source : relations_.rows; }
  /// The same for queries that nobody reads.
  const std::string& counted_relation() const { return relations_.counted.empty() ? relation() : relations_.counted; }
  /// The rows as they are stored, for SQL that comes from a suite.
  const std::string& source() const { return relations_.source; }
  /// relation() with the column kRowNumber; empty for a table, whose rows have no order.
  const std::string& numbered_relation() const { return relations_.numbered; }
  /// The schema of the table, which unqualified names of other tables are looked up in; empty for a file.
  const std::string& schema() const { return schema_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// The column of that name, compared without case; null when there is none.
  const Column* Find(std::string_view name) const;
  /// Errors: kQualityNotApplicable.
  Result<Column> Require(std::string_view name) const;

 private:
  Relations relations_;
  std::string schema_;
  std::vector<Column> columns_;
};

}  // namespace smelt::quality
