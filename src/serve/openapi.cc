#include "serve/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/version.h"

namespace smelt::serve {
namespace {

/// The `{names}` of a pattern, in their order.
std::vector<std::string> NamesOf(std::string_view pattern) {
  std::vector<std::string> names;
  for (std::size_t at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at + 1)) {
    names.emplace_back(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
  }
  return names;
}

std::string IdOf(const Route& route) {
  if (!route.id.empty()) return route.id;
  std::string id = route.method + route.pattern;
  for (char& byte : id) {
    byte = std::isalnum(static_cast<unsigned char>(byte)) != 0 ? LowerAscii(byte) : '_';
  }
  std::erase_if(id, [last = ' '](char byte) mutable { return std::exchange(last, byte) == '_' && byte == '_'; });
  while (id.ends_with('_')) id.pop_back();
  return id;
}

std::string TagOf(const Route& route) {
  if (!route.tag.empty()) return route.tag;
  constexpr std::string_view kApi = "/api/v1/";
  if (!route.pattern.starts_with(kApi)) return "operations";
  const std::string_view rest = std::string_view(route.pattern).substr(kApi.size());
  return std::string(rest.substr(0, rest.find('/')));
}

Json ParameterJson(const RouteParameter& parameter, std::string_view in) {
  Json object = {{"name", parameter.name},
                 {"in", in},
                 {"description", parameter.summary},
                 {"required", parameter.required || in == "path"},
                 {"schema", parameter.schema}};
  if (!parameter.example.is_null()) object["example"] = parameter.example;
  return object;
}

Json ParametersJson(const Route& route) {
  Json list = Json::array();
  for (const std::string& name : NamesOf(route.pattern)) {
    const auto known = std::ranges::find(route.path_parameters, name, &RouteParameter::name);
    const bool is_known = known != route.path_parameters.end();
    RouteParameter parameter = is_known ? *known : RouteParameter{.name = name, .summary = ""};
    // A segment is never empty: the address would be another one.
    if (parameter.schema == Json{{"type", "string"}}) parameter.schema["minLength"] = 1;
    list.push_back(ParameterJson(parameter, "path"));
  }
  for (const RouteParameter& parameter : route.parameters) list.push_back(ParameterJson(parameter, "query"));
  if (!route.other_parameters.empty()) {
    list.push_back({{"name", "conditions"},
                    {"in", "query"},
                    {"description", route.other_parameters},
                    {"required", false},
                    {"style", "form"},
                    {"explode", true},
                    {"schema", {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}}}});
  }
  return list;
}

Json ProblemAnswer() {
  return {{"description", "What went wrong."},
          {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

Json AnswersJson(const Route& route) {
  Json answers = Json::object();
  for (const RouteAnswer& answer : route.answers) {
    Json& object = answers[fmt::to_string(answer.status)];
    if (object.is_null()) object = {{"description", answer.summary}};
    if (answer.content_type.empty()) continue;
    Json& content = object["content"][answer.content_type];
    content = Json::object();
    if (!answer.schema.is_null()) content["schema"] = answer.schema;
    if (!answer.example.is_null()) content["example"] = answer.example;
  }
  if (route.answers.empty()) answers["200"] = {{"description", "Done."}};
  answers["default"] = ProblemAnswer();
  return answers;
}

Json OperationJson(const Route& route) {
  Json operation = {{"operationId", IdOf(route)}, {"tags", {TagOf(route)}}, {"summary", route.summary}};
  if (!route.description.empty()) operation["description"] = route.description;
  operation["parameters"] = ParametersJson(route);
  if (!route.request_schema.is_null()) {
    Json& content = operation["requestBody"]["content"]["application/json"];
    content["schema"] = route.request_schema;
    if (!route.request_example.is_null()) content["example"] = route.request_example;
    operation["requestBody"]["required"] = route.request_schema.contains("required");
  }
  operation["responses"] = AnswersJson(route);
  if (route.access == Access::kPublic) operation["security"] = Json::array();
  return operation;
}

Json ProblemSchema() {
  return {{"type", "object"},
          {"description", "RFC 9457."},
          {"required", {"title", "status", "detail"}},
          {"properties",
           {{"type", {{"type", "string"}}},
            {"title", {{"type", "string"}}},
            {"status", {{"type", "integer"}}},
            {"detail", {{"type", "string"}}},
            {"code", {{"type", "string"}, {"description", "smelt's: SMELT-SQL-0001."}}},
            {"hint", {{"type", "string"}, {"description", "What to do."}}},
            {"errors", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}};
}

std::string Text(std::string_view text) {
  std::string escaped;
  for (const char byte : text) {
    switch (byte) {
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '&': escaped += "&amp;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += byte;
    }
  }
  return escaped;
}

/// The document for people, without a line of script.
std::string Page(const RouteTable& routes) {
  std::string page =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>smelt: HTTP API</title>"
      "<meta name=\"viewport\" content=\"width=device-width\"><style>"
      ":root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem "
      "auto;padding:0 "
      "1rem}code{font:13px ui-monospace,monospace}h2{font-size:20px}section{border:1px solid color-mix(in "
      "srgb,currentColor "
      "25%,transparent);border-radius:4px;padding:.5rem 1rem;margin:.5rem 0}b{color:#c2421d}td{padding:.1rem 1rem "
      ".1rem "
      "0;vertical-align:top}</style></head><body><h1>HTTP API</h1><p>The same for programs: <a "
      "href=\"/api/v1/openapi.json\">openapi.json</a></p>";
  std::set<std::string> tags;
  for (const Route& route : routes.routes()) tags.insert(TagOf(route));
  for (const std::string& tag : tags) {
    page += fmt::format("<h2>{}</h2>", Text(tag));
    for (const Route& route : routes.routes()) {
      if (TagOf(route) != tag) continue;
      page += fmt::format("<section><p><b>{}</b> <code>{}</code><br>{}</p>", route.method, Text(route.pattern),
                          Text(route.summary));
      if (!route.description.empty()) page += fmt::format("<p>{}</p>", Text(route.description));
      if (!route.parameters.empty()) page += "<table>";
      for (const RouteParameter& parameter : route.parameters) {
        page +=
            fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>", Text(parameter.name), Text(parameter.summary));
      }
      if (!route.parameters.empty()) page += "</table>";
      page += "</section>";
    }
  }
  return page + "</body></html>\n";
}

}  // namespace

Json OpenApiDocument(const RouteTable& routes) {
  Json document = {{"openapi", "3.1.0"},
                   {"info",
                    {{"title", "smelt"},
                     {"version", kSmeltVersion},
                     {"description", "The tables of a lake, its pipelines and what is known of them."}}},
                   {"security", {{{"bearer", Json::array()}}, {{"basic", Json::array()}}, Json::object()}},
                   {"paths", Json::object()}};
  for (const Route& route : routes.routes()) {
    document["paths"][route.pattern][LowerAscii(route.method)] = OperationJson(route);
  }
  document["components"] = {
      {"schemas", {{"Problem", ProblemSchema()}}},
      {"securitySchemes",
       {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}, {"basic", {{"type", "http"}, {"scheme", "basic"}}}}}};
  return document;
}

void AddDocumentRoutes(RouteTable& routes) {
  Route document{.method = "GET", .pattern = "/api/v1/openapi.json", .summary = "Describes the routes (OpenAPI 3.1)."};
  document.id = "get_openapi";
  document.tag = "operations";
  document.access = Access::kPublic;
  document.answers = {{.status = 200, .summary = "The document.", .schema = {{"type", "object"}}}};
  Route page{.method = "GET", .pattern = "/api", .summary = "The routes as a page for people."};
  page.id = "get_api_page";
  page.tag = "operations";
  page.access = Access::kPublic;
  page.answers = {{.status = 200, .summary = "HTML.", .content_type = "text/html; charset=utf-8"}};
  RouteTable all = routes;
  all.Add(document);
  all.Add(page);
  document.handler = [text = JsonText(OpenApiDocument(all))](const HttpRequest&) {
    return HttpResponse{.body = text + "\n", .headers = {{"Cache-Control", "no-cache"}}};
  };
  page.handler = [text = Page(all)](const HttpRequest&) {
    return HttpResponse{
        .content_type = "text/html; charset=utf-8",
        .body = text,
        .headers = {{"Content-Security-Policy",
                     "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"}}};
  };
  routes.Add(std::move(document));
  routes.Add(std::move(page));
}

}  // namespace smelt::serve
