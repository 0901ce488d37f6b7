#include "serve/metrics/metric_request.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/internal/json_body.h"

namespace smelt::serve {
namespace {

using transform::MetricComparison;
using transform::MetricFilter;
using transform::MetricQuery;

constexpr std::int64_t kLimitMax = 1'000'000;

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (comma != 0) items.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

std::optional<MetricComparison> ComparisonOf(std::string_view text) {
  if (text.empty()) return MetricComparison::kNone;
  if (text == "previous") return MetricComparison::kPreviousPeriod;
  if (text == "year") return MetricComparison::kYearBefore;
  return std::nullopt;
}

/// metric_time at a grain comes first.
void AddGrain(const std::string& grain, MetricQuery& query) {
  if (!grain.empty()) query.group_by.insert(query.group_by.begin(), "metric_time__" + grain);
}

/// What each key of a body takes; false: it does not fit.
class BodyReader {
 public:
  explicit BodyReader(MetricQuery& query) : query_(query) {}

  std::vector<FieldProblem> Read(const Json& body) {
    if (!body.is_object()) return {{.pointer = "", .detail = "the body is an object"}};
    for (const auto& [key, value] : body.items()) {
      if (!ReadKey(key, value)) Note(key, value);
    }
    if (query_.metrics.empty()) problems_.push_back({.pointer = "/metrics", .detail = "name one or more metrics"});
    AddGrain(grain_, query_);
    return std::move(problems_);
  }

 private:
  bool ReadKey(const std::string& key, const Json& value) {
    if (key == "metrics") return Texts(value, query_.metrics);
    if (key == "group_by") return Texts(value, query_.group_by);
    if (key == "where") return Texts(value, query_.where);
    if (key == "order") return Texts(value, query_.order_by);
    if (key == "grain") return Text(value, grain_);
    if (key == "start") return Text(value, query_.start);
    if (key == "end") return Text(value, query_.end);
    if (key == "filters") return Filters(value);
    if (key == "fill_nulls" && value.is_boolean()) return query_.fill_nulls = value.get<bool>(), true;
    if (key == "limit" && value.is_number_integer()) {
      query_.limit = value.get<std::int64_t>();
      return *query_.limit >= 0 && *query_.limit <= kLimitMax;
    }
    if (key == "compare" && value.is_string()) {
      const auto comparison = ComparisonOf(value.get<std::string>());
      query_.compare = comparison.value_or(MetricComparison::kNone);
      return comparison.has_value();
    }
    return false;
  }

  void Note(const std::string& key, const Json& value) {
    static const std::map<std::string_view, std::string_view> kWanted = {
        {"metrics", "a list of names"},
        {"group_by", "a list of names"},
        {"where", "a list of conditions"},
        {"order", "a list of columns"},
        {"grain", "day, week, month, quarter or year"},
        {"start", "a date, 2018-01-31"},
        {"end", "a date, 2018-01-31"},
        {"filters", "a list of {dimension, op, value}"},
        {"fill_nulls", "true or false"},
        {"limit", "a whole number up to 1,000,000"},
        {"compare", "\"previous\" or \"year\""}};
    const auto wanted = kWanted.find(key);
    problems_.push_back({.pointer = "/" + internal::PointerStep(key),
                         .detail = wanted == kWanted.end()
                                       ? "there is no such field"
                                       : fmt::format("{} is not {}", value.type_name(), wanted->second)});
  }

  static bool Text(const Json& value, std::string& out) {
    if (!value.is_string()) return false;
    out = value.get<std::string>();
    return true;
  }

  static bool Texts(const Json& value, std::vector<std::string>& out) {
    if (!value.is_array()) return false;
    for (const Json& item : value) {
      if (!item.is_string()) return false;
      out.push_back(item.get<std::string>());
    }
    return true;
  }

  bool Filters(const Json& value) {
    if (!value.is_array()) return false;
    for (const Json& item : value) {
      const bool is_whole = item.is_object() && item.contains("dimension") && item["dimension"].is_string();
      if (!is_whole || (item.contains("op") && !item["op"].is_string())) return false;
      query_.filters.push_back({.dimension = item["dimension"].get<std::string>(),
                                .op = item.value("op", "="),
                                .value = item.value("value", Json())});
    }
    return true;
  }

  MetricQuery& query_;
  std::string grain_;
  std::vector<FieldProblem> problems_;
};

}  // namespace

Result<MetricQuery> QueryOfAddress(const HttpRequest& request) {
  MetricQuery query;
  query.metrics = {request.path_values.at("name")};
  const auto value = [&](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  query.group_by = SplitList(value("group_by"));
  AddGrain(value("grain"), query);
  query.order_by = SplitList(value("order"));
  if (const std::string where = value("where"); !where.empty()) query.where = {where};
  query.start = value("start");
  query.end = value("end");
  query.fill_nulls = value("fill_nulls") == "true";
  if (const std::string limit = value("limit"); !limit.empty()) {
    std::int64_t rows = 0;
    const auto [end, failure] = std::from_chars(limit.data(), limit.data() + limit.size(), rows);
    if (failure != std::errc() || end != limit.data() + limit.size() || rows < 0 || rows > kLimitMax) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("limit: '{}' is no number of rows", limit))
                      .Hint("write a whole number up to 1,000,000"));
    }
    query.limit = rows;
  }
  const auto comparison = ComparisonOf(value("compare"));
  if (!comparison) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("compare: '{}' is no comparison", value("compare")))
                    .Hint("write previous or year"));
  }
  query.compare = *comparison;
  std::map<std::string, Json> filters;
  for (const auto& [name, one] : request.others) filters[name].push_back(one);
  for (auto& [name, values] : filters) {
    query.filters.push_back({.dimension = name, .op = "in", .value = std::move(values)});
  }
  return query;
}

std::expected<MetricQuery, HttpResponse> QueryOfBody(const HttpRequest& request) {
  auto body = internal::ReadJsonBody(request);
  if (!body) return std::unexpected(std::move(body.error()));
  MetricQuery query;
  const std::vector<FieldProblem> problems = BodyReader(query).Read(*body);
  if (!problems.empty()) return std::unexpected(FieldProblems(problems));
  return query;
}

Json QueryBodySchema() {
  const Json text = {{"type", "string"}};
  const Json texts = {{"type", "array"}, {"items", text}};
  const Json filter = {
      {"type", "object"},
      {"properties",
       {{"dimension", text},
        {"op",
         {{"enum", {"=", "!=", "<", "<=", ">", ">=", "in", "not in", "like", "contains", "is null", "is not null"}}}},
        {"value", Json::object()}}},
      {"required", {"dimension"}}};
  return {{"type", "object"},
          {"properties",
           {{"metrics", {{"type", "array"}, {"items", text}, {"minItems", 1}}},
            {"group_by", texts},
            {"grain", {{"enum", {"", "hour", "day", "week", "month", "quarter", "year"}}}},
            {"where", texts},
            {"filters", {{"type", "array"}, {"items", filter}}},
            {"order", texts},
            {"limit", {{"type", "integer"}, {"minimum", 0}, {"maximum", kLimitMax}}},
            {"start", text},
            {"end", text},
            {"compare", {{"enum", {"", "previous", "year"}}}},
            {"fill_nulls", {{"type", "boolean"}}}}},
          {"required", {"metrics"}},
          {"additionalProperties", false}};
}

}  // namespace smelt::serve
