#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "app/internal/exports/definition.h"
#include "base/file.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

class ExportDefinitionTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "export_definition_test_" + std::to_string(getpid());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteWholeFile(folder_ + "/" + name, text));
  }
  /// What is said of a wrong file.
  std::string Mistake(const std::string& text) {
    Write("wrong.yml", text);
    const auto definition = ReadExport(folder_ + "/wrong.yml");
    return definition ? "nothing" : definition.error().ToString();
  }

  std::string folder_;
};

TEST_F(ExportDefinitionTest, SheetsOfTablesAndQueries) {
  Write("month.yml",
        "title: The month\nowner: Controlling\nsheets:\n"
        "  - name: Sales\n    sql: select 1 as revenue\n"
        "    columns: {revenue: {label: 2018, format: currency, currency: BRL}}\n"
        "  - {name: Products, table: gold.dim products}\n");
  const auto definition = ReadExport(folder_ + "/month.yml");
  ASSERT_TRUE(definition) << definition.error().ToString();
  EXPECT_EQ(definition->name, "month");
  EXPECT_EQ(definition->title, "The month");
  ASSERT_EQ(definition->sheets.size(), 2U);
  EXPECT_EQ(definition->sheets[0].formats["revenue"]["currency"], "BRL");
  EXPECT_EQ(definition->sheets[0].formats["revenue"]["label"], "2018") << "a label is a text";
  EXPECT_EQ(definition->sheets[1].sql, "select * from gold.\"dim products\"");
}

TEST_F(ExportDefinitionTest, MistakesHaveTheirLine) {
  const std::string head = "title: x\nsheets:\n";
  EXPECT_NE(Mistake("title: x\n").find("sheets"), std::string::npos);
  EXPECT_NE(Mistake("title: x\nsheets: []\n").find("wrong.yml:2"), std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a, sqll: select 1}\n").find("sql"), std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a}\n").find("none of 'sql' and 'table'"), std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a, sql: select 1, table: b.c}\n").find("both of"), std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a/b, sql: select 1}\n").find("wrong.yml:3"), std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a, table: a.b.c.d}\n").find("no name of a table"), std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a, sql: select 1}\n  - {name: A, sql: select 1}\n").find("wrong.yml:4"),
            std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a, sql: select 1, columns: {b: {format: currencey}}}\n").find("'currency'"),
            std::string::npos);
  EXPECT_NE(Mistake(head + "  - {name: a, sql: select 1, columns: {b: money}}\n").find("wrong.yml:3"),
            std::string::npos);
}

TEST_F(ExportDefinitionTest, AFileWithAMistakeHidesNoOther) {
  EXPECT_TRUE(ReadExports(folder_ + "/none").exports.empty());
  Write("a.yml", "name: x\nsheets: [{name: a, sql: select 1}]\n");
  Write("b.yml", "sheets: 1\n");
  Write("c.yml", "name: x\nsheets: [{name: a, sql: select 1}]\n");
  const ExportGallery gallery = ReadExports(folder_);
  EXPECT_EQ(gallery.exports.size(), 1U);
  ASSERT_EQ(gallery.faults.size(), 2U);
  EXPECT_NE(gallery.faults.at(folder_ + "/c.yml").message().find("'x' already"), std::string::npos);
}

TEST_F(ExportDefinitionTest, TheSchemaForEditorsAgrees) {
  const auto text = ReadWholeFile(SMELT_SOURCE_DIR "/docs/schemas/export.schema.json");
  ASSERT_TRUE(text) << text.error().ToString();
  const Json schema = Json::parse(*text);
  const auto has = [](const Json& properties, const char* key) { return properties.contains(key); };
  for (const char* key : {"name", "title", "description", "owner", "sheets"}) {
    EXPECT_TRUE(has(schema.at("properties"), key)) << key;
  }
  const Json& sheet = schema.at("$defs").at("sheet").at("properties");
  for (const char* key : {"name", "sql", "table", "columns"}) EXPECT_TRUE(has(sheet, key)) << key;
}

}  // namespace
}  // namespace smelt::app
