#include "serve/dashboards/dashboard_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "base/config.h"
#include "serve/dashboards/quality_verdicts.h"
#include "serve/dashboards/tile_answer.h"

namespace smelt::serve {
namespace {

/// Files are looked at again at most this often.
constexpr std::int64_t kLookMs = 200;
constexpr std::size_t kOptionsMax = 1'000;

std::vector<std::string> TablesOf(const Reading& reading) {
  std::vector<std::string> tables;
  for (const engine::RelationName& name : reading.info.reads) tables.push_back(name.Text());
  return tables;
}

/// A file as the project has it: where the project lies on the server is nobody's business.
std::string WithinProject(const std::string& file, const std::string& dashboards) {
  const std::filesystem::path project = std::filesystem::path(dashboards).parent_path();
  const bool within = file.starts_with(project.string() + "/");
  return within ? std::filesystem::path(file).lexically_relative(project).string() : file;
}

Json FaultJson(const std::string& file, const Error& error, const std::string& dashboards) {
  return {{"file", WithinProject(error.file().empty() ? file : error.file(), dashboards)},
          {"line", error.line()},
          {"code", CodeText(error.code())},
          {"message", error.message()},
          {"hint", error.hint()}};
}

Json RangeJson(const ChosenRange& range) {
  return {{"from", range.from ? Json(*range.from) : Json()}, {"to", range.to ? Json(*range.to) : Json()}};
}

Json DefaultJson(const Filter& filter, const Chosen& chosen) {
  if (filter.type == FilterType::kDateRange || filter.type == FilterType::kNumberRange) {
    return chosen.range == ChosenRange{} ? Json() : RangeJson(chosen.range);
  }
  return chosen.values.empty() ? Json() : Json(chosen.values);
}

/// The filters that a tile takes values of.
std::vector<std::string> FiltersOf(const Dashboard& dashboard, const Tile& tile) {
  if (!tile.metric) return tile.sql.filters();
  if (tile.metric->filters) return *tile.metric->filters;
  std::vector<std::string> names;
  for (const Filter& filter : dashboard.filters) {
    if (!filter.dimension.empty() || filter.type == FilterType::kDateRange) names.push_back(filter.name);
  }
  return names;
}

Json TileDefinition(const Dashboard& dashboard, const Tile& tile) {
  Json json = tile.drawing;
  json["name"] = tile.name;
  json["type"] = TileTypeText(tile.type);
  json["title"] = tile.title;
  json["description"] = tile.description;
  json["width"] = tile.width;
  json["height"] = tile.height;
  json["filters"] = FiltersOf(dashboard, tile);
  json["grain"] = tile.sql.uses_grain() || (tile.metric && tile.metric->grain == "filter");
  return json;
}

Json PagesJson(const Dashboard& dashboard) {
  Json pages = Json::array();
  for (const DashboardPage& page : dashboard.pages) {
    Json tiles = Json::array();
    for (const Tile& tile : page.tiles) tiles.push_back(TileDefinition(dashboard, tile));
    pages.push_back(
        {{"name", page.name}, {"title", page.title}, {"description", page.description}, {"tiles", std::move(tiles)}});
  }
  return pages;
}

std::vector<std::string> TilesThatTake(const Dashboard& dashboard, const std::string& filter) {
  std::vector<std::string> names;
  for (const Tile* tile : dashboard.tiles()) {
    const std::vector<std::string> filters = FiltersOf(dashboard, *tile);
    if (std::find(filters.begin(), filters.end(), filter) != filters.end()) names.push_back(tile->name);
  }
  return names;
}

Json OptionsJson(const std::vector<FilterOption>& options) {
  Json list = Json::array();
  for (const FilterOption& option : options) list.push_back({{"value", option.value}, {"label", option.label}});
  return list;
}

}  // namespace

/// What was found out about the dashboards of a gallery.
struct DashboardService::Known {
  std::shared_ptr<const Gallery> gallery;
  std::map<std::string, std::set<std::string>> tables{};  ///< that the tiles of a dashboard read
  std::vector<DefinitionFault> faults{};                  ///< of SQL and metrics
};

DashboardService::DashboardService(engine::Engine& engine, QueryService& queries, std::string folder,
                                   CompileMetric compile_metric)
    : engine_(engine), queries_(queries), folder_(std::move(folder)), compile_metric_(std::move(compile_metric)) {}
DashboardService::~DashboardService() = default;

std::string DashboardService::Signature() const {
  std::map<std::string, std::string> files;
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(folder_, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const auto size = std::filesystem::is_regular_file(at->path(), gone) ? at->file_size(gone) : 0;
    const auto time = at->last_write_time(gone).time_since_epoch().count();
    files[at->path().string()] = fmt::format("{}@{}", size, time);
  }
  std::string signature;
  for (const auto& [path, stamp] : files) signature += fmt::format("{} {}\n", path, stamp);
  return signature;
}

std::set<std::string> DashboardService::Folders() const {
  constexpr std::size_t kFoldersMax = 100;
  std::set<std::string> folders = {folder_};
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(folder_, error);
       !error && at != std::filesystem::recursive_directory_iterator() && folders.size() < kFoldersMax;
       at.increment(error)) {
    std::error_code gone;
    if (at->is_directory(gone)) folders.insert(at->path().string());
  }
  return folders;
}

