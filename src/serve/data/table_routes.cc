#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <expected>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/config.h"
#include "base/digest.h"
#include "serve/data/data_service.h"
#include "serve/data/result_body.h"
#include "serve/data/table_query.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kRowsDefault = 100;
constexpr std::int64_t kMicrosPerMilli = 1'000;

template <typename T>
using Answer = std::expected<T, HttpResponse>;

HttpResponse WrongParameters(const std::vector<FieldProblem>& problems) {
  Json errors = Json::array();
  for (const FieldProblem& problem : problems) {
    errors.push_back({{"parameter", problem.pointer}, {"detail", problem.detail}});
  }
  const std::string detail = problems.size() == 1 ? fmt::format("{}: {}", problems[0].pointer, problems[0].detail)
                                                  : fmt::format("{} parameters are wrong", problems.size());
  return Problem(400, detail, {{"errors", std::move(errors)}});
}

/// A whole number of the query; nothing when it is absent.
Answer<std::optional<std::int64_t>> NumberOf(const HttpRequest& request, const std::string& name, std::int64_t least,
                                             std::int64_t most) {
  const auto given = request.query.find(name);
  if (given == request.query.end()) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = given->second.data() + given->second.size();
  const auto [last, error] = std::from_chars(given->second.data(), end, number);
  if (error == std::errc() && last == end && number >= least && number <= most) return number;
  return std::unexpected(
      WrongParameters({{name, fmt::format("it must be a whole number from {} to {}", least, most)}}));
}

std::string TextOf(const HttpRequest& request, const std::string& name) {
  const auto given = request.query.find(name);
  return given == request.query.end() ? "" : given->second;
}

HttpResponse NoTable(DataService& service, const HttpRequest& request, const std::string& schema,
                     const std::string& table) {
  std::vector<std::string> known;
  if (const auto tables = service.engine.Tables()) {
    for (const engine::TableInfo& info : *tables) {
      if (service.MayRead(request.identity, info.schema, info.table)) known.push_back(info.schema + "." + info.table);
    }
  }
  const std::string name = schema + "." + table;
  const std::string near = NearestWord(name, {known.begin(), known.end()});
  return Problem(
      404, fmt::format("there is no table {}{}", name, near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

/// Whether a name can be that of a schema or table: it stands for a folder, and must not lead out of its own.
bool IsName(std::string_view name) {
  constexpr std::size_t kBytesMax = 200;
  return !name.empty() && name.size() <= kBytesMax && !name.starts_with('.') &&
         name.find_first_of("/\\") == std::string_view::npos;
}

/// The table that a path names, if there is one that the caller may read.
Answer<engine::TableInfo> FindTable(DataService& service, const HttpRequest& request) {
  const std::string& schema = request.path_values.at("schema");
  const std::string& table = request.path_values.at("table");
  if (!IsName(schema) || !IsName(table)) return std::unexpected(NoTable(service, request, schema, table));
  auto info = service.engine.FindTable(schema, table);
  if (!info) return std::unexpected(ProblemOf(info.error()));
  if (!*info || !service.MayRead(request.identity, (*info)->schema, (*info)->table)) {
    return std::unexpected(NoTable(service, request, schema, table));
  }
  return std::move(**info);
}

/// Names the state of a table and the form it is given in.
std::string TagOf(const engine::TableInfo& info, std::string_view form) {
  return fmt::format("\"{}-{:x}-{}\"", info.version, info.timestamp_ms, form);
}

/// Whether If-None-Match has a tag (RFC 9110: compared weakly).
bool IsKnown(const HttpRequest& request, std::string_view tag) {
  std::string_view rest = request.Header("if-none-match").value_or("");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag || item == "*") return true;
  }
  return false;
}

void Validate(HttpResponse& response, const std::string& tag) {
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "private, no-cache");
}

/// A text as a part of an address.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char byte : text) {
    const bool plain =
        (std::isalnum(static_cast<unsigned char>(byte)) != 0) || byte == '.' || byte == '_' || byte == '-';
    escaped += plain ? std::string(1, byte) : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return escaped;
}

