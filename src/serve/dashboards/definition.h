#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "serve/dashboards/tile_sql.h"

namespace smelt::serve {

/// What a filter lets viewers choose.
enum class FilterType : std::uint8_t {
  kDateRange,    ///< days, from and to, both included
  kSelect,       ///< one value of a list, or several
  kText,         ///< a part of a text
  kNumberRange,  ///< numbers, from and to, both included
};
/// "date_range", "select", "text", "number_range".
std::string_view FilterTypeText(FilterType type);

/// A value of a filter's list, and how it is shown.
struct FilterOption {
  std::string value;
  std::string label;
};

/// Days or numbers, from and to; a side that is missing is open.
struct ChosenRange {
  std::optional<std::string> from{};
  std::optional<std::string> to{};
  bool operator==(const ChosenRange&) const = default;
};

/// Something that viewers narrow the tiles of a dashboard down by.
struct Filter {
  std::string name;
  std::string url;  ///< its parameter in addresses
  FilterType type = FilterType::kSelect;
  std::string label{};
  bool multiple = false;
  std::vector<FilterOption> options{};  ///< of the file; those of `options_sql` come with the answer of a query
  std::string options_sql{};            ///< columns `value` and, where there is one, `label`
  std::vector<std::string> values{};    ///< chosen when an address says nothing: select and text
  ChosenRange range{};                  ///< the same of ranges
  std::string period{};                 ///< the same, by name: "last_12_months"; before `range`
  std::string until_sql{};              ///< which day `period` ends with; empty: today
  std::string dimension{};              ///< its name in the semantic layer, for tiles of metrics
  std::int64_t line = 0;
};

enum class TileType : std::uint8_t {
  kBigNumber,
  kLine,
  kArea,
  kBar,
  kStacked,
  kHeatmap,
  kCohort,
  kFunnel,
  kPie,
  kMap,
  kTable,
  kText,
};
/// "big_number", "line" …
std::string_view TileTypeText(TileType type);

/// Where a click on a mark or row leads.
struct Drill {
  std::string dashboard;
  std::string page{};
  std::map<std::string, std::string> filters{};  ///< parameter there → column here
};

/// A question to the semantic layer in place of SQL.
struct MetricQuestion {
  std::vector<std::string> metrics{};
  std::vector<std::string> dimensions{};
  std::string grain{};                                ///< "month"; "filter": what the viewer chose; empty: none
  std::optional<std::vector<std::string>> filters{};  ///< which apply; nothing: all that can
  std::vector<std::string> where{};
  std::vector<std::string> order{};
  std::int64_t limit = 0;  ///< 0: none
  std::string compare{};   ///< "previous_period" or empty
};

/// One part of a page: a question, and how its answer is drawn.
struct Tile {
  std::string name;
  TileType type = TileType::kTable;
  std::string title{};
  std::string description{};
  int width = 0;   ///< of 12 columns
  int height = 0;  ///< rows of the grid
  std::string text{};
  TileSql sql{};                           ///< empty with `metric` or `text`
  std::optional<MetricQuestion> metric{};  //
  /// How the answer is drawn, as pages get it: x, y, series, value, columns, cross_filter …
  Json drawing = Json::object();
  std::map<std::string, std::string> cross_filter{};  ///< filter → column
  std::optional<Drill> drill{};
  std::string file{};
  std::int64_t line = 0;
};

struct DashboardPage {
  std::string name;
  std::string title{};
  std::string description{};
  std::vector<Tile> tiles{};
};

/// What one dashboard is, as its file says. Immutable once it is read.
struct Dashboard {
  std::string name;
  std::string title{};
  std::string description{};
  std::string owner{};
  std::vector<std::string> tags{};
  std::vector<std::string> grains{};  ///< what viewers may choose from; the first holds until they do
  std::optional<std::int64_t> fresh_for_ms{};
  std::vector<Filter> filters{};
  std::vector<DashboardPage> pages{};
  std::string file{};
  std::int64_t line = 0;
  std::string source{};  ///< names the texts of all files that it was made of: the same means the same dashboard

  /// Nothing when there is none of that name.
  const Tile* FindTile(std::string_view tile) const;
  const Filter* FindFilter(std::string_view filter) const;
  std::vector<const Tile*> tiles() const;
};
using DashboardPtr = std::shared_ptr<const Dashboard>;

/// A file or a part of it that cannot be used, and why.
struct DefinitionFault {
  std::string file;
  Error error;
};

/// The dashboards of a project. Immutable.
struct Gallery {
  std::map<std::string, DashboardPtr> dashboards;
  std::vector<DefinitionFault> faults;  ///< the files that hold them hide no others

  DashboardPtr Find(std::string_view name) const;
};

/// Reads all `*.yml` of a folder, without those of its sub-folders, which hold templates and parts. A folder that is
/// not there has no dashboards. Drills that lead nowhere and names that come twice are faults.
Gallery ReadGallery(const std::string& folder);

/// Reads the dashboards of one file; names and parts are relative to its folder.
/// Errors: kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, kStoreNotFound, each with file and
/// line.
Result<std::vector<Dashboard>> ReadDashboards(const std::string& path);

/// Whether a text can name a dashboard, page, tile or filter: letters, digits, '_' and '-', at most 64.
bool IsDashboardName(std::string_view text);

}  // namespace smelt::serve
