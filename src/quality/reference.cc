#include "quality/reference.h"

#include <fmt/format.h>

#include "quality/internal/kwargs.h"
#include "quality/internal/registry.h"

namespace smelt::quality {
namespace {

constexpr std::string_view kIntroduction = R"(# Expectations

The expectations that suites may use, by the names and kwargs of Great Expectations; the last three, on recent rows, volume
and other tables, are smelt's own. This page is written from the descriptors in `src/quality/expectations/`.

Beside its own kwargs, every expectation on rows takes

- `mostly`: the share of the judged rows that has to satisfy it, from 0 to 1; 1 by default;
- `row_condition` and `condition_parser`: judge only the rows that satisfy a condition, such as
  `col("order_status") == "delivered"` (`great_expectations`), `order_status == "delivered" and 3 < price <= 5`
  (`pandas`, with arithmetic and the usual methods of columns: `title.str.contains("x")`, `price.between(1, 5)`,
  `bought.dt.year == 2018`) or `order_status = 'delivered'` (`duckdb`, `sql`, `spark`: any condition in DuckDB's SQL),
  or a condition as Great Expectations 1.x writes it, as an object.

`result_format` stands among the kwargs or comes from the command: BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE, or an object
with one of them as `result_format` and `partial_unexpected_count`, `unexpected_index_column_names`,
`include_unexpected_rows`, `exclude_unexpected_values` or `return_unexpected_index_query`. Without
`unexpected_index_column_names`, results tell the position of unexpected rows in a file; in a table, rows have none.

An expectation on figures takes `row_condition` and `condition_parser` only, one on the table neither. Any kwarg can be
`{"$PARAMETER": "name"}`, or arithmetic over names and numbers such as `{"$PARAMETER": "90000 * scale"}`; the suite's
`suite_parameters` (formerly `evaluation_parameters`) hold the defaults.

Missing values are not judged, save by the two expectations about nulls: percentages and `mostly` refer to the values
that are present. Expectations on several columns say with `ignore_row_if` which rows to leave out.
)";

std::string DomainText(Domain domain) {
  switch (domain) {
    case Domain::kRows: return "Judges row by row.";
    case Domain::kFigures: return "Judges figures.";
    case Domain::kTable: return "Judges the table's columns, without reading rows.";
  }
  return {};
}

/// The JSON Schema of the kwargs of one expectation: a value, or a parameter in its place.
Json KwargsSchema(const Expectation& expectation) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Kwarg& kwarg : AllowedKwargs(expectation)) {
    Json type = KwargTypeSchema(kwarg);
    Json alternatives = Json::array({type, {{"$ref", "#/$defs/parameter"}}});
    if (!kwarg.required) alternatives.push_back({{"type", "null"}});
    Json property = type.empty() ? Json::object() : Json{{"anyOf", std::move(alternatives)}};
    if (!kwarg.summary.empty()) property["description"] = kwarg.summary;
    properties[kwarg.name] = std::move(property);
    if (kwarg.required) required.push_back(kwarg.name);
  }
  Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

/// "when the type is this, then the kwargs are those".
Json KwargsRule(const Expectation& expectation, const char* type_key) {
  return {{"if", {{"properties", {{type_key, {{"const", expectation.name}}}}}, {"required", {type_key}}}},
          {"then", {{"properties", {{"kwargs", {{"$ref", "#/$defs/" + expectation.name}}}}}}}};
}

Json ExpectationSchema(const std::vector<Expectation>& all) {
  Json names = Json::array();
  Json rules = Json::array();
  for (const Expectation& expectation : all) {
    names.push_back(expectation.name);
    rules.push_back(KwargsRule(expectation, "type"));
    rules.push_back(KwargsRule(expectation, "expectation_type"));
  }
  const Json object = {{"type", "object"}};
  return {
      {"type", "object"},
      {"additionalProperties", false},
      {"anyOf", {{{"required", {"type"}}}, {{"required", {"expectation_type"}}}}},
      {"properties",
       {{"type", {{"enum", names}, {"description", "The expectation."}}},
        {"expectation_type", {{"enum", names}, {"description", "The expectation, before Great Expectations 1.0."}}},
        {"kwargs", object},
        {"meta",
         {{"type", "object"},
          {"properties",
           {{"smelt",
             {{"type", "object"},
              {"additionalProperties", false},
              {"properties",
               {{"quarantine",
                 {{"type", "boolean"},
                  {"description", "The suite's quarantine for this expectation; it has to be one on rows."}}}}}}}}}}},
        {"severity",
         {{"enum", {"critical", "error", "warning", "warn", "info"}},
          {"description", "What a failure means; critical by default."}}},
        {"id", Json::object()},
        {"ge_cloud_id", Json::object()},
        {"notes", Json::object()},
        {"description", Json::object()},
        {"expectation_context", Json::object()},
        {"rendered_content", Json::object()},
        {"success_on_last_run", Json::object()},
        {"windows", Json::object()}}},
      {"allOf", rules}};
}

/// freshness, volume and references: expectations in fewer words.
Json ShorthandKeys() {
  const auto object = [](Json properties, Json required) {
    return Json{{"type", "object"},
                {"additionalProperties", false},
                {"properties", std::move(properties)},
                {"required", std::move(required)}};
  };
  const auto one_or_more = [](Json item) {
    const Json list = {{"type", "array"}, {"items", item}};
    return Json{{"anyOf", {std::move(item), list}}};
  };
  const Json text = {{"type", "string"}}, number = {{"type", "number"}};
  const Json severity = {{"enum", {"critical", "error", "warning", "warn", "info"}}};
  const Json age =
      object({{"count", {{"type", "integer"}, {"minimum", 0}}}, {"period", {{"enum", {"minute", "hour", "day"}}}}},
             {"count", "period"});
  Json freshness = object({{"column", text}, {"warn_after", age}, {"error_after", age}}, Json::array({"column"}));
  freshness["description"] = "How old the newest row may be: expect_column_max_to_be_recent.";
  Json volume = one_or_more(object({{"column", text},
                                    {"per", {{"enum", {"hour", "day", "week", "month"}}}},
                                    {"min", number},
                                    {"max", number},
                                    {"periods", {{"type", "integer"}, {"minimum", 1}}},
                                    {"severity", severity}},
                                   {"column", "per"}));
  volume["description"] = "How many rows each period brings: expect_table_volume_to_be_between.";
  Json references = one_or_more(object(
      {{"column", text}, {"to", text}, {"field", text}, {"mostly", number}, {"severity", severity}}, {"column", "to"}));
  references["description"] = "Columns that refer to other tables: expect_column_values_to_be_in_other_table.";
  return {{"freshness", freshness}, {"volume", volume}, {"references", references}};
}

Json OwnKeys() {
  Json keys = {
      {"table",
       {{"type", "string"},
        {"pattern", "^[^.]+\\..+$"},
        {"description", "The table that the suite is about, schema.table."}}},
      {"gate",
       {{"enum", {"hard", "warn"}},
        {"description", "Whether a failed expectation stops what is downstream (hard, the default) or only warns."}}},
      {"quarantine",
       {{"type", "boolean"},
        {"description",
         "Whether builds take the rows that expectations on rows find unexpected out of the table, into "
         "quarantine.<schema>_<table>. false by default."}}}};
  keys.update(ShorthandKeys());
  return keys;
}

Json SuiteProperties() {
  const Json text = {{"type", "string"}};
  const Json object = {{"type", "object"}};
  Json properties = {
      {"name", {{"type", "string"}, {"description", "The suite's name."}}},
      {"expectation_suite_name", {{"type", "string"}, {"description", "The name, before Great Expectations 1.0."}}},
      {"expectations", {{"type", "array"}, {"items", {{"$ref", "#/$defs/expectation"}}}}},
      {"suite_parameters", {{"type", "object"}, {"description", "Defaults of the parameters, by name."}}},
      {"evaluation_parameters", {{"type", "object"}, {"description", "The same, before Great Expectations 1.0."}}},
      {"meta",
       {{"type", "object"},
        {"properties", {{"smelt", {{"type", "object"}, {"additionalProperties", false}, {"properties", OwnKeys()}}}}}}},
      {"notes", Json::object()},
      {"id", Json::object()},
      {"ge_cloud_id", Json::object()},
      {"data_asset_type", Json::object()}};
  properties.update(OwnKeys());
  return properties;
}

}  // namespace