Json TableJson(const engine::TableInfo& info) {
  Json object = {{"schema", info.schema},
                 {"table", info.table},
                 {"kind", info.is_view ? "view" : "table"},
                 {"url", fmt::format("/api/v1/tables/{}/{}", Escaped(info.schema), Escaped(info.table))}};
  Json columns = Json::array();
  for (const auto& [name, type] : info.columns) columns.push_back({{"name", name}, {"type", type}});
  object["columns"] = std::move(columns);
  if (info.is_view) return object;
  object["partition_columns"] = info.partition_columns;
  object["version"] = info.version;
  object["committed_at"] = FormatUtcMicros(info.timestamp_ms * kMicrosPerMilli);
  object["rows"] = info.rows < 0 ? Json() : Json(info.rows);
  object["files"] = info.files;
  object["bytes"] = info.bytes;
  return object;
}

HttpResponse ListTables(DataService& service, const HttpRequest& request) {
  const std::string schema = TextOf(request, "schema");
  if (!schema.empty() && !IsName(schema)) return JsonResponse(200, {{"tables", Json::array()}});
  const auto tables = service.engine.Tables(schema);
  if (!tables) return ProblemOf(tables.error());
  Json list = Json::array();
  for (const engine::TableInfo& info : *tables) {
    if (service.MayRead(request.identity, info.schema, info.table)) list.push_back(TableJson(info));
  }
  return JsonResponse(200, {{"tables", std::move(list)}});
}

HttpResponse DescribeTable(DataService& service, const HttpRequest& request) {
  const auto info = FindTable(service, request);
  if (!info) return info.error();
  const std::string tag = TagOf(*info, "schema");
  if (!info->is_view && IsKnown(request, tag)) {
    HttpResponse unchanged{.status = 304};
    Validate(unchanged, tag);
    return unchanged;
  }
  HttpResponse response = JsonResponse(200, TableJson(*info));
  if (!info->is_view) Validate(response, tag);
  return response;
}

/// What a request for rows says, apart from its filters.
struct RowsRequest {
  engine::TableInfo info;
  TableSource source;
  TableQuery query;
  RowShape shape;
};

/// The state of the table that is read: the one that is asked for, or that a cursor holds on to.
Answer<void> ReadState(const HttpRequest& request, RowsRequest& wanted) {
  constexpr std::int64_t kVersionMax = std::int64_t{1} << 53U;
  auto version = NumberOf(request, "version", 0, kVersionMax);
  if (!version) return std::unexpected(version.error());
  wanted.source.timestamp = TextOf(request, "timestamp");
  if (wanted.info.is_view) {
    if (*version || !wanted.source.timestamp.empty()) {
      return std::unexpected(WrongParameters({{"version", "a view has no versions: ask for those of its tables"}}));
    }
    return {};
  }
  if (*version && !wanted.source.timestamp.empty()) {
    return std::unexpected(WrongParameters({{"timestamp", "version says already which state is read"}}));
  }
  wanted.source.version = version->value_or(wanted.info.version);
  return {};
}

/// "12:200": a version and an offset.
Answer<void> ReadCursor(const HttpRequest& request, RowsRequest& wanted) {
  const std::string cursor = TextOf(request, "cursor");
  if (cursor.empty()) return {};
  const HttpResponse wrong = WrongParameters({{"cursor", "it was not given by a page of this table"}});
  if (wanted.query.offset > 0 || request.query.contains("version") || request.query.contains("timestamp")) {
    return std::unexpected(WrongParameters({{"cursor", "it says already where to go on, and at which version"}}));
  }
  const std::size_t colon = cursor.find(':');
  if (colon == std::string::npos) return std::unexpected(wrong);
  const auto number = [&](std::size_t from, std::size_t to) -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(cursor.data() + from, cursor.data() + to, value);
    if (error != std::errc() || end != cursor.data() + to || value < 0) return std::nullopt;
    return value;
  };
  const auto offset = number(colon + 1, cursor.size());
  if (!offset) return std::unexpected(wrong);
  wanted.query.offset = *offset;
  if (colon == 0) return {};  // of a view
  const auto version = number(0, colon);
  if (!version || wanted.info.is_view) return std::unexpected(wrong);
  wanted.source.version = version;
  return {};
}

