#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time_zone.h"
#include "engine/typed_result.h"
#include "serve/postgres/wire_buffer.h"
#include "serve/postgres/wire_type.h"

namespace smelt::serve::postgres {

/// How one column goes to the client.
struct CellFormat {
  engine::ValueType type{};
  WireType wire{};
  bool binary = false;
  std::unique_ptr<CellFormat> element{};  ///< of lists
};

/// Writes cells and rows in the formats that a client asked for. Immutable but for its zone. Confined.
class RowFormat {
 public:
  RowFormat() = default;
  /// `formats` as Bind has them: none (all text), one for all, or one per column; 1 is binary.
  RowFormat(const std::vector<engine::TypedColumnInfo>& columns, const std::vector<std::int16_t>& formats,
            TimeZone zone);

  const std::vector<CellFormat>& cells() const { return cells_; }
  /// Writes one DataRow message.
  void PutRow(const engine::TypedBatch& batch, std::size_t row, WireBuffer& out) const;
  /// Writes the length of a cell and its value; of NULL, -1.
  void PutCell(std::size_t column, const engine::TypedColumn& values, std::size_t row, WireBuffer& out) const;
  /// Writes the text of a cell that is not NULL, without its length.
  void PutText(const CellFormat& cell, const engine::TypedColumn& values, std::size_t row, WireBuffer& out) const;

 private:
  void PutBinary(const CellFormat& cell, const engine::TypedColumn& values, std::size_t row, WireBuffer& out) const;
  void PutListText(const CellFormat& cell, const engine::TypedColumn& values, std::size_t row, WireBuffer& out) const;
  void PutListBinary(const CellFormat& cell, const engine::TypedColumn& values, std::size_t row, WireBuffer& out) const;

  std::vector<CellFormat> cells_;
  TimeZone zone_;
};

}  // namespace smelt::serve::postgres
