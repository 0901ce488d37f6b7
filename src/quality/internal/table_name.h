#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quality/suite.h"

namespace smelt::quality {

struct TableName {
  std::string schema;
  std::string table;

  /// "silver.orders", each part quoted where it has to be.
  std::string sql() const;
  /// The same without quotes.
  std::string text() const { return schema + "." + table; }
};

/// Splits "schema.table"; a name without a schema gets `default_schema`. Nothing when a part is empty.
std::optional<TableName> ParseTableName(std::string_view text, std::string_view default_schema = {});

/// The tables that the expectations of a suite compare its own with.
std::vector<TableName> OtherTables(const Suite& resolved);

/// Whether a suite reads more than tables at versions: SQL of its own, which may read whatever there is, or the time.
bool ReadsMoreThanTables(const Suite& resolved);

}  // namespace smelt::quality
