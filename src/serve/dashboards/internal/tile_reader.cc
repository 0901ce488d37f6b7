#include "serve/dashboards/internal/tile_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "serve/dashboards/column_formats.h"
#include "serve/dashboards/internal/definition_keys.h"
#include "serve/dashboards/internal/filter_reader.h"

namespace smelt::serve::internal {
namespace {

using Words = std::vector<std::string_view>;

/// What a type of tile takes to be drawn: names of columns of its answer, and settings.
struct TypeRules {
  std::string_view text;
  int width;
  int height;
  Words columns;   ///< keys that name a column and must be there
  Words optional;  ///< keys that name a column
  Words settings;  ///< other keys
};

/// In the order of TileType.
const std::array<TypeRules, 12>& Rules() {
  static const std::array<TypeRules, 12> kRules = {{
      {"big_number", 3, 2, {"value"}, {"compare", "x"}, {}},
      {"line", 6, 4, {"x", "y"}, {"series", "previous"}, {}},
      {"area", 6, 4, {"x", "y"}, {"series", "previous"}, {}},
      {"bar", 6, 4, {"x", "y"}, {"series", "previous"}, {"orientation"}},
      {"stacked", 6, 4, {"x", "y"}, {"series"}, {"orientation", "percent"}},
      {"heatmap", 6, 4, {"x", "y", "value"}, {}, {}},
      {"cohort", 12, 6, {"x", "y", "value"}, {}, {}},
      {"funnel", 6, 4, {"label", "value"}, {}, {}},
      {"pie", 4, 4, {"label", "value"}, {}, {}},
      {"map", 6, 6, {"region", "value"}, {"label"}, {}},
      {"table", 12, 5, {}, {}, {"page_size"}},
      {"text", 12, 2, {}, {}, {"text"}},
  }};
  return kRules;
}

const TypeRules& RulesOf(TileType type) {
  return Rules().at(static_cast<std::size_t>(type));
}

bool TakesSeveral(TileType type, std::string_view key) {
  return key == "y" && type != TileType::kHeatmap && type != TileType::kCohort;
}

Words KnownKeys(TileType type) {
  const TypeRules& rules = RulesOf(type);
  Words known(kTileKeys.begin(), kTileKeys.end());
  for (const Words* words : {&rules.columns, &rules.optional, &rules.settings}) {
    known.insert(known.end(), words->begin(), words->end());
  }
  if (type == TileType::kText) return known;
  known.insert(known.end(), kDataTileKeys.begin(), kDataTileKeys.end());
  known.emplace_back("drill");
  return known;
}

Result<std::map<std::string, std::string>> ReadTextMap(const ConfigNode& node) {
  std::map<std::string, std::string> map;
  if (!node.is_map()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "expected a map of filters and columns")
                    .Hint("write {state: customer_state}"));
  }
  for (const std::string& key : node.keys()) {
    SMELT_ASSIGN(map[key], node.Find(key)->AsString());
  }
  return map;
}

Result<int> ReadNumber(const ConfigNode& node, std::string_view key, int fallback, int from, int to) {
  SMELT_ASSIGN(const std::int64_t number, node.IntOr(key, fallback));
  if (number >= from && number <= to) return static_cast<int>(number);
  return Fail(node.Find(key).value_or(node).ErrorHere(
      ErrorCode::kConfigValueInvalid, fmt::format("'{}' is {}, not between {} and {}", key, number, from, to)));
}

Status ReadColumns(const ConfigNode& node, Tile& tile) {
  const auto columns = node.Find("columns");
  if (!columns) return {};
  SMELT_ASSIGN(tile.drawing["columns"], ReadColumnFormats(*columns));
  return {};
}

Status ReadEncoding(const ConfigNode& node, std::string_view key, Tile& tile) {
  if (key == "y") {
    SMELT_ASSIGN(const auto names, node.AsStringList());
    if (names.empty() || (names.size() > 1 && !TakesSeveral(tile.type, key))) {
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("a {} takes one column as y", TileTypeText(tile.type))));
    }
    tile.drawing["y"] = names;
    return {};
  }
  SMELT_ASSIGN(const std::string name, node.AsString());
  tile.drawing[std::string(key)] = name;
  return {};
}

