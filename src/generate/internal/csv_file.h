#pragma once

#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "generate/olist.h"

namespace smelt::generate {

/// Adds up the rows of all files and tells about them. Thread-safe.
class RowCounter {
 public:
  RowCounter(GenerateProgress progress, std::int64_t total) : progress_(std::move(progress)), total_(total) {}
  void Add(std::int64_t rows);

 private:
  std::mutex lock_;
  GenerateProgress progress_;
  std::int64_t total_;
  std::int64_t done_ = 0;
};

/// A 128-bit identifier, printed as 32 hex characters.
struct Id {
  std::uint64_t high = 0, low = 0;
};

/// Writes one CSV file under a temporary name and gives it its own name when it is complete.
/// The style is that of the public files: header names, identifiers and zip codes are quoted, other values only where
/// a comma, quote or line break asks for it; lines end with LF.
/// The first failure is kept and returned by Finish; later writes do nothing. Confined to one thread.
class CsvFile {
 public:
  /// Opens `<out_dir>/<name>` for writing. The folder must exist.
  CsvFile(const std::string& out_dir, std::string name, RowCounter& counter, std::stop_token stop);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  void Header(std::initializer_list<std::string_view> names);

  CsvFile& Field(const Id& id);
  CsvFile& Quoted(std::string_view text);  ///< quoted always; must hold no quote itself
  CsvFile& Text(std::string_view text);    ///< quoted where needed
  CsvFile& Number(std::int64_t value);
  CsvFile& Money(std::int64_t cents);
  CsvFile& Degrees(std::int64_t value);  ///< in units of 1e-14 degrees
  CsvFile& ZipPrefix(int prefix);        ///< five digits, quoted
  CsvFile& Time(std::int64_t seconds);   ///< seconds since the epoch as "YYYY-MM-DD hh:mm:ss"; 0 is an empty field
  CsvFile& Empty();
  void EndRow();

  /// Appends bytes as they are: for a file whose layout is its own.
  void Raw(std::string_view bytes) { buffer_ += bytes; }
  /// Counts a row that was written with Raw.
  void CountRow() { ++rows_; }

  /// False after a failure or when the work was stopped: the caller may leave its loop.
  bool ok() const { return status_.has_value(); }

  /// Writes what is left and puts the file in its place.
  /// Errors: kStoreDenied, kStoreFull, kStoreIo, kCancelled.
  Result<GeneratedFile> Finish();

 private:
  void Separate();
  void Flush();

  std::string path_, temporary_path_, name_;
  RowCounter& counter_;
  std::stop_token stop_;
  std::string buffer_;
  Status status_;
  FileDescriptor file_;
  bool row_started_ = false;
  std::int64_t rows_ = 0, rows_counted_ = 0, bytes_ = 0;
};

/// "YYYY-MM-DD" of a day since the epoch.
std::string DateText(int day);

}  // namespace smelt::generate
