#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/internal/project.h"
#include "app/internal/schedules.h"
#include "base/error.h"
#include "engine/session.h"
#include "state/alert_records.h"

namespace smelt::app {

/// A run that failed, with the task that did.
struct FailedRun {
  state::RunRecord run = {};
  std::string task = {};   ///< the first that failed; empty: none did
  std::string error = {};  ///< in a line or two
};

/// Rows that wait in quarantine.
struct QuarantinedTable {
  std::string table = {};
  std::int64_t rows = 0;
  std::int64_t changed_us = 0;
  std::string reasons = {};  ///< the most frequent: "amount min (12)"
};

/// Rows that wait for rows they refer to.
struct WaitingRows {
  std::string table = {};
  std::int64_t rows = 0;
  std::int64_t since_us = 0;  ///< the oldest
  std::string missing = {};   ///< what most of them lack: "no row of sales.orders (12)"
};

/// What whoever is on call wants to know of a lake, at one moment.
struct StatusReport {
  std::int64_t now_us = 0;
  std::int64_t since_us = 0;  ///< from when on changes are shown
  std::vector<LastRuns> late = {};
  std::vector<FailedRun> failed = {};  ///< pipelines whose last run that ended was not good
  std::vector<LastRuns> running = {};
  std::vector<state::IncidentRecord> incidents = {};
  std::int64_t undelivered = 0;  ///< alerts that were given up
  std::vector<QuarantinedTable> quarantined = {};
  std::vector<WaitingRows> waiting = {};
  std::vector<engine::TableInfo> changed = {};  ///< newest first
  std::int64_t pipelines = 0;                   ///< that there are

  /// Nothing is late, failed or undelivered.
  bool well() const { return late.empty() && failed.empty() && undelivered == 0; }
};

/// Looks at everything; `address` is where the state is. Errors: those of the state database and of the engine.
Result<StatusReport> ReadStatus(engine::Engine& engine, const state::StoreAddress& address,
                                const std::optional<ProjectConfig>& project, std::int64_t now_us,
                                std::int64_t since_us);

}  // namespace smelt::app