Status ReadDrawing(const ConfigNode& node, Tile& tile) {
  const TypeRules& rules = RulesOf(tile.type);
  for (const std::string_view key : rules.columns) {
    const auto column = node.Find(key);
    if (!column) {
      return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing,
                                 fmt::format("tile '{}' of type {} lacks '{}'", tile.name, rules.text, key))
                      .Hint(fmt::format("name a column of its answer: {}: …", key)));
    }
    SMELT_TRY(ReadEncoding(*column, key, tile));
  }
  for (const std::string_view key : rules.optional) {
    if (const auto column = node.Find(key)) SMELT_TRY(ReadEncoding(*column, key, tile));
  }
  if (tile.drawing.contains("series") && tile.drawing["y"].size() > 1) {
    return Fail(node.Find("series")->ErrorHere(ErrorCode::kConfigValueInvalid,
                                               "with 'series' there is one column as y: its values are the lines"));
  }
  if (const auto orientation = node.Find("orientation")) {
    SMELT_ASSIGN(tile.drawing["orientation"], ReadWord(*orientation, "orientation", {"vertical", "horizontal"}));
  }
  if (const auto percent = node.Find("percent")) {
    SMELT_ASSIGN(tile.drawing["percent"], percent->AsBool());
  }
  if (tile.type == TileType::kTable) {
    constexpr int kPageSizeMax = 500;
    if (node.Find("page_size")) {
      SMELT_ASSIGN(tile.drawing["page_size"], ReadNumber(node, "page_size", kPageSizeMax, 1, kPageSizeMax));
    }
  }
  return ReadColumns(node, tile);
}

Status ReadLinks(const ConfigNode& node, Tile& tile) {
  if (const auto cross_filter = node.Find("cross_filter")) {
    SMELT_ASSIGN(tile.cross_filter, ReadTextMap(*cross_filter));
    tile.drawing["cross_filter"] = tile.cross_filter;
  }
  const auto drill = node.Find("drill");
  if (!drill) return {};
  SMELT_TRY(drill->AllowKeys(Words(kDrillKeys.begin(), kDrillKeys.end())));
  Drill read{.dashboard = {}};
  SMELT_ASSIGN(const ConfigNode dashboard, drill->Require("dashboard"));
  SMELT_ASSIGN(read.dashboard, dashboard.AsString());
  SMELT_ASSIGN(read.page, drill->StringOr("page", ""));
  if (const auto filters = drill->Find("filters")) {
    SMELT_ASSIGN(read.filters, ReadTextMap(*filters));
  }
  tile.drawing["drill"] = {{"dashboard", read.dashboard}, {"page", read.page}, {"filters", read.filters}};
  tile.drill = std::move(read);
  return {};
}

Status ReadMetric(const ConfigNode& node, Tile& tile) {
  MetricQuestion question;
  const auto list = [&node](std::string_view key) -> Result<std::vector<std::string>> {
    const auto found = node.Find(key);
    return found ? found->AsStringList() : std::vector<std::string>();
  };
  SMELT_ASSIGN(question.metrics, list("metric"));
  SMELT_ASSIGN(question.dimensions, list("dimensions"));
  SMELT_ASSIGN(question.where, list("where"));
  SMELT_ASSIGN(question.order, list("order"));
  SMELT_ASSIGN(question.compare, node.StringOr("compare_with", ""));
  if (node.Find("filters")) {
    SMELT_ASSIGN(question.filters, list("filters"));
  }
  constexpr int kRowsMax = 10'000;
  SMELT_ASSIGN(question.limit, ReadNumber(node, "limit", 0, 0, kRowsMax));
  if (const auto grain = node.Find("grain")) {
    Words words(kGrains.begin(), kGrains.end());
    words.emplace_back("filter");
    SMELT_ASSIGN(question.grain, ReadWord(*grain, "grain", words));
  }
  tile.metric = std::move(question);
  return {};
}

/// What a tile asks: SQL, a metric, or nothing if it is a text.
Status ReadQuestion(const ConfigNode& node, Tile& tile) {
  const auto sql = node.Find("sql");
  const bool has_metric = node.Find("metric").has_value();
  if (sql.has_value() == has_metric) {
    return Fail(node.ErrorHere(has_metric ? ErrorCode::kConfigValueInvalid : ErrorCode::kConfigKeyMissing,
                               has_metric ? fmt::format("tile '{}' has both 'sql' and 'metric'", tile.name)
                                          : fmt::format("tile '{}' asks nothing", tile.name))
                    .Hint("write either 'sql: select …' or 'metric: …'"));
  }
  if (has_metric) return ReadMetric(node, tile);
  for (const std::string_view key : {"dimensions", "grain", "filters", "where", "order", "limit", "compare_with"}) {
    if (const auto found = node.Find(key)) {
      return Fail(found->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is for tiles of metrics", key))
                      .Hint("say it in the SQL: {{ filter('name', 'column') }}, {{ grain('column') }}"));
    }
  }
  SMELT_ASSIGN(const std::string text, sql->AsString());
  // A text of several lines begins in the line after its '|'.
  const std::int64_t line = sql->line() + (text.find('\n') == std::string::npos ? 0 : 1);
  SMELT_ASSIGN(tile.sql, TileSql::Parse(text, node.file(), line));
  return {};
}

Result<TileType> ReadType(const ConfigNode& node) {
  SMELT_ASSIGN(const ConfigNode type, node.Require("type"));
  Words words;
  for (const TypeRules& rules : Rules()) words.push_back(rules.text);
  SMELT_ASSIGN(const std::string word, ReadWord(type, "type of a tile", words));
  return static_cast<TileType>(std::find(words.begin(), words.end(), word) - words.begin());
}

