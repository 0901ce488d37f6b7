#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine::parquet {

/// Where the values of one column stand in a file, by its footer (parquet.thrift, FileMetaData).
struct ColumnLayout {
  struct Chunk {
    std::uint64_t offset = 0;  ///< of the first page
    std::uint64_t size = 0;
    std::uint64_t values = 0;  ///< with those that are NULL
    int codec = 0;             ///< by Parquet's number
  };
  /// The definition level of a row that has a value.
  unsigned level_max = 0;
  std::vector<Chunk> chunks;  ///< one for each row group
};

/// Which columns of a file have no value in any row, by the statistics in its footer.
class ValuelessColumns {
 public:
  ValuelessColumns() = default;
  /// None, when the footer cannot be read.
  explicit ValuelessColumns(std::string_view footer);

  /// Whether this column, or everything within this structure, list or map, has no value. `path` are the names, joined
  /// by dots. False for what the file does not have.
  bool Has(std::string_view path) const;

 private:
  struct Leaf {
    std::string path;
    bool has_values = true;
  };
  std::vector<Leaf> leaves_;
};

/// Nothing when the footer cannot be read, or has no such column of texts, or more than one value of it in a row.
std::optional<ColumnLayout> FindTextColumn(std::string_view footer, std::span<const std::string_view> path);

}  // namespace smelt::engine::parquet
