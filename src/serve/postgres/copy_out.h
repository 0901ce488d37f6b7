#pragma once

#include "serve/postgres/copy_options.h"

namespace smelt::serve::postgres {

/// Rows as COPY … TO STDOUT sends them: one CopyData message each. Confined.
class CopyOut {
 public:
  explicit CopyOut(CopyOptions options) : options_(std::move(options)) {}

  /// CopyOutResponse, and the header where one is wanted.
  void PutBegin(const std::vector<engine::TypedColumnInfo>& columns, WireBuffer& out) const;
  void PutRow(const RowFormat& format, const engine::TypedBatch& batch, std::size_t row, WireBuffer& out);
  /// What stands behind the last row.
  void PutEnd(WireBuffer& out) const;

 private:
  void PutField(std::string_view text, WireBuffer& out) const;

  CopyOptions options_;
  WireBuffer cell_;
};

}  // namespace smelt::serve::postgres
