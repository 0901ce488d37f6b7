#include <gtest/gtest.h>

#include <map>
#include <set>

#include "quality/internal/registry.h"
#include "quality/tests/lake_fixture.h"
#include "quality/validate.h"

/// Every expectation against five rows of data with gaps, an empty table and one whose values are all missing. The
/// expected results are those of Great Expectations 1.x on pandas.
namespace smelt::quality {
namespace {

/// a = 1, 2, 2, null, 7; b = 1, null, 3, null, 2; s = x, y, y, null, zz; and so on.
constexpr const char* kSchema =
    "a integer, b integer, s varchar, t varchar, d date, ts timestamp, x double, p decimal(10,2), ok boolean, j "
    "varchar";
constexpr const char* kRows = R"(
  (1, 1, 'x', '2018-01-01', '2018-01-01', '2018-01-01 10:00:00', 1.5, 10.50, true, '{"k": 1}'),
  (2, null, 'y', '2018-02-30', '2018-02-01', '2018-02-01 00:00:00', -2, 0.10, false, '[1, 2]'),
  (2, 3, 'y', '05/03/2018', '2018-03-05', '2018-03-05 23:59:59.5', 2.5, 0.20, true, '{'),
  (null, null, null, null, null, null, null, null, null, null),
  (7, 2, 'zz', 'soon', '2019-01-01', '2019-01-01 00:00:00', 1e10, 99999999.99, true, '"é😀"'))";

struct Case {
  const char* type;
  const char* kwargs;
  bool success;
  const char* result;  ///< fields that the result has to have, among others
  bool on_empty;       ///< success on the empty table
  bool on_nulls;       ///< success on the table of missing values
};

const Case kCases[] = {
    {"column_to_exist", R"({"column": "a"})", true, "{}", true, true},
    {"column_to_exist", R"({"column": "B", "column_index": 1})", true, "{}", true, true},
    {"column_to_exist", R"({"column": "b", "column_index": 0})", false, "{}", false, false},
    {"column_to_exist", R"({"column": "q"})", false, "{}", false, false},
    {"table_column_count_to_equal", R"({"value": 10})", true, R"({"observed_value": 10})", true, true},
    {"table_column_count_to_equal", R"({"value": 9})", false, R"({"observed_value": 10})", false, false},
    {"table_column_count_to_be_between", R"({"min_value": 10})", true, R"({"observed_value": 10})", true, true},
    {"table_column_count_to_be_between", R"({"max_value": 9})", false, R"({"observed_value": 10})", false, false},
    {"table_columns_to_match_ordered_list", R"({"column_list": ["a","b","s","t","d","ts","x","p","ok","j"]})", true,
     R"({"observed_value": ["a","b","s","t","d","ts","x","p","ok","j"]})", true, true},
    {"table_columns_to_match_ordered_list", R"({"column_list": ["b","a","s","t","d","ts","x","p","ok"]})", false,
     R"({"details": {"mismatched": [{"Expected Column Position": 0, "Expected": "b", "Found": "a"},
                                    {"Expected Column Position": 1, "Expected": "a", "Found": "b"},
                                    {"Expected Column Position": 9, "Expected": null, "Found": "j"}]}})",
     false, false},
    {"table_columns_to_match_set", R"({"column_set": ["b", "a"], "exact_match": false})", true, "{}", true, true},
    {"table_columns_to_match_set", R"({"column_set": ["a","b","s","t","d","ts","x","p","ok","q"]})", false,
     R"({"details": {"mismatched": {"unexpected": ["j"], "missing": ["q"]}}})", false, false},

    {"table_row_count_to_be_between", R"({"min_value": 0, "max_value": 5})", true, R"({"observed_value": 5})", true,
     true},
    {"table_row_count_to_be_between", R"({"min_value": 5, "strict_min": true})", false, R"({"observed_value": 5})",
     false, false},
    {"table_row_count_to_be_between", R"({"max_value": 1, "row_condition": "a > 5", "condition_parser": "pandas"})",
     true, R"({"observed_value": 1})", true, true},
    {"table_row_count_to_equal", R"({"value": 5})", true, R"({"observed_value": 5})", false, false},
    {"table_row_count_to_equal", R"({"value": 0})", false, R"({"observed_value": 5})", true, false},
    {"table_row_count_to_equal_other_table", R"({"other_table_name": "t.data"})", true,
     R"({"observed_value": {"self": 5, "other": 5}})", false, false},
    {"table_row_count_to_equal_other_table", R"({"other_table_name": "empty"})", false,
     R"({"observed_value": {"self": 5, "other": 0}})", true, false},

    {"column_max_to_be_recent", R"({"column": "d", "max_age": {"count": 900000, "period": "day"}})", true,
     R"({"observed_value": "2019-01-01"})", false, false},
    {"column_max_to_be_recent", R"({"column": "ts", "max_age": {"count": 2, "period": "hour"}})", false,
     R"({"observed_value": "2019-01-01T00:00:00"})", false, false},
    {"table_volume_to_be_between", R"({"column": "ts", "per": "month", "max_value": 0, "periods": 2})", true, "{}",
     true, true},
    {"table_volume_to_be_between", R"({"column": "d", "per": "day", "min_value": 1})", false, "{}", false, false},
    {"column_values_to_be_in_other_table", R"({"column": "a", "other_table_name": "t.data"})", true,
     R"({"element_count": 5, "unexpected_count": 0, "missing_count": 1})", true, true},
    {"column_values_to_be_in_other_table", R"({"column": "a", "other_table_name": "data", "other_column": "b"})", false,
     R"({"element_count": 5, "unexpected_count": 1, "partial_unexpected_list": [7]})", true, true},

    {"column_values_to_not_be_null", R"({"column": "a"})", false,
     R"({"element_count": 5, "unexpected_count": 1, "unexpected_percent": 20.0, "partial_unexpected_list": [null],
         "partial_unexpected_counts": [{"value": null, "count": 1}]})",
     true, false},
    {"column_values_to_not_be_null", R"({"column": "a", "mostly": 0.8})", true, R"({"unexpected_count": 1})", true,
     false},
    {"column_values_to_not_be_null", R"j({"column": "a", "row_condition": "col(\"b\").notnull()"})j", true,
     R"({"element_count": 3, "unexpected_count": 0})", true, true},
    {"column_values_to_be_null", R"({"column": "a"})", false,
     R"({"element_count": 5, "unexpected_count": 4, "unexpected_percent": 80.0, "partial_unexpected_list": [1, 2, 2, 7],
         "partial_unexpected_counts": [{"value": 2, "count": 2}, {"value": 1, "count": 1}, {"value": 7, "count": 1}]})",
     true, true},
    {"column_values_to_be_null",
     R"({"column": "a", "row_condition": "b is null and s is null", "condition_parser": "sql"})", true,
     R"({"element_count": 1})", true, true},

    {"column_values_to_be_unique", R"({"column": "d"})", true, R"({"element_count": 5, "missing_count": 1})", true,
     true},
    {"column_values_to_be_unique", R"({"column": "a"})", false,
     R"({"element_count": 5, "unexpected_count": 2, "unexpected_percent": 50.0, "partial_unexpected_list": [2, 2],
         "missing_count": 1, "missing_percent": 20.0, "unexpected_percent_total": 40.0,
         "unexpected_percent_nonmissing": 50.0, "partial_unexpected_counts": [{"value": 2, "count": 2}]})",
     true, true},
    {"column_values_to_be_unique", R"({"column": "a", "mostly": 0.5})", true, R"({"unexpected_count": 2})", true, true},
    {"column_values_to_be_unique", R"({"column": "a", "row_condition": "col(\"b\") >= 1"})", true,
     R"({"element_count": 3, "unexpected_count": 0})", true, true},
    {"compound_columns_to_be_unique", R"({"column_list": ["a", "b"]})", true,
     R"({"element_count": 5, "unexpected_count": 0, "missing_count": 1})", true, true},
    {"compound_columns_to_be_unique", R"({"column_list": ["a", "s"]})", false,
     R"({"unexpected_count": 2, "unexpected_percent": 50.0,
         "partial_unexpected_list": [{"a": 2, "s": "y"}, {"a": 2, "s": "y"}],
         "partial_unexpected_counts": [{"value": [2, "y"], "count": 2}]})",
     true, true},
    {"compound_columns_to_be_unique", R"({"column_list": ["a", "s"], "ignore_row_if": "never"})", false,
     R"({"unexpected_count": 2, "unexpected_percent": 40.0, "missing_count": 0})", true, false},
    {"select_column_values_to_be_unique_within_record", R"({"column_list": ["a", "b"]})", false,
     R"({"unexpected_count": 1, "unexpected_percent": 25.0, "partial_unexpected_list": [{"a": 1, "b": 1}],
         "partial_unexpected_counts": [{"value": [1, 1], "count": 1}], "missing_count": 1})",
     true, true},
    {"select_column_values_to_be_unique_within_record", R"({"column_list": ["a", "x"]})", true, "{}", true, true},
    {"multicolumn_values_to_be_unique", R"({"column_list": ["a", "b"]})", false, R"({"unexpected_count": 1})", true,
     true},
    {"multicolumn_values_to_be_unique", R"({"column_list": ["a", "x"]})", true, "{}", true, true},

    {"column_values_to_be_in_set", R"({"column": "s", "value_set": ["x", "y", "zz", 5, null]})", true, "{}", true,
     true},
    {"column_values_to_be_in_set", R"({"column": "s", "value_set": ["x", "y"]})", false,
     R"({"element_count": 5, "unexpected_count": 1, "unexpected_percent": 25.0, "partial_unexpected_list": ["zz"],
         "missing_count": 1, "missing_percent": 20.0, "unexpected_percent_total": 20.0,
         "unexpected_percent_nonmissing": 25.0, "partial_unexpected_counts": [{"value": "zz", "count": 1}]})",
     true, true},
    {"column_values_to_be_in_set", R"({"column": "s", "value_set": ["x", "y"], "mostly": 0.75})", true, "{}", true,
     true},
    {"column_values_to_be_in_set", R"({"column": "s", "value_set": ["x", "y"], "mostly": 0.76})", false, "{}", true,
     true},
    {"column_values_to_be_in_set", R"({"column": "s", "value_set": []})", false, R"({"unexpected_count": 4})", true,
     true},
    {"column_values_to_be_in_set", R"({"column": "a", "value_set": ["x"]})", false, R"({"unexpected_count": 4})", true,
     true},
    {"column_values_to_be_in_set", R"({"column": "a", "value_set": [1, 2.0, 7]})", true, "{}", true, true},
    {"column_values_to_be_in_set", R"({"column": "ok", "value_set": [true, false]})", true, "{}", true, true},
    {"column_values_to_be_in_set", R"({"column": "d", "value_set": ["2018-01-01", "2019-01-01"]})", false,
     R"({"partial_unexpected_list": ["2018-02-01", "2018-03-05"]})", true, true},
    {"column_values_to_not_be_in_set", R"({"column": "s", "value_set": ["q", 1]})", true, "{}", true, true},
    {"column_values_to_not_be_in_set", R"({"column": "s", "value_set": ["x", "y"]})", false,
     R"({"unexpected_count": 3, "partial_unexpected_list": ["x", "y", "y"],
         "partial_unexpected_counts": [{"value": "y", "count": 2}, {"value": "x", "count": 1}]})",
     true, true},

    {"column_values_to_be_between", R"({"column": "a", "min_value": 0, "max_value": 7})", true, "{}", true, true},
    {"column_values_to_be_between", R"({"column": "a", "min_value": 1, "max_value": 7, "strict_min": true,
                                       "strict_max": true})",
     false, R"({"partial_unexpected_list": [1, 7], "unexpected_count": 2})", true, true},
    {"column_values_to_be_between", R"({"column": "p", "min_value": 0.1, "max_value": 99999999.99})", true, "{}", true,
     true},
    {"column_values_to_be_between", R"({"column": "p", "min_value": 0.15})", false,
     R"({"partial_unexpected_list": [0.1]})", true, true},
    {"column_values_to_be_between", R"({"column": "x", "max_value": 1e9})", false,
     R"({"partial_unexpected_list": [1e10]})", true, true},
    {"column_values_to_be_between", R"({"column": "s", "min_value": "x", "max_value": "z"})", false,
     R"({"partial_unexpected_list": ["zz"]})", true, true},
    {"column_values_to_be_between",
     R"({"column": "ts", "min_value": "2018-01-01T10:00:00", "max_value": "2018-12-31"})", false,
     R"({"partial_unexpected_list": ["2019-01-01T00:00:00"]})", true, true},
    {"column_values_to_be_between", R"({"column": "t", "min_value": "2018-01-01", "max_value": "2018-01-02",
                                       "parse_strings_as_datetimes": true})",
     false, R"({"partial_unexpected_list": ["2018-02-30", "05/03/2018", "soon"]})", true, true},
    {"column_value_lengths_to_be_between", R"({"column": "s", "min_value": 1, "max_value": 2})", true, "{}", true,
     true},
    {"column_value_lengths_to_be_between", R"({"column": "s", "max_value": 2, "strict_max": true})", false,
     R"({"partial_unexpected_list": ["zz"]})", true, true},
    {"column_value_lengths_to_equal", R"({"column": "j", "value": 4, "row_condition": "a == 7"})", true,
     R"({"element_count": 1})", true, true},
    {"column_value_lengths_to_equal", R"({"column": "s", "value": 1})", false, R"({"unexpected_count": 1})", true,
     true},

    {"column_values_to_be_of_type", R"({"column": "ts", "type_": "datetime"})", true,
     R"({"observed_value": "TIMESTAMP"})", true, true},
    {"column_values_to_be_of_type", R"({"column": "t", "type_": "datetime"})", false,
     R"({"observed_value": "VARCHAR"})", false, false},
    {"column_type_to_be", R"j({"column": "p", "type_": "DECIMAL(10, 2)"})j", true,
     R"j({"observed_value": "DECIMAL(10,2)"})j", true, true},
    {"column_type_to_be", R"({"column": "a", "type_": "BIGINT"})", false, R"({"observed_value": "INTEGER"})", false,
     false},
    {"column_values_to_be_in_type_list", R"({"column": "a", "type_list": ["str", "int"]})", true, "{}", true, true},
    {"column_values_to_be_in_type_list", R"({"column": "x", "type_list": ["str", "int"]})", false,
     R"({"observed_value": "DOUBLE"})", false, false},

    {"column_values_to_match_regex", R"({"column": "s", "regex": "x|y|z+$"})", true, "{}", true, true},
    {"column_values_to_match_regex", R"({"column": "s", "regex": "^.$"})", false,
     R"({"partial_unexpected_list": ["zz"]})", true, true},
    {"column_values_to_match_regex", R"({"column": "j", "regex": "^\"é😀\"$"})", false, R"({"unexpected_count": 3})",
     true, true},
    {"column_values_to_not_match_regex", R"({"column": "s", "regex": "[0-9']"})", true, "{}", true, true},
    {"column_values_to_not_match_regex", R"({"column": "s", "regex": "z{2}"})", false,
     R"({"partial_unexpected_list": ["zz"]})", true, true},
    {"column_values_to_match_regex_list", R"({"column": "s", "regex_list": ["x", "y", "z"]})", true, "{}", true, true},
    {"column_values_to_match_regex_list", R"({"column": "s", "regex_list": ["z", "^zz$"], "match_on": "all"})", false,
     R"({"unexpected_count": 3})", true, true},
    {"column_values_to_match_regex_list", R"({"column": "s", "regex_list": []})", false, R"({"unexpected_count": 4})",
     true, true},
    {"column_values_to_not_match_regex_list", R"({"column": "s", "regex_list": ["q", "[0-9]"]})", true, "{}", true,
     true},
    {"column_values_to_not_match_regex_list", R"({"column": "s", "regex_list": ["q", "x"]})", false,
     R"({"unexpected_count": 1})", true, true},
    {"column_values_to_match_like_pattern", R"({"column": "s", "like_pattern": "_%"})", true, "{}", true, true},
    {"column_values_to_match_like_pattern", R"({"column": "s", "like_pattern": "_"})", false,
     R"({"partial_unexpected_list": ["zz"]})", true, true},
    {"column_values_to_not_match_like_pattern", R"({"column": "s", "like_pattern": "a%"})", true, "{}", true, true},
    {"column_values_to_not_match_like_pattern", R"({"column": "s", "like_pattern": "z%"})", false, "{}", true, true},
    {"column_values_to_match_like_pattern_list", R"({"column": "s", "like_pattern_list": ["x", "y", "z%"]})", true,
     "{}", true, true},
    {"column_values_to_match_like_pattern_list", R"({"column": "s", "like_pattern_list": ["x", "y"]})", false, "{}",
     true, true},
    {"column_values_to_not_match_like_pattern_list", R"({"column": "s", "like_pattern_list": ["a%"]})", true, "{}",
     true, true},
    {"column_values_to_not_match_like_pattern_list", R"({"column": "s", "like_pattern_list": ["a%", "x"]})", false,
     "{}", true, true},

    {"column_values_to_match_strftime_format", R"({"column": "t", "strftime_format": "%Y-%m-%d", "mostly": 0.25})",
     true, R"({"partial_unexpected_list": ["2018-02-30", "05/03/2018", "soon"]})", true, true},
    {"column_values_to_match_strftime_format", R"({"column": "t", "strftime_format": "%Y-%m-%d"})", false,
     R"({"unexpected_count": 3})", true, true},
    {"column_values_to_be_dateutil_parseable", R"({"column": "t"})", false,
     R"({"partial_unexpected_list": ["2018-02-30", "soon"]})", true, true},
    {"column_values_to_be_dateutil_parseable", R"({"column": "t", "row_condition": "a == 1"})", true, "{}", true, true},
    {"column_values_to_be_json_parseable", R"({"column": "j"})", false, R"({"partial_unexpected_list": ["{"]})", true,
     true},
    {"column_values_to_be_json_parseable", R"({"column": "j", "mostly": 0.75})", true, "{}", true, true},

    {"column_values_to_be_increasing", R"({"column": "a"})", true, R"({"missing_count": 1})", true, true},
    {"column_values_to_be_increasing", R"({"column": "a", "strictly": true})", false,
     R"({"unexpected_count": 1, "partial_unexpected_list": [2], "unexpected_percent": 25.0})", true, true},
    {"column_values_to_be_decreasing", R"({"column": "b"})", false, R"({"partial_unexpected_list": [3]})", true, true},
    {"column_values_to_be_decreasing", R"({"column": "b", "row_condition": "a >= 2"})", true, R"({"missing_count": 1})",
     true, true},

    {"column_min_to_be_between", R"({"column": "a", "min_value": 1, "max_value": 2})", true, R"({"observed_value": 1})",
     false, false},
    {"column_min_to_be_between", R"({"column": "d", "min_value": "2018-01-02"})", false,
     R"({"observed_value": "2018-01-01"})", false, false},
    {"column_max_to_be_between", R"({"column": "p"})", true, R"({"observed_value": 99999999.99})", false, false},
    {"column_max_to_be_between", R"({"column": "ts", "max_value": "2019-01-01", "strict_max": true})", false,
     R"({"observed_value": "2019-01-01T00:00:00"})", false, false},
    {"column_mean_to_be_between", R"({"column": "a", "min_value": 3, "max_value": 3})", true,
     R"({"observed_value": 3.0})", false, false},
    {"column_mean_to_be_between", R"({"column": "a", "max_value": 2})", false, R"({"observed_value": 3.0})", false,
     false},
    {"column_median_to_be_between", R"({"column": "b", "min_value": 2, "max_value": 2})", true,
     R"({"observed_value": 2.0})", false, false},
    {"column_median_to_be_between", R"({"column": "x", "min_value": 2.1})", false, R"({"observed_value": 2.0})", false,
     false},
    {"column_stdev_to_be_between", R"({"column": "a", "min_value": 2.7, "max_value": 2.71})", true,
     R"({"observed_value": 2.70801280154532})", false, false},
    {"column_stdev_to_be_between", R"({"column": "a", "max_value": 2})", false, "{}", false, false},
    {"column_sum_to_be_between", R"({"column": "a", "min_value": 0, "max_value": 12})", true,
     R"({"observed_value": 12})", true, true},
    {"column_sum_to_be_between", R"({"column": "p", "max_value": -1})", false, R"({"observed_value": 100000010.79})",
     false, false},

    {"column_unique_value_count_to_be_between", R"({"column": "a", "max_value": 3})", true, R"({"observed_value": 3})",
     true, true},
    {"column_unique_value_count_to_be_between", R"({"column": "a", "min_value": 4})", false, R"({"observed_value": 3})",
     false, false},
    {"column_proportion_of_unique_values_to_be_between", R"({"column": "a", "max_value": 0.75})", true,
     R"({"observed_value": 0.75})", true, true},
    {"column_proportion_of_unique_values_to_be_between", R"({"column": "a", "min_value": 0.8})", false,
     R"({"observed_value": 0.75})", false, false},
    {"column_proportion_of_non_null_values_to_be_between", R"({"column": "b", "min_value": 0.6})", true,
     R"({"observed_value": 0.6})", false, false},
    {"column_proportion_of_non_null_values_to_be_between", R"({"column": "b", "min_value": 0.61})", false, "{}", false,
     false},
    {"column_quantile_values_to_be_between",
     R"({"column": "a", "quantile_ranges": {"quantiles": [0.1, 0.5], "value_ranges": [[0, 1], [null, 9]]}})", true,
     R"({"observed_value": {"quantiles": [0.1, 0.5], "values": [1, 2]}, "details": {"success_details": [true, true]}})",
     false, false},
    {"column_quantile_values_to_be_between",
     R"({"column": "d", "quantile_ranges": {"quantiles": [0, 1], "value_ranges": [["2018-01-01", null], [null, "2018-12-31"]]}})",
     false, R"({"details": {"success_details": [true, false]}})", false, false},
    {"column_most_common_value_to_be_in_set", R"({"column": "s", "value_set": ["y"]})", true,
     R"({"observed_value": ["y"]})", false, false},
    {"column_most_common_value_to_be_in_set", R"({"column": "b", "value_set": [1, 5]})", false,
     R"({"observed_value": [1, 2, 3]})", false, false},
    {"column_most_common_value_to_be_in_set", R"({"column": "b", "value_set": [1, 5], "ties_okay": true})", true,
     R"({"observed_value": [1, 2, 3]})", false, false},

    {"column_distinct_values_to_be_in_set", R"({"column": "s", "value_set": ["x", "y", "zz", "q"]})", true,
     R"({"observed_value": null, "unexpected_count": 0, "partial_unexpected_list": []})", true, true},
    {"column_distinct_values_to_be_in_set", R"({"column": "a", "value_set": [2]})", false,
     R"({"unexpected_count": 2, "partial_unexpected_list": [1, 7]})", true, true},
    {"column_distinct_values_to_contain_set", R"({"column": "s", "value_set": ["x", "y"]})", true,
     R"({"missing_count": 0, "partial_missing_list": []})", false, false},
    {"column_distinct_values_to_contain_set", R"({"column": "a", "value_set": ["x", 7, 8, 2]})", false,
     R"({"missing_count": 2, "partial_missing_list": ["x", 8]})", false, false},
    {"column_distinct_values_to_equal_set", R"({"column": "s", "value_set": ["x", "y", "zz"]})", true, "{}", false,
     false},
    {"column_distinct_values_to_equal_set", R"({"column": "s", "value_set": ["x", "q"]})", false,
     R"({"unexpected_count": 2, "missing_count": 1, "partial_unexpected_list": ["y", "zz"], "partial_missing_list": ["q"]})",
     false, false},

    {"column_pair_values_a_to_be_greater_than_b", R"({"column_A": "a", "column_B": "b"})", false,
     R"({"element_count": 5, "unexpected_count": 3, "unexpected_percent": 75.0, "missing_count": 1,
         "partial_unexpected_list": [[1, 1], [2, null], [2, 3]], "unexpected_percent_total": 60.0})",
     true, true},
    {"column_pair_values_a_to_be_greater_than_b",
     R"({"column_A": "a", "column_B": "b", "or_equal": true, "ignore_row_if": "either_value_is_missing", "mostly": 0.6})",
     true, R"({"unexpected_count": 1, "missing_count": 2})", true, true},
    {"column_pair_values_to_be_equal", R"({"column_A": "a", "column_B": "b"})", false,
     R"({"unexpected_count": 3, "partial_unexpected_list": [[2, null], [2, 3], [7, 2]], "missing_count": 1})", true,
     true},
    {"column_pair_values_to_be_equal", R"({"column_A": "a", "column_B": "a", "ignore_row_if": "neither"})", false,
     R"({"element_count": 5, "unexpected_count": 1, "missing_count": 0})", true, false},
    {"column_pair_values_to_be_equal", R"({"column_A": "a", "column_B": "a"})", true, "{}", true, true},
    {"column_pair_values_to_be_in_set", R"({"column_A": "a", "column_B": "b", "value_pairs_set": [[1, 2]]})", false,
     R"({"unexpected_count": 4, "partial_unexpected_list": [[1, 1], [2, null], [2, 3], [7, 2]]})", true, true},
    {"column_pair_values_to_be_in_set",
     R"({"column_A": "a", "column_B": "b", "value_pairs_set": [[1, 1], [2, null], [2, 3], [7, 2], ["x", 1]]})", true,
     "{}", true, true},
    {"multicolumn_sum_to_equal", R"({"column_list": ["a", "b"], "sum_total": 3})", false,
     R"({"unexpected_count": 4, "partial_unexpected_list": [{"a": 1, "b": 1}, {"a": 2, "b": null}, {"a": 2, "b": 3},
         {"a": 7, "b": 2}]})",
     true, true},
    {"multicolumn_sum_to_equal", R"({"column_list": ["a", "b"], "sum_total": 9, "row_condition": "a == 7"})", true,
     "{}", true, true},
    {"multicolumn_values_to_be_equal", R"({"column_list": ["a", "b"]})", false, R"({"unexpected_count": 3})", true,
     true},
    {"multicolumn_values_to_be_equal", R"({"column_list": ["a", "a"]})", true, "{}", true, true},
    {"multicolumn_values_to_be_equal", R"({"column_list": ["a", "s"], "ignore_row_if": "never"})", false,
     R"({"unexpected_count": 4})", true, true},

    {"column_value_z_scores_to_be_less_than", R"({"column": "a", "threshold": 1.5, "double_sided": true})", true,
     R"({"unexpected_count": 0, "missing_count": 1})", true, true},
    {"column_value_z_scores_to_be_less_than", R"({"column": "a", "threshold": -1, "double_sided": true})", false,
     R"({"unexpected_count": 1, "partial_unexpected_list": [7]})", true, true},
    {"column_value_z_scores_to_be_less_than", R"({"column": "a", "threshold": 0, "double_sided": false})", false,
     R"({"unexpected_count": 1, "partial_unexpected_list": [7]})", true, true},
    {"column_values_to_not_be_outliers", R"({"column": "a"})", false,
     R"({"unexpected_count": 1, "partial_unexpected_list": [7]})", true, true},
    {"column_values_to_not_be_outliers", R"({"column": "a", "multiplier": 3})", true, "{}", true, true},
    {"column_values_to_not_be_outliers", R"({"column": "a", "method": "std", "multiplier": 1.4})", false,
     R"({"unexpected_count": 1})", true, true},
    {"column_kl_divergence_to_be_less_than",
     R"({"column": "s", "partition_object": {"values": ["x", "y", "zz"], "weights": [0.25, 0.5, 0.25]}, "threshold": 0})",
     true, R"({"observed_value": 0.0})", false, false},
    {"column_kl_divergence_to_be_less_than",
     R"({"column": "s", "partition_object": {"values": ["x", "y"], "weights": [0.5, 0.5]}, "threshold": 9})", false,
     R"({"observed_value": null, "details": {
         "observed_partition": {"values": ["x", "y", "zz"], "weights": [0.25, 0.5, 0.25]},
         "expected_partition": {"values": ["x", "y", "zz"], "weights": [0.5, 0.5, 0.0]}}})",
     false, false},
    {"column_kl_divergence_to_be_less_than",
     R"({"column": "a", "partition_object": {"bins": [0, 2, 4], "weights": [0.25, 0.5], "tail_weights": [0, 0.25]},
         "threshold": 0})",
     true, R"({"details": {"observed_partition": {"bins": [0.0, 2.0, 4.0], "weights": [0.25, 0.5],
                                                  "tail_weights": [0.0, 0.25]},
                           "expected_partition": {"bins": [0.0, 2.0, 4.0], "weights": [0.25, 0.5],
                                                  "tail_weights": [0.0, 0.25]}}})",
     false, false},
    {"column_values_to_match_json_schema",
     R"({"column": "j", "json_schema": {"type": "object", "required": ["k"]}, "row_condition": "a == 1"})", true,
     R"({"element_count": 1})", true, true},
    {"column_values_to_match_json_schema",
     R"({"column": "j", "json_schema": {"type": "object"}, "row_condition": "a != 2"})", false,
     R"({"unexpected_count": 1, "partial_unexpected_list": ["\"é😀\""]})", true, true},
    {"unexpected_rows_expectation", R"({"unexpected_rows_query": "select * from {batch} where a > 100 ;"})", true,
     R"({"observed_value": 0})", true, true},
    {"unexpected_rows_expectation", R"({"unexpected_rows_query": "select * from {batch} where a = 2"})", false,
     R"({"observed_value": 2})", true, true},
    {"unexpected_rows_expectation",
     R"({"unexpected_rows_query": "select * from {batch} where a = 2 and s != '{{}}'", "row_condition": "b == 3"})",
     false, R"({"observed_value": 1})", true, true},
    {"query_results_to_match_comparison",
     R"({"base_query": "select a, s from {batch} where a = 7", "comparison_query": "select 7 as x, 'zz' as y"})", true,
     R"({"unexpected_count": 0, "unexpected_percent": 0.0})", false, false},
    {"query_results_to_match_comparison",
     R"({"base_query": "select a from {batch} where a is not null", "comparison_query": "select 1", "mostly": 0.3})",
     false, R"({"unexpected_count": 3, "unexpected_percent": 75.0})", false, false},
};

