#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::engine::parquet {

/// Where the columns of a file stand, by its footer (parquet.thrift, FileMetaData). A column's path is its name behind
/// those of the structures, lists and maps around it, joined by dots.
class FileLayout {
 public:
  struct Chunk {
    std::uint64_t offset = 0;  ///< of the first page
    std::uint64_t size = 0;
    std::uint64_t values = 0;                 ///< with those that are NULL
    std::optional<std::uint64_t> nulls = {};  ///< where the file says how many
    int codec = 0;                            ///< by Parquet's number
  };
  /// What a column holds, as far as the checkpoints of Delta tables have it.
  enum class Kind : std::uint8_t {
    kBoolean,
    kInt32,
    kInt64,
    kText,
    kTextMap,  ///< from text to text
    kStruct,
    kOther,
  };
  /// A column as the schema has it.
  struct Column {
    std::string name;
    Kind kind = Kind::kOther;
    std::vector<Column> members = {};  ///< of a structure; of others nothing is said
  };
  /// A column that holds values itself.
  struct Leaf {
    std::string path;
    bool is_text = false;
    bool is_repeated = false;        ///< a row may have several values
    unsigned level_max = 0;          ///< the definition level of a row that has a value
    std::vector<Chunk> chunks = {};  ///< one for each row group
  };

  /// Of a file of which nothing is known.
  FileLayout() = default;
  /// Nothing when the footer is damaged.
  static std::optional<FileLayout> Parse(std::string_view footer);

  const std::vector<Column>& columns() const { return columns_; }
  /// The column of texts with this path; null when there is none, or another one beside it.
  const Leaf* FindText(std::string_view path) const;
  /// Whether this column, or everything within this structure, list or map, is there and has no value in any row.
  bool IsValueless(std::string_view path) const;

 private:
  std::vector<Column> columns_;
  std::vector<Leaf> leaves_;
};

}  // namespace smelt::engine::parquet
