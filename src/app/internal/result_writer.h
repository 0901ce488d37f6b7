#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "app/internal/terminal/table_view.h"
#include "engine/session.h"

namespace smelt::app {

enum class OutputFormat { kTable, kCsv, kJson, kNdjson };

/// "table", "csv", "json", "ndjson". Errors: kUsage.
Result<OutputFormat> ParseOutputFormat(const std::string& text);

/// Writes the results of statements to a stream as they arrive; memory stays bounded, except that kTable holds the rows
/// it is going to show. One object per statement; call Finish after the last row.
class ResultWriter : public engine::ResultSink {
 public:
  /// Ends the result: closes a JSON array, prints the table.
  virtual Status Finish() = 0;
};

/// `width` is the terminal's width in columns for kTable; 0: unlimited. `rows_max` bounds the rows kTable shows.
std::unique_ptr<ResultWriter> MakeResultWriter(OutputFormat format, std::ostream& out, int width, std::int64_t rows_max,
                                               const TableStyle& style = {});

/// Errors: kStoreIo when what was written to the stream did not get through.
Status CheckWritten(const std::ostream& out);

}  // namespace smelt::app
