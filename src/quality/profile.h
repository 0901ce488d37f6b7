#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "engine/session.h"
#include "quality/data_source.h"

namespace smelt::quality {

/// A value as text and how often it occurs.
struct ValueCount {
  std::string value;
  std::int64_t count = 0;
};

/// Values from `from` up to and including `to` (the first bin includes `from`).
struct HistogramBin {
  double from = 0, to = 0;
  std::int64_t count = 0;
};

/// A sign that a column holds data about persons.
struct PersonalDataHint {
  std::string kind;  ///< "e-mail", "phone", "payment card", "IBAN", "CPF", "SSN", "name", "address", "birth date", …
  double share = 0;  ///< of the distinct values looked at, 0 to 1; 0 when only the column's name says so
  std::string reason;  ///< "100 % of 1,924 values pass the checksum", "the column's name"
};

/// The quantiles of a profile, as shares.
inline constexpr std::array<double, 7> kProfileQuantiles = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

/// What a column holds. Numbers of dates and timestamps are seconds since 1970-01-01.
struct ColumnProfile {
  std::string name;
  std::string type;  ///< SQL
  engine::TypeKind kind = engine::TypeKind::kOther;
  std::int64_t nulls = 0;
  std::int64_t distinct = 0;    ///< of the values that are not null
  bool distinct_exact = false;  ///< else within about 5 percent
  std::optional<std::string> min, max;

  std::optional<double> lowest, greatest;              ///< the finite bounds of numbers and times
  std::optional<double> mean, stddev;                  ///< of numbers and times; of booleans, the share of true
  std::vector<double> quantiles;                       ///< at kProfileQuantiles, approximate; empty when there are none
  std::int64_t zeros = 0, negatives = 0;               ///< of numbers
  std::int64_t not_finite = 0;                         ///< NaN, infinities, and what no figure can be made of
  std::optional<std::int64_t> length_min, length_max;  ///< of texts, in characters
  std::optional<double> length_mean;
  std::int64_t blank = 0;      ///< texts without a visible character
  std::int64_t untrimmed = 0;  ///< texts that begin or end with a space

  std::vector<ValueCount> top;  ///< the most frequent values, counted exactly
  bool top_is_all = false;      ///< the column has no other values
  std::vector<HistogramBin> histogram;
  std::vector<ValueCount> patterns;  ///< formats and shapes (docs/how-to/profile-and-compare.md) of distinct values
  std::int64_t pattern_values = 0;   ///< the distinct values that were looked at
  std::vector<PersonalDataHint> personal;
  bool unique = false;  ///< proven: every row has a value, and no two the same

  bool is_number() const {
    return kind == engine::TypeKind::kInteger || kind == engine::TypeKind::kDecimal || kind == engine::TypeKind::kFloat;
  }
  bool is_temporal() const { return kind == engine::TypeKind::kDate || kind == engine::TypeKind::kTimestamp; }
};

/// Pearson's coefficient of two columns of numbers.
struct Correlation {
  std::string a, b;
  double coefficient = 0;
};

struct TableProfile {
  std::string label;  ///< as DataSource
  std::string table;  ///< "schema.table" or empty
  std::optional<std::int64_t> version;
  std::int64_t rows = 0;
  std::vector<ColumnProfile> columns;
  std::vector<std::vector<std::string>> keys;  ///< proven candidate keys: single columns, else pairs
  std::vector<Correlation> correlations;       ///< strongest first, those of at least 0.5
  std::int64_t correlated_columns = 0;         ///< the first columns of numbers, among which they were looked for
  std::int64_t profiled_at_us = 0;
  double seconds = 0;
};

/// Profiles rows in two passes over each column: figures first; then, with these known, histograms, frequent values,
/// formats, keys and correlations.
/// Errors: kCancelled, kSql…, kDelta…, kStore….
Result<TableProfile> Profile(engine::Session& session, const DataSource& source, std::stop_token stop = {});

/// The profile as one JSON object; times are ISO 8601.
Json ProfileToJson(const TableProfile& profile);

/// A number of a column as people read it: times as ISO 8601, a whole second or day as far as the type has them.
std::string FigureText(const ColumnProfile& column, double figure);

/// A Great Expectations suite that says what the profile found, as far as it is likely to stay so. Every expectation is
/// validated on `source`, and those that do not hold there are left out.
/// Errors: those of Validate.
Result<Json> SuggestSuite(engine::Session& session, const TableProfile& profile, const DataSource& source,
                          const std::string& suite_name, std::stop_token stop = {});

}  // namespace smelt::quality