Error UnknownFilter(const Dashboard& dashboard, const Tile& tile, const std::string& name, std::int64_t line) {
  Words known;
  for (const Filter& filter : dashboard.filters) known.push_back(filter.name);
  const std::string nearest = NearestWord(name, known);
  return Error(ErrorCode::kConfigValueInvalid,
               fmt::format("tile '{}' uses the filter '{}', which the dashboard does not have", tile.name, name))
      .Hint(nearest.empty() ? std::string("list it under 'filters'") : fmt::format("did you mean '{}'?", nearest))
      .At(tile.file, line);
}

Status CheckPlaceholder(const Dashboard& dashboard, const Tile& tile, const TileSql::Placeholder& placeholder) {
  const auto wrong = [&](std::string message, std::string hint) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, std::move(message))
                    .Hint(std::move(hint))
                    .At(tile.file, placeholder.line));
  };
  if (placeholder.kind == PlaceholderKind::kGrain) {
    if (!dashboard.grains.empty()) return {};
    return wrong(fmt::format("tile '{}' takes the grain, of which the dashboard offers none", tile.name),
                 "write 'grains: [day, week, month]'");
  }
  const Filter* filter = dashboard.FindFilter(placeholder.filter);
  if (filter == nullptr) return Fail(UnknownFilter(dashboard, tile, placeholder.filter, placeholder.line));
  const bool is_range = filter->type == FilterType::kDateRange || filter->type == FilterType::kNumberRange;
  if (placeholder.kind == PlaceholderKind::kPrevious && filter->type != FilterType::kDateRange) {
    return wrong(fmt::format("'{}' has no period before it: it is no date_range", filter->name),
                 "take previous() of a filter of dates");
  }
  if (placeholder.kind != PlaceholderKind::kValue) return {};
  if (is_range == placeholder.side.empty()) {
    return wrong(fmt::format("the value of '{}' is taken in the wrong way", filter->name),
                 is_range ? fmt::format("write value('{0}.from') or value('{0}.to')", filter->name)
                          : fmt::format("write value('{}')", filter->name));
  }
  if (!filter->multiple) return {};
  return wrong(fmt::format("'{}' has several values, not one", filter->name), "write filter('name', 'column')");
}

Status CheckTile(const Dashboard& dashboard, const Tile& tile) {
  for (const TileSql::Part& part : tile.sql.parts()) {
    if (part.placeholder) SMELT_TRY(CheckPlaceholder(dashboard, tile, *part.placeholder));
  }
  for (const auto& [filter, column] : tile.cross_filter) {
    if (dashboard.FindFilter(filter) == nullptr) return Fail(UnknownFilter(dashboard, tile, filter, tile.line));
  }
  if (!tile.metric) return {};
  for (const std::string& filter : tile.metric->filters.value_or(std::vector<std::string>())) {
    if (dashboard.FindFilter(filter) == nullptr) return Fail(UnknownFilter(dashboard, tile, filter, tile.line));
  }
  if (tile.metric->grain != "filter" || !dashboard.grains.empty()) return {};
  return Fail(Error(ErrorCode::kConfigValueInvalid,
                    fmt::format("tile '{}' takes the grain, of which the dashboard offers none", tile.name))
                  .Hint("write 'grains: [day, week, month]'")
                  .At(tile.file, tile.line));
}

}  // namespace

Result<Tile> ReadTile(const ConfigNode& node) {
  constexpr int kColumns = 12;
  Tile tile{.name = {}};
  tile.file = node.file();
  tile.line = node.line();
  SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(tile.name, ReadName(name, "tile"));
  SMELT_ASSIGN(tile.type, ReadType(node));
  SMELT_TRY(node.AllowKeys(KnownKeys(tile.type)));
  SMELT_ASSIGN(tile.title, node.StringOr("title", ""));
  SMELT_ASSIGN(tile.description, node.StringOr("description", ""));
  SMELT_ASSIGN(tile.width, ReadNumber(node, "width", RulesOf(tile.type).width, 1, kColumns));
  SMELT_ASSIGN(tile.height, ReadNumber(node, "height", RulesOf(tile.type).height, 1, kColumns));
  if (tile.type == TileType::kText) {
    SMELT_ASSIGN(const ConfigNode text, node.Require("text"));
    SMELT_ASSIGN(tile.text, text.AsString());
    tile.drawing["text"] = tile.text;
    return tile;
  }
  if (tile.title.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, fmt::format("tile '{}' has no title", tile.name))
                    .Hint("write the question that it answers, or what it finds"));
  }
  SMELT_TRY(ReadQuestion(node, tile));
  SMELT_TRY(ReadDrawing(node, tile));
  SMELT_TRY(ReadLinks(node, tile));
  return tile;
}

Status CheckReferences(const Dashboard& dashboard) {
  for (const Tile* tile : dashboard.tiles()) SMELT_TRY(CheckTile(dashboard, *tile));
  return {};
}

}  // namespace smelt::serve::internal

namespace smelt::serve {

std::string_view TileTypeText(TileType type) {
  return internal::RulesOf(type).text;
}

}  // namespace smelt::serve