Answer<RowShape> ReadShape(const HttpRequest& request) {
  RowShape shape{.objects = true};
  if (const std::string format = TextOf(request, "format"); !format.empty()) {
    const auto known = DataFormatOf(format);
    if (!known) return std::unexpected(WrongParameters({{"format", "it must be json, ndjson, csv, arrow or parquet"}}));
    shape.format = *known;
  } else {
    const auto accepted = AcceptedFormat(request, DataFormat::kJson);
    if (!accepted) return std::unexpected(accepted.error());
    shape.format = *accepted;
  }
  const auto word = [&](const std::string& name, std::string_view first, std::string_view second) -> Answer<bool> {
    const std::string text = TextOf(request, name);
    if (text.empty() || text == first) return false;
    if (text == second) return true;
    return std::unexpected(WrongParameters({{name, fmt::format("it must be {} or {}", first, second)}}));
  };
  const auto arrays = word("rows", "objects", "arrays");
  if (!arrays) return std::unexpected(arrays.error());
  const auto as_text = word("numbers", "json", "text");
  if (!as_text) return std::unexpected(as_text.error());
  shape.objects = !*arrays;
  shape.numbers_as_text = *as_text;
  return shape;
}

Answer<RowsRequest> ReadRowsRequest(DataService& service, const HttpRequest& request) {
  RowsRequest wanted;
  auto info = FindTable(service, request);
  if (!info) return std::unexpected(info.error());
  wanted.info = std::move(*info);
  wanted.source = {.schema = wanted.info.schema, .table = wanted.info.table, .columns = wanted.info.columns};
  const auto limit = NumberOf(request, "limit", 0, static_cast<std::int64_t>(service.limits.page_rows_max));
  if (!limit) return std::unexpected(limit.error());
  const auto offset = NumberOf(request, "offset", 0, std::int64_t{1} << 53U);
  if (!offset) return std::unexpected(offset.error());
  wanted.query = {.select = TextOf(request, "select"),
                  .order = TextOf(request, "order"),
                  .filters = request.others,
                  .limit = limit->value_or(kRowsDefault),
                  .offset = offset->value_or(0)};
  if (const auto state = ReadState(request, wanted); !state) return std::unexpected(state.error());
  if (const auto cursor = ReadCursor(request, wanted); !cursor) return std::unexpected(cursor.error());
  auto shape = ReadShape(request);
  if (!shape) return std::unexpected(shape.error());
  wanted.shape = *shape;
  return wanted;
}

/// The address of the page after this one, at the same version.
std::string NextUrl(const HttpRequest& request, const RowsRequest& wanted, std::int64_t rows) {
  std::string url =
      fmt::format("{}?cursor={}:{}", request.path, wanted.source.version ? fmt::to_string(*wanted.source.version) : "",
                  wanted.query.offset + rows);
  for (const auto& [name, value] : request.query) {
    if (name == "cursor" || name == "offset" || name == "version" || name == "timestamp") continue;
    url += fmt::format("&{}={}", Escaped(name), Escaped(value));
  }
  for (const auto& [name, value] : request.others) url += fmt::format("&{}={}", Escaped(name), Escaped(value));
  return url;
}

HttpResponse SendRows(DataService& service, const HttpRequest& request, const RowsRequest& wanted) {
  TableQuery query = wanted.query;
  ++query.limit;  // one more tells whether there are more
  const auto statement = CompileTableQuery(wanted.source, query);
  if (!statement) return WrongParameters(statement.error());
  auto place = service.gate.Enter(request.identity.name, service.limits.ms_default, request.stop);
  if (!place) return ProblemOf(place.error());
  const auto allowed = service.Allow(request.identity.Reading(), (*place)->session(), statement->sql);
  if (!allowed) return ProblemOf(allowed.error());
  if (wanted.shape.format == DataFormat::kParquet) {
    const std::string path = service.results.NewPath();
    const auto written =
        WriteResult((*place)->session(), statement->sql, statement->parameters, wanted.query.limit, path);
    if (!written) return ProblemOf((*place)->Explain(written.error()));
    auto file = TakeFileBody(path);
    return file ? Respond(std::move(*file), MediaTypeOf(wanted.shape.format)) : ProblemOf(file.error());
  }
  // With a timestamp, the next page is asked for by offset: what version it was is not known here.
  const bool has_cursor = wanted.source.timestamp.empty();
  auto body = ResultBody::Open(std::move(*place), statement->sql, statement->parameters,
                               {.shape = wanted.shape,
                                .rows_max = wanted.query.limit,
                                .refuse_at = std::nullopt,
                                .bytes_max = service.limits.bytes_max,
                                .tail = [request, wanted, has_cursor](std::int64_t rows, bool truncated) {
                                  const Json next =
                                      truncated && has_cursor ? Json(NextUrl(request, wanted, rows)) : Json();
                                  return ",\n\"next\":" + JsonText(next);
                                }});
  return body ? Respond(std::move(*body), MediaTypeOf(wanted.shape.format)) : ProblemOf(body.error());
}