/// The whole name: all but one begin with the same word.
std::string FullName(const std::string& type) {
  return type == "unexpected_rows_expectation" ? type : "expect_" + type;
}

class ExpectationsTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must(std::string("create schema t; create table t.data (") + kSchema + "); create table t.empty (" + kSchema +
         "); create table t.nulls (" + kSchema + "); insert into t.data values " + kRows +
         "; insert into t.nulls (a) values (null), (null), (null)");
  }

  /// All expectations in one suite, so that they meet in one query as they do in life.
  static Suite Together(const std::vector<ExpectationConfig>& configs) {
    Suite suite;
    suite.expectations = configs;
    return suite;
  }

  SuiteResult Run(const std::vector<ExpectationConfig>& configs, const std::string& table,
                  ResultFormat format = ResultFormat::kSummary) {
    auto result =
        Validate(*session_, Together(configs), {.table = table}, {.result_format = ResultOptions{.format = format}});
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? *std::move(result) : SuiteResult();
  }
};

ExpectationConfig Config(const std::string& type, const std::string& kwargs) {
  return {.type = FullName(type), .kwargs = Json::parse(kwargs)};
}

std::vector<ExpectationConfig> AllCases() {
  std::vector<ExpectationConfig> configs;
  for (const Case& one : kCases) configs.push_back(Config(one.type, one.kwargs));
  return configs;
}

