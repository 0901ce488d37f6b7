#include "serve/dashboards/internal/filter_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "serve/dashboards/internal/calendar.h"
#include "serve/dashboards/internal/definition_keys.h"
#include "serve/dashboards/selection.h"

namespace smelt::serve::internal {
namespace {

constexpr std::array<std::string_view, 4> kFilterTypes = {"date_range", "select", "text", "number_range"};

Status ReadOptions(const ConfigNode& node, Filter& filter) {
  if (filter.type != FilterType::kSelect) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("a filter of type {} has no options", FilterTypeText(filter.type)))
                    .Hint("leave them away, or write 'type: select'"));
  }
  if (node.is_map()) {
    SMELT_TRY(node.AllowKeys({"sql"}));
    SMELT_ASSIGN(const ConfigNode sql, node.Require("sql"));
    SMELT_ASSIGN(filter.options_sql, sql.AsString());
    return {};
  }
  for (const ConfigNode& item : node.items()) {
    FilterOption option;
    if (item.is_map()) {
      SMELT_TRY(item.AllowKeys({"value", "label"}));
      SMELT_ASSIGN(const ConfigNode value, item.Require("value"));
      SMELT_ASSIGN(option.value, value.AsString());
      SMELT_ASSIGN(option.label, item.StringOr("label", option.value));
    } else {
      SMELT_ASSIGN(option.value, item.AsString());
      option.label = option.value;
    }
    filter.options.push_back(std::move(option));
  }
  if (!filter.options.empty()) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a list of options has at least one")
                  .Hint("write options: [SP, RJ], or options: {sql: select … as value}"));
}

Status CheckSide(const ConfigNode& node, const Filter& filter, const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const bool fits =
      filter.type == FilterType::kDateRange ? ReadDay(text).has_value() : error == std::errc() && stop == end;
  if (fits) return {};
  return Fail(node.ErrorHere(
      ErrorCode::kConfigValueInvalid,
      fmt::format("'{}' is no {}", text, filter.type == FilterType::kDateRange ? "day such as 2018-01-31" : "number")));
}

Status ReadRangeDefault(const ConfigNode& node, Filter& filter) {
  if (!node.is_map() && filter.type == FilterType::kDateRange) {
    SMELT_ASSIGN(filter.period, node.AsString());
    if (PeriodOf(filter.period, "2020-01-31")) return {};
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no period", filter.period))
                    .Hint("write today, yesterday, last_12_months (or days, weeks, years), this_month, previous_month "
                          "(or week, quarter, year), all, or {from: 2018-01-01, to: 2018-12-31}"));
  }
  SMELT_TRY(node.AllowKeys({"from", "to"}));
  for (const auto& [key, side] : {std::pair("from", &filter.range.from), std::pair("to", &filter.range.to)}) {
    const auto text_node = node.Find(key);
    if (!text_node) continue;
    SMELT_ASSIGN(std::string text, text_node->AsString());
    SMELT_TRY(CheckSide(*text_node, filter, text));
    *side = std::move(text);
  }
  return {};
}

Status ReadDefault(const ConfigNode& node, Filter& filter) {
  if (filter.type == FilterType::kDateRange || filter.type == FilterType::kNumberRange) {
    return ReadRangeDefault(node, filter);
  }
  SMELT_ASSIGN(filter.values, node.AsStringList());
  std::sort(filter.values.begin(), filter.values.end());
  if (filter.values.size() > 1 && !filter.multiple) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "the filter takes one value and has several by default")
                    .Hint("write 'multiple: true', or one default"));
  }
  for (const std::string& value : filter.values) {
    const bool known = filter.options.empty() || std::any_of(filter.options.begin(), filter.options.end(),
                                                             [&](const auto& one) { return one.value == value; });
    if (known) continue;
    std::vector<std::string_view> words;
    for (const FilterOption& option : filter.options) words.push_back(option.value);
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not among the options", value))
                    .Hint(fmt::format("choose of: {}", fmt::join(words, ", "))));
  }
  return {};
}

Status CheckUrl(const ConfigNode& node, const std::string& url) {
  if (std::find(kReservedParameters.begin(), kReservedParameters.end(), url) == kReservedParameters.end()) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid,
                             fmt::format("a filter cannot have the address parameter '{}', which pages have", url))
                  .Hint("give it another with 'url:'"));
}

}  // namespace

Result<std::string> ReadName(const ConfigNode& node, std::string_view what) {
  SMELT_ASSIGN(std::string name, node.AsString());
  if (IsDashboardName(name)) return name;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' cannot name a {}", name, what))
                  .Hint("names have lower-case letters, digits, '_' and '-', and at most 64 of them"));
}

Result<std::string> ReadWord(const ConfigNode& node, std::string_view what,
                             const std::vector<std::string_view>& words) {
  SMELT_ASSIGN(std::string word, node.AsString());
  if (std::find(words.begin(), words.end(), word) != words.end()) return word;
  const std::string nearest = NearestWord(word, words);
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no {}", word, what))
                  .Hint(nearest.empty() ? fmt::format("it is one of: {}", fmt::join(words, ", "))
                                        : fmt::format("did you mean '{}'?", nearest)));
}

Result<Filter> ReadFilter(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys(std::vector<std::string_view>(kFilterKeys.begin(), kFilterKeys.end())));
  Filter filter{.name = {}, .url = {}, .line = node.line()};
  SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(filter.name, ReadName(name, "filter"));
  SMELT_ASSIGN(const ConfigNode type_node, node.Require("type"));
  SMELT_ASSIGN(const std::string type,
               ReadWord(type_node, "type of a filter", {kFilterTypes.begin(), kFilterTypes.end()}));
  filter.type =
      static_cast<FilterType>(std::find(kFilterTypes.begin(), kFilterTypes.end(), type) - kFilterTypes.begin());
  filter.url = filter.name;
  if (const auto url = node.Find("url")) {
    SMELT_ASSIGN(filter.url, ReadName(*url, "parameter"));
  }
  SMELT_TRY(CheckUrl(node.Find("url").value_or(name), filter.url));
  SMELT_ASSIGN(filter.label, node.StringOr("label", filter.name));
  SMELT_ASSIGN(filter.multiple, node.BoolOr("multiple", false));
  SMELT_ASSIGN(filter.dimension, node.StringOr("dimension", ""));
  SMELT_ASSIGN(filter.until_sql, node.StringOr("until", ""));
  const auto options = node.Find("options");
  if (options) SMELT_TRY(ReadOptions(*options, filter));
  if (!options && filter.type == FilterType::kSelect) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, fmt::format("filter '{}' has no options", filter.name))
                    .Hint("write options: [SP, RJ], or options: {sql: select … as value}"));
  }
  if (const auto chosen = node.Find("default")) SMELT_TRY(ReadDefault(*chosen, filter));
  if (!filter.until_sql.empty() && filter.period.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "'until' says with which day a default period ends")
                    .Hint("write a period by its name, 'default: last_12_months', or leave 'until' away"));
  }
  return filter;
}

}  // namespace smelt::serve::internal

namespace smelt::serve {

std::string_view FilterTypeText(FilterType type) {
  return internal::kFilterTypes.at(static_cast<std::size_t>(type));
}

}  // namespace smelt::serve
