#include "serve/data/sql_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"
#include "serve/internal/json_body.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kWaitMsDefault = 10'000;
constexpr std::int64_t kWaitMsMax = 60'000;
constexpr std::size_t kParametersMax = 1'000;

constexpr std::array<std::string_view, 10> kFields = {"sql",   "parameters", "format",    "rows",  "numbers",
                                                      "limit", "timeout_ms", "page_rows", "async", "wait_ms"};

/// Reads one field after the other, and gathers what is wrong.
class Fields {
 public:
  explicit Fields(const Json& body) : body_(body) {
    for (const auto& [name, value] : body.items()) {
      if (std::ranges::find(kFields, name) != kFields.end()) continue;
      const std::string near = NearestWord(name, {kFields.begin(), kFields.end()});
      Wrong(name,
            near.empty() ? "there is no such field" : fmt::format("there is no such field; did you mean '{}'?", near));
    }
  }

  void Wrong(std::string_view name, std::string detail) {
    problems_.push_back({internal::PointerStep(name), std::move(detail)});
  }
  const Json* Find(std::string_view name) const {
    const auto found = body_.find(std::string(name));
    return found == body_.end() || found->is_null() ? nullptr : &*found;
  }
  std::optional<std::int64_t> Number(std::string_view name, std::int64_t least, std::int64_t most) {
    const Json* value = Find(name);
    if (value == nullptr) return std::nullopt;
    const bool fits =
        value->is_number_integer() &&
        !(value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(most)) &&
        value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most;
    if (fits) return value->get<std::int64_t>();
    Wrong(name, fmt::format("it must be a whole number from {} to {}", least, most));
    return std::nullopt;
  }
  bool Flag(std::string_view name) {
    const Json* value = Find(name);
    if (value != nullptr && !value->is_boolean()) Wrong(name, "it must be true or false");
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }
  /// Whether it is the second of two words; the first when it is absent.
  bool IsSecond(std::string_view name, std::string_view first, std::string_view second) {
    const Json* value = Find(name);
    if (value == nullptr || *value == first) return false;
    if (*value != second) Wrong(name, fmt::format("it must be \"{}\" or \"{}\"", first, second));
    return true;
  }
  const std::vector<FieldProblem>& problems() const { return problems_; }

 private:
  const Json& body_;
  std::vector<FieldProblem> problems_;
};

bool IsParameterName(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](unsigned char byte) { return std::isalnum(byte) || byte == '_'; });
}

void ReadParameters(Fields& fields, engine::ParameterValues& parameters) {
  const Json* given = fields.Find("parameters");
  if (given == nullptr) return;
  if (!given->is_structured() || given->size() > kParametersMax) {
    fields.Wrong("parameters",
                 fmt::format("it must be a list for $1, $2 … or an object for $name, of at most {}", kParametersMax));
    return;
  }
  std::size_t number = 0;
  for (const auto& [key, value] : given->items()) {
    const std::string name = given->is_array() ? fmt::to_string(++number) : key;
    const auto is_plain = [](const Json& part) { return !part.is_structured(); };
    const bool is_value = is_plain(value) || (value.is_array() && std::ranges::all_of(value, is_plain));
    if (!is_value)
      fields.Wrong("parameters",
                   fmt::format("${} must be a number, a text, true, false, null or a list of these", name));
    if (!IsParameterName(name)) fields.Wrong("parameters", "names have letters, digits and _");
    parameters[name] = value;
  }
}

std::expected<DataFormat, HttpResponse> ReadFormat(Fields& fields, const HttpRequest& request) {
  const Json* value = fields.Find("format");
  if (value == nullptr) return AcceptedFormat(request, DataFormat::kJson);
  const auto format = value->is_string() ? DataFormatOf(value->get<std::string>()) : std::nullopt;
  if (!format) fields.Wrong("format", "it must be json, ndjson, csv, arrow or parquet");
  return format.value_or(DataFormat::kJson);
}

}  // namespace

