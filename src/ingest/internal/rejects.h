#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "engine/row_source.h"

namespace smelt::ingest {

/// A row that does not fit the contract.
struct Reject {
  std::string_view file_name, file_hash;
  std::int64_t line = 0;
  std::string_view column;  ///< empty: the row as a whole
  std::string_view rule;    ///< "type", "required", "set" …
  std::string_view message;
  std::string_view raw;  ///< valid UTF-8
};

/// What kind of reason a rule is: "schema" (the row has not the shape of the contract), "quality" (a value is not as it
/// has to be) or "referential" (it refers to what is not there).
std::string_view CategoryOf(std::string_view rule);

/// Rejected rows on their way to quarantine: in memory up to a limit, beyond it in an unnamed temporary file. Filled
/// first, then read once. Confined to one thread at a time.
class RejectStore {
 public:
  explicit RejectStore(std::int64_t memory_bytes_max) : memory_bytes_max_(static_cast<std::size_t>(memory_bytes_max)) {}

  /// Errors: kStoreFull, kStoreIo (the temporary file).
  Status Add(const Reject& reject);
  std::int64_t count() const { return count_; }

  /// Takes out the next block of encoded rejects, in the order of Add; empty at the end. Errors: kStoreIo.
  Result<std::string> TakeBlock();

  /// Decodes the first reject of `block` and drops it from there. The texts point into the block.
  static Reject Decode(std::string_view& block);

 private:
  Status Spill();

  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::size_t memory_bytes_max_;
  std::string memory_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::int64_t blocks_in_file_ = 0;
  bool reading_ = false;
  std::int64_t count_ = 0;
};

/// What all rows of one load have in common.
struct LoadStamp {
  std::string source, run_id;
  std::int64_t ingestion_micros = 0;  ///< since the epoch
  /// The day of the load (UTC), "2018-05-24": the partition of its rows.
  std::string ingest_date() const { return FormatUtcMicros(ingestion_micros).substr(0, 10); }
};

/// The rows of quarantine.<table>. Reads the store to its end.
class RejectRows : public engine::RowSource {
 public:
  RejectRows(RejectStore& rejects, const LoadStamp& stamp) : rejects_(rejects), stamp_(stamp) {}

  /// The columns of every quarantine table.
  static const std::vector<engine::SourceColumn>& Columns();

  const std::vector<engine::SourceColumn>& columns() const override { return Columns(); }
  Status Next(engine::RowBatch& batch) override;

 private:
  RejectStore& rejects_;
  const LoadStamp& stamp_;
  std::string block_;
  std::string_view rest_;
};

}  // namespace smelt::ingest
