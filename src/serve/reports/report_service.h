#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "serve/access/identity.h"
#include "serve/dashboards/dashboard_service.h"
#include "serve/reports/report.h"

namespace smelt::serve::reports {

/// What to make a report of.
struct ReportRequest {
  std::string date = {};   ///< the day that periods end with, "2018-08-31"; empty: as the definition says
  std::string as_of = {};  ///< an instant as ISO 8601 has it: the tables as they were then; empty: as they are
  std::string project = {};
  std::int64_t made_us = 0;  ///< since the epoch
};

/// Asks all that a report says, as `identity`, of one state of the lake: that of `as_of`, or of the moment of the call.
/// Errors: kUsage for a date or instant that is none; those of DashboardService and MakeReport.
Result<Report> AskReport(engine::Engine& engine, DashboardService& service, const Identity& identity,
                         const DashboardPtr& definition, const ReportRequest& request, const std::stop_token& stop);

}  // namespace smelt::serve::reports
