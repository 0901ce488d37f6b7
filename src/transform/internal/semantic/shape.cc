#include "transform/internal/semantic/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace smelt::transform {

namespace {

/// A key, and what it is when nothing is said of it; JSON.
struct ShapeKey {
  std::string_view key, unset;
};

constexpr ShapeKey kMeasureInput[] = {{"name", "null"},
                                      {"filter", "null"},
                                      {"alias", "null"},
                                      {"join_to_timespine", "false"},
                                      {"fill_nulls_with", "null"}};
constexpr ShapeKey kMetricInput[] = {
    {"name", "null"}, {"filter", "null"}, {"alias", "null"}, {"offset_window", "null"}, {"offset_to_grain", "null"}};
constexpr ShapeKey kTypeParams[] = {{"measure", "null"},
                                    {"input_measures", "[]"},
                                    {"numerator", "null"},
                                    {"denominator", "null"},
                                    {"expr", "null"},
                                    {"window", "null"},
                                    {"grain_to_date", "null"},
                                    {"metrics", "[]"},
                                    {"conversion_type_params", "null"},
                                    {"cumulative_type_params", "null"},
                                    {"metric_aggregation_params", "null"}};
constexpr ShapeKey kCumulative[] = {
    {"window", "null"}, {"grain_to_date", "null"}, {"period_agg", "\"first\""}, {"metric", "null"}};
constexpr ShapeKey kConversion[] = {{"entity", "null"},       {"calculation", "\"conversion_rate\""},
                                    {"base_measure", "null"}, {"conversion_measure", "null"},
                                    {"window", "null"},       {"constant_properties", "null"}};
constexpr ShapeKey kEntity[] = {{"name", "null"},  {"type", "null"}, {"description", "null"},
                                {"label", "null"}, {"role", "null"}, {"expr", "null"}};
constexpr ShapeKey kDimension[] = {{"name", "null"},  {"type", "null"},          {"description", "null"},
                                   {"label", "null"}, {"is_partition", "false"}, {"type_params", "null"},
                                   {"expr", "null"},  {"metadata", "null"}};
constexpr ShapeKey kMeasure[] = {{"name", "null"},
                                 {"agg", "null"},
                                 {"description", "null"},
                                 {"label", "null"},
                                 {"create_metric", "false"},
                                 {"expr", "null"},
                                 {"agg_params", "null"},
                                 {"non_additive_dimension", "null"},
                                 {"agg_time_dimension", "null"}};
constexpr ShapeKey kAggregation[] = {
    {"percentile", "null"}, {"use_discrete_percentile", "false"}, {"use_approximate_percentile", "false"}};
constexpr ShapeKey kNonAdditive[] = {{"name", "null"}, {"window_choice", "null"}, {"window_groupings", "[]"}};
constexpr ShapeKey kDimensionType[] = {{"time_granularity", "null"}, {"validity_params", "null"}};
constexpr ShapeKey kValidity[] = {{"is_start", "false"}, {"is_end", "false"}};
constexpr ShapeKey kQuery[] = {
    {"metrics", "[]"}, {"group_by", "[]"}, {"where", "null"}, {"order_by", "[]"}, {"limit", "null"}};

constexpr std::array<std::string_view, 11> kGrains = {
    "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"};

/// The keys of a shape in its order: as they are written, else as they are when unset. Null stays null.
Json Fill(const Json& written, std::span<const ShapeKey> shape) {
  if (!written.is_object()) return Json();
  Json filled = Json::object();
  for (const ShapeKey& row : shape) {
    Json value = ValueAt(written, row.key);
    filled[std::string(row.key)] = value.is_null() ? Json::parse(row.unset) : std::move(value);
  }
  return filled;
}

/// Applies `change` to what an object has under a key, unless that is null.
template <typename Change>
Status Reshape(Json& object, std::string_view key, Change change) {
  Json& value = object[std::string(key)];
  if (value.is_null()) return {};
  SMELT_ASSIGN(value, change(std::move(value)));
  return {};
}

/// Applies it to each item of a list.
template <typename Change>
Status ReshapeEach(Json& object, std::string_view key, Change change) {
  Json& list = object[std::string(key)];
  if (list.is_null()) list = Json::array();
  if (!list.is_array()) return Fail(ErrorCode::kDbtConfigInvalid, fmt::format("{} must be a list", key));
  for (Json& item : list) {
    SMELT_ASSIGN(item, change(std::move(item)));
  }
  return {};
}

/// Expressions are texts, also where they look like numbers.
Result<Json> ShapeExpression(Json value) {
  if (value.is_string()) return value;
  return Json(JsonText(value));
}

/// One condition or a list of them.
Result<Json> ShapeFilter(Json filter) {
  Json all = Json::array();
  if (filter.is_string()) filter = Json::array({std::move(filter)});
  for (const Json& condition : filter) all.push_back({{"where_sql_template", condition}});
  return Json{{"where_filters", std::move(all)}};
}

/// "7 days" → {"count": 7, "granularity": "day"}.
Result<Json> ShapeWindow(Json window) {
  if (window.is_object()) return window;
  const std::string text = LowerAscii(window.is_string() ? window.get<std::string>() : JsonText(window));
  const std::size_t space = text.find(' ');
  int count = 0;
  const char* end = text.data() + std::min(space, text.size());
  const auto [read, failure] = std::from_chars(text.data(), end, count);
  if (space == std::string::npos || failure != std::errc() || read != end || text.find(' ', space + 1) != text.npos) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid, fmt::format("the window '{}' is none", text))
                    .Hint("write a number and a unit of time, for instance '28 days'"));
  }
  std::string grain = text.substr(space + 1);
  const bool is_plural =
      grain.ends_with('s') && std::ranges::find(kGrains, grain.substr(0, grain.size() - 1)) != kGrains.end();
  if (is_plural) grain.pop_back();
  return Json{{"count", count}, {"granularity", grain}};
}

