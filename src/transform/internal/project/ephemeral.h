#pragma once

#include <string>
#include <utility>
#include <vector>

namespace smelt::transform {

/// A query that another one uses by name.
struct CommonTable {
  std::string name;
  std::string sql;
};

/// `sql` with the tables before it as common table expressions, in their order: in front of its own `with` list when
/// it has one, behind comments that it starts with.
std::string AddCommonTables(const std::vector<CommonTable>& tables, const std::string& sql);

}  // namespace smelt::transform
