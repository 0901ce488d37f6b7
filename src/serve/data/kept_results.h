#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/row_stream.h"
#include "serve/data/data_limits.h"
#include "serve/data/result_files.h"
#include "serve/data/row_format.h"

namespace smelt::serve {

enum class ResultState : std::uint8_t { kRunning, kSucceeded, kFailed, kCancelled };
/// "running", "succeeded", "failed", "cancelled".
std::string_view ResultStateText(ResultState state);

/// How a kept result stands: a value.
struct ResultStanding {
  std::string id{};
  std::string sql{};
  ResultState state = ResultState::kRunning;
  RowShape shape{};
  std::int64_t page_rows = 0;
  std::int64_t submitted_us = 0;
  std::int64_t finished_us = 0;                 ///< 0 while it runs
  std::vector<engine::ResultColumn> columns{};  ///< once it succeeded
  std::int64_t rows = 0;
  std::optional<std::int64_t> changed{};  ///< of a statement that changes rows
  std::optional<Error> error{};
  std::string path{};  ///< of the file with the rows; empty: there are none by nature
};

/// What a statement gave that runs beside its request.
struct StatementOutcome {
  std::vector<engine::ResultColumn> columns{};
  std::int64_t rows = 0;
  std::optional<std::int64_t> changed{};
};

/// Statements that run beside the requests that asked for them, and their results, which are paged through by whoever
/// asked, until nobody has for a while. Thread-safe.
class KeptResults {
 public:
  /// Does the work of a statement, and writes rows to the path, on a thread of its own.
  using Work = std::function<Result<StatementOutcome>(const std::string& path)>;

  KeptResults(std::unique_ptr<ResultFolder> folder, const DataLimits& limits);
  /// Stops what runs, and waits for it.
  ~KeptResults();
  KeptResults(const KeptResults&) = delete;
  KeptResults& operator=(const KeptResults&) = delete;

  /// Begins the work. `asked` says what for; `stop` ends it. Returns the result's id.
  /// Errors: kServeBusy when as many are kept as may be.
  Result<std::string> Begin(const std::string& caller, ResultStanding asked, Work work, std::function<void()> stop);
  /// Nothing when the caller has no such result.
  std::optional<ResultStanding> Find(const std::string& caller, const std::string& id);
  /// The same, once it is over, `ms` have passed or `stop` is requested.
  std::optional<ResultStanding> Await(const std::string& caller, const std::string& id, std::int64_t ms,
                                      const std::stop_token& stop);
  /// The results of a caller, newest first.
  std::vector<ResultStanding> List(const std::string& caller);
  /// Stops it when it runs, and forgets it; whether the caller had it.
  bool Remove(const std::string& caller, const std::string& id);
  /// A path in the folder, for a file of the caller's own.
  std::string NewPath() const { return folder_->NewPath(); }

 private:
  struct Kept;
  using KeptPtr = std::shared_ptr<Kept>;
  KeptPtr Look(const std::string& caller, const std::string& id);
  std::size_t CountOf(const std::string& caller) const;
  void Sweep(const std::stop_token& stop);
  static void Drop(const KeptPtr& kept);

  const std::unique_ptr<ResultFolder> folder_;
  const DataLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, KeptPtr> kept_;
  std::jthread sweeper_;
};

}  // namespace smelt::serve