TEST_F(ExpectationsTest, JudgesData) {
  const SuiteResult result = Run(AllCases(), "t.data");
  ASSERT_EQ(result.results.size(), std::size(kCases));
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    const ExpectationResult& one = result.results[i];
    const std::string label = std::string(kCases[i].type) + " " + kCases[i].kwargs + "\n" + JsonText(one.result, 2);
    EXPECT_EQ(one.exception, "") << label;
    EXPECT_EQ(one.success, kCases[i].success) << label;
    const Json expected = Json::parse(kCases[i].result);
    for (const auto& [key, value] : expected.items()) {
      EXPECT_EQ(one.result.value(key, Json("absent")), value) << key << " of " << label;
    }
  }
}

TEST_F(ExpectationsTest, JudgesEmptyTables) {
  const SuiteResult result = Run(AllCases(), "t.empty");
  for (std::size_t i = 0; i < result.results.size(); ++i) {
    const ExpectationResult& one = result.results[i];
    EXPECT_EQ(one.success, kCases[i].on_empty) << kCases[i].type << kCases[i].kwargs << one.exception << one.result;
    EXPECT_EQ(one.exception, "") << kCases[i].type;
    if (one.result.contains("element_count")) {
      EXPECT_TRUE(one.result["unexpected_percent"].is_null()) << one.result;
    }
  }
}

