#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/internal/duck.h"

namespace smelt::engine {

/// In which language a value is written.
enum class TextForm : std::uint8_t { kJson, kCsv };

/// Writes the values of one column of a chunk, or of a nested column's children, as RowFormatOptions describes. Reads
/// the vector that it was made of. Confined to one thread.
class ColumnText {
 public:
  /// `vector` is flattened. `exact` writes wide numbers as texts in JSON.
  ColumnText(duckdb::ClientContext& context, duckdb::Vector& vector, duckdb::idx_t count, bool exact);

  void Append(std::string& out, duckdb::idx_t row, TextForm form) const;

 private:
  void AppendJson(std::string& out, duckdb::idx_t row) const;
  void AppendLeaf(std::string& out, duckdb::idx_t row, bool quoted) const;
  void AppendElements(std::string& out, duckdb::idx_t row) const;
  void AppendMembers(std::string& out, duckdb::idx_t row) const;
  void AppendEntries(std::string& out, duckdb::idx_t row) const;
  void PrepareNested(duckdb::ClientContext& context, duckdb::Vector& vector, duckdb::idx_t count, bool exact);
  void PrepareText(duckdb::ClientContext& context, duckdb::Vector& vector, duckdb::idx_t count);

  /// How a leaf is written.
  enum class Leaf : std::uint8_t {
    kText,       ///< a text
    kNumber,     ///< digits, which JSON takes as they are
    kBigNumber,  ///< the same, as a text where numbers must be exact
    kFloat,
    kBoolean,
    kInstant,  ///< a timestamp
    kUtc,      ///< a timestamp with time zone
    kInterval,
    kBytes,
    kJson,  ///< JSON already
    kNested,
  };
  static Leaf LeafOf(const duckdb::LogicalType& type);

  duckdb::LogicalType type_;
  Leaf leaf_;
  bool exact_;
  duckdb::UnifiedVectorFormat format_;       ///< of the vector itself
  std::unique_ptr<duckdb::Vector> texts_;    ///< its values in SQL's words
  duckdb::UnifiedVectorFormat text_format_;  ///< of these
  std::vector<std::string> names_;           ///< of a struct's members
  std::vector<std::unique_ptr<ColumnText>> children_;
};

/// A text as a field of CSV, in quotation marks where it needs them.
void AppendCsvText(std::string& out, std::string_view text);

/// A text in JSON's quotation marks.
void AppendJsonText(std::string& out, std::string_view text);

}  // namespace smelt::engine
