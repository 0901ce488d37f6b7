#include "quality/result.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/version.h"

namespace smelt::quality {
namespace {

constexpr std::array<std::string_view, 4> kFormatNames = {"BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"};

/// "price expect_column_values_to_be_between (3 unexpected)".
std::string Describe(const ExpectationResult& result) {
  const auto column = result.config.kwargs.find("column");
  std::string text =
      column != result.config.kwargs.end() && column->is_string() ? column->get<std::string>() + " " : "";
  text += result.config.type;
  if (!result.exception.empty()) return text + " (" + result.exception + ")";
  if (const auto count = result.result.find("unexpected_count"); count != result.result.end()) {
    return fmt::format("{} ({} unexpected)", text, JsonText(*count));
  }
  if (const auto observed = result.result.find("observed_value"); observed != result.result.end()) {
    return fmt::format("{} (observed {})", text, JsonText(*observed));
  }
  return text;
}

/// Great Expectations' word for a severity.
std::string_view GreatExpectationsSeverity(Severity severity) {
  return severity == Severity::kError ? "critical" : SeverityText(severity);
}

Json Statistics(const std::vector<ExpectationResult>& results) {
  const auto successful = std::ranges::count_if(results, &ExpectationResult::success);
  const auto evaluated = std::ssize(results);
  const Json percent =
      evaluated == 0 ? Json() : Json(static_cast<double>(successful) / static_cast<double>(evaluated) * 100);
  return {{"evaluated_expectations", evaluated},
          {"successful_expectations", successful},
          {"unsuccessful_expectations", evaluated - successful},
          {"success_percent", percent}};
}

}  // namespace

Result<ResultFormat> ParseResultFormat(std::string_view text) {
  const auto found = std::ranges::find(kFormatNames, text);
  if (found != kFormatNames.end()) return static_cast<ResultFormat>(found - kFormatNames.begin());
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("\"{}\" is not a result format", text))
                  .Hint("use BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE"));
}

namespace {

Error BadOption(std::string_view name, std::string_view what) {
  return Error(ErrorCode::kConfigValueInvalid, fmt::format("{} of result_format has to be {}", name, what));
}

Result<bool> FlagOption(std::string_view name, const Json& value) {
  if (!value.is_boolean()) return Fail(BadOption(name, "true or false"));
  return value.get<bool>();
}

Result<std::vector<std::string>> NamesOption(std::string_view name, const Json& value) {
  if (value.is_string()) return std::vector<std::string>{value.get<std::string>()};
  const auto is_text = [](const Json& one) { return one.is_string(); };
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_text)) {
    return Fail(BadOption(name, "a list of column names"));
  }
  return value.get<std::vector<std::string>>();
}

Status ReadOption(const std::string& name, const Json& value, ResultOptions& options) {
  if (name == "result_format") {
    if (!value.is_string()) return Fail(BadOption(name, "BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE"));
    SMELT_ASSIGN(options.format, ParseResultFormat(value.get<std::string>()));
  } else if (value.is_null()) {
    return {};
  } else if (name == "partial_unexpected_count") {
    if (!value.is_number_integer() || value < 0) return Fail(BadOption(name, "a whole number from 0"));
    options.partial_unexpected_count =
        static_cast<int>(std::min<std::int64_t>(value.get<std::int64_t>(), kUnexpectedListMax));
  } else if (name == "unexpected_index_column_names") {
    SMELT_ASSIGN(options.unexpected_index_column_names, NamesOption(name, value));
  } else if (name == "include_unexpected_rows") {
    SMELT_ASSIGN(options.include_unexpected_rows, FlagOption(name, value));
  } else if (name == "exclude_unexpected_values") {
    SMELT_ASSIGN(options.exclude_unexpected_values, FlagOption(name, value));
  } else if (name == "return_unexpected_index_query") {
    SMELT_ASSIGN(options.return_unexpected_index_query, FlagOption(name, value));
  } else {
    const std::vector<std::string_view> names = {
        "result_format",           "partial_unexpected_count",  "unexpected_index_column_names",
        "include_unexpected_rows", "exclude_unexpected_values", "return_unexpected_index_query"};
    Error error(ErrorCode::kConfigValueInvalid, fmt::format("result_format has no setting \"{}\"", name));
    const std::string nearest = NearestWord(name, names);
    if (nearest.empty()) return Fail(std::move(error));
    return Fail(std::move(error).Hint(fmt::format("did you mean {}?", nearest)));
  }
  return {};
}

}  // namespace

