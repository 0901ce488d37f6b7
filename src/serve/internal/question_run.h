#pragma once

#include <stop_token>
#include <vector>

#include "serve/query_service.h"

namespace smelt::serve::internal {

/// Runs a statement in a session of its own, on tables as they are pinned. Of the answer, columns, rows, `truncated`
/// and `bytes` are set. Errors: kSql…, kStore…, kServeLimit, kCancelled when `stop` is requested.
Result<Answer> RunQuestion(engine::Engine& engine, const Question& question, const std::vector<engine::TablePin>& pins,
                           const RowLimits& limits, const std::stop_token& stop);

/// The same as CSV with a line of names; more rows than the limit are an error. Errors: as RunQuestion.
Result<std::string> RunToCsv(engine::Engine& engine, const Question& question,
                             const std::vector<engine::TablePin>& pins, const RowLimits& limits,
                             const std::stop_token& stop);

}  // namespace smelt::serve::internal
