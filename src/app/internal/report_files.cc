#include "app/internal/report_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "serve/metrics/tile_metrics.h"
#include "serve/reports/report_service.h"

namespace smelt::app {
namespace {

Status CheckFormats(const std::vector<std::string>& formats) {
  for (const std::string& format : formats) {
    if (format == "html" || format == "pdf") continue;
    return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is no format of reports", format)).Hint("use html or pdf"));
  }
  return {};
}

Result<std::string> Render(const serve::reports::Report& report, const std::string& format) {
  if (format == "pdf") return serve::reports::WritePdf(report);
  return serve::reports::WriteHtml(report);
}

transform::InvokeOptions LayerOf(const ProjectConfig& project) {
  transform::InvokeOptions options;
  options.project_dir = project.dbt;
  return options;
}

}  // namespace

ReportFiles::ReportFiles(engine::Engine& engine, const ProjectConfig& project)
    : engine_(engine),
      project_(project),
      authority_(serve::AuthoritySettings{.read_only = true}),
      metrics_(LayerOf(project)),
      queries_(engine, authority_, serve::QuerySettings{}),
      reports_(engine, queries_, project.dir + "/reports", serve::MetricsOfTiles(metrics_)),
      dashboards_(engine, queries_, project.dir + "/dashboards", serve::MetricsOfTiles(metrics_)) {}

std::shared_ptr<const serve::Gallery> ReportFiles::List() {
  return reports_.gallery();
}

Result<ReportFiles::Found> ReportFiles::Find(const std::string& name) {
  for (serve::DashboardService* service : {&reports_, &dashboards_}) {
    const auto gallery = service->gallery();
    if (const auto found = gallery->Find(name)) return Found{service, found};
    for (const serve::DefinitionFault& fault : gallery->faults) {
      if (std::filesystem::path(fault.file).stem() == name) return Fail(fault.error);
    }
  }
  const auto reports = reports_.gallery(), dashboards = dashboards_.gallery();
  std::vector<std::string_view> known;
  for (const auto* gallery : {reports.get(), dashboards.get()}) {
    for (const auto& [other, definition] : gallery->dashboards) known.push_back(other);
  }
  const std::string nearest = NearestWord(name, known);
  return Fail(Error(ErrorCode::kUsage, fmt::format("there is no report '{}' in {}", name, project_.dir + "/reports"))
                  .Hint(nearest.empty() ? std::string("`smelt report list` shows the reports")
                                        : fmt::format("did you mean '{}'?", nearest)));
}

Result<std::vector<ReportFile>> ReportFiles::Write(const ReportOrder& order, const std::stop_token& stop) {
  SMELT_TRY(CheckFormats(order.formats));
  std::vector<Found> found;
  for (const std::string& name : order.names) {
    SMELT_ASSIGN(Found one, Find(name));
    found.push_back(std::move(one));
  }
  const serve::Identity self{.name = "local", .role = serve::Role::kReader, .shown_by = "trust", .reads_only = true};
  std::vector<ReportFile> files;
  for (const Found& one : found) {
    SMELT_ASSIGN(
        const auto report,
        serve::reports::AskReport(
            engine_, *one.service, self, one.definition,
            {.date = order.date, .as_of = order.as_of, .project = project_.name, .made_us = NowMicros()}, stop));
    for (const std::string& format : order.formats) {
      SMELT_ASSIGN(const std::string content, Render(report, format));
      const std::string path = (std::filesystem::path(order.folder) / (report.name + "." + format)).string();
      SMELT_TRY(WriteWholeFile(path, content));
      files.push_back(
          {.report = report.name, .title = report.title, .format = format, .path = path, .bytes = content.size()});
    }
  }
  return files;
}

}  // namespace smelt::app
