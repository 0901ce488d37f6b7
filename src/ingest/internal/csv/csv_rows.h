#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/row_source.h"
#include "ingest/internal/contract.h"
#include "ingest/internal/csv/csv_header.h"
#include "ingest/internal/csv/csv_reader.h"
#include "ingest/internal/discovery.h"
#include "ingest/internal/file_source.h"
#include "ingest/internal/key_set.h"
#include "ingest/internal/rejects.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// A file that is to be loaded.
struct InputFile {
  FoundFile file;
  FileStamp stamp;  ///< what it must still be when it has been read
};

struct RowCounts {
  std::int64_t in = 0;           ///< data rows in the files
  std::int64_t out = 0;          ///< given to the engine
  std::int64_t quarantined = 0;  ///< given to the reject store; in = out + quarantined
  std::int64_t flagged = 0;      ///< of those out, with a data_quality_flag other than "ok"
  std::int64_t blank_lines = 0;
};

/// The rows of one table's files: every record is read, typed and checked by the contract; what fits comes out with
/// the columns of the contract and ingestion_timestamp, source_file and data_quality_flag, for a merge source_line,
/// too; what does not goes to the reject store. Errors of Next: kCsv… (with file and line), kIngestFileChanged,
/// kStore…, kCancelled.
class CsvRows : public engine::RowSource {
 public:
  /// All references must outlive the rows; `on_bytes` is told how many bytes were read since the last call.
  CsvRows(const SourceTable& table, const std::vector<ColumnContract>& contract, const std::vector<InputFile>& files,
          const LoadStamp& stamp, RejectStore& rejects, std::function<void(std::int64_t)> on_bytes,
          std::stop_token stop);

  ~CsvRows() override;

  /// The columns of the table.
  static std::vector<engine::SourceColumn> ColumnsOf(const SourceTable& table);

  const std::vector<engine::SourceColumn>& columns() const override { return columns_; }
  Status Next(engine::RowBatch& batch) override;

  /// Complete when Next has come to the end.
  const RowCounts& counts() const { return counts_; }

 private:
  struct OpenFile;
  struct Violation {
    std::string_view column, rule;
    std::string message;
  };

  Status Open(const InputFile& input);
  Status ReadHeader();
  Status Refill();
  Status CloseFile();
  Status TakeRecord(engine::RowBatch& batch);
  bool CheckRecord();
  void ReadField(std::size_t column, std::size_t row, engine::ColumnBatch& out);
  std::string_view TextOf(const CsvField& field);
  bool IsNull(std::string_view text) const;
  void CheckValue(std::size_t column, const FieldValue& value);
  bool IsRepeatedKey();
  Status RejectRecord();
  void Violate(std::string_view column, std::string_view rule, std::string message);
  void FinishBatch(engine::RowBatch& batch) const;
  Error AtFile(Error error) const;

  const SourceTable& table_;
  const std::vector<ColumnContract>& contract_;
  const std::vector<InputFile>& files_;
  const LoadStamp& stamp_;
  RejectStore& rejects_;
  std::function<void(std::int64_t)> on_bytes_;
  std::stop_token stop_;
  std::vector<engine::SourceColumn> columns_;
  std::vector<std::size_t> key_columns_;

  std::size_t next_file_ = 0;
  std::unique_ptr<OpenFile> file_;
  CsvRecord record_;
  RowCounts counts_;
  KeySet keys_;
  std::deque<std::string> made_texts_;  ///< texts of the batch that stand nowhere in the file
  std::vector<Violation> violations_;   ///< of the record at hand
  std::string flags_;                   ///< likewise
};

}  // namespace smelt::ingest
