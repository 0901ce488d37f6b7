#include "engine/internal/checkpoint_split.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "base/parallel.h"
#include "delta/statistics.h"
#include "engine/internal/chunk_query.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet/file_texts.h"
#include "engine/internal/parquet/text_column.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine {
namespace {

/// A row that gives an action, and which row of the checkpoint it is.
struct Row {
  std::size_t place;
  std::variant<delta::Add, std::string> content;  ///< a file without statistics, or another action as JSON
};
using Batch = std::vector<Row>;

/// Batches on their way from one thread to another. It holds no more than the table's state will. Thread-safe.
class BatchQueue {
 public:
  void Push(Batch batch) {
    const std::lock_guard guard(lock_);
    batches_.push_back(std::move(batch));
    changed_.notify_one();
  }
  /// Says that there will be no more.
  void Close() {
    const std::lock_guard guard(lock_);
    is_closed_ = true;
    changed_.notify_one();
  }
  /// Waits for the next batch; an empty one is the end.
  Batch Pop() {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [this] { return is_closed_ || !batches_.empty(); });
    if (batches_.empty()) return {};
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  bool is_closed_ = false;
};

/// Turns the rows of a query into batches.
class BatchReader final : private delta::CheckpointRows {
 public:
  BatchReader(const std::string& address, BatchQueue& queue) : reader_(address, *this), queue_(queue) {}

  Status Read(duckdb::DataChunk& chunk) {
    batch_.reserve(chunk.size());
    SMELT_TRY(reader_.Read(chunk));
    if (!batch_.empty()) queue_.Push(std::exchange(batch_, {}));
    return {};
  }

 private:
  Status Take(delta::Add add) override {
    batch_.emplace_back(place(), std::move(add));
    return {};
  }
  Status TakeJson(std::string_view json) override {
    batch_.emplace_back(place(), std::string(json));
    return {};
  }
  std::size_t place() const { return static_cast<std::size_t>(reader_.row() - 1); }

  CheckpointFileReader reader_;
  BatchQueue& queue_;
  Batch batch_;
};

using Statistics = std::vector<delta::StatisticsText>;

Result<Statistics> ReadStatistics(duckdb::Connection& connection, const std::string& query) {
  Statistics statistics;
  TextArena texts;
  SMELT_TRY(RunChunkQuery(connection, query, [&](duckdb::DataChunk& chunk) -> Status {
    duckdb::UnifiedVectorFormat format;
    chunk.data[0].ToUnifiedFormat(chunk.size(), format);
    const auto* data = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      const duckdb::idx_t at = format.sel->get_index(row);
      const bool is_there = format.validity.RowIsValid(at);
      statistics.push_back(is_there ? texts.Keep({data[at].GetData(), data[at].GetSize()}) : delta::SharedText());
    }
    return {};
  }));
  return statistics;
}

/// Reads the column as it stands in the file, where that can be done. Many statistics stay there: what is needed of
/// each of them is the number of its rows.
std::optional<Statistics> FindStatistics(const std::shared_ptr<const parquet::LocalFile>& file) {
  const auto texts = parquet::FileTexts::Hold(file);
  Statistics statistics;
  const auto take = [&](const parquet::FoundText& found) {
    if (found.text.empty()) {
      statistics.emplace_back();
    } else if (found.owner != nullptr) {
      statistics.emplace_back(delta::SharedText(found.owner, found.text));
    } else {
      const auto size = static_cast<std::uint32_t>(found.text.size());
      statistics.emplace_back(texts, found.offset, size, delta::RowCount(found.text));
    }
  };
  const auto are = texts ? parquet::TextsAre::kPassed : parquet::TextsAre::kRead;
  return parquet::ReadTextColumn(*file, "add.stats", are, take) ? std::optional(std::move(statistics)) : std::nullopt;
}

/// The query is slower, and knows every form.
Result<Statistics> ReadStatistics(duckdb::DatabaseInstance& db, const std::string& source,
                                  const std::shared_ptr<const parquet::LocalFile>& file,
                                  const FileExpressions& expressions) {
  if (expressions.statistics_are_text) {
    if (auto statistics = FindStatistics(file)) return *std::move(statistics);
  }
  duckdb::Connection connection(db);
  return ReadStatistics(connection, fmt::format("select {} from {}", expressions.statistics, source));
}

/// Gives a row, a file with its statistics.
Status GiveRow(Row row, const Statistics& statistics, const std::string& address, delta::CheckpointRows& rows) {
  if (const auto* json = std::get_if<std::string>(&row.content)) return rows.TakeJson(*json);
  if (row.place >= statistics.size()) {
    return Fail(Error(ErrorCode::kDeltaCorrupt, "the checkpoint was replaced while it was read").At(address));
  }
  auto& add = std::get<delta::Add>(row.content);
  add.stats = statistics[row.place];
  return rows.Take(std::move(add));
}

/// What both threads work on.
struct Reading {
  duckdb::DatabaseInstance& db;
  const std::string& source;
  const std::string& address;
  const std::shared_ptr<const parquet::LocalFile>& file;
  const FileExpressions& expressions;
  delta::CheckpointRows& rows;
  BatchQueue queue = {};
};

/// Reads the statistics, then gives the rows that came meanwhile and those that come.
Status ReadStatisticsAndGive(Reading& reading) {
  SMELT_ASSIGN(const Statistics statistics,
               ReadStatistics(reading.db, reading.source, reading.file, reading.expressions));
  for (Batch batch = reading.queue.Pop(); !batch.empty(); batch = reading.queue.Pop()) {
    for (Row& row : batch) SMELT_TRY(GiveRow(std::move(row), statistics, reading.address, reading.rows));
  }
  return {};
}

/// Reads all but the statistics.
Status ReadRows(Reading& reading) {
  duckdb::Connection connection(reading.db);
  BatchReader reader(reading.address, reading.queue);
  const std::string query = fmt::format("select {} from {}", reading.expressions.without_statistics, reading.source);
  return RunChunkQuery(connection, query, [&](duckdb::DataChunk& chunk) { return reader.Read(chunk); });
}

}  // namespace

Status ReadCheckpointInTwo(duckdb::DatabaseInstance& db, const std::string& source, const std::string& address,
                           const std::shared_ptr<const parquet::LocalFile>& file, const FileExpressions& expressions,
                           delta::CheckpointRows& rows) {
  Reading reading{db, source, address, file, expressions, rows};
  return ForEachParallel(2, 2, [&](std::size_t part) -> Status {
    Status read;
    try {
      read = part == 0 ? ReadStatisticsAndGive(reading) : ReadRows(reading);
    } catch (const std::exception&) {
      read = Fail(FromCurrentException());
    }
    // Whoever waits for rows must learn that none will come, whatever the reason.
    if (part == 1) reading.queue.Close();
    return read;
  });
}

}  // namespace smelt::engine