HttpResponse GiveRows(DataService& service, const HttpRequest& request) {
  auto wanted = ReadRowsRequest(service, request);
  if (!wanted) return wanted.error();
  if (!wanted->source.version) return SendRows(service, request, *wanted);
  const std::string tag =
      *wanted->source.version == wanted->info.version && wanted->source.timestamp.empty()
          ? TagOf(wanted->info, DataFormatText(wanted->shape.format))
          : fmt::format("\"{}-{}-{}\"", *wanted->source.version, Sha256Hex(wanted->source.timestamp).substr(0, 8),
                        DataFormatText(wanted->shape.format));
  if (wanted->source.timestamp.empty() && IsKnown(request, tag)) {
    HttpResponse unchanged{.status = 304};
    Validate(unchanged, tag);
    return unchanged;
  }
  HttpResponse response = SendRows(service, request, *wanted);
  if (response.status == 200 && wanted->source.timestamp.empty()) Validate(response, tag);
  return response;
}

HttpResponse GiveHistory(DataService& service, const HttpRequest& request) {
  const auto info = FindTable(service, request);
  if (!info) return info.error();
  if (info->is_view) return Problem(404, "a view has no history: ask for that of its tables");
  const auto limit = NumberOf(request, "limit", 1, static_cast<std::int64_t>(service.limits.page_rows_max));
  if (!limit) return limit.error();
  auto place = service.gate.Enter(request.identity.name, service.limits.ms_default, request.stop);
  if (!place) return ProblemOf(place.error());
  const std::string name =
      fmt::format("{}.{}", engine::QuoteIdentifier(info->schema), engine::QuoteIdentifier(info->table));
  const std::string sql = fmt::format(
      "select version, timestamp, operation, parameters, metrics, rows_added, files_added, files_removed, "
      "engine, smelt from table_history({}) order by version desc",
      engine::QuoteLiteral(name));
  auto body = ResultBody::Open(std::move(*place), sql, {},
                               {.shape = {.objects = true},
                                .rows_max = limit->value_or(kRowsDefault),
                                .refuse_at = std::nullopt,
                                .bytes_max = service.limits.bytes_max});
  if (!body) return ProblemOf(body.error());
  HttpResponse response = Respond(std::move(*body), "application/json");
  if (response.status == 200) response.headers.emplace_back("Cache-Control", "private, no-cache");
  return response;
}

std::vector<RouteParameter> TablePath() {
  return {{.name = "schema", .summary = "The table's schema: silver.", .required = true, .example = "silver"},
          {.name = "table", .summary = "The table or view.", .required = true, .example = "orders"}};
}

Json TableSchema() {
  return {{"type", "object"},
          {"required", {"schema", "table", "kind", "url", "columns"}},
          {"properties",
           {{"schema", {{"type", "string"}}},
            {"table", {{"type", "string"}}},
            {"kind", {{"enum", {"table", "view"}}}},
            {"url", {{"type", "string"}}},
            {"version", {{"type", "integer"}}},
            {"committed_at", {{"type", "string"}, {"format", "date-time"}}},
            {"rows", {{"type", {"integer", "null"}}}},
            {"files", {{"type", "integer"}}},
            {"bytes", {{"type", "integer"}}},
            {"partition_columns", {{"type", "array"}, {"items", {{"type", "string"}}}}},
            {"columns",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"required", {"name", "type"}},
                {"properties", {{"name", {{"type", "string"}}}, {"type", {{"type", "string"}}}}}}}}}}}};
}

