#include "ingest/source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "base/id.h"
#include "base/json.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

class SourceTest : public testing::Test {
 protected:
  void SetUp() override {
    project_ = fs::path(testing::TempDir()) / ("smelt-source-" + NewUuid());
    fs::create_directories(project_ / "sources");
  }
  void TearDown() override { fs::remove_all(project_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (project_ / "sources" / name).string();
    std::ofstream(path) << text;
    return path;
  }
  Result<Source> Read(const std::string& text) { return ReadSource(Write("s.yml", text), project_.string()); }

  /// A definition with one table whose body, from line 5 on, is `table`.
  Result<Source> ReadTable(const std::string& table) {
    return Read("name: s\nconnector: csv\ntables:\n  - name: t\n" + table);
  }
  Error Refusal(const Result<Source>& source) {
    EXPECT_FALSE(source);
    return source ? Error(ErrorCode::kInternal, "accepted") : source.error();
  }

  fs::path project_;
};

TEST_F(SourceTest, ReadsEverything) {
  const auto source = Read(R"yml(
name: shop
description: What it is
connector: csv
location: ../landing
schema: raw
defaults: {encoding: latin-1, delimiter: tab, quote: none, header: false, null_values: ["", NA], contract: open}
tables:
  - name: orders
    files: [orders*.csv, "old/*.csv"]
    required: false
    key: id
    columns:
      - {name: id, from: Order Id, type: integer, required: true, description: The number}
      - {name: price, type: "decimal(10, 2)", checks: [{min: 0}, {max: 100.5, severity: warn}]}
      - {name: day, type: date, format: "%d/%m/%Y", checks: [{min: 01/01/2000}]}
      - {name: code, type: text, checks: [{set: [a, b]}, {pattern: "[ab]"}, {length: 1}, {length: {max: 3}}]}
  - name: other
    schema: bronze
    encoding: utf-8
    delimiter: "|"
    quote: "'"
    header: true
    null_values: []
    contract: strict
    field_bytes_max: 10
    row_bytes_max: 20
    files: o.csv
    columns:
      - {name: t, type: timestamptz}
)yml");
  ASSERT_TRUE(source) << source.error().ToString();
  EXPECT_EQ(source->name, "shop");
  EXPECT_EQ(source->location, (project_.parent_path() / "landing").string());
  ASSERT_EQ(source->tables.size(), 2u);
  const SourceTable& orders = source->tables[0];
  EXPECT_EQ(orders.QualifiedName(), "raw.orders");
  EXPECT_EQ(orders.files, (std::vector<std::string>{"orders*.csv", "old/*.csv"}));
  EXPECT_FALSE(orders.required);
  EXPECT_EQ(orders.key, std::vector<std::string>{"id"});
  EXPECT_EQ(orders.contract, ContractMode::kOpen);
  EXPECT_EQ(orders.format.encoding, CsvFormat::Encoding::kLatin1);
  EXPECT_EQ(orders.format.delimiter, '\t');
  EXPECT_EQ(orders.format.quote, '\0');
  EXPECT_FALSE(orders.format.header);
  EXPECT_EQ(orders.format.null_values, (std::vector<std::string>{"", "NA"}));
  EXPECT_EQ(orders.columns[0].header, "Order Id");
  EXPECT_TRUE(orders.columns[0].required);
  EXPECT_EQ(orders.columns[1].SqlType(), "DECIMAL(10,2)");
  EXPECT_EQ(orders.columns[1].checks[1].severity, Severity::kWarn);
  EXPECT_EQ(orders.columns[3].checks[2].length_max, 1);
  const SourceTable& other = source->tables[1];
  EXPECT_EQ(other.QualifiedName(), "bronze.other");
  EXPECT_EQ(other.format.delimiter, '|');
  EXPECT_EQ(other.format.quote, '\'');
  EXPECT_TRUE(other.format.header);
  EXPECT_EQ(other.contract, ContractMode::kStrict);
  EXPECT_EQ(other.format.row_bytes_max, 20);
  EXPECT_TRUE(other.required);
}

TEST_F(SourceTest, RefusalsNameLineAndCure) {
  struct Case {
    std::string table;
    std::int64_t line;
    std::string words;
  };
  const std::vector<Case> cases = {
      {"    files: t.csv\n    colums: []\n", 6, "columns"},
      {"    files: t.csv\n", 4, "'columns' is missing"},
      {"    files: t.csv\n    columns: []\n", 6, "no columns"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: txt}\n", 7, "'text'"},
      {"    files: t.csv\n    columns:\n      - {name: a, typ: text}\n", 7, "type"},
      {"    files: t.csv\n    columns:\n      - {name: a b, type: text}\n", 7, "cannot be a name"},
      {"    files: t.csv\n    columns:\n      - {name: source_file, type: text}\n", 7, "taken"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: \"decimal(19,2)\"}\n", 7, "precision"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: \"decimal(10,2)x\"}\n", 7, "decimal"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: text}\n      - {name: a, type: text}\n", 8, "twice"},
      {"    files: t.csv\n    columns:\n      - name: a\n        type: text\n        checks:\n          - {min: 1}\n",
       10, "numbers or times"},
      {"    files: t.csv\n    columns:\n      - name: a\n        type: integer\n        checks:\n          - {min: "
       "x}\n",
       10, "whole number"},
      {"    files: t.csv\n    columns:\n      - name: a\n        type: integer\n        checks:\n          - {pattern: "
       "x}\n",
       10, "type text"},
      {"    files: t.csv\n    columns:\n      - name: a\n        type: text\n        checks:\n          - {pattern: "
       "\"[\"}\n",
       10, "not valid"},
      {"    files: t.csv\n    columns:\n      - name: a\n        type: text\n        checks:\n          - {set: [x], "
       "length: 1}\n",
       10, "2 conditions"},
      {"    files: t.csv\n    columns:\n      - name: a\n        type: text\n        checks:\n          - {set: [x], "
       "severity: error}\n",
       10, "reject"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: text, format: \"%Y\"}\n", 7, "no date or time"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: date, format: \"%Y\"}\n", 7, "no full date"},
      {"    files: t.csv\n    columns:\n      - {name: a, type: timestamp, format: \"%Y%m%d%z\"}\n", 7, "timestamptz"},
      {"    files: t.csv\n    key: [aa]\n    columns:\n      - {name: a, type: text}\n", 6, "key column 'aa'"},
      {"    files: t.csv\n    delimiter: ab\n    columns: []\n", 6, "ASCII"},
      {"    files: t.csv\n    delimiter: '\"'\n    columns: []\n", 4, "same character"},
      {"    files: t.csv\n    encoding: utf8\n    columns: []\n", 6, "'utf-8'"},
      {"    files: t.csv\n    row_bytes_max: 0\n    columns: []\n", 6, "out of range"},
  };
  for (const Case& each : cases) {
    const Error error = Refusal(ReadTable(each.table));
    EXPECT_TRUE(error.file().ends_with("s.yml")) << each.table << error.ToString();
    EXPECT_EQ(error.line(), each.line) << each.table << error.ToString();
    EXPECT_NE(error.ToString().find(each.words), std::string::npos) << each.table << error.ToString();
    EXPECT_EQ(Describe(error.code()).area, "CONFIG");
  }
}

TEST_F(SourceTest, RefusesOtherConnectorsAndNoTables) {
  EXPECT_EQ(Refusal(Read("name: s\nconnector: cvs\ntables: []\n")).line(), 2);
  EXPECT_EQ(Refusal(Read("name: s\nconnector: csv\ntables: []\n")).code(), ErrorCode::kConfigValueInvalid);
  EXPECT_EQ(Refusal(Read("connector: csv\n")).code(), ErrorCode::kConfigKeyMissing);
  EXPECT_EQ(Refusal(Read("name: [\n")).code(), ErrorCode::kConfigSyntax);
}

constexpr const char* kTiny =
    "connector: csv\ntables:\n  - name: t\n    files: t.csv\n    columns:\n      - {name: a, type: text}\n";

TEST_F(SourceTest, NamesAndTablesAreUnique) {
  Write("a.yml", std::string("name: one\n") + kTiny);
  Write("b.yaml", std::string("name: one\n") + kTiny);
  auto sources = LoadSources(project_.string());
  ASSERT_FALSE(sources);
  EXPECT_NE(sources.error().message().find("'one' is defined already"), std::string::npos);
  Write("b.yaml", std::string("name: two\n") + kTiny);
  sources = LoadSources(project_.string());
  ASSERT_FALSE(sources);
  EXPECT_NE(sources.error().message().find("bronze.t is defined already"), std::string::npos);
  Write("b.yaml", std::string("name: two\nschema: raw\n") + kTiny);
  Write("notes.txt", "ignored");
  Write(".hidden.yml", "ignored: [");
  sources = LoadSources(project_.string());
  ASSERT_TRUE(sources) << sources.error().ToString();
  EXPECT_EQ(sources->size(), 2u);
}

TEST_F(SourceTest, MissingFolderIsNamed) {
  const auto sources = LoadSources(project_.string(), "srcs");
  ASSERT_FALSE(sources);
  EXPECT_EQ(sources.error().code(), ErrorCode::kStoreNotFound);
  EXPECT_NE(sources.error().message().find("srcs"), std::string::npos);
}

/// Every key of the schema that editors use is known to the reader.
TEST_F(SourceTest, SchemaKnowsTheReadersKeys) {
  const auto text = ReadWholeFile(std::string(SMELT_SOURCE_DIR) + "/docs/schemas/source.schema.json");
  ASSERT_TRUE(text) << text.error().ToString();
  const Json schema = Json::parse(*text);
  const auto code_of = [&](const std::string& head, const std::string& indent, const std::string& key) {
    const auto source = Read(head + indent + key + ": {}\n");
    return source ? ErrorCode::kInternal : source.error().code();
  };
  const std::string table = "name: s\nconnector: csv\ntables:\n  - files: f\n";
  EXPECT_EQ(code_of("", "", "tabels"), ErrorCode::kConfigKeyUnknown);
  for (const auto& [key, value] : schema["properties"].items())
    EXPECT_NE(code_of("", "", key), ErrorCode::kConfigKeyUnknown) << key;
  EXPECT_EQ(code_of(table, "    ", "colums"), ErrorCode::kConfigKeyUnknown);
  for (const auto& [key, value] : schema["$defs"]["table"]["properties"].items()) {
    if (key == "files") continue;  // it is there already
    EXPECT_NE(code_of(table, "    ", key), ErrorCode::kConfigKeyUnknown) << key;
  }
  for (const auto& [key, value] : schema["properties"]["defaults"]["properties"].items()) {
    EXPECT_NE(code_of("name: s\nconnector: csv\ndefaults:\n", "  ", key), ErrorCode::kConfigKeyUnknown) << key;
  }
  const std::string columns = table + "    name: t\n    columns:\n      - ";
  for (const auto& [key, value] : schema["$defs"]["column"]["properties"].items()) {
    EXPECT_NE(code_of(columns, "", key), ErrorCode::kConfigKeyUnknown) << key;
  }
  for (const auto& [key, value] : schema["$defs"]["check"]["properties"].items()) {
    EXPECT_NE(code_of(columns + "name: a\n        type: text\n        checks:\n          - ", "", key),
              ErrorCode::kConfigKeyUnknown)
        << key;
  }
}

TEST_F(SourceTest, ShippedProjectIsComplete) {
  const auto sources = LoadSources(std::string(SMELT_SOURCE_DIR) + "/projects/olist");
  ASSERT_TRUE(sources) << sources.error().ToString();
  ASSERT_EQ(sources->size(), 1u);
  EXPECT_EQ((*sources)[0].tables.size(), 9u);
  for (const SourceTable& table : (*sources)[0].tables) {
    EXPECT_FALSE(table.description.empty()) << table.name;
    for (const Column& column : table.columns)
      EXPECT_FALSE(column.description.empty()) << table.name << "." << column.name;
  }
}

}  // namespace
}  // namespace smelt::ingest