TEST_F(ExpectationsTest, JudgesMissingValues) {
  const SuiteResult result = Run(AllCases(), "t.nulls");
  for (std::size_t i = 0; i < result.results.size(); ++i) {
    const ExpectationResult& one = result.results[i];
    EXPECT_EQ(one.success, kCases[i].on_nulls) << kCases[i].type << kCases[i].kwargs << one.exception << one.result;
    EXPECT_EQ(one.exception, "") << kCases[i].type;
  }
}

TEST_F(ExpectationsTest, EveryExpectationIsSeenToPassAndToFail) {
  std::map<std::string, std::set<bool>> seen;
  for (const Case& one : kCases) seen[FullName(one.type)].insert(one.success);
  for (const Expectation& expectation : AllExpectations()) {
    EXPECT_EQ(seen[expectation.name].size(), 2u) << expectation.name;
  }
}

TEST_F(ExpectationsTest, WhereThereAreNoValuesTheirTypeIsNoTrouble) {
  const std::vector<ExpectationConfig> suite = {
      Config("column_values_to_match_strftime_format", R"({"column": "a", "strftime_format": "%Y"})"),
      Config("column_values_to_match_json_schema", R"({"column": "x", "json_schema": {}})"),
      Config("column_values_to_be_dateutil_parseable", R"({"column": "ok"})"),
      Config("column_values_to_be_between", R"({"column": "a", "min_value": "2024-01-01"})"),
      Config("column_values_to_be_between", R"({"column": "s", "min_value": 1})"),
      Config("column_values_to_be_between", R"({"column": "d", "min_value": 1})"),
      Config("column_value_z_scores_to_be_less_than", R"({"column": "d", "threshold": 1, "double_sided": true})")};
  for (const char* table : {"t.empty", "t.nulls"}) {
    for (const ExpectationResult& one : Run(suite, table).results) EXPECT_TRUE(one.success) << table << one.config.type;
  }
  for (const ExpectationResult& one : Run(suite, "t.data").results) EXPECT_FALSE(one.success) << one.config.type;
}

