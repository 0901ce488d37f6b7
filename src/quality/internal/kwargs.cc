#include "quality/internal/kwargs.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quality/result.h"

namespace smelt::quality {
namespace {

bool IsScalar(const Json& value) {
  return value.is_primitive();
}
bool IsBound(const Json& value) {
  return value.is_number() || value.is_string() || value.is_null();
}
bool IsString(const Json& value) {
  return value.is_string();
}
bool IsFraction(const Json& value) {
  return value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 1;
}

template <typename Predicate>
bool IsListOf(const Json& value, Predicate predicate) {
  return value.is_array() && std::all_of(value.begin(), value.end(), predicate);
}

bool IsPairOf(const Json& value, bool (*predicate)(const Json&)) {
  return value.size() == 2 && IsListOf(value, predicate);
}

bool IsQuantileRanges(const Json& value) {
  if (!value.is_object() || value.size() != 2 || !value.contains("quantiles") || !value.contains("value_ranges")) {
    return false;
  }
  const Json& quantiles = value["quantiles"];
  const Json& ranges = value["value_ranges"];
  return IsListOf(quantiles, IsFraction) && ranges.size() == quantiles.size() &&
         IsListOf(ranges, [](const Json& range) { return IsPairOf(range, IsBound); });
}

/// As many weights as values, or one fewer than bins; tail_weights have two.
bool IsPartition(const Json& value) {
  const auto is_number = [](const Json& one) { return one.is_number(); };
  if (!value.is_object() || !value.contains("weights") || !IsListOf(value["weights"], is_number)) return false;
  const std::size_t weights = value["weights"].size();
  if (value.contains("tail_weights") &&
      (value["tail_weights"].size() != 2 || !IsListOf(value["tail_weights"], is_number))) {
    return false;
  }
  if (value.contains("values")) return IsListOf(value["values"], IsScalar) && value["values"].size() == weights;
  return value.contains("bins") && weights > 0 &&
         IsListOf(value["bins"], [](const Json& bin) { return BinEdge(bin).has_value(); }) &&
         value["bins"].size() == weights + 1;
}

bool IsInterpolation(const Json& value) {
  static constexpr std::array<std::string_view, 5> kNames = {"nearest", "lower", "higher", "midpoint", "linear"};
  return std::ranges::find(kNames, value.get<std::string>()) != kNames.end();
}

bool IsResultFormat(const Json& value) {
  return ParseResultOptions(value).has_value();
}

bool Fits(const Kwarg& kwarg, const Json& value) {
  switch (kwarg.kind) {
    case KwargKind::kColumn:
    case KwargKind::kTable: return value.is_string();
    case KwargKind::kText:
      return value.is_string() && (kwarg.choices.empty() ||
                                   std::ranges::find(kwarg.choices, value.get<std::string>()) != kwarg.choices.end());
    case KwargKind::kColumns: return IsListOf(value, IsString) && !value.empty();
    case KwargKind::kTexts: return IsListOf(value, IsString);
    case KwargKind::kNumber: return value.is_number();
    case KwargKind::kFraction: return IsFraction(value);
    case KwargKind::kFlag: return value.is_boolean();
    case KwargKind::kBound: return IsBound(value);
    case KwargKind::kValues: return IsListOf(value, IsScalar);
    case KwargKind::kPairs: return IsListOf(value, [](const Json& pair) { return IsPairOf(pair, IsScalar); });
    case KwargKind::kPartition: return IsPartition(value);
    case KwargKind::kInterpolation: return value.is_boolean() || (value.is_string() && IsInterpolation(value));
    case KwargKind::kObject: return value.is_object();
    case KwargKind::kQuantileRanges: return IsQuantileRanges(value);
    case KwargKind::kCondition: return value.is_string() || value.is_object();
    case KwargKind::kResultFormat: return IsResultFormat(value);
    case KwargKind::kIgnored: return true;
  }
  return false;
}

}  // namespace

std::optional<double> BinEdge(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  std::string text = value.get<std::string>();
  const bool negative = text.starts_with('-');
  if (negative) text.erase(0, 1);
  if (text != "Infinity" && text != "inf" && text != ".inf") return std::nullopt;
  return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

std::optional<std::string> KwargProblem(const Kwarg& kwarg, const Json& value) {
  if (value.is_null() && !kwarg.required) return std::nullopt;
  if (Fits(kwarg, value)) return std::nullopt;
  std::string text = JsonText(value);
  constexpr std::size_t kShownMax = 60;
  if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "…";
  return fmt::format("has to be {}, not {}", KwargTypeText(kwarg), text);
}

std::string KwargTypeText(const Kwarg& kwarg) {
  switch (kwarg.kind) {
    case KwargKind::kColumn: return "a column's name";
    case KwargKind::kTable: return "a table's name";
    case KwargKind::kColumns: return "a list of column names";
    case KwargKind::kText:
      return kwarg.choices.empty() ? "a string" : fmt::format("one of {}", fmt::join(kwarg.choices, ", "));
    case KwargKind::kTexts: return "a list of strings";
    case KwargKind::kNumber: return "a number";
    case KwargKind::kFraction: return "a number from 0 to 1";
    case KwargKind::kFlag: return "true or false";
    case KwargKind::kBound: return "a number, or a date, time or text in quotes";
    case KwargKind::kValues: return "a list of values";
    case KwargKind::kPairs: return "a list of pairs of values";
    case KwargKind::kQuantileRanges:
      return "an object of `quantiles` (numbers from 0 to 1) and as many `value_ranges` ([low, high])";
    case KwargKind::kPartition:
      return "an object of `weights` (numbers) and as many `values`, or one more `bins`, with two `tail_weights` or "
             "none";
    case KwargKind::kInterpolation: return "one of nearest, lower, higher, midpoint, linear, or false";
    case KwargKind::kObject: return "an object";
    case KwargKind::kCondition: return "a condition as a string or object";
    case KwargKind::kResultFormat: return "BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE";
    case KwargKind::kIgnored: return "anything";
  }
  return {};
}

Json KwargTypeSchema(const Kwarg& kwarg) {
  const auto list_of = [](Json items) { return Json{{"type", "array"}, {"items", std::move(items)}}; };
  switch (kwarg.kind) {
    case KwargKind::kColumn:
    case KwargKind::kTable: return {{"type", "string"}};
    case KwargKind::kText: {
      Json schema = {{"type", "string"}};
      for (const std::string_view choice : kwarg.choices) schema["enum"].push_back(choice);
      return schema;
    }
    case KwargKind::kColumns: {
      Json schema = list_of({{"type", "string"}});
      schema["minItems"] = 1;
      return schema;
    }
    case KwargKind::kTexts: return list_of({{"type", "string"}});
    case KwargKind::kNumber: return {{"type", "number"}};
    case KwargKind::kFraction: return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
    case KwargKind::kFlag: return {{"type", "boolean"}};
    case KwargKind::kBound: return {{"type", {"number", "string"}}};
    case KwargKind::kValues: return list_of({{"type", {"string", "number", "boolean", "null"}}});
    case KwargKind::kPairs: {
      Json pair = list_of({{"type", {"string", "number", "boolean", "null"}}});
      pair["minItems"] = pair["maxItems"] = 2;
      return list_of(std::move(pair));
    }
    case KwargKind::kQuantileRanges: {
      Json range = list_of({{"type", {"number", "string", "null"}}});
      range["minItems"] = range["maxItems"] = 2;
      return {{"type", "object"},
              {"required", {"quantiles", "value_ranges"}},
              {"additionalProperties", false},
              {"properties",
               {{"quantiles", list_of({{"type", "number"}, {"minimum", 0}, {"maximum", 1}})},
                {"value_ranges", list_of(std::move(range))}}}};
    }
    case KwargKind::kPartition: {
      const Json numbers = list_of({{"type", "number"}});
      return {{"type", "object"},
              {"required", {"weights"}},
              {"properties",
               {{"weights", numbers}, {"bins", numbers}, {"tail_weights", numbers}, {"values", {{"type", "array"}}}}}};
    }
    case KwargKind::kInterpolation:
      return {{"enum", {false, true, "nearest", "lower", "higher", "midpoint", "linear"}}};
    case KwargKind::kObject: return {{"type", "object"}};
    case KwargKind::kCondition:
    case KwargKind::kResultFormat: return {{"type", {"string", "object"}}};
    case KwargKind::kIgnored: return Json::object();
  }
  return Json::object();
}

}  // namespace smelt::quality
