#pragma once

#include <functional>
#include <string>

#include "engine/internal/maintenance/command.h"

namespace smelt::engine {

/// Decides which partitions of a table a condition in SQL selects. It may name partition columns only.
/// Errors: kSqlSyntax, kSqlBinding.
Result<std::function<bool(const delta::PartitionValues&)>> CompilePartitionFilter(const CommandCall& call,
                                                                                  const TableState& state,
                                                                                  const std::string& condition);

}  // namespace smelt::engine
