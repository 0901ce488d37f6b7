#include "serve/dashboards/column_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "serve/dashboards/internal/definition_keys.h"
#include "serve/dashboards/internal/filter_reader.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kColumnDecimalsMax = 10;

Status CheckCurrency(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string code, node.AsString());
  if (code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; })) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no currency", code))
                  .Hint("write its ISO 4217 code, as BRL"));
}

Status CheckDecimals(const ConfigNode& node) {
  SMELT_ASSIGN(const std::int64_t decimals, node.AsInt());
  if (decimals >= 0 && decimals <= kColumnDecimalsMax) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                             fmt::format("'decimals' is {}, not between 0 and {}", decimals, kColumnDecimalsMax)));
}

Result<Json> ReadColumnFormat(const ConfigNode& node) {
  using internal::kColumnKeys, internal::kFormats, internal::ReadWord;
  if (node.is_null()) return Json::object();
  if (!node.is_map()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "expected how the column is shown")
                    .Hint("write {label: Revenue, format: currency, currency: BRL}"));
  }
  SMELT_TRY(node.AllowKeys(std::vector<std::string_view>(kColumnKeys.begin(), kColumnKeys.end())));
  if (const auto format = node.Find("format")) {
    SMELT_TRY(ReadWord(*format, "format", {kFormats.begin(), kFormats.end()}));
  }
  if (const auto good = node.Find("good")) SMELT_TRY(ReadWord(*good, "direction", {"up", "down"}));
  if (const auto currency = node.Find("currency")) SMELT_TRY(CheckCurrency(*currency));
  if (const auto decimals = node.Find("decimals")) SMELT_TRY(CheckDecimals(*decimals));
  for (const std::string_view key : {"hidden", "bar"}) SMELT_TRY(node.BoolOr(key, false));
  Json shown = node.ToJson();
  // A label such as 2018 is a number in YAML, and a text to those who show it.
  for (const char* key : {"label", "description", "unit", "format", "currency"}) {
    const auto text = node.Find(key);
    if (!text) continue;
    SMELT_ASSIGN(shown[key], text->AsString());
  }
  return shown;
}

}  // namespace

Result<Json> ReadColumnFormats(const ConfigNode& columns) {
  Json shown = Json::object();
  for (const std::string& name : columns.keys()) {
    SMELT_ASSIGN(shown[name], ReadColumnFormat(*columns.Find(name)));
  }
  return shown;
}

}  // namespace smelt::serve
