#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "delta/checkpoint_format.h"
#include "engine/internal/duck.h"
#include "engine/internal/parquet/file_layout.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine {

/// The columns of a checkpoint.
struct CheckpointColumns {
  std::vector<std::string> names;
  duckdb::LogicalType add = duckdb::LogicalType::SQLNULL;  ///< the type of the column "add", if there is one
};

/// As a query would find them; nothing when the footer has what the protocol does not know, and a query must be asked.
std::optional<CheckpointColumns> ColumnsOf(const parquet::FileLayout& layout);

/// The expressions with which queries over a checkpoint give its rows.
struct FileExpressions {
  std::string statistics;  ///< of a file as text; those that stand in typed columns only are rendered
  /// Whether those are the column "add"."stats", as it stands.
  bool statistics_are_text = false;
  /// The files as plain columns, which CheckpointFileReader takes, and all other rows as JSON.
  std::string all;
  std::string without_statistics;  ///< the same but for the statistics
};

/// Nothing when the files of a checkpoint with these columns do not have the types of the protocol. What has no value
/// in any row is not read.
std::optional<FileExpressions> FileExpressionsOf(const CheckpointColumns& columns, const parquet::FileLayout& layout);

/// Turns the results of such a query into the rows of a checkpoint. Confined to one thread.
class CheckpointFileReader {
 public:
  /// Both outlive the reader; `address` names the file in errors.
  CheckpointFileReader(const std::string& address, delta::CheckpointRows& rows) : address_(address), rows_(rows) {}

  /// Errors: kDeltaCorrupt, and those of the rows.
  Status Read(duckdb::DataChunk& chunk);
  /// How many rows were read, the one that is being taken included.
  std::int64_t row() const { return row_; }

 private:
  const std::string& address_;
  delta::CheckpointRows& rows_;
  TextArena texts_;
  std::int64_t row_ = 0;
};

/// An expression of the JSON form that the protocol has for a typed bound ("Per-file Statistics"): timestamps cut to
/// milliseconds, no infinities, which JSON does not have.
std::string BoundExpression(const std::string& value, const duckdb::LogicalType& type);

/// The type of a struct's member, compared without case; nothing when it has none of that name.
std::optional<duckdb::LogicalType> MemberType(const duckdb::LogicalType& type, const std::string& name);

}  // namespace smelt::engine
