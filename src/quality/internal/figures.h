#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "quality/internal/frame.h"

namespace smelt::quality {

/// The figures that one expectation asks for: SQL expressions that yield one value each.
using FigureRequest = std::vector<std::string>;

/// A quantile as part of a figure: the value at the share `at` of the way through the sorted values of a column, in the
/// rows that `condition` leaves (empty: all). FigureQuery computes all quantiles of the same values together.
std::string QuantileFigure(const Column& column, std::string_view condition, double at);

/// One SELECT that computes the figures of all requests. An expression that several ask for is computed once.
class FigureQuery {
 public:
  FigureQuery(const std::vector<FigureRequest>& requests, std::string relation);

  /// `select …, … from <relation>`, after `with …` where figures share ValueCounts; empty when there are no figures.
  std::string sql() const;
  /// The figures of one request, out of the query's only row.
  std::vector<Json> Pick(const FigureRequest& request, const std::vector<engine::Cell>& row) const;

 private:
  std::size_t Position(const std::string& expression) const;
  std::string relation_;
  std::vector<std::string> expressions_;  ///< as asked for; quantiles are not spelt out yet
};

/// Whether an error lies in what was asked, not in the engine or the store.
bool IsAboutTheQuestion(ErrorCode code);

/// Computes the figures of all requests, in one query as long as there are no more than some hundreds, over a relation,
/// or without one when `relation` is empty (the expressions then bring their own). When the query cannot be bound or
/// fails on some value, each request is tried by itself, so that one impossible expectation does not take the others
/// down; its error is its answer. Errors (of the whole): kCancelled, kStore…, kDelta…, kSqlOutOfMemory.
Result<std::vector<Result<std::vector<Json>>>> ComputeFigures(engine::Session& session, const std::string& relation,
                                                              const std::vector<FigureRequest>& requests);

}  // namespace smelt::quality
