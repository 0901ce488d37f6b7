#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/row_stream.h"

namespace smelt::serve {

/// A folder of this process for results that are kept as Parquet files, removed with it. Thread-safe.
class ResultFolder {
 public:
  /// Errors: kStoreIo when it cannot be made.
  static Result<std::unique_ptr<ResultFolder>> Make();
  ~ResultFolder();
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  /// The path for a new file.
  std::string NewPath() const;

 private:
  explicit ResultFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// A result in a file.
struct WrittenResult {
  std::vector<engine::ResultColumn> columns;  ///< as the statement has them
  std::int64_t rows = 0;
};

/// Runs one statement that reads and writes its first `rows_max` rows to a Parquet file. Integers of 128 bits, for
/// which Parquet has no type, are decimals of 38 digits. The file does not stay when it fails. Errors: those of the
/// statement.
Result<WrittenResult> WriteResult(engine::Session& session, std::string_view sql,
                                  const engine::ParameterValues& parameters, std::int64_t rows_max,
                                  const std::string& path);

}  // namespace smelt::serve
