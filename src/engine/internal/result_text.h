#pragma once

#include "engine/internal/duck.h"
#include "engine/session.h"

namespace smelt::engine {

TypeKind KindOf(const duckdb::LogicalType& type);

/// Describes the columns of a result.
std::vector<ResultColumn> DescribeColumns(const duckdb::QueryResult& result);

/// Turns chunks into text cells: values as SQL prints them; lists, structs and maps as JSON. Confined to one thread.
class ChunkText {
 public:
  ChunkText(duckdb::ClientContext& context, const duckdb::QueryResult& result);

  /// Appends the chunk's rows to `rows`.
  void Append(duckdb::DataChunk& chunk, std::vector<std::vector<Cell>>& rows);

 private:
  duckdb::ClientContext& context_;
  duckdb::vector<duckdb::LogicalType> targets_;
};

}  // namespace smelt::engine
