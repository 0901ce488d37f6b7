#include "engine/internal/checkpoint_split.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
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

/// Rows on their way from one thread to another. It holds no more than the table's state will. Thread-safe.
class ChunkQueue {
 public:
  void Push(std::unique_ptr<duckdb::DataChunk> chunk) {
    const std::lock_guard guard(lock_);
    chunks_.push_back(std::move(chunk));
    changed_.notify_one();
  }
  /// Says that there will be no more.
  void Close() {
    const std::lock_guard guard(lock_);
    is_closed_ = true;
    changed_.notify_one();
  }
  /// Waits for the next rows; null is the end.
  std::unique_ptr<duckdb::DataChunk> Pop() {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [this] { return is_closed_ || !chunks_.empty(); });
    if (chunks_.empty()) return nullptr;
    auto chunk = std::move(chunks_.front());
    chunks_.pop_front();
    return chunk;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<duckdb::DataChunk>> chunks_;
  bool is_closed_ = false;
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
      statistics.emplace_back(is_there ? texts.Keep({data[at].GetData(), data[at].GetSize()}) : delta::SharedText());
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

/// What both threads work on.
struct Reading {
  duckdb::DatabaseInstance& db;
  const std::string& source;
  const std::string& address;
  const std::shared_ptr<const parquet::LocalFile>& file;
  const FileExpressions& expressions;
  delta::CheckpointRows& rows;
  ChunkQueue queue = {};
};

/// Gives rows that came without statistics: a file with those of the same row.
class RowGiver final : private delta::CheckpointRows {
 public:
  RowGiver(const Reading& reading, const Statistics& statistics)
      : reader_(reading.address, *this), address_(reading.address), statistics_(statistics), rows_(reading.rows) {}

  Status Give(duckdb::DataChunk& chunk) { return reader_.Read(chunk); }

 private:
  Status Take(std::shared_ptr<delta::Add> add) override {
    const auto place = static_cast<std::size_t>(reader_.row() - 1);
    if (place >= statistics_.size()) {
      return Fail(Error(ErrorCode::kDeltaCorrupt, "the checkpoint was replaced while it was read").At(address_));
    }
    add->stats = statistics_[place];
    return rows_.Take(std::move(add));
  }
  Status TakeJson(std::string_view json) override { return rows_.TakeJson(json); }

  CheckpointFileReader reader_;
  const std::string& address_;
  const Statistics& statistics_;
  delta::CheckpointRows& rows_;
};

/// Reads the statistics, then gives the rows that came meanwhile and those that come.
Status ReadStatisticsAndGive(Reading& reading) {
  SMELT_ASSIGN(const Statistics statistics,
               ReadStatistics(reading.db, reading.source, reading.file, reading.expressions));
  RowGiver giver(reading, statistics);
  while (const auto chunk = reading.queue.Pop()) SMELT_TRY(giver.Give(*chunk));
  return {};
}

/// Reads all but the statistics.
Status ReadRows(Reading& reading) {
  duckdb::Connection connection(reading.db);
  const std::string query = fmt::format("select {} from {}", reading.expressions.without_statistics, reading.source);
  return RunChunkQuery(connection, query, [&](duckdb::DataChunk& chunk) -> Status {
    auto copy = std::make_unique<duckdb::DataChunk>();
    copy->Initialize(duckdb::Allocator::DefaultAllocator(), chunk.GetTypes(), chunk.size());
    chunk.Copy(*copy);
    reading.queue.Push(std::move(copy));
    return {};
  });
}

}  // namespace

Status ReadCheckpointInTwo(duckdb::DatabaseInstance& db, const std::string& source, const std::string& address,
                           const std::shared_ptr<const parquet::LocalFile>& file, const FileExpressions& expressions,
                           delta::CheckpointRows& rows) {
  Reading reading{db, source, address, file, expressions, rows};
  return ForEachParallel(2, 2, [&](std::size_t part) -> Status {
    Status read;
    try {
      // The rows take longer: they begin first, on the thread that is there.
      read = part == 1 ? ReadStatisticsAndGive(reading) : ReadRows(reading);
    } catch (const std::exception&) {
      read = Fail(FromCurrentException());
    }
    // Whoever waits for rows must learn that none will come, whatever the reason.
    if (part == 0) reading.queue.Close();
    return read;
  });
}

}  // namespace smelt::engine
