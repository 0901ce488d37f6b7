#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/row_source.h"
#include "serve/postgres/copy_options.h"

namespace smelt::serve::postgres {

/// What a client sends with COPY … FROM STDIN: kept in a file without a name until all has come, then read row by row.
/// Confined.
class CopyIn {
 public:
  /// `bytes_max` bounds what is kept.
  CopyIn(CopyOptions options, std::vector<engine::TypedColumnInfo> columns, std::size_t bytes_max);

  const CopyOptions& options() const { return options_; }
  const std::vector<engine::TypedColumnInfo>& columns() const { return columns_; }
  /// Keeps a piece. Errors: 54000 beyond the bound, 53100 when it cannot be written.
  WireStatus Add(std::string_view bytes);
  /// A new reader of all rows, as texts that the engine casts to the columns' types; one more column, the last, is the
  /// number of the line (of binary rows, of the row). What is wrong fails with PostgreSQL's message and the line.
  std::unique_ptr<engine::RowSource> Read();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  CopyOptions options_;
  std::vector<engine::TypedColumnInfo> columns_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::unique_ptr<std::FILE, CloseFile> file_;
};

}  // namespace smelt::serve::postgres