Result<Json> ShapeMeasureInput(Json input) {
  if (input.is_string()) input = Json{{"name", std::move(input)}};
  Json shaped = Fill(input, kMeasureInput);
  SMELT_TRY(Reshape(shaped, "filter", ShapeFilter));
  return shaped;
}

Result<Json> ShapeMetricInput(Json input) {
  if (input.is_string()) input = Json{{"name", std::move(input)}};
  Json shaped = Fill(input, kMetricInput);
  SMELT_TRY(Reshape(shaped, "filter", ShapeFilter));
  SMELT_TRY(Reshape(shaped, "offset_window", ShapeWindow));
  return shaped;
}

Result<Json> ShapeConversion(const Json& written) {
  Json shaped = Fill(written, kConversion);
  SMELT_TRY(Reshape(shaped, "base_measure", ShapeMeasureInput));
  SMELT_TRY(Reshape(shaped, "conversion_measure", ShapeMeasureInput));
  SMELT_TRY(Reshape(shaped, "window", ShapeWindow));
  return shaped;
}

/// Of cumulative metrics. What older projects say outside of it counts where it says nothing itself.
Result<Json> ShapeCumulative(const Json& params) {
  Json written = ValueAt(params, "cumulative_type_params");
  if (written.is_null()) written = Json::object();
  for (const char* key : {"window", "grain_to_date"}) {
    if (ValueAt(written, key).is_null()) written[key] = ValueAt(params, key);
  }
  Json shaped = Fill(written, kCumulative);
  SMELT_TRY(Reshape(shaped, "window", ShapeWindow));
  return shaped;
}

Result<Json> ShapeTypeParams(const Json& params, bool is_cumulative) {
  Json shaped = Fill(params, kTypeParams);
  SMELT_TRY(Reshape(shaped, "measure", ShapeMeasureInput));
  SMELT_TRY(Reshape(shaped, "numerator", ShapeMetricInput));
  SMELT_TRY(Reshape(shaped, "denominator", ShapeMetricInput));
  SMELT_TRY(Reshape(shaped, "expr", ShapeExpression));
  SMELT_TRY(Reshape(shaped, "window", ShapeWindow));
  SMELT_TRY(ReshapeEach(shaped, "metrics", ShapeMetricInput));
  SMELT_TRY(Reshape(shaped, "conversion_type_params", ShapeConversion));
  shaped["cumulative_type_params"] = Json();
  if (is_cumulative) {
    SMELT_ASSIGN(shaped["cumulative_type_params"], ShapeCumulative(params));
  }
  return shaped;
}

