#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/internal/lake.h"

namespace smelt::engine {

/// The place of a row among those of a kept file.
struct KeptRow {
  std::uint32_t chunk = 0;
  std::uint32_t row = 0;
};

/// The rows of one data file in memory, found by the values of columns. What is kept never changes; the ways to find
/// rows are made when they are first asked for. Thread-safe.
class KeptFile {
 public:
  /// Reads the file as the state's scans do: its deleted rows are left out. Throws as scans do.
  static std::shared_ptr<KeptFile> Read(Lake& lake, const TableState& state, const LiveFile& file);

  /// Whether the rows are those of the file as `state` describes it.
  bool Fits(const TableState& state) const { return schema_ == state.metadata.schema_string; }
  /// The rows that have these values in these columns, in the order of the file. Values are of their columns' types,
  /// and none is NULL.
  std::vector<KeptRow> Find(const std::vector<std::size_t>& columns, const std::vector<duckdb::Value>& values);
  const duckdb::DataChunk& chunk(std::size_t i) const { return *chunks_[i]; }
  /// What it takes, without the ways to find rows.
  std::size_t bytes() const { return bytes_; }

 private:
  /// Places by the hash of their values, ascending.
  using Index = std::vector<std::pair<duckdb::hash_t, KeptRow>>;

  std::shared_ptr<const Index> IndexOf(const std::vector<std::size_t>& columns);
  bool Has(const KeptRow& row, std::size_t column, const duckdb::Value& value) const;

  std::string schema_;
  std::vector<duckdb::unique_ptr<duckdb::DataChunk>> chunks_;
  std::size_t bytes_ = 0;
  std::mutex lock_;
  std::map<std::vector<std::size_t>, std::shared_ptr<const Index>> indexes_;  ///< by positions of columns; a few
};

}  // namespace smelt::engine
