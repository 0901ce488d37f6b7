#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "engine/session.h"
#include "engine/statement_info.h"
#include "engine/table_pin.h"
#include "serve/access/authority.h"
#include "serve/access/identity.h"
#include "serve/question.h"

namespace smelt::serve {

/// How much a service does, and keeps.
struct QuerySettings {
  std::size_t cache_bytes_max = 64UL << 20U;  ///< of kept answers; the one that was not asked for longest goes first
  std::size_t rows_max = 10'000;              ///< of one answer; what comes beyond is left out, and it says so
  std::size_t bytes_max = 16UL << 20U;        ///< of one answer: more is refused with kServeLimit
  std::int64_t ms_max = 30'000;               ///< of one statement: more is kServeTimeout
  std::size_t statements_max = 4;             ///< at work at a time
  std::size_t waiting_max = 256;              ///< for one of these: more is refused with kServeBusy
};

/// How large an answer may be.
struct RowLimits {
  std::size_t rows_max = 0;   ///< what comes beyond is left out, and the answer says so
  std::size_t bytes_max = 0;  ///< more is refused with kServeLimit
};

/// A table and the state of it that was read.
struct TableRead {
  std::string schema;
  std::string table;
  std::int64_t version = 0;
  std::int64_t committed_at_ms = 0;  ///< since the epoch
  std::string Text() const { return schema + "." + table; }
};

/// The whole answer to a question. Immutable once it is given out.
struct Answer {
  std::vector<engine::ResultColumn> columns{};  ///< their names differ
  /// JSON, as engine::RowFormat::kJsonArrays has it: `[1,"a"],[2,"b"]`, in one line without brackets around all.
  std::string rows{};
  std::size_t row_count = 0;
  bool truncated = false;  ///< there were more than `rows_max` rows
  std::vector<TableRead> tables{};
  std::int64_t computed_at_us = 0;  ///< since the epoch
  double ms = 0;                    ///< that the statement took
  std::string etag{};               ///< the same for the same answer only; empty when it may differ every time

  /// The rows, read: a list of lists.
  Json Rows() const { return Json::parse("[" + rows + "]"); }
};
using AnswerPtr = std::shared_ptr<const Answer>;

/// A question that was looked at: allowed, and tied to the states of the tables that it reads.
struct Reading {
  Question question;
  engine::StatementInfo info;
  std::vector<engine::TablePin> pins;
  /// Names statement, parameters and states of tables: the same means the same answer. Empty when answers may differ
  /// every time: now(), random(), tables of the engine itself.
  std::string key;
};

/// What a service did since it began, for metrics and tests.
struct QueryCounts {
  std::int64_t asked = 0;
  std::int64_t computed = 0;  ///< statements that were run
  std::int64_t hits = 0;      ///< answered with what was kept
  std::int64_t shared = 0;    ///< answered with what was being computed for somebody else
  std::int64_t evicted = 0;   ///< kept answers that had to go for others
  std::size_t cached_bytes = 0;
};

/// Answers questions of readers, whoever asks: dashboards, metrics, the data API. The same question about the same
/// states of tables is computed once, however many ask, and kept while there is room; a commit changes the states of
/// exactly the tables that it touches, so that nothing stale is ever given out. Thread-safe.
class QueryService {
 public:
  /// The engine and the authority must outlive it.
  QueryService(engine::Engine& engine, const Authority& authority, const QuerySettings& settings);
  ~QueryService();

  /// Whether `identity` may ask this, and which states of which tables answer it. Nothing is run.
  /// Errors: kAccess…, kSql…, kDelta…, kStore…, kServeBusy.
  Result<Reading> Look(const Identity& identity, const Question& question);
  /// The answer for what was looked at, kept or computed. `stop` ends the waiting; the statement itself is ended when
  /// nobody waits for it any more.
  /// Errors: kSql…, kStore…, kServeBusy, kServeLimit, kServeTimeout, kCancelled.
  Result<AnswerPtr> Run(const Reading& reading, const std::stop_token& stop);
  /// The answer as CSV (engine::RowFormat::kCsv) within other limits than the service's, for downloads. It is computed
  /// each time and not kept. Errors: as Run; kServeLimit also for more rows than that.
  Result<std::string> Csv(const Reading& reading, const RowLimits& limits, const std::stop_token& stop);
  /// Look and Run.
  Result<AnswerPtr> Ask(const Identity& identity, const Question& question, const std::stop_token& stop);

  QueryCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::serve