/// An element of a semantic model: its keys, and the model's meta under its own.
Json ShapeElement(const Json& written, std::span<const ShapeKey> shape, const Json& meta) {
  Json shaped = Fill(written, shape);
  Json all = meta.is_object() ? meta : Json::object();
  if (const Json own = ValueAt(ValueAt(written, "config"), "meta"); own.is_object()) all.update(own);
  shaped["config"] = {{"meta", std::move(all)}};
  return shaped;
}

Result<Json> ShapeDimension(const Json& written, const Json& meta) {
  Json shaped = ShapeElement(written, kDimension, meta);
  SMELT_TRY(Reshape(shaped, "type_params", [](const Json& params) -> Result<Json> {
    Json filled = Fill(params, kDimensionType);
    filled["validity_params"] = Fill(filled["validity_params"], kValidity);
    return filled;
  }));
  SMELT_TRY(Reshape(shaped, "expr", ShapeExpression));
  return shaped;
}

Result<Json> ShapeMeasure(const Json& written, const Json& meta) {
  Json shaped = ShapeElement(written, kMeasure, meta);
  SMELT_TRY(Reshape(shaped, "expr", ShapeExpression));
  shaped["agg_params"] = Fill(shaped["agg_params"], kAggregation);
  shaped["non_additive_dimension"] = Fill(shaped["non_additive_dimension"], kNonAdditive);
  // The metric that it asked for is made: see MetricOfMeasure.
  shaped["create_metric"] = false;
  return shaped;
}

}  // namespace

Result<Json> ShapeSemanticModel(Json body, const Json& meta) {
  SMELT_TRY(ReshapeEach(body, "entities", [&](const Json& entity) -> Result<Json> {
    Json shaped = ShapeElement(entity, kEntity, meta);
    SMELT_TRY(Reshape(shaped, "expr", ShapeExpression));
    return shaped;
  }));
  SMELT_TRY(ReshapeEach(body, "dimensions", [&](const Json& dimension) { return ShapeDimension(dimension, meta); }));
  SMELT_TRY(ReshapeEach(body, "measures", [&](const Json& measure) { return ShapeMeasure(measure, meta); }));
  return body;
}

Result<Json> ShapeMetric(Json body) {
  const Json params = ValueAt(body, "type_params");
  if (!params.is_object()) return Fail(ErrorCode::kDbtConfigInvalid, "a metric needs type_params");
  SMELT_ASSIGN(body["type_params"], ShapeTypeParams(params, ValueAt(body, "type") == Json("cumulative")));
  SMELT_TRY(Reshape(body, "filter", ShapeFilter));
  return body;
}

Result<Json> ShapeSavedQuery(Json body) {
  Json query = Fill(ValueAt(body, "query_params"), kQuery);
  if (query.is_null()) query = Fill(Json::object(), kQuery);
  SMELT_TRY(Reshape(query, "where", ShapeFilter));
  body["query_params"] = std::move(query);
  return body;
}

std::optional<Json> MetricOfMeasure(const Json& measure) {
  if (ValueAt(measure, "create_metric") != Json(true)) return std::nullopt;
  const Json name = ValueAt(measure, "name"), label = ValueAt(measure, "label"), expr = ValueAt(measure, "expr");
  Json description = ValueAt(measure, "description");
  if (description.is_null())
    description = fmt::format("Metric created from measure {}", name.is_string() ? name.get<std::string>() : "");
  return Json{{"name", name},
              {"label", label.is_null() ? name : label},
              {"type", "simple"},
              {"type_params", {{"measure", name}, {"expr", expr.is_null() ? name : expr}}},
              {"description", std::move(description)}};
}

}  // namespace smelt::transform
