#include "generate/internal/description.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>

namespace smelt::generate {
namespace {

constexpr auto kColumnKinds = std::to_array<std::string_view>(
    {"id", "pick", "text", "number", "date", "time", "after", "reference", "sum", "sql"});
constexpr auto kDirtKinds =
    std::to_array<std::string_view>({"missing", "blanks", "capitals", "not_a_number", "decimal_comma", "no_such_date",
                                     "negative", "no_such_reference"});
constexpr double kRowsMax = 1e9;
constexpr int kCountMax = 63;

/// A text of digits, or nothing.
std::optional<int> WholeNumber(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// Names go into SQL, where they are quoted, and into paths of names, where they are not.
Status CheckName(const ConfigNode& node, std::string_view what, std::string_view name) {
  const bool good = !name.empty() && (std::isalpha(static_cast<unsigned char>(name[0])) != 0) &&
                    std::ranges::all_of(name, [](char c) {
                      return (std::islower(static_cast<unsigned char>(c)) != 0) ||
                             (std::isdigit(static_cast<unsigned char>(c)) != 0) || c == '_';
                    });
  if (good) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no name for a {}", name, what))
                  .Hint("use small letters, digits and '_', a letter first"));
}

Status ReadDirt(const ConfigNode& node, DataColumn& column) {
  SMELT_TRY(node.AllowKeys({kDirtKinds.begin(), kDirtKinds.end()}));
  for (const std::string& kind : node.keys()) {
    SMELT_ASSIGN(column.dirt[kind], ReadNumber(*node.Find(kind), 0, 0.5));
  }
  return {};
}

Result<DataColumn> ReadColumn(const std::string& name, const ConfigNode& node) {
  SMELT_TRY(CheckName(node, "column", name));
  std::vector<std::string_view> known(kColumnKinds.begin(), kColumnKinds.end());
  known.insert(known.end(), {"hidden", "changes", "missing", "dirt", "locale", "skew", "row", "of", "min", "max",
                             "decimals", "hours", "days", "on", "type"});
  if (!node.is_map()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("column '{}' is no map", name))
                    .Hint(fmt::format("write for example {}: {{number: {{uniform: [1, 10]}}}}", name)));
  }
  SMELT_TRY(node.AllowKeys(known));
  DataColumn column{.name = name, .node = node, .kind = {}, .spec = node, .type = {}, .dirt = {}};
  for (const std::string_view kind : kColumnKinds) {
    const auto spec = node.Find(kind);
    if (!spec) continue;
    if (!column.kind.empty()) {
      return Fail(spec->ErrorHere(ErrorCode::kConfigValueInvalid,
                                  fmt::format("column '{}' has two kinds, {} and {}", name, column.kind, kind))
                      .Hint("leave one of them"));
    }
    column.kind = kind;
    column.spec = *spec;
  }
  if (column.kind.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, fmt::format("column '{}' has no kind", name))
                    .Hint(fmt::format("give one of {}", fmt::join(kColumnKinds, ", "))));
  }
  SMELT_ASSIGN(column.type, node.StringOr("type", ""));
  SMELT_ASSIGN(column.hidden, node.BoolOr("hidden", false));
  SMELT_ASSIGN(column.changes, node.BoolOr("changes", false));
  if (const auto missing = node.Find("missing")) {
    SMELT_ASSIGN(column.missing, ReadNumber(*missing, 0, 1));
  }
  if (const auto dirt = node.Find("dirt")) SMELT_TRY(ReadDirt(*dirt, column));
  return column;
}

/// An SQL expression for the number of children: weights by number, or an expression as it is.
Result<std::string> ReadCount(const ConfigNode& node, double& mean) {
  if (!node.is_map()) return node.AsString();
  SMELT_ASSIGN(const auto weights, ReadWeights(node));
  std::vector<std::string> numbers;
  std::vector<double> shares;
  double sum = 0, total = 0;
  for (const auto& [number, weight] : weights) {
    const auto parsed = WholeNumber(number);
    if (!parsed || *parsed > kCountMax) {
      return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no number of rows", number))
                      .Hint("give numbers from 0 to 63 with their weights, as {1: 50, 2: 30, 3: 20}"));
    }
    numbers.push_back(number);
    shares.push_back(weight);
    sum += static_cast<double>(*parsed) * weight;
    total += weight;
  }
  mean = sum / total;
  return fmt::format("smelt_pick(draw(count), [{}]::BIGINT[], [{}]::DOUBLE[])", fmt::join(numbers, ","),
                     fmt::join(shares, ","));
}

