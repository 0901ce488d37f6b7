#include "quality/suite.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"

namespace smelt::quality {
namespace {

Error ParseError(std::string_view text, const std::string& file = "s.json") {
  auto suite = ParseSuite(text, file);
  EXPECT_FALSE(suite) << text;
  return suite ? Error(ErrorCode::kInternal, "parsed") : suite.error();
}

/// A suite with one expectation, three lines down.
std::string With(const std::string& expectation) {
  return "{\"name\": \"s\",\n \"expectations\": [\n" + expectation + "]}";
}

TEST(SuiteTest, ReadsPresentKeyNames) {
  const auto suite = ParseSuite(R"({
    "name": "orders_silver", "suite_parameters": {"low": 1}, "id": "8d0f", "notes": "n",
    "meta": {"great_expectations_version": "1.3.0", "smelt": {"table": "silver.orders", "gate": "warn"}},
    "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "meta": {"k": 1},
                      "severity": "warning", "id": "1"}]})",
                                "s.json");
  ASSERT_TRUE(suite) << suite.error().ToString();
  EXPECT_EQ(suite->name, "orders_silver");
  EXPECT_EQ(suite->table, "silver.orders");
  EXPECT_EQ(suite->gate, Gate::kWarn);
  EXPECT_FALSE(suite->legacy_keys);
  EXPECT_EQ(suite->parameters, Json({{"low", 1}}));
  ASSERT_EQ(suite->expectations.size(), 1u);
  EXPECT_EQ(suite->expectations[0].severity, Severity::kWarning);
  EXPECT_EQ(suite->expectations[0].kwargs["column"], "a");
  EXPECT_EQ(suite->expectations[0].meta["k"], 1);
  EXPECT_EQ(suite->expectations[0].notes, Json({{"id", "1"}}));
  EXPECT_EQ(suite->expectations[0].line, 4);
}

TEST(SuiteTest, ReadsKeyNamesBeforeVersionOne) {
  const auto suite = ParseSuite(
      "expectation_suite_name: old\ndata_asset_type: null\nevaluation_parameters: {high: 5}\ntable: "
      "t.x\nexpectations:\n"
      "  - expectation_type: expect_column_values_to_be_between\n    kwargs:\n      column: a\n      max_value: 2\n"
      "      result_format: COMPLETE\n      severity: warn\n",
      "s.yml");
  ASSERT_TRUE(suite) << suite.error().ToString();
  EXPECT_TRUE(suite->legacy_keys);
  EXPECT_EQ(suite->name, "old");
  EXPECT_EQ(suite->table, "t.x");
  EXPECT_EQ(suite->gate, Gate::kHard);
  EXPECT_EQ(suite->parameters["high"], 5);
  EXPECT_EQ(suite->expectations.at(0).severity, Severity::kWarning);
  EXPECT_EQ(suite->expectations.at(0).line, 6);
}

TEST(SuiteTest, NamesTheNearestExpectation) {
  const Error error = ParseError(With(R"({"type": "expect_column_value_to_be_unique", "kwargs": {"column": "a"}})"));
  EXPECT_EQ(error.code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(error.file(), "s.json");
  EXPECT_EQ(error.line(), 3);
  EXPECT_NE(error.hint().find("expect_column_values_to_be_unique"), std::string::npos) << error.ToString();
}

TEST(SuiteTest, NamesTheNearestKwarg) {
  const Error error =
      ParseError(With("{\"type\": \"expect_column_values_to_be_between\",\n\"kwargs\": {\"column\": "
                      "\"a\",\n\"min_valu\": 1}}"));
  EXPECT_EQ(error.code(), ErrorCode::kConfigKeyUnknown);
  EXPECT_EQ(error.line(), 5);
  EXPECT_NE(error.ToString().find("min_value"), std::string::npos) << error.ToString();
}

TEST(SuiteTest, RefusesWhatDoesNotFit) {
  struct Bad {
    const char* expectation;
    ErrorCode code;
    const char* says;
  };
  const Bad cases[] = {
      {R"({"type": "expect_column_to_exist", "kwargs": {}})", ErrorCode::kConfigKeyMissing, "\"column\""},
      {R"({"type": "expect_column_to_exist"})", ErrorCode::kConfigKeyMissing, "\"column\""},
      {R"({"type": "expect_column_to_exist", "kwargs": 5})", ErrorCode::kConfigValueInvalid, "kwargs"},
      {R"({"type": "expect_column_to_exist", "kwargs": {"column": 5}})", ErrorCode::kConfigValueInvalid,
       "a column's name"},
      {R"({"kwargs": {"column": "a"}})", ErrorCode::kConfigKeyMissing, "type"},
      {R"("expect_column_to_exist")", ErrorCode::kConfigValueInvalid, "object"},
      {R"({"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "sevrity": "warn"})",
       ErrorCode::kConfigKeyUnknown, "severity"},
      {R"({"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "grave"})",
       ErrorCode::kConfigValueInvalid, "critical"},
      {R"({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a", "mostly": 95}})",
       ErrorCode::kConfigValueInvalid, "from 0 to 1"},
      {R"({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": "x"}})",
       ErrorCode::kConfigValueInvalid, "a list of values"},
      {R"({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": []}})",
       ErrorCode::kConfigValueInvalid, "a list of column names"},
      {R"({"type": "expect_compound_columns_to_be_unique",
           "kwargs": {"column_list": ["a"], "ignore_row_if": "sometimes"}})",
       ErrorCode::kConfigValueInvalid, "any_value_is_missing"},
      {R"({"type": "expect_column_quantile_values_to_be_between",
           "kwargs": {"column": "a", "quantile_ranges": {"quantiles": [0.5], "value_ranges": []}}})",
       ErrorCode::kConfigValueInvalid, "quantile_ranges"},
      {R"({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a", "row_condition": "a >"}})",
       ErrorCode::kConfigValueInvalid, "row_condition"},
      {R"({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a", "condition_parser": "perl"}})",
       ErrorCode::kConfigValueInvalid, "pandas"},
  };
  for (const Bad& bad : cases) {
    const Error error = ParseError(With(bad.expectation));
    EXPECT_EQ(error.code(), bad.code) << bad.expectation << "\n" << error.ToString();
    EXPECT_NE(error.ToString().find(bad.says), std::string::npos) << error.ToString();
    EXPECT_GE(error.line(), 3) << error.ToString();
  }
}

