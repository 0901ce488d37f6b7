#pragma once

#include <functional>
#include <string>

#include "engine/internal/maintenance/command.h"

namespace smelt::engine {

/// A condition as SQL prints it, which makes sure that it is one expression and nothing behind it. Errors: kSqlSyntax.
Result<std::string> CheckedCondition(const std::string& condition);

/// Decides which partitions of a table a condition in SQL selects. It may name partition columns only.
/// Errors: kSqlSyntax, kSqlBinding.
Result<std::function<bool(const delta::PartitionValues&)>> CompilePartitionFilter(const CommandCall& call,
                                                                                  const TableState& state,
                                                                                  const std::string& condition);

}  // namespace smelt::engine
