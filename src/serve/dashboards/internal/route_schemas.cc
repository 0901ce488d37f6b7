#include "serve/dashboards/internal/route_schemas.h"

#include <initializer_list>
#include <string>
#include <utility>

namespace smelt::serve::internal {
namespace {

using Properties = std::initializer_list<std::pair<const char*, Json>>;

/// An object that has all of these.
Json Object(Properties properties) {
  Json schema = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const auto& [name, property] : properties) {
    schema["properties"][name] = property;
    schema["required"].push_back(name);
  }
  return schema;
}

Json ListOf(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

Json Type(const char* type) {
  return {{"type", type}};
}

Json OrNull(const char* type) {
  return {{"type", Json::array({type, "null"})}};
}

Json FreshnessSchema() {
  return Object({{"committed_at", OrNull("string")}, {"age_s", OrNull("number")}, {"stale", Type("boolean")}});
}

Json VerdictSchema() {
  return {{"enum", Json::array({"unknown", "passed", "warned", "failed"})}};
}

}  // namespace

Json DashboardListSchema() {
  const Json page = Object({{"name", Type("string")}, {"title", Type("string")}});
  const Json dashboard = Object({{"name", Type("string")},
                                 {"title", Type("string")},
                                 {"description", Type("string")},
                                 {"owner", Type("string")},
                                 {"tags", ListOf(Type("string"))},
                                 {"pages", ListOf(page)},
                                 {"tiles", Type("integer")},
                                 {"tables", ListOf(Type("string"))},
                                 {"freshness", FreshnessSchema()},
                                 {"quality", Object({{"verdict", VerdictSchema()}})}});
  const Json fault = Object({{"file", Type("string")},
                             {"line", Type("integer")},
                             {"code", Type("string")},
                             {"message", Type("string")},
                             {"hint", Type("string")}});
  return Object({{"dashboards", ListOf(dashboard)}, {"faults", ListOf(fault)}});
}

Json DashboardSchema() {
  const Json option = Object({{"value", Type("string")}, {"label", Type("string")}});
  const Json filter = Object({{"name", Type("string")},
                              {"url", Type("string")},
                              {"type", {{"enum", Json::array({"date_range", "select", "text", "number_range"})}}},
                              {"label", Type("string")},
                              {"multiple", Type("boolean")},
                              {"options", {{"anyOf", Json::array({ListOf(option), Type("null")})}}},
                              {"tiles", ListOf(Type("string"))}});
  const Json tile = Object({{"name", Type("string")},
                            {"type", Type("string")},
                            {"title", Type("string")},
                            {"width", Type("integer")},
                            {"height", Type("integer")},
                            {"filters", ListOf(Type("string"))}});
  const Json page = Object({{"name", Type("string")}, {"title", Type("string")}, {"tiles", ListOf(tile)}});
  return Object({{"name", Type("string")},
                 {"title", Type("string")},
                 {"owner", Type("string")},
                 {"tags", ListOf(Type("string"))},
                 {"grains", ListOf(Type("string"))},
                 {"filters", ListOf(filter)},
                 {"pages", ListOf(page)}});
}

Json TileSchema() {
  const Json column = Object({{"name", Type("string")}, {"type", Type("string")}, {"kind", Type("string")}});
  const Json table =
      Object({{"table", Type("string")}, {"version", Type("integer")}, {"committed_at", Type("string")}});
  return Object({{"dashboard", Type("string")},
                 {"tile", Type("string")},
                 {"columns", ListOf(column)},
                 {"rows", ListOf(Type("array"))},
                 {"truncated", Type("boolean")},
                 {"tables", ListOf(table)},
                 {"freshness", FreshnessSchema()},
                 {"quality", Object({{"verdict", VerdictSchema()}, {"tables", Type("array")}})},
                 {"sql", Type("string")},
                 {"parameters", ListOf(OrNull("string"))},
                 {"as_of", OrNull("string")},
                 {"computed_at", Type("string")},
                 {"ms", Type("number")}});
}

}  // namespace smelt::serve::internal