TEST(SuiteTest, ReadsInfinitiesAsPythonWritesThem) {
  const auto suite = ParseSuite(With(R"({"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column":
      "say \"Infinity\"", "partition_object": {"bins": [-Infinity, 0, Infinity], "weights": [0.5, 0.5]}}})"),
                                "s.json");
  ASSERT_TRUE(suite) << suite.error().ToString();
  EXPECT_EQ(suite->expectations[0].kwargs["partition_object"]["bins"], Json::parse(R"(["-Infinity", 0, "Infinity"])"));
  EXPECT_EQ(suite->expectations[0].kwargs["column"], "say \"Infinity\"");
}

TEST(SuiteTest, ReadsDetailsOfResultFormats) {
  const auto problem = [](const std::string& result_format) {
    const auto suite =
        ParseSuite(With(R"({"type": "expect_column_to_exist", "kwargs": {"column": "a", "result_format": )" +
                        result_format + "}}"),
                   "s.json");
    return suite ? std::string() : suite.error().ToString();
  };
  EXPECT_EQ(problem(R"({"result_format": "SUMMARY", "partial_unexpected_count": 3, "include_unexpected_rows": true})"),
            "");
  EXPECT_NE(problem(R"({"result_format": "SUMARY"})"), "");
  EXPECT_NE(problem(R"({"partial_unexpected_count": -1})"), "");
  EXPECT_NE(problem(R"({"unexpected_index_columns": ["a"]})"), "");
}

