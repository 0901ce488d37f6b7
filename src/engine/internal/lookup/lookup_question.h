#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// A statement that asks for rows of one table by the values of columns, and for nothing else:
/// `select a, b as c from s.t where id = $1 and kind = 'x' limit 10`. A value type.
struct LookupQuestion {
  struct Column {
    std::string name;
    std::string alias;  ///< empty: the column's own name
  };
  /// `column = value`: of a parameter, by its position from 0, or a constant; cast where the statement says so.
  struct Key {
    std::string column;
    std::optional<std::size_t> parameter;
    duckdb::Value constant;
    duckdb::LogicalType cast = duckdb::LogicalType::INVALID;
  };

  std::string catalog, schema, table;
  std::vector<Column> columns;  ///< none: all of the table
  std::vector<Key> keys;        ///< at least one
  std::optional<duckdb::idx_t> rows_max;
};

/// What a statement asks for, when it is nothing more than a lookup.
std::optional<LookupQuestion> LookupQuestionOf(const duckdb::SQLStatement& statement);

}  // namespace smelt::engine
