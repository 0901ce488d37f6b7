#include "quality/internal/suite_shorthand.h"

#include <fmt/format.h>

namespace smelt::quality {
namespace {

/// An expectation at the place of a node, with the kwargs that some of its keys are.
ExpectationConfig ExpectationAt(const ConfigNode& node, std::string type,
                                std::initializer_list<std::pair<std::string_view, std::string_view>> kwarg_of_key) {
  ExpectationConfig config{.type = std::move(type)};
  for (const auto& [key, kwarg] : kwarg_of_key) {
    if (const auto value = node.Find(key)) config.kwargs[std::string(kwarg)] = value->ToJson();
  }
  config.file = node.file();
  config.line = node.line();
  return config;
}

Status SetSeverity(const ConfigNode& node, ExpectationConfig& config) {
  const auto severity = node.Find("severity");
  if (!severity) return {};
  SMELT_ASSIGN(config.severity, ParseSeverity(*severity));
  return {};
}

Status CheckAge(const ConfigNode& age) {
  const Json value = age.ToJson();
  const Json count = value.is_object() ? value.value("count", Json()) : Json();
  const Json period = value.is_object() ? value.value("period", Json()) : Json();
  const bool known_period = period == "minute" || period == "hour" || period == "day";
  if (value.size() == 2 && count.is_number_integer() && count >= 0 && count <= 1'000'000 && known_period) return {};
  return Fail(age.ErrorHere(ErrorCode::kConfigValueInvalid, "an age has to have a count and a period")
                  .Hint("write {count: 12, period: hour}; periods are minute, hour and day"));
}

Status AddFreshness(const ConfigNode& node, std::vector<ExpectationConfig>& all) {
  SMELT_TRY(node.AllowKeys({"column", "warn_after", "error_after"}));
  SMELT_TRY(node.Require("column"));
  bool any = false;
  for (const auto& [key, severity] : {std::pair{"warn_after", Severity::kWarning}, {"error_after", Severity::kError}}) {
    const auto age = node.Find(key);
    if (!age) continue;
    any = true;
    SMELT_TRY(CheckAge(*age));
    ExpectationConfig config =
        ExpectationAt(node, "expect_column_max_to_be_recent", {{"column", "column"}, {key, "max_age"}});
    config.severity = severity;
    all.push_back(std::move(config));
  }
  if (any) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, "freshness has neither warn_after nor error_after")
                  .Hint("write error_after: {count: 12, period: hour}"));
}

Status AddVolume(const ConfigNode& node, std::vector<ExpectationConfig>& all) {
  SMELT_TRY(node.AllowKeys({"column", "per", "min", "max", "periods", "severity"}));
  ExpectationConfig config = ExpectationAt(
      node, "expect_table_volume_to_be_between",
      {{"column", "column"}, {"per", "per"}, {"min", "min_value"}, {"max", "max_value"}, {"periods", "periods"}});
  SMELT_TRY(SetSeverity(node, config));
  all.push_back(std::move(config));
  return {};
}

Status AddReference(const ConfigNode& node, std::vector<ExpectationConfig>& all) {
  SMELT_TRY(node.AllowKeys({"column", "to", "field", "mostly", "severity"}));
  for (const char* key : {"column", "to"}) SMELT_TRY(node.Require(key));
  ExpectationConfig config = ExpectationAt(
      node, "expect_column_values_to_be_in_other_table",
      {{"column", "column"}, {"to", "other_table_name"}, {"field", "other_column"}, {"mostly", "mostly"}});
  SMELT_TRY(SetSeverity(node, config));
  all.push_back(std::move(config));
  return {};
}

/// A map under `key`, or a list of them where `many` are allowed.
Status ForEach(const ConfigNode& holder, const char* key, bool many, std::vector<ExpectationConfig>& all,
               Status (*add)(const ConfigNode&, std::vector<ExpectationConfig>&)) {
  const auto node = holder.Find(key);
  if (!node || node->is_null()) return {};
  if (node->is_map()) return add(*node, all);
  if (many && node->is_list()) {
    for (const ConfigNode& item : node->items()) {
      if (!item.is_map()) {
        return Fail(item.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} has to be a list of objects", key)));
      }
      SMELT_TRY(add(item, all));
    }
    return {};
  }
  return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid,
                              fmt::format("{} has to be an object{}", key, many ? " or a list of them" : "")));
}

}  // namespace

Result<Severity> ParseSeverity(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (text == "critical" || text == "error") return Severity::kError;
  if (text == "warning" || text == "warn") return Severity::kWarning;
  if (text == "info") return Severity::kInfo;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("\"{}\" is not a severity", text))
                  .Hint("use critical (or error), warning (or warn) or info"));
}

Result<std::vector<ExpectationConfig>> ReadShorthand(const ConfigNode& holder) {
  std::vector<ExpectationConfig> all;
  SMELT_TRY(ForEach(holder, "freshness", false, all, AddFreshness));
  SMELT_TRY(ForEach(holder, "volume", true, all, AddVolume));
  SMELT_TRY(ForEach(holder, "references", true, all, AddReference));
  return all;
}

}  // namespace smelt::quality