Result<ResultOptions> ParseResultOptions(const Json& value) {
  ResultOptions options;
  if (!value.is_object()) {
    SMELT_TRY(ReadOption("result_format", value, options));
    return options;
  }
  for (const auto& [name, part] : value.items()) SMELT_TRY(ReadOption(name, part, options));
  return options;
}

std::string_view VerdictText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return "pass";
    case Verdict::kWarn: return "warn";
    case Verdict::kFail: return "fail";
  }
  return {};
}

bool SuiteResult::success() const {
  return std::ranges::all_of(results, &ExpectationResult::success);
}

Verdict SuiteResult::verdict() const {
  const auto failed_with = [&](Severity severity) {
    return std::ranges::any_of(results, [&](const ExpectationResult& result) {
      return result.failed() && result.config.severity == severity;
    });
  };
  if (failed_with(Severity::kError)) return gate == Gate::kHard ? Verdict::kFail : Verdict::kWarn;
  const bool took_out = std::ranges::any_of(results, [](const auto& one) { return one.quarantined > 0; });
  return took_out || failed_with(Severity::kWarning) ? Verdict::kWarn : Verdict::kPass;
}

namespace {

/// "; 12 read only the rows added since version 3"; empty when all rows were read.
std::string AddedText(const std::vector<ExpectationResult>& results) {
  std::int64_t count = 0, from = 0;
  for (const ExpectationResult& result : results) {
    if (!result.added) continue;
    ++count;
    from = result.added->from;
  }
  return count == 0 ? "" : fmt::format("; {} read only the rows added since version {}", count, from);
}

Json MetaOf(const ExpectationResult& result) {
  Json meta = Json::object();
  if (result.quarantined > 0) meta["quarantined_rows"] = result.quarantined;
  if (result.added) {
    meta["smelt"] = {{"scope", "added rows"},
                     {"from_version", result.added->from},
                     {"to_version", result.added->to ? Json(*result.added->to) : Json()}};
  }
  return meta;
}

}  // namespace

std::string SuiteResult::Headline() const {
  constexpr std::size_t kNamedMax = 3;
  const auto name = [&](bool quarantined, std::size_t& count) {
    std::string names;
    for (const ExpectationResult& result : results) {
      if (quarantined ? result.quarantined == 0 : !result.failed()) continue;
      if (++count <= kNamedMax) names += (names.empty() ? ": " : "; ") + Describe(result);
    }
    return names + (count > kNamedMax ? "; …" : "");
  };
  std::size_t failed = 0, blaming = 0;
  const std::string failures = name(false, failed), blames = name(true, blaming);
  std::string line = failed == 0 ? fmt::format("{} expectations hold", results.size())
                                 : fmt::format("{} of {} expectations failed{}", failed, results.size(), failures);
  if (blaming > 0)
    line += fmt::format("; {} {} to quarantine{}", quarantined, quarantined == 1 ? "row went" : "rows went", blames);
  return line + AddedText(results);
}

Json SuiteResult::ToJson() const {
  Json list = Json::array();
  for (const ExpectationResult& result : results) list.push_back(ResultToJson(result, legacy_keys));
  Json meta = {{"smelt_version", kSmeltVersion},
               {"run_id", run_id},
               {"validation_time", FormatUtcMicros(validated_at_us)},
               {"table", table},
               {"table_version", table_version ? Json(*table_version) : Json()},
               {"verdict", VerdictText(verdict())}};
  if (quarantined > 0) meta["quarantined_rows"] = quarantined;
  if (legacy_keys) meta["expectation_suite_name"] = suite;
  Json json = {{"success", success()}, {"results", std::move(list)}};
  if (!legacy_keys) json["suite_name"] = suite;
  json[legacy_keys ? "evaluation_parameters" : "suite_parameters"] = parameters;
  json["statistics"] = Statistics(results);
  json["meta"] = std::move(meta);
  return json;
}

Json ResultToJson(const ExpectationResult& result, bool legacy_keys) {
  Json config = {{legacy_keys ? "expectation_type" : "type", result.config.type},
                 {"kwargs", result.config.kwargs},
                 {"meta", result.config.meta}};
  if (!legacy_keys) config["severity"] = GreatExpectationsSeverity(result.config.severity);
  config.update(result.config.notes);
  const bool raised = !result.exception.empty();
  return {{"success", result.success},
          {"expectation_config", std::move(config)},
          {"result", result.result},
          {"meta", MetaOf(result)},
          {"exception_info",
           {{"raised_exception", raised},
            {"exception_traceback", nullptr},
            {"exception_message", raised ? Json(result.exception) : Json()}}}};
}

}  // namespace smelt::quality