std::expected<SqlRequest, HttpResponse> ReadSqlRequest(const HttpRequest& request, const DataLimits& limits) {
  auto body = internal::ReadJsonBody(request);
  if (!body) return std::unexpected(std::move(body.error()));
  if (!body->is_object()) return std::unexpected(FieldProblems({{"", "the body must be an object"}}));
  Fields fields(*body);
  SqlRequest wanted;
  if (const Json* sql = fields.Find("sql"); sql != nullptr && sql->is_string()) {
    wanted.sql = sql->get<std::string>();
  }
  if (wanted.sql.find_first_not_of(" \t\r\n;") == std::string::npos) fields.Wrong("sql", "it must be a statement");
  if (wanted.sql.find('\0') != std::string::npos) fields.Wrong("sql", "it has a zero byte");
  ReadParameters(fields, wanted.parameters);
  const auto format = ReadFormat(fields, request);
  if (!format) return std::unexpected(format.error());
  wanted.shape = {.format = *format,
                  .objects = fields.IsSecond("rows", "arrays", "objects"),
                  .numbers_as_text = fields.IsSecond("numbers", "json", "text")};
  wanted.limit = fields.Number("limit", 0, limits.rows_max);
  wanted.timeout_ms = fields.Number("timeout_ms", 1, limits.ms_max).value_or(limits.ms_default);
  wanted.page_rows = fields.Number("page_rows", 1, static_cast<std::int64_t>(limits.page_rows_max));
  wanted.async = fields.Flag("async");
  wanted.wait_ms = fields.Number("wait_ms", 0, kWaitMsMax).value_or(wanted.async ? 0 : kWaitMsDefault);
  if (!fields.problems().empty()) return std::unexpected(FieldProblems(fields.problems()));
  return wanted;
}

Json SqlRequestSchema(const DataLimits& limits) {
  const Json scalar = {{"type", {"string", "number", "boolean", "null"}}};
  Json value = {{"type", {"string", "number", "boolean", "null", "array"}}, {"items", scalar}};
  return {
      {"type", "object"},
      {"required", {"sql"}},
      {"additionalProperties", false},
      {"properties",
       {{"sql", {{"type", "string"}, {"minLength", 1}, {"description", "One statement."}}},
        {"parameters",
         {{"description", "A list of values for $1, $2 …, or an object of values for $name."},
          {"oneOf",
           {{{"type", "array"}, {"items", value}, {"maxItems", kParametersMax}},
            {{"type", "object"},
             {"additionalProperties", value},
             {"propertyNames", {{"pattern", "^[A-Za-z0-9_]+$"}}}}}}}},
        {"format", {{"enum", {"json", "ndjson", "csv", "arrow", "parquet"}}, {"description", "Goes before Accept."}}},
        {"rows", {{"enum", {"arrays", "objects"}}, {"default", "arrays"}, {"description", "Of json."}}},
        {"numbers",
         {{"enum", {"json", "text"}},
          {"default", "json"},
          {"description", "Whether integers of 64 bits and more, and decimals, are JSON's numbers or texts."}}},
        {"limit", {{"type", "integer"}, {"minimum", 0}, {"maximum", limits.rows_max}}},
        {"timeout_ms",
         {{"type", "integer"}, {"minimum", 1}, {"maximum", limits.ms_max}, {"default", limits.ms_default}}},
        {"page_rows",
         {{"type", "integer"},
          {"minimum", 1},
          {"maximum", limits.page_rows_max},
          {"description", "Keeps the result, and gives it in pages of so many rows."}}},
        {"async", {{"type", "boolean"}, {"description", "Keeps the result; the answer does not wait for it."}}},
        {"wait_ms",
         {{"type", "integer"},
          {"minimum", 0},
          {"maximum", kWaitMsMax},
          {"description", "How long the answer waits for a result that is kept."}}}}}};
}

Json SqlRequestExample() {
  return {{"sql", "select order_status, count(*) as orders from silver.orders where order_id > $1 group by 1"},
          {"parameters", {"a"}}};
}

}  // namespace smelt::serve
