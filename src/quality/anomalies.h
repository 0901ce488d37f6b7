#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/session.h"
#include "quality/data_source.h"
#include "quality/series.h"

namespace smelt::quality {

/// One metric at one moment, judged by its own past.
struct AnomalyCheck {
  std::string column;  ///< empty: of the whole table
  std::string metric;  ///< "rows", "null_rate", "distinct_rate", "mean", "stddev", "p05", "p50", "p95", "true_rate",
                       ///< "mix", "schema", "freshness"
  std::string when;    ///< "2018-05-24", "2018-05-24 13:00", "version 12"
  std::int64_t at_us = 0;
  double value = 0;
  bool judged = false;  ///< false: too little history
  bool anomalous = false;
  double expected = 0, low = 0, high = 0;
  std::string by;       ///< what it was foretold by: ForecastText, "the share of values", "the version before"
  std::string verdict;  ///< a sentence: "orders of 2018-05-24: 212 rows, expected 310 to 420 by weekday"
};

struct AnomalyReport {
  std::string label;                 ///< as DataSource
  std::vector<AnomalyCheck> checks;  ///< of the moments asked for, in the order of metrics, then of time
  double false_alarms = 0;           ///< expected when nothing is wrong

  std::int64_t anomalies() const;
  std::int64_t unjudged() const;
  Json ToJson() const;
};

struct AnomalyOptions {
  /// False alarms expected in a run in which nothing is wrong, over all its checks: each check gets an equal part.
  double false_alarms = 0.1;
  int last = 1;                           ///< how many of the newest moments are judged
  std::vector<std::string> columns = {};  ///< only these, beside the table as a whole; empty: all

  /// Whether a column is judged; "" is the table as a whole.
  bool Wants(const std::string& column) const;
};

/// Buckets of rows by a column of times.
struct TimeBuckets {
  std::string column;
  std::string unit = "day";  ///< "hour", "day", "week", "month"
};

/// Judges the newest buckets of a table by the ones before: rows, null rates, means, shares of true, and the mix of
/// columns of few values. A bucket that is not over yet is left out; one without rows has zero of them.
/// Errors: kUsage (the column does not exist or holds no times, an unknown unit), kCancelled, kSql…, kDelta…, kStore….
Result<AnomalyReport> FindAnomaliesByTime(engine::Session& session, const DataSource& source,
                                          const TimeBuckets& buckets, const AnomalyOptions& options,
                                          std::stop_token stop = {});

/// Judges the newest profiles of a table in quality.profiles by the ones before, its schema by the version before, and
/// the time since its last change by the times between changes.
/// Errors: kUsage (no profile of the table), kCancelled, kSql…, kDelta…, kStore….
Result<AnomalyReport> FindAnomaliesInHistory(engine::Engine& engine, engine::Session& session, const std::string& table,
                                             const AnomalyOptions& options, std::stop_token stop = {});

}  // namespace smelt::quality
