#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "quality/suite.h"

namespace smelt::quality {

/// How much a result tells, as in Great Expectations: only the verdict; counts and a sample of the unexpected values;
/// also how often each value occurs in the sample and where; also every unexpected value, at most kUnexpectedListMax,
/// where each of them is, at most kUnexpectedIndexMax, and the query.
enum class ResultFormat { kBooleanOnly, kBasic, kSummary, kComplete };

/// "BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE". Errors: kConfigValueInvalid.
Result<ResultFormat> ParseResultFormat(std::string_view text);

/// Values in partial_unexpected_list and partial_unexpected_counts, unless said otherwise.
inline constexpr int kPartialUnexpectedMax = 20;
/// Values in unexpected_list of format COMPLETE, and the most that partial_unexpected_count may ask for.
inline constexpr int kUnexpectedListMax = 200;
/// Entries of unexpected_index_list.
inline constexpr int kUnexpectedIndexMax = 10'000;

/// A result format with the details that its object form sets, under the names of Great Expectations.
struct ResultOptions {
  ResultFormat format = ResultFormat::kSummary;
  int partial_unexpected_count = kPartialUnexpectedMax;  ///< from 0 to kUnexpectedListMax
  /// Columns that tell which row is meant; empty: the position in the file, counted from 0, where there is one.
  std::vector<std::string> unexpected_index_column_names = {};
  bool include_unexpected_rows = false;
  bool exclude_unexpected_values = false;
  std::optional<bool> return_unexpected_index_query = {};  ///< nothing: with format COMPLETE

  /// Whether the result has unexpected_index_query.
  bool tells_query() const { return return_unexpected_index_query.value_or(format == ResultFormat::kComplete); }
};

/// A format's name, or an object of "result_format" and the details. Errors: kConfigValueInvalid.
Result<ResultOptions> ParseResultOptions(const Json& value);

/// The versions of a table between which rows were added that a result was computed from, together with what an earlier
/// result had kept of the rows before.
struct AddedRows {
  std::int64_t from = 0;                ///< the version of the earlier result
  std::optional<std::int64_t> to = {};  ///< nothing: rows of a transaction, not committed yet
};

/// The outcome of one expectation.
struct ExpectationResult {
  ExpectationConfig config = {};  ///< with parameters replaced
  bool success = false;
  Json result = Json::object();  ///< element_count, unexpected_count, observed_value … as the format asks
  std::string exception = {};    ///< why it could not be judged; empty when it was
  /// Rows that were taken out of the table because of it, which then holds; `result` tells of the table before.
  std::int64_t quarantined = 0;
  std::optional<AddedRows> added = {};  ///< nothing: all rows were read
  /// What a later validation needs to judge this table by the rows added to it, for quality.results; null where it
  /// would have to read all rows.
  Json kept = {};

  /// It does not hold for the table as it is now.
  bool failed() const { return !success && quarantined == 0; }
};

/// What kept figures are of.
struct KeptOf {
  std::string table_id;
  std::string commit = {};  ///< identifies the version; empty until the transaction that was read is committed
  std::int64_t base_version =
      -1;  ///< the committed version that was read, with a transaction's rows where there was one
};

enum class Verdict { kPass, kWarn, kFail };

/// "pass", "warn", "fail".
std::string_view VerdictText(Verdict verdict);

/// The outcome of one suite on one table.
struct SuiteResult {
  std::string suite = {};
  std::string table = {};                          ///< "silver.orders", or the path of a data file
  std::optional<std::int64_t> table_version = {};  ///< nothing for files and views
  Gate gate = Gate::kHard;
  bool legacy_keys = false;
  Json parameters = Json::object();  ///< the values of the parameters that the suite declares
  std::string definition_hash = {};  ///< identity of the suite with its parameters replaced
  /// The versions of all tables that the suite read, by name; null when one of them has none (a file, a view).
  Json input_versions = {};
  std::string run_id = {};
  std::int64_t validated_at_us = 0;  ///< microseconds since the epoch
  std::vector<ExpectationResult> results = {};
  /// Rows that an audit took out of the table, because of any suite of the table; each is counted once.
  std::int64_t quarantined = 0;
  /// Where results keep figures: which table and commit they are of.
  std::optional<KeptOf> kept_of = {};

  /// Every expectation holds, and held without taking rows out.
  bool success() const;
  /// kFail when an expectation of severity error failed and the gate is hard; kWarn when one of severity error or
  /// warning failed otherwise, or rows went to quarantine.
  Verdict verdict() const;
  /// One line for people: "2 of 14 expectations failed: price expect_column_values_to_be_between …".
  std::string Headline() const;
  /// The validation result as Great Expectations writes it.
  Json ToJson() const;
};

/// One expectation of ToJson: success, expectation_config, result, meta, exception_info.
Json ResultToJson(const ExpectationResult& result, bool legacy_keys);

}  // namespace smelt::quality
