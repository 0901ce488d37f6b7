#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/internal/project.h"
#include "base/error.h"
#include "engine/session.h"
#include "serve/access/authority.h"
#include "serve/dashboards/dashboard_service.h"
#include "serve/query_service.h"
#include "transform/live_metrics.h"

namespace smelt::app {

/// What reports to write, and where.
struct ReportOrder {
  std::vector<std::string> names = {};
  std::vector<std::string> formats = {};  ///< "html", "pdf"
  std::string folder = {};                ///< made where it is not there
  std::string date = {};                  ///< the day that periods end with; empty: as the definitions say
  std::string as_of = {};                 ///< an instant; empty: now
};

/// A file that was written.
struct ReportFile {
  std::string report = {};
  std::string title = {};
  std::string format = {};
  std::string path = {};
  std::size_t bytes = 0;
};

/// The reports of a project over its lake: those of its folder `reports`, and its dashboards laid out on paper.
/// Thread-safe.
class ReportFiles {
 public:
  /// Engine and project must outlive it.
  ReportFiles(engine::Engine& engine, const ProjectConfig& project);

  /// All reports, by name, without the dashboards. Files with mistakes are no reason to leave out others.
  std::shared_ptr<const serve::Gallery> List();

  /// Writes each report in each format as NAME.FORMAT, read as by the user who runs the program.
  /// Errors: kUsage for a name that there is not, with the nearest, and for a format that is none; of a file with a
  /// mistake, that mistake; those of AskReport and of writing.
  Result<std::vector<ReportFile>> Write(const ReportOrder& order, const std::stop_token& stop);

 private:
  struct Found {
    serve::DashboardService* service = nullptr;
    serve::DashboardPtr definition = nullptr;
  };
  Result<Found> Find(const std::string& name);

  engine::Engine& engine_;
  const ProjectConfig& project_;
  const serve::Authority authority_;
  transform::LiveSemanticLayer metrics_;
  serve::QueryService queries_;
  serve::DashboardService reports_, dashboards_;
};

}  // namespace smelt::app