Status ReadEach(const ConfigNode& node, DataTable& table) {
  table.source = RowSource::kEach;
  SMELT_ASSIGN(table.parent, RequireText(node, "each"));
  const auto count = node.Find("count"), chance = node.Find("chance");
  if (count.has_value() == chance.has_value()) {
    return Fail(
        node.ErrorHere(ErrorCode::kConfigKeyMissing,
                       fmt::format("table '{}' does not say how many rows each of {} has", table.name, table.parent))
            .Hint("give either count or chance"));
  }
  if (count) {
    SMELT_ASSIGN(table.counted, ReadCount(*count, table.children_mean));
  } else {
    table.rare = true;
    constexpr double kRareMean = 0.1;
    table.children_mean = chance->AsDouble().value_or(kRareMean);
    SMELT_ASSIGN(const std::string share, chance->AsString());
    table.counted = fmt::format("case when draw(count) < ({}) then 1 else 0 end", share);
  }
  return {};
}

Status ReadSource(const ConfigNode& node, DataTable& table) {
  const auto rows = node.Find("rows"), daily = node.Find("daily"), each = node.Find("each");
  if (int{rows.has_value()} + int{daily.has_value()} + int{each.has_value()} != 1) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing,
                               fmt::format("table '{}' does not say which rows it has", table.name))
                    .Hint("give one of rows, daily and each"));
  }
  if (each) return ReadEach(node, table);
  table.source = daily ? RowSource::kDaily : RowSource::kRows;
  SMELT_ASSIGN(table.rows, ReadNumber(daily ? *daily : *rows, 1, kRowsMax));
  SMELT_ASSIGN(table.scaled, node.BoolOr("scaled", true));
  if (const auto present = node.Find("present")) {
    SMELT_ASSIGN(table.present, ReadNumber(*present, 0.01, 1));
  }
  return {};
}

Result<DataTable> ReadTable(const std::string& name, const ConfigNode& node) {
  SMELT_TRY(CheckName(node, "table", name));
  SMELT_TRY(node.AllowKeys({"rows", "daily", "each", "count", "chance", "scaled", "present", "time", "within_days",
                            "change_every_days", "repeated", "file", "columns"}));
  DataTable table{.name = name, .node = node, .parent = {}, .counted = {}, .time = {}, .columns = {}};
  SMELT_TRY(ReadSource(node, table));
  SMELT_ASSIGN(table.time, node.StringOr("time", ""));
  SMELT_ASSIGN(table.file, node.BoolOr("file", true));
  if (const auto days = node.Find("within_days")) {
    SMELT_ASSIGN(const double value, ReadNumber(*days, 0, 3650));
    table.within_days = static_cast<std::int64_t>(value);
  }
  if (const auto days = node.Find("change_every_days")) {
    SMELT_ASSIGN(const double value, ReadNumber(*days, 1, 100000));
    table.change_every = static_cast<std::int64_t>(value);
  }
  if (const auto share = node.Find("repeated")) {
    SMELT_ASSIGN(table.repeated, ReadNumber(*share, 0, 0.5));
  }
  SMELT_ASSIGN(const ConfigNode columns, node.Require("columns"));
  for (const std::string& column : columns.keys()) {
    SMELT_ASSIGN(auto read, ReadColumn(column, *columns.Find(column)));
    table.columns.push_back(std::move(read));
  }
  const bool shown = std::ranges::any_of(table.columns, [](const DataColumn& column) { return !column.hidden; });
  if (!shown) {
    return Fail(columns.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("table '{}' has no columns", name))
                    .Hint("give a map of names to columns, at least one of them not hidden"));
  }
  return table;
}