std::shared_ptr<const Gallery> DashboardService::ReadAgain() {
  {
    const std::lock_guard guard(mutex_);
    looked_at_ms_ = 0;
  }
  return gallery();
}

std::shared_ptr<const Gallery> DashboardService::gallery() {
  const std::lock_guard guard(mutex_);
  const std::int64_t now_ms = NowMillis();
  const bool is_recent = now_ms >= looked_at_ms_ && now_ms < looked_at_ms_ + kLookMs;
  if (gallery_ && is_recent) return gallery_;
  looked_at_ms_ = now_ms;
  std::string signature = Signature();
  if (!gallery_ || signature != signature_) {
    Gallery read = ReadGallery(folder_);
    for (auto& [name, dashboard] : read.dashboards) {
      const DashboardPtr before = gallery_ ? gallery_->Find(name) : nullptr;
      if (before && before->source == dashboard->source) dashboard = before;  // pages that show it go on with it
    }
    gallery_ = std::make_shared<const Gallery>(std::move(read));
    signature_ = std::move(signature);
  }
  return gallery_;
}

Result<DashboardPtr> DashboardService::Find(const std::string& name) {
  const auto all = gallery();
  if (DashboardPtr found = all->Find(name)) return found;
  std::vector<std::string_view> known;
  for (const auto& [other, dashboard] : all->dashboards) known.push_back(other);
  const std::string nearest = NearestWord(name, known);
  return Fail(Error(ErrorCode::kConfigKeyUnknown, fmt::format("there is no dashboard '{}'", name))
                  .Hint(nearest.empty() ? "GET /api/v1/dashboards lists them, and the files with mistakes"
                                        : fmt::format("did you mean '{}'?", nearest)));
}

Result<Selection> DashboardService::Select(const Identity& identity, const Dashboard& dashboard,
                                           const AddressParameters& parameters, const std::stop_token& stop) {
  const FindLastDay last_day = [&](const Filter& filter) -> Result<std::string> {
    SMELT_ASSIGN(const AnswerPtr answer, queries_.Ask(identity, {.sql = filter.until_sql}, stop));
    const Json rows = answer->Rows();
    const bool has_one = !rows.empty() && rows[0][0].is_string();
    constexpr std::size_t kDayLength = 10;
    return (has_one ? rows[0][0].get<std::string>() : FormatUtcMicros(NowMicros())).substr(0, kDayLength);
  };
  return ReadSelection(dashboard, parameters, last_day);
}

Result<TileReading> DashboardService::Look(const Identity& identity, const DashboardPtr& dashboard, const Tile& tile,
                                           const Selection& selection) {
  Question question;
  if (tile.metric) {
    if (!compile_metric_) {
      return Fail(
          Error(ErrorCode::kMetricUnknown, fmt::format("tile '{}' asks for a metric, and there are none", tile.name))
              .Hint("serve the project that declares them: --project-dir"));
    }
    SMELT_ASSIGN(question, compile_metric_(*dashboard, tile, selection));
    if (!selection.as_of.empty()) {
      SMELT_ASSIGN(question.as_of, ReadPoint(selection.as_of));
    }
  } else {
    SMELT_ASSIGN(question, BindTile(tile, *dashboard, selection));
  }
  SMELT_ASSIGN(Reading reading, queries_.Look(identity, question));
  return TileReading{.dashboard = dashboard, .tile = &tile, .selection = selection, .reading = std::move(reading)};
}

Result<Json> DashboardService::QualityOf(const Reading& reading, const std::stop_token& stop) {
  SMELT_ASSIGN(const Verdicts verdicts, ReadVerdicts(engine_, queries_, stop));
  return QualityJson(verdicts, TablesOf(reading));
}

Result<std::string> DashboardService::Show(const TileReading& tile, const Json& quality, const std::stop_token& stop) {
  SMELT_ASSIGN(const AnswerPtr answer, queries_.Run(tile.reading, stop));
  return TileJson({.dashboard = *tile.dashboard,
                   .tile = *tile.tile,
                   .selection = tile.selection,
                   .question = tile.reading.question,
                   .answer = *answer,
                   .quality = quality},
                  NowMillis());
}

