#include <cmath>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/profile.h"

namespace smelt::quality {
namespace {

/// A figure as JSON: times as ISO 8601.
Json FigureJson(const ColumnProfile& column, const std::optional<double>& figure) {
  if (!figure || !std::isfinite(*figure)) return nullptr;
  return column.is_temporal() ? Json(FigureText(column, *figure)) : Json(*figure);
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json CountsJson(const std::vector<ValueCount>& counts, const char* name) {
  Json list = Json::array();
  for (const ValueCount& one : counts) list.push_back({{name, one.value}, {"count", one.count}});
  return list;
}

/// "p05" of 0.05.
std::string QuantileName(double share) {
  return fmt::format("p{:02}", static_cast<int>(std::lround(share * 100)));
}

void AddNumbers(const ColumnProfile& column, Json& json) {
  json["mean"] = FigureJson(column, column.mean);
  json[column.is_temporal() ? "stddev_seconds" : "stddev"] = OrNull(column.stddev);
  Json quantiles = Json::object();
  for (std::size_t i = 0; i < column.quantiles.size(); ++i) {
    quantiles[QuantileName(kProfileQuantiles[i])] = FigureJson(column, column.quantiles[i]);
  }
  json["quantiles"] = std::move(quantiles);
  json["not_finite"] = column.not_finite;
  if (column.is_number()) {
    json["zeros"] = column.zeros;
    json["negatives"] = column.negatives;
  }
}

Json ColumnJson(const ColumnProfile& column, std::int64_t rows) {
  const double total = static_cast<double>(rows);
  Json json = {
      {"name", column.name},         {"type", column.type},
      {"nulls", column.nulls},       {"null_rate", rows > 0 ? Json(static_cast<double>(column.nulls) / total) : Json()},
      {"distinct", column.distinct}, {"distinct_is_exact", column.distinct_exact},
      {"unique", column.unique},     {"min", OrNull(column.min)},
      {"max", OrNull(column.max)}};
  if (column.is_number() || column.is_temporal()) AddNumbers(column, json);
  if (column.kind == engine::TypeKind::kBoolean) json["true_rate"] = OrNull(column.mean);
  if (column.kind == engine::TypeKind::kText) {
    json["length"] = {
        {"min", OrNull(column.length_min)}, {"mean", OrNull(column.length_mean)}, {"max", OrNull(column.length_max)}};
    json["blank"] = column.blank;
    json["untrimmed"] = column.untrimmed;
    json["patterns"] = CountsJson(column.patterns, "pattern");
    json["pattern_values"] = column.pattern_values;
  }
  json["top"] = CountsJson(column.top, "value");
  json["top_is_all"] = column.top_is_all;
  Json bins = Json::array();
  for (const HistogramBin& bin : column.histogram) {
    bins.push_back({{"from", FigureJson(column, bin.from)}, {"to", FigureJson(column, bin.to)}, {"count", bin.count}});
  }
  json["histogram"] = std::move(bins);
  Json personal = Json::array();
  for (const PersonalDataHint& hint : column.personal) {
    personal.push_back({{"kind", hint.kind}, {"share", hint.share}, {"reason", hint.reason}});
  }
  json["personal_data"] = std::move(personal);
  return json;
}

}  // namespace

std::string FigureText(const ColumnProfile& column, double figure) {
  constexpr double kMicros = 1e6;
  constexpr double kSecondsMax = 9e12;  // what microseconds in 64 bits reach
  constexpr double kLong = 1e5;
  constexpr double kVeryLong = 1e15;
  if (column.is_temporal() && std::abs(figure) < kSecondsMax) {
    const std::string text = FormatUtcMicros(std::llround(figure * kMicros));
    if (column.kind == engine::TypeKind::kDate) return text.substr(0, text.find('T'));
    return text.substr(0, text.find_first_of(".Z"));
  }
  if (std::abs(figure) >= kLong && std::abs(figure) < kVeryLong) return fmt::format("{:.0f}", figure);
  return fmt::format("{:.6g}", figure);
}

Json ProfileToJson(const TableProfile& profile) {
  Json columns = Json::array();
  for (const ColumnProfile& column : profile.columns) columns.push_back(ColumnJson(column, profile.rows));
  Json correlations = Json::array();
  for (const Correlation& one : profile.correlations) {
    correlations.push_back({{"columns", {one.a, one.b}}, {"pearson", one.coefficient}});
  }
  return {{"source", profile.label},
          {"table", profile.table.empty() ? Json() : Json(profile.table)},
          {"version", OrNull(profile.version)},
          {"profiled_at", FormatUtcMicros(profile.profiled_at_us)},
          {"seconds", profile.seconds},
          {"rows", profile.rows},
          {"candidate_keys", profile.keys},
          {"correlations", std::move(correlations)},
          {"correlated_columns", profile.correlated_columns},
          {"columns", std::move(columns)}};
}

}  // namespace smelt::quality
