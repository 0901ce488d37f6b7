#pragma once

#include <string>
#include <utility>
#include <vector>

#include "transform/internal/jinja/source_map.h"

namespace smelt::transform {

/// A query that another one uses by name.
struct CommonTable {
  std::string name;
  std::string sql;
  jinja::SourceMap places;  ///< of its SQL
};

/// `sql` with the tables before it as common table expressions, in their order: in front of its own `with` list when
/// it has one, else before everything. `places`, if given, are those of `sql`, and become those of the result.
std::string AddCommonTables(const std::vector<CommonTable>& tables, const std::string& sql,
                            jinja::SourceMap* places = nullptr);

}  // namespace smelt::transform