Route RowsRoute(DataService& service) {
  Route route{.method = "GET", .pattern = "/api/v1/tables/{schema}/{table}", .summary = "Gives rows of a table."};
  const auto integer = [](std::int64_t least, std::int64_t most) {
    return Json{{"type", "integer"}, {"minimum", least}, {"maximum", most}};
  };
  route.id = "get_rows";
  route.tag = "tables";
  route.description =
      "Every other parameter is a condition on the column of its name, and all must hold: `?price=gte.10&price=lt.20`. "
      "The ETag is that of the table's version: with If-None-Match, a table that did not change is 304.";
  route.access = Access::kReader;
  route.lane = Lane::kQuery;
  route.path_parameters = TablePath();
  const auto page_max = static_cast<std::int64_t>(service.limits.page_rows_max);
  route.parameters = {
      {.name = "select", .summary = "Columns with commas between; absent: all.", .example = "order_id,order_status"},
      {.name = "order", .summary = "Columns with .desc, .nullsfirst after them: price.desc,name."},
      {.name = "limit", .summary = "Rows at most; 100 when absent.", .schema = integer(0, page_max)},
      {.name = "offset", .summary = "Rows to leave out first.", .schema = integer(0, std::int64_t{1} << 53U)},
      {.name = "cursor", .summary = "Where a page goes on; `next` of the page before has it."},
      {.name = "version", .summary = "Reads the table as it was then.", .schema = integer(0, std::int64_t{1} << 53U)},
      {.name = "timestamp", .summary = "Reads the table as it was at this time (ISO 8601)."},
      {.name = "format",
       .summary = "Goes before Accept.",
       .schema = {{"enum", {"json", "ndjson", "csv", "arrow", "parquet"}}}},
      {.name = "rows", .summary = "Of JSON.", .schema = {{"enum", {"objects", "arrays"}}}},
      {.name = "numbers", .summary = "Of JSON: wide numbers as texts.", .schema = {{"enum", {"json", "text"}}}}};
  route.other_parameters = fmt::format("A condition on the column of this name: {}.", FilterLanguage());
  route.answers = RowsAnswers();
  route.answers.push_back({.status = 304, .summary = "The table has not changed.", .content_type = ""});
  route.handler = [&service](const HttpRequest& request) { return GiveRows(service, request); };
  return route;
}

}  // namespace

void AddTableRoutes(RouteTable& routes, DataService& service) {
  Route list{.method = "GET", .pattern = "/api/v1/tables", .summary = "Lists the tables and views of the lake."};
  list.id = "list_tables";
  list.tag = "tables";
  list.access = Access::kReader;
  list.lane = Lane::kQuery;
  list.parameters = {{.name = "schema", .summary = "Of this schema only."}};
  list.answers = {{.status = 200,
                   .summary = "By schema and name.",
                   .schema = {{"type", "object"},
                              {"required", {"tables"}},
                              {"properties", {{"tables", {{"type", "array"}, {"items", TableSchema()}}}}}}}};
  list.handler = [&service](const HttpRequest& request) { return ListTables(service, request); };
  routes.Add(std::move(list));
  routes.Add(RowsRoute(service));
  Route schema{.method = "GET",
               .pattern = "/api/v1/tables/{schema}/{table}/schema",
               .summary = "Tells the columns of a table, its version and its size."};
  schema.id = "get_table";
  schema.tag = "tables";
  schema.access = Access::kReader;
  schema.lane = Lane::kQuery;
  schema.path_parameters = TablePath();
  schema.answers = {{.status = 200, .summary = "The table.", .schema = TableSchema()},
                    {.status = 304, .summary = "The table has not changed.", .content_type = ""}};
  schema.handler = [&service](const HttpRequest& request) { return DescribeTable(service, request); };
  routes.Add(std::move(schema));
  Route history{.method = "GET",
                .pattern = "/api/v1/tables/{schema}/{table}/history",
                .summary = "Lists the commits of a table, newest first."};
  history.id = "get_table_history";
  history.tag = "tables";
  history.access = Access::kReader;
  history.lane = Lane::kQuery;
  history.path_parameters = TablePath();
  history.parameters = {{.name = "limit",
                         .summary = "Commits at most; 100 when absent.",
                         .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", service.limits.page_rows_max}}}};
  history.answers = {{.status = 200, .summary = "Rows of the table's log.", .schema = RowsSchema()}};
  history.handler = [&service](const HttpRequest& request) { return GiveHistory(service, request); };
  routes.Add(std::move(history));
}

}  // namespace smelt::serve