/// What one table says of others and of its own columns.
Status CheckTable(const DataSet& data, const DataTable& table) {
  if (table.source == RowSource::kEach) {
    const DataTable* parent = data.Find(table.parent);
    if (parent == nullptr || parent >= &table) {
      return Fail(table.node.Find("each")
                      ->ErrorHere(ErrorCode::kConfigValueInvalid,
                                  fmt::format("table '{}' has rows for each of '{}', which is no table before it",
                                              table.name, table.parent))
                      .Hint("name a table that stands further up"));
    }
  }
  if (!table.time.empty() && table.Find(table.time) == nullptr) {
    return Fail(table.node.Find("time")
                    ->ErrorHere(ErrorCode::kConfigValueInvalid,
                                fmt::format("table '{}' has no column '{}'", table.name, table.time))
                    .Hint("name the column that says when a row comes to be"));
  }
  if (table.change_every > 0 && table.source != RowSource::kRows) {
    return Fail(
        table.node.Find("change_every_days")
            ->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("rows of table '{}' cannot change", table.name))
            .Hint("only those of tables with rows: can"));
  }
  for (const DataColumn& column : table.columns) {
    if (!column.changes || table.change_every > 0) continue;
    return Fail(column.node
                    .ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("column '{}' changes, but rows of '{}' do not", column.name, table.name))
                    .Hint("give the table change_every_days"));
  }
  return {};
}

Result<TextList> ReadList(const ConfigNode& node) {
  TextList list;
  for (const ConfigNode& item : node.items()) {
    double weight = 1;
    if (!item.is_map()) {
      SMELT_ASSIGN(auto text, item.AsString());
      list.parts[""].push_back(std::move(text));
    }
    for (const std::string& part : item.keys()) {
      if (part == "weight") {
        SMELT_ASSIGN(weight, ReadNumber(*item.Find(part), 0, 1e9));
        continue;
      }
      SMELT_ASSIGN(auto text, item.Find(part)->AsString());
      list.parts[part].push_back(std::move(text));
    }
    list.weights.push_back(weight);
  }
  for (const auto& [part, texts] : list.parts) {
    if (texts.size() == list.weights.size()) continue;
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "the entries of a list have different parts")
                    .Hint(fmt::format("give every entry '{}', or none", part)));
  }
  if (list.weights.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a list of texts is empty").Hint("give it entries"));
  }
  return list;
}

Result<Drops> ReadDrops(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"rows_per_file", "repeated", "broken"}));
  Drops drops;
  SMELT_ASSIGN(const ConfigNode rows, node.Require("rows_per_file"));
  SMELT_ASSIGN(const double rows_per_file, ReadNumber(rows, 1, kRowsMax));
  drops.rows_per_file = std::llround(rows_per_file);
  if (const auto repeated = node.Find("repeated")) {
    SMELT_ASSIGN(drops.repeated, ReadNumber(*repeated, 0, 1));
  }
  if (const auto broken = node.Find("broken")) {
    SMELT_ASSIGN(drops.broken, ReadNumber(*broken, 0, 1));
  }
  return drops;
}

Status ReadSeasons(const ConfigNode& node, DataSet& data) {
  SMELT_TRY(node.AllowKeys({"months", "weekdays", "yearly_growth"}));
  const auto read = [&](std::string_view key, auto& weights) -> Status {
    const auto list = node.Find(key);
    if (!list) return {};
    if (list->items().size() != weights.size()) {
      return Fail(
          list->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} has {} weights", key, list->items().size()))
              .Hint(fmt::format("give {}", weights.size())));
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      SMELT_ASSIGN(weights[i], ReadNumber(list->items()[i], 0.001, 1000));
    }
    return {};
  };
  SMELT_TRY(read("months", data.months));
  SMELT_TRY(read("weekdays", data.weekdays));
  if (const auto growth = node.Find("yearly_growth")) {
    SMELT_ASSIGN(data.yearly_growth, ReadNumber(*growth, 0, 10));
  }
  return {};
}

}  // namespace

const DataColumn* DataTable::Find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &DataColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

const DataColumn* DataTable::Id() const {
  const auto found = std::ranges::find(columns, "id", &DataColumn::kind);
  return found == columns.end() ? nullptr : &*found;
}

const DataTable* DataSet::Find(std::string_view table) const {
  const auto found = std::ranges::find(tables, table, &DataTable::name);
  return found == tables.end() ? nullptr : &*found;
}

Result<std::string> RequireText(const ConfigNode& node, std::string_view key) {
  SMELT_ASSIGN(const ConfigNode value, node.Require(key));
  return value.AsString();
}

