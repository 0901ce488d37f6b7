#pragma once

#include <optional>
#include <vector>

#include "engine/internal/engine_impl.h"
#include "engine/internal/lookup/lookup_question.h"

/// Lookups of rows by the values of columns, answered from data files that are kept in memory instead of by a plan.
namespace smelt::engine {

/// The rows that a lookup found.
struct LookupAnswer {
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::unique_ptr<duckdb::DataChunk> rows;  ///< null: none
};

/// What a lookup would answer with, whatever its values.
struct LookupShape {
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  std::vector<duckdb::LogicalType> parameters;  ///< by position; INVALID where the lookup does not use it
};

/// Answers as the engine would; nothing when it is to be asked itself: the table is no table of the lake, is not looked
/// into often enough, is too large, or the values are compared otherwise than by being the same.
std::optional<LookupAnswer> Lookup(Session::Impl& session, const LookupQuestion& question,
                                   const std::vector<duckdb::Value>& parameters);

/// The types that the engine would find by binding the statement; nothing when it is to be asked itself.
std::optional<LookupShape> DescribeLookup(Session::Impl& session, const LookupQuestion& question);

}  // namespace smelt::engine