TEST_F(ExpectationsTest, TimestampsWithAZoneAreWrittenAsPythonWritesThem) {
  Must(
      "create table t.zoned (z timestamptz); insert into t.zoned values ('2024-01-01 12:00:00.5+00'), "
      "('2024-01-01 11:00:00+00')");
  const SuiteResult result = Run({Config("column_max_to_be_between", R"({"column": "z"})"),
                                  Config("column_min_to_be_between", R"({"column": "z"})")},
                                 "t.zoned");
  EXPECT_EQ(result.results[0].result["observed_value"], "2024-01-01T12:00:00.500000+00:00");
  EXPECT_EQ(result.results[1].result["observed_value"], "2024-01-01T11:00:00+00:00");
}

TEST_F(ExpectationsTest, OneThatCannotBeJudgedLeavesTheOthersAlone) {
  const SuiteResult result =
      Run({Config("column_values_to_not_be_null", R"({"column": "orderid"})"),
           Config("column_values_to_be_between", R"({"column": "s", "min_value": 0})"),
           Config("column_mean_to_be_between", R"({"column": "s", "min_value": 0})"),
           Config("column_values_to_match_regex", R"j({"column": "s", "regex": "(?=x)"})j"),
           Config("column_values_to_be_between", R"({"column": "a"})"),
           Config("column_values_to_be_between", R"({"column": "a", "min_value": 3, "max_value": 1})"),
           Config("table_row_count_to_equal_other_table", R"({"other_table_name": "t.none"})"),
           Config("column_values_to_not_be_null", R"({"column": "a", "row_condition": "q > 1"})"),
           Config("column_values_to_match_strftime_format", R"({"column": "a", "strftime_format": "%Y"})"),
           Config("column_values_to_match_json_schema", R"({"column": "j", "json_schema": {}})"),
           Config("column_values_to_match_json_schema", R"({"column": "j", "json_schema": {"$ref": "#/$defs/none"}})"),
           Config("column_value_z_scores_to_be_less_than", R"({"column": "s", "threshold": 1, "double_sided": true})"),
           Config("column_kl_divergence_to_be_less_than",
                  R"({"column": "a", "partition_object": {"values": [1], "weights": [0.5]}})"),
           Config("unexpected_rows_expectation", R"({"unexpected_rows_query": "select {batches}"})"),
           Config("unexpected_rows_expectation", R"({"unexpected_rows_query": "selec * from {batch}"})"),
           Config("column_values_to_be_unique", R"({"column": "d"})")},
          "t.data");
  for (std::size_t i = 0; i + 1 < result.results.size(); ++i) {
    EXPECT_FALSE(result.results[i].success) << i;
    EXPECT_NE(result.results[i].exception, "") << i;
    EXPECT_TRUE(result.results[i].result.empty()) << i;
  }
  EXPECT_TRUE(result.results.back().success);
  EXPECT_NE(result.results[0].exception.find("orderid"), std::string::npos);
}

TEST_F(ExpectationsTest, SamplesAreBounded) {
  Must("create table t.many as select range as n, range % 30 as m from range(1000)");
  const auto fields = [&](ResultFormat format) {
    return Run({Config("column_values_to_be_between", R"({"column": "m", "max_value": -1})")}, "t.many", format)
        .results.at(0)
        .result;
  };
  const Json summary = fields(ResultFormat::kSummary);
  EXPECT_EQ(summary["unexpected_count"], 1000);
  EXPECT_EQ(summary["partial_unexpected_list"].size(), 20u);
  EXPECT_EQ(summary["partial_unexpected_counts"].size(), 20u);
  EXPECT_EQ(summary["partial_unexpected_counts"][0], Json({{"value", 0}, {"count", 1}}))
      << "counts those of the sample";
  EXPECT_FALSE(summary.contains("unexpected_list"));
  const Json complete = fields(ResultFormat::kComplete);
  EXPECT_EQ(complete["unexpected_list"].size(), 200u);
  EXPECT_EQ(complete["partial_unexpected_list"].size(), 20u);
  EXPECT_EQ(complete["partial_unexpected_counts"].size(), 20u);
  EXPECT_EQ(complete["partial_unexpected_counts"][0], Json({{"value", 0}, {"count", 7}}));
  EXPECT_EQ(Number("select count(*) from (" + complete["unexpected_index_query"].get<std::string>() + ")"), 1000);
  const Json basic = fields(ResultFormat::kBasic);
  EXPECT_TRUE(basic.contains("partial_unexpected_list"));
  EXPECT_FALSE(basic.contains("partial_unexpected_counts"));
  EXPECT_TRUE(fields(ResultFormat::kBooleanOnly).empty());
}

TEST_F(ExpectationsTest, ResultsTellWhereUnexpectedRowsAre) {
  const auto fields = [&](const ResultOptions& options) {
    const auto result =
        Validate(*session_, Together({Config("column_values_to_be_between", R"({"column": "a", "max_value": 1})")}),
                 {.table = "t.data"}, {.result_format = options});
    return result ? result->results.at(0).result : Json(result.error().ToString());
  };
  const Json by_column = fields({.format = ResultFormat::kComplete, .unexpected_index_column_names = {"s"}});
  EXPECT_EQ(by_column["unexpected_index_list"],
            Json::parse(R"([{"a": 2, "s": "y"}, {"a": 2, "s": "y"}, {"a": 7, "s": "zz"}])"));
  EXPECT_EQ(by_column["unexpected_index_column_names"], Json::array({"s"}));
  const Json summary = fields({.partial_unexpected_count = 1, .unexpected_index_column_names = {"s"}});
  EXPECT_EQ(summary["partial_unexpected_index_list"], Json::parse(R"([{"a": 2, "s": "y"}])"));
  EXPECT_EQ(summary["partial_unexpected_list"], Json::array({2}));
  const Json excluded = fields(
      {.format = ResultFormat::kComplete, .unexpected_index_column_names = {"s"}, .exclude_unexpected_values = true});
  EXPECT_EQ(excluded["unexpected_index_list"], Json::parse(R"([{"s": ["y", "y", "zz"]}])"));
  EXPECT_FALSE(excluded.contains("unexpected_list"));
  EXPECT_FALSE(fields({.format = ResultFormat::kComplete}).contains("unexpected_index_list")) << "a table has no order";
  const Json rows =
      fields({.format = ResultFormat::kBasic, .partial_unexpected_count = 1, .include_unexpected_rows = true});
  ASSERT_EQ(rows["unexpected_rows"].size(), 1u);
  EXPECT_EQ(rows["unexpected_rows"][0]["ts"], "2018-02-01T00:00:00");
}

TEST_F(ExpectationsTest, NotANumberIsMissing) {
  Must("create table t.floats as select * from (values ('nan'::double), (1.0), (null), ('inf'::double)) as v(f)");
  const SuiteResult result =
      Run({Config("column_values_to_not_be_null", R"({"column": "f"})"),
           Config("column_values_to_be_unique", R"({"column": "f"})"),
           Config("column_max_to_be_between", R"({"column": "f", "min_value": 2})"),
           Config("column_stdev_to_be_between", R"({"column": "f", "min_value": 0})"),
           Config("column_value_z_scores_to_be_less_than", R"({"column": "f", "threshold": 1, "double_sided": true})")},
          "t.floats");
  EXPECT_EQ(result.results[0].result["unexpected_count"], 2);
  EXPECT_EQ(result.results[1].result["missing_count"], 2);
  EXPECT_TRUE(result.results[2].success);
  EXPECT_EQ(result.results[2].result["observed_value"], "inf");
  EXPECT_FALSE(result.results[3].success);
  EXPECT_EQ(result.results[3].result["observed_value"], Json());
  EXPECT_TRUE(result.results[4].success) << "without a deviation there are no outliers";
}

TEST_F(ExpectationsTest, UniquenessIsExactInEveryFormat) {
  Must("create table t.twice as select range // 2 as n, 'k' || range as k from range(100)");
  for (const ResultFormat format : {ResultFormat::kBooleanOnly, ResultFormat::kSummary}) {
    const SuiteResult result = Run({Config("column_values_to_be_unique", R"({"column": "n"})"),
                                    Config("column_values_to_be_unique", R"({"column": "n", "mostly": 0})"),
                                    Config("column_values_to_be_unique", R"({"column": "k"})"),
                                    Config("compound_columns_to_be_unique", R"({"column_list": ["k", "n"]})")},
                                   "t.twice", format);
    EXPECT_FALSE(result.results[0].success);
    EXPECT_TRUE(result.results[1].success);
    EXPECT_TRUE(result.results[2].success);
    EXPECT_TRUE(result.results[3].success);
  }
}

TEST_F(ExpectationsTest, NamesAndValuesNeedNoCare) {
  const std::string file = folder_ + "/it's.parquet";
  Must(R"(copy (select 'it''s "é😀"' as "od""d é", 1 as "select") to )" + engine::QuoteLiteral(file));
  const auto validated = Validate(
      *session_,
      Together({Config("column_values_to_be_in_set", R"({"column": "od\"d é", "value_set": ["it's \"é😀\""]})"),
                Config("column_values_to_not_be_in_set", R"({"column": "od\"d é", "value_set": ["it's \"é😀\""]})"),
                Config("compound_columns_to_be_unique", R"({"column_list": ["od\"d é", "select"]})"),
                Config("select_column_values_to_be_unique_within_record", R"({"column_list": ["select", "select"]})")}),
      {.file = file}, {});
  ASSERT_TRUE(validated) << validated.error().ToString();
  const SuiteResult& result = *validated;
  EXPECT_TRUE(result.results[0].success);
  EXPECT_FALSE(result.results[1].success);
  EXPECT_EQ(result.results[1].result["partial_unexpected_list"], Json::array({"it's \"é😀\""}));
  EXPECT_TRUE(result.results[2].success);
  EXPECT_EQ(result.results[3].result["partial_unexpected_list"][0], Json({{"select", 1}}));
}

}  // namespace
}  // namespace smelt::quality