TEST(SuiteTest, RefusesSuitesWithoutNameOrWithUnknownKeys) {
  EXPECT_EQ(ParseError(R"({"expectations": []})").code(), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(ParseError(R"({"name": "s"})").code(), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(ParseError(R"({"name": "s", "expectations": {}})").code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(ParseError(R"({"name": "s", "expectations": [], "gates": "hard"})").code(), ErrorCode::kConfigKeyUnknown);
  EXPECT_EQ(ParseError(R"({"name": "s", "expectations": [], "gate": "soft"})").code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(ParseError(R"({"name": "s", "expectations": [], "meta": {"smelt": {"tabel": "a.b"}}})").code(),
            ErrorCode::kConfigKeyUnknown);
  EXPECT_EQ(ParseError("[]").code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(ParseError("{").code(), ErrorCode::kConfigSyntax);
}

TEST(SuiteTest, ReplacesParameters) {
  auto suite = ParseSuite(R"({"name": "s", "suite_parameters": {"scale": 1, "states": ["SP"], "share": 0.5},
    "expectations": [
      {"type": "expect_table_row_count_to_be_between",
       "kwargs": {"min_value": {"$PARAMETER": "90000 * scale"}, "max_value": {"$PARAMETER": "(100 + 10) * 1e3 * scale"}}},
      {"type": "expect_column_values_to_be_in_set",
       "kwargs": {"column": "a", "value_set": {"$PARAMETER": "states"}, "mostly": {"$PARAMETER": "share"}}},
      {"type": "expect_table_row_count_to_equal",
       "kwargs": {"value": {"$PARAMETER": "rows", "$PARAMETER.rows": 7}}}]})",
                          "s.json");
  ASSERT_TRUE(suite) << suite.error().ToString();
  auto resolved = ResolveParameters(*suite, {{"scale", 0.01}});
  ASSERT_TRUE(resolved) << resolved.error().ToString();
  EXPECT_EQ(JsonText(resolved->expectations[0].kwargs), R"({"min_value":900,"max_value":1100})");
  EXPECT_EQ(resolved->expectations[1].kwargs["value_set"], Json::array({"SP"}));
  EXPECT_EQ(resolved->expectations[1].kwargs["mostly"], 0.5);
  EXPECT_EQ(resolved->expectations[2].kwargs["value"], 7);
  EXPECT_EQ(resolved->parameters["scale"], 0.01);
  EXPECT_EQ(ResolveParameters(*suite, {{"rows", 8}})->expectations[2].kwargs["value"], 8);
}

TEST(SuiteTest, ParameterErrorsNameTheExpectation) {
  const auto resolve = [](const char* expression, const Json& variables) {
    auto suite = ParseSuite(With(std::string(R"({"type": "expect_table_row_count_to_equal", "kwargs": {"value": )") +
                                 "{\"$PARAMETER\": \"" + expression + "\"}}}"),
                            "s.json");
    EXPECT_TRUE(suite) << suite.error().ToString();
    auto resolved = ResolveParameters(*suite, variables);
    EXPECT_FALSE(resolved) << expression;
    EXPECT_EQ(resolved.error().line(), 3) << resolved.error().ToString();
    EXPECT_EQ(resolved.error().file(), "s.json");
    return resolved.error().code();
  };
  EXPECT_EQ(resolve("rows", {}), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(resolve("2 * rows", {}), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(resolve("2 *", {}), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(resolve("(2", {}), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(resolve("1 / 0", {}), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(resolve("sin(1)", {}), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(resolve("rows + 1", {{"rows", "many"}}), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(resolve("rows", {{"rows", "many"}}), ErrorCode::kConfigValueInvalid);
}

TEST(SuiteTest, CalculatesAsUsual) {
  const auto value = [](const std::string& expression) {
    auto suite = ParseSuite(With(R"({"type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": ")" +
                                 expression + "\"}}}"),
                            "s.json");
    auto resolved = ResolveParameters(*suite, {{"x", 3}, {"a.b", 2}});
    EXPECT_TRUE(resolved) << resolved.error().ToString();
    return resolved ? resolved->expectations[0].kwargs["value"] : Json();
  };
  EXPECT_EQ(value("1 + 2 * 3"), 7);
  EXPECT_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_EQ(value("2 ^ 3 ^ 2"), 512);
  EXPECT_EQ(value("-x + 10 - 2 - 1"), 4);
  EXPECT_EQ(value("x / 2"), 1.5);
  EXPECT_EQ(value("trunc(x / 2) + round(2.6) + abs(-1)"), 5);
  EXPECT_EQ(value("a.b * x"), 6);
}

TEST(SuiteTest, LoadsAFolderByName) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("smelt-suites-" + NewUuid());
  ASSERT_TRUE(WriteWholeFile(folder / "z.json", R"({"name": "a", "expectations": []})"));
  ASSERT_TRUE(WriteWholeFile(folder / "a.yml", "name: b\nexpectations: []\n"));
  ASSERT_TRUE(WriteWholeFile(folder / "readme.md", "no suite"));
  const auto suites = LoadSuites(folder);
  ASSERT_TRUE(suites) << suites.error().ToString();
  ASSERT_EQ(suites->size(), 2u);
  EXPECT_EQ((*suites)[0].name, "a");
  EXPECT_EQ((*suites)[1].name, "b");

  ASSERT_TRUE(WriteWholeFile(folder / "b.yaml", "name: b\nexpectations: []\n"));
  const auto twice = LoadSuites(folder);
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().ToString().find("a.yml"), std::string::npos) << twice.error().ToString();
  fs::remove_all(folder);
  EXPECT_EQ(LoadSuites(folder).error().code(), ErrorCode::kStoreNotFound);
}

TEST(SuiteTest, RegularExpressionsThatAreNoneAreRefused) {
  for (const char* pattern : {"(", "[a", "a)", "*a", "[z-a]"}) {
    const Error error = ParseError(With(R"({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a",
      "regex": ")" + std::string(pattern) +
                                        "\"}}"));
    EXPECT_EQ(error.line(), 4) << pattern;
    EXPECT_NE(error.message().find("is no regular expression"), std::string::npos) << error.ToString();
  }
  ParseError(With(R"({"type": "expect_column_values_to_not_match_regex_list", "kwargs": {"column": "a",
    "regex_list": ["x", "("]}})"));
  // What Python knows and RE2 does not is told of the expectation alone, when the suite runs.
  EXPECT_TRUE(ParseSuite(With(R"({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a",
    "regex": "(?=x)a++"}})"),
                         "s.json"));
}

TEST(SuiteTest, WhatParametersMakeOfKwargsIsCheckedToo) {
  const auto suite = ParseSuite(With(R"({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a",
    "regex": {"$PARAMETER": "form"}}})"),
                                "s.json");
  ASSERT_TRUE(suite) << suite.error().ToString();
  EXPECT_TRUE(ResolveParameters(*suite, {{"form", "a+"}}));
  const auto resolved = ResolveParameters(*suite, {{"form", "("}});
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().line(), 3);
}

}  // namespace
}  // namespace smelt::quality