std::string ExpectationReference() {
  std::string text(kIntroduction);
  for (const Expectation& expectation : AllExpectations()) {
    text += fmt::format("\n## {}\n\n{} {}\n", expectation.name, expectation.summary, DomainText(expectation.domain));
    if (!expectation.kwargs.empty()) text += "\n| kwarg | is | |\n|---|---|---|\n";
    for (const Kwarg& kwarg : expectation.kwargs) {
      if (kwarg.summary.empty()) continue;
      text += fmt::format("| `{}`{} | {} | {} |\n", kwarg.name, kwarg.required ? "" : " (optional)",
                          KwargTypeText(kwarg), kwarg.summary);
    }
    text +=
        fmt::format("\n```json\n{{\"type\": \"{}\", \"kwargs\": {}}}\n```\n", expectation.name, expectation.example);
  }
  return text;
}

Json SuiteSchema() {
  const std::vector<Expectation> all = AllExpectations();
  Json definitions = {{"parameter",
                       {{"type", "object"},
                        {"required", {"$PARAMETER"}},
                        {"properties", {{"$PARAMETER", {{"type", "string"}}}}},
                        {"description", "A value from outside: a parameter's name, or arithmetic over such names."}}}};
  definitions["expectation"] = ExpectationSchema(all);
  for (const Expectation& expectation : all) definitions[expectation.name] = KwargsSchema(expectation);
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "Expectation suite"},
          {"description", "A Great Expectations suite, of either generation of key names, with smelt's own keys."},
          {"type", "object"},
          {"additionalProperties", false},
          {"anyOf", {{{"required", {"name"}}}, {{"required", {"expectation_suite_name"}}}}},
          {"required", {"expectations"}},
          {"properties", SuiteProperties()},
          {"$defs", std::move(definitions)}};
}

}  // namespace smelt::quality
