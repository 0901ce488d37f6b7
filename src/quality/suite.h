#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::quality {

/// What a failed expectation means: "critical" or "error", "warning" or "warn", "info".
enum class Severity { kError, kWarning, kInfo };

/// "error", "warning", "info".
std::string_view SeverityText(Severity severity);

/// What a failed expectation of severity error does: stop what is downstream, or only warn.
enum class Gate { kHard, kWarn };

/// One expectation as its suite file states it.
struct ExpectationConfig {
  std::string type = {};         ///< "expect_column_values_to_not_be_null"
  Json kwargs = Json::object();  ///< as written; `{"$PARAMETER": …}` where a value comes from outside
  Json meta = Json::object();
  Json notes = Json::object();  ///< `id`, `notes` and `description`, as far as given
  Severity severity = Severity::kError;
  /// Within a transaction that is audited, the rows that it finds unexpected are taken out of the table.
  bool quarantine = false;
  std::string file = {};
  std::int64_t line = 0;
};

/// A Great Expectations suite: what has to hold for one table. A value; immutable after loading.
struct Suite {
  std::string name;
  std::string table;  ///< "silver.orders"; empty when the file names none
  Gate gate = Gate::kHard;
  std::vector<ExpectationConfig> expectations;
  Json parameters = Json::object();  ///< defaults of `$PARAMETER` names
  Json meta = Json::object();
  std::string file;
  /// The file uses the key names of Great Expectations before 1.0 (expectation_suite_name, expectation_type); results
  /// are written with the same names.
  bool legacy_keys = false;
};

/// Parses the text of a suite: JSON when `file` ends in ".json", else YAML. Every expectation, its kwargs, their types
/// and the row conditions are checked here.
/// Errors: kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid; all with file and line, unknown
/// names with the nearest known one.
Result<Suite> ParseSuite(std::string_view text, const std::string& file);

/// Reads one suite file. Errors: as ParseSuite, and kStoreNotFound, kStoreDenied, kStoreIo.
Result<Suite> LoadSuite(const std::string& path);

/// Reads every .json, .yml and .yaml file of a folder, ordered by suite name. Two suites of one name are an error.
/// Errors: as LoadSuite.
Result<std::vector<Suite>> LoadSuites(const std::string& folder);

/// Replaces every `{"$PARAMETER": expression}` of the kwargs by its value. An expression is the name of a parameter or
/// arithmetic over names and numbers (+ - * / ^, parentheses, abs, round, trunc). `variables` wins over the suite's
/// own defaults, which win over the expectation's ("$PARAMETER.<name>").
/// Errors: kConfigKeyMissing (no value for a name), kConfigValueInvalid (not an expression, or the value does not fit
/// the kwarg), with file and line.
Result<Suite> ResolveParameters(const Suite& suite, const Json& variables);

}  // namespace smelt::quality
