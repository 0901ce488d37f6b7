#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "serve/dashboards/definition.h"
#include "serve/dashboards/selection.h"
#include "serve/reports/commentary.h"
#include "serve/reports/picture.h"

namespace smelt::serve::reports {

/// A table that a report was made from.
struct ReportSource {
  std::string table = {};  ///< "gold.daily_revenue"
  std::int64_t version = 0;
  std::int64_t committed_at_ms = 0;  ///< since the epoch
  std::string verdict = {};          ///< of its last quality check: "passed", "warned", "failed", "unknown"
};

/// The answer of a tile with where it comes from.
struct ReportAnswer {
  TileRows rows = {};
  std::vector<ReportSource> tables = {};
  std::string sql = {};
};

/// One tile on paper: a text, or a picture with its title.
struct ReportTile {
  std::string title = {};
  std::string description = {};
  int width = 12;                ///< of 12 columns
  int height = 4;                ///< in rows of the grid
  std::vector<Block> text = {};  ///< of a text; else empty
  std::optional<Picture> picture = {};
  std::string sql = {};
};

struct ReportPage {
  std::string title = {};
  std::string description = {};
  std::vector<ReportTile> tiles = {};
};

/// A report with all of its figures, ready to be laid out on any paper. A value type.
struct Report {
  std::string name = {};
  std::string title = {};
  std::string description = {};
  std::string owner = {};
  std::string project = {};
  std::string period = {};  ///< what the filters choose: "Day: 31 Aug 2018"
  std::string as_of = {};   ///< the state of the tables that was asked for; empty: the newest
  std::vector<ReportPage> pages = {};
  std::vector<ReportSource> sources = {};  ///< by name
  std::int64_t made_us = 0;                ///< since the epoch
};

/// What a report is made for.
struct ReportOptions {
  std::string project = {};
  std::int64_t made_us = 0;
};

/// Asks what one tile asks under a selection.
using AskTile = std::function<Result<ReportAnswer>(const Tile& tile, const Selection& selection)>;

/// Asks all tiles of a definition and fills its texts with the figures.
/// Errors: those of `ask`; kConfigValueInvalid with file and line for columns and figures that are not there.
Result<Report> MakeReport(const Dashboard& definition, const Selection& selection, const ReportOptions& options,
                          const AskTile& ask);

/// "passed", "warned", "failed" or "unknown": the worst of all sources; unknown when none was checked.
std::string WorstVerdict(const std::vector<ReportSource>& sources);

/// "31 Aug 2018 10:04 UTC".
std::string InstantText(std::int64_t micros);

/// The report as one HTML file: no script, nothing from elsewhere.
std::string WriteHtml(const Report& report);

/// The report on pages of A4. Errors: kInternal.
Result<std::string> WritePdf(const Report& report);

}  // namespace smelt::serve::reports