std::shared_ptr<const DashboardService::Known> DashboardService::Learn(const Identity& identity) {
  const auto all = gallery();
  {
    const std::lock_guard guard(mutex_);
    if (known_ && known_->gallery == all) return known_;
  }
  auto known = std::make_shared<Known>(Known{.gallery = all});
  for (const auto& [name, dashboard] : all->dashboards) {
    Selection nothing;
    if (!dashboard->grains.empty()) nothing.grain = dashboard->grains.front();
    for (const Tile* tile : dashboard->tiles()) {
      if (tile->type == TileType::kText) continue;
      auto looked = Look(identity, dashboard, *tile, nothing);
      if (!looked) {
        Error error = std::move(looked.error()).Context(fmt::format("tile '{}'", tile->name));
        known->faults.push_back({tile->file, std::move(error).At(tile->file, tile->line)});
        continue;
      }
      for (const std::string& table : TablesOf(looked->reading)) known->tables[name].insert(table);
    }
  }
  const std::lock_guard guard(mutex_);
  known_ = known;
  return known;
}

Json DashboardService::DashboardEntry(const Known& known, const Dashboard& dashboard) {
  const auto found = known.tables.find(dashboard.name);
  std::vector<std::string> tables;
  if (found != known.tables.end()) tables.assign(found->second.begin(), found->second.end());
  std::optional<std::int64_t> newest;
  for (const std::string& table : tables) {
    const std::size_t dot = table.find('.');
    const auto pin = engine_.Pin(table.substr(0, dot), table.substr(dot + 1), {});
    if (pin && *pin) newest = std::max(newest.value_or(0), (*pin)->committed_at_ms);
  }
  Json pages = Json::array();
  for (const DashboardPage& page : dashboard.pages) pages.push_back({{"name", page.name}, {"title", page.title}});
  return {{"name", dashboard.name},
          {"title", dashboard.title},
          {"description", dashboard.description},
          {"owner", dashboard.owner},
          {"tags", dashboard.tags},
          {"pages", std::move(pages)},
          {"tiles", dashboard.tiles().size()},
          {"tables", tables},
          {"freshness", FreshnessJson(newest, dashboard.fresh_for_ms, NowMillis())}};
}

Result<Json> DashboardService::ListJson(const Identity& identity, const std::stop_token& stop) {
  const auto known = Learn(identity);
  SMELT_ASSIGN(const Verdicts verdicts, ReadVerdicts(engine_, queries_, stop));
  Json list = Json::array();
  for (const auto& [name, dashboard] : known->gallery->dashboards) {
    Json entry = DashboardEntry(*known, *dashboard);
    entry["quality"] = {{"verdict", QualityJson(verdicts, entry["tables"].get<std::vector<std::string>>())["verdict"]}};
    list.push_back(std::move(entry));
  }
  Json faults = Json::array();
  for (const auto* found : {&known->gallery->faults, &known->faults}) {
    for (const DefinitionFault& fault : *found) faults.push_back(FaultJson(fault.file, fault.error, folder_));
  }
  return Json{{"dashboards", std::move(list)}, {"faults", std::move(faults)}};
}

Json DashboardService::OptionsOf(const Identity& identity, const Filter& filter, const std::stop_token& stop,
                                 Json& problems) {
  if (filter.options_sql.empty()) return filter.options.empty() ? Json() : OptionsJson(filter.options);
  const auto answer = queries_.Ask(identity, {.sql = filter.options_sql}, stop);
  if (!answer) {
    problems.push_back(FaultJson(filter.name, answer.error(), folder_));
    return Json::array();
  }
  std::vector<FilterOption> options;
  const auto text = [](const Json& value) { return value.is_string() ? value.get<std::string>() : JsonText(value); };
  for (const Json& row : (*answer)->Rows()) {
    if (row[0].is_null() || options.size() >= kOptionsMax) continue;
    options.push_back({text(row[0]), row.size() > 1 && !row[1].is_null() ? text(row[1]) : text(row[0])});
  }
  return OptionsJson(options);
}

Result<Json> DashboardService::DefinitionJson(const Identity& identity, const Dashboard& dashboard,
                                              const std::stop_token& stop) {
  SMELT_ASSIGN(const Selection selection, Select(identity, dashboard, {}, stop));
  Json filters = Json::array();
  Json problems = Json::array();
  for (const Filter& filter : dashboard.filters) {
    filters.push_back({{"name", filter.name},
                       {"url", filter.url},
                       {"type", FilterTypeText(filter.type)},
                       {"label", filter.label},
                       {"multiple", filter.multiple},
                       {"default", DefaultJson(filter, selection.filters.at(filter.name))},
                       {"options", OptionsOf(identity, filter, stop, problems)},
                       {"options_from_query", !filter.options_sql.empty()},
                       {"tiles", TilesThatTake(dashboard, filter.name)}});
  }
  constexpr std::int64_t kMillis = 1000;
  return Json{{"name", dashboard.name},
              {"title", dashboard.title},
              {"description", dashboard.description},
              {"owner", dashboard.owner},
              {"tags", dashboard.tags},
              {"grains", dashboard.grains},
              {"fresh_for_s", dashboard.fresh_for_ms ? Json(*dashboard.fresh_for_ms / kMillis) : Json()},
              {"file", std::filesystem::path(dashboard.file).filename().string()},
              {"filters", std::move(filters)},
              {"problems", std::move(problems)},
              {"pages", PagesJson(dashboard)}};
}

}  // namespace smelt::serve
