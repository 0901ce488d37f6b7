#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quality/internal/evaluate.h"
#include "quality/internal/table_name.h"
#include "quality/internal/target.h"
#include "quality/internal/value_shape.h"
#include "quality/profile.h"
#include "quality/suite.h"

namespace smelt::quality {
namespace {

enum class Weight { kGate, kWarning };

/// The expectations that a profile suggests, as a suite states them.
class Suggestions {
 public:
  explicit Suggestions(const TableProfile& profile) : profile_(profile) {}

  Json Make() {
    AddTable();
    for (const ColumnProfile& column : profile_.columns) {
      AddPresence(column);
      AddType(column);
      if (column.unique) Add("expect_column_values_to_be_unique", {{"column", column.name}});
      if (IsCategory(column)) {
        AddSet(column);
      } else if (column.is_number()) {
        AddRange(column);
      } else if (column.is_temporal() && column.lowest) {
        AddFirstDay(column);
      } else if (column.kind == engine::TypeKind::kText) {
        AddFormat(column);
      }
    }
    for (const auto& key : profile_.keys) {
      if (key.size() > 1) Add("expect_compound_columns_to_be_unique", {{"column_list", key}});
    }
    return std::move(expectations_);
  }

 private:
  void Add(const char* type, Json kwargs, Weight weight = Weight::kGate) {
    Json expectation = {{"type", type}, {"kwargs", std::move(kwargs)}};
    if (weight == Weight::kWarning) expectation["severity"] = "warning";
    expectations_.push_back(std::move(expectation));
  }

  void AddTable() {
    Json names = Json::array();
    for (const ColumnProfile& column : profile_.columns) names.push_back(column.name);
    Add("expect_table_columns_to_match_set", {{"column_set", names}, {"exact_match", false}});
    if (profile_.rows == 0) return;
    Add("expect_table_row_count_to_be_between",
        {{"min_value", std::max<std::int64_t>(1, profile_.rows / 2)}, {"max_value", profile_.rows * 2}},
        Weight::kWarning);
  }

  /// A hundredth more may be missing than is now, up to a tenth of the rows; what is missing more often says little.
  void AddPresence(const ColumnProfile& column) {
    if (profile_.rows == 0) return;
    constexpr double kMostlyMin = 0.9;
    const double present = 1 - static_cast<double>(column.nulls) / static_cast<double>(profile_.rows);
    const double mostly = (std::floor(present * 100) - 1) / 100;
    if (column.nulls == 0) {
      Add("expect_column_values_to_not_be_null", {{"column", column.name}});
    } else if (mostly >= kMostlyMin) {
      Add("expect_column_values_to_not_be_null", {{"column", column.name}, {"mostly", mostly}}, Weight::kWarning);
    }
  }

  /// Files have no types of their own, or other names for them.
  void AddType(const ColumnProfile& column) {
    if (profile_.table.empty()) return;
    Add("expect_column_values_to_be_of_type", {{"column", column.name}, {"type_", column.type}});
  }

  bool IsCategory(const ColumnProfile& column) const {
    constexpr std::int64_t kTextsMax = 30;
    constexpr std::int64_t kNumbersMax = 8;
    constexpr std::int64_t kRepeatsMin = 10;
    if (!column.top_is_all || column.distinct == 0 || profile_.rows < column.distinct * kRepeatsMin) return false;
    if (column.kind == engine::TypeKind::kText) return column.distinct <= kTextsMax;
    return column.kind == engine::TypeKind::kInteger && column.distinct <= kNumbersMax;
  }

  void AddSet(const ColumnProfile& column) {
    Json values = Json::array();
    for (const ValueCount& one : column.top) {
      values.push_back(column.kind == engine::TypeKind::kInteger ? Json::parse(one.value) : Json(one.value));
    }
    Add("expect_column_values_to_be_in_set", {{"column", column.name}, {"value_set", std::move(values)}});
  }

  /// A bound a little beyond what was seen, as people write it: two digits and zeros.
  static double Beyond(double bound, bool upwards) {
    if (bound == 0) return 0;
    const double step = std::pow(10, std::floor(std::log10(std::abs(bound))) - 1);
    return (upwards ? std::ceil(bound / step) : std::floor(bound / step)) * step;
  }

  /// Whole numbers are written as such.
  static Json NumberJson(double number) {
    constexpr double kExact = 9e15;
    if (number == std::floor(number) && std::abs(number) < kExact) return static_cast<std::int64_t>(number);
    return number;
  }

  void AddRange(const ColumnProfile& column) {
    if (!column.lowest || !column.greatest) return;
    Json kwargs = {{"column", column.name}};
    kwargs["min_value"] = *column.lowest >= 0 ? Json(0) : NumberJson(Beyond(*column.lowest, false));
    if (!column.unique) kwargs["max_value"] = NumberJson(Beyond(*column.greatest, true));
    Add("expect_column_values_to_be_between", std::move(kwargs), Weight::kWarning);
  }

  void AddFirstDay(const ColumnProfile& column) {
    std::string day = FigureText(column, *column.lowest);
    day.resize(std::min(day.size(), day.find('T')));
    Add("expect_column_values_to_be_between", {{"column", column.name}, {"min_value", day}}, Weight::kWarning);
  }

  void AddFormat(const ColumnProfile& column) {
    if (column.distinct < 2 || column.patterns.size() != 1) return AddLengths(column);
    const std::string& pattern = column.patterns.front().value;
    std::string regex = RegexOfFormat(pattern);
    if (regex.empty()) regex = RegexOfShape(pattern);
    if (regex.empty() || pattern.find('+') != std::string::npos) return AddLengths(column);
    Add("expect_column_values_to_match_regex", {{"column", column.name}, {"regex", regex}});
  }

  void AddLengths(const ColumnProfile& column) {
    if (!column.length_min || !column.length_max || column.distinct < 2) return;
    if (*column.length_min == *column.length_max) {
      Add("expect_column_value_lengths_to_equal", {{"column", column.name}, {"value", *column.length_min}});
    } else if (*column.length_min > 0) {
      Add("expect_column_value_lengths_to_be_between", {{"column", column.name}, {"min_value", 1}});
    }
  }

  const TableProfile& profile_;
  Json expectations_ = Json::array();
};

}  // namespace

Result<Json> SuggestSuite(engine::Session& session, const TableProfile& profile, const DataSource& source,
                          const std::string& suite_name, std::stop_token stop) {
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the suggestion of a suite was interrupted");
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  Json suite = {{"name", suite_name}, {"expectations", Suggestions(profile).Make()}, {"meta", Json::object()}};
  if (!profile.table.empty()) suite["meta"]["smelt"] = {{"table", profile.table}};
  SMELT_ASSIGN(const Suite parsed, ParseSuite(JsonText(suite, 2), suite_name + ".json"));
  const auto name = ParseTableName(source.table);
  const Frame frame = FrameOf(source.relation, name ? name->schema : "", source.columns);
  SMELT_ASSIGN(const std::vector<ExpectationResult> results,
               Evaluate(session, parsed, frame, ResultOptions{.format = ResultFormat::kBooleanOnly}));
  Json holding = Json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].success) holding.push_back(suite["expectations"][i]);
  }
  suite["expectations"] = std::move(holding);
  return suite;
}

}  // namespace smelt::quality