Result<double> ReadNumber(const ConfigNode& node, double low, double high) {
  SMELT_ASSIGN(const double value, node.AsDouble());
  if (value >= low && value <= high) return value;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} is out of range", value))
                  .Hint(fmt::format("give a number from {} to {}", low, high)));
}

Result<std::int64_t> ReadDay(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = WholeNumber(std::string_view(text).substr(0, 4));
    const auto month = WholeNumber(std::string_view(text).substr(5, 2));
    const auto day = WholeNumber(std::string_view(text).substr(8, 2));
    if (year && month && day && *year >= 1970 && *year <= 2140) {
      const std::chrono::year_month_day date{std::chrono::year{*year},
                                             std::chrono::month{static_cast<unsigned>(*month)},
                                             std::chrono::day{static_cast<unsigned>(*day)}};
      if (date.ok()) return std::chrono::sys_days{date}.time_since_epoch().count();
    }
  }
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no day", text))
                  .Hint("write it as 2024-02-29; years go from 1970 to 2140"));
}

Result<std::vector<std::pair<std::string, double>>> ReadWeights(const ConfigNode& node) {
  std::vector<std::pair<std::string, double>> weights;
  for (const ConfigNode& item : node.items()) {
    SMELT_ASSIGN(auto text, item.AsString());
    weights.emplace_back(std::move(text), 1);
  }
  double total = 0;
  for (const std::string& key : node.keys()) {
    SMELT_ASSIGN(const double weight, ReadNumber(*node.Find(key), 0, 1e9));
    weights.emplace_back(key, weight);
  }
  for (const auto& [value, weight] : weights) total += weight;
  if (total > 0) return weights;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "there is nothing to pick from")
                  .Hint("give a list of values, or a map of values to weights, as {web: 3, store: 1}"));
}

Status ReadTextLists(const ConfigNode& node, TextLists& lists) {
  for (const std::string& name : node.keys()) {
    const ConfigNode list = *node.Find(name);
    SMELT_TRY(CheckName(list, "list", name));
    if (!list.is_map()) {
      SMELT_ASSIGN(lists[name][""], ReadList(list));
      continue;
    }
    for (const std::string& locale : list.keys()) {
      SMELT_ASSIGN(lists[name][locale], ReadList(*list.Find(locale)));
    }
  }
  return {};
}

Result<DataSet> ReadDataSet(const ConfigNode& document, TextLists lists) {
  SMELT_TRY(document.AllowKeys({"data_set", "period", "seasons", "lists", "drops", "tables"}));
  DataSet data;
  data.lists = std::move(lists);
  data.months.fill(1);
  data.weekdays.fill(1);
  SMELT_ASSIGN(data.name, document.StringOr("data_set", ""));
  SMELT_ASSIGN(const ConfigNode period, document.Require("period"));
  SMELT_TRY(period.AllowKeys({"from", "to"}));
  SMELT_ASSIGN(const ConfigNode from, period.Require("from"));
  SMELT_ASSIGN(data.first_day, ReadDay(from));
  SMELT_ASSIGN(const ConfigNode to, period.Require("to"));
  SMELT_ASSIGN(data.last_day, ReadDay(to));
  if (data.last_day < data.first_day || data.last_day - data.first_day > 36525) {
    return Fail(period.ErrorHere(ErrorCode::kConfigValueInvalid, "the period has no days, or more than a century")
                    .Hint("let `to` be on or after `from`"));
  }
  if (const auto seasons = document.Find("seasons")) SMELT_TRY(ReadSeasons(*seasons, data));
  if (const auto drops = document.Find("drops")) {
    SMELT_ASSIGN(data.drops, ReadDrops(*drops));
  }
  if (const auto own = document.Find("lists")) SMELT_TRY(ReadTextLists(*own, data.lists));
  SMELT_ASSIGN(const ConfigNode tables, document.Require("tables"));
  for (const std::string& name : tables.keys()) {
    SMELT_ASSIGN(auto table, ReadTable(name, *tables.Find(name)));
    data.tables.push_back(std::move(table));
  }
  for (const DataTable& table : data.tables) SMELT_TRY(CheckTable(data, table));
  return data;
}

}  // namespace smelt::generate
