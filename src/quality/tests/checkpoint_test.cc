#include "quality/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/id.h"

namespace smelt::quality {
namespace {

/// A project of Great Expectations in a folder that goes with the test.
class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("smelt-checkpoint-" + NewUuid());
    Write("expectations/orders.json",
          R"({"name": "orders", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "id"}}]})");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  Result<Checkpoint> Load(const std::string& text, const std::string& name = "daily.yml") {
    Write("checkpoints/" + name, text);
    return LoadCheckpoint((folder_ / "checkpoints" / name).string());
  }

  Checkpoint MustLoad(const std::string& text, const std::string& name = "daily.yml") {
    auto checkpoint = Load(text, name);
    EXPECT_TRUE(checkpoint) << checkpoint.error().ToString();
    return checkpoint ? *std::move(checkpoint) : Checkpoint();
  }

  std::filesystem::path folder_;
};

TEST_F(CheckpointTest, ReadsYamlOfTheOlderGeneration) {
  const Checkpoint checkpoint = MustLoad(R"(
name: daily
config_version: 1.0
class_name: Checkpoint
expectation_suite_name: orders
evaluation_parameters: {low: 1, high: 5}
runtime_configuration: {result_format: {result_format: COMPLETE}}
action_list:
  - name: keep
    action: {class_name: StoreValidationResultAction}
  - name: pages
    action: {class_name: UpdateDataDocsAction, site_names: []}
validations:
  - batch_request: {datasource_name: lake, data_asset_name: silver.orders}
  - batch_request: {datasource_name: files, runtime_parameters: {path: data/orders.csv}}
    evaluation_parameters: {high: 9}
)");
  ASSERT_EQ(checkpoint.validations.size(), 2u);
  EXPECT_EQ(checkpoint.validations[0].target.table, "silver.orders");
  EXPECT_EQ(checkpoint.validations[0].variables, Json({{"low", 1}, {"high", 5}}));
  EXPECT_EQ(checkpoint.validations[0].result_format->format, ResultFormat::kComplete);
  EXPECT_EQ(checkpoint.validations[1].target.file, (folder_ / "data/orders.csv").string());
  EXPECT_EQ(checkpoint.validations[1].variables["high"], 9);
  ASSERT_EQ(checkpoint.actions.size(), 2u);
  EXPECT_TRUE(checkpoint.actions[0].stores);
  EXPECT_EQ(checkpoint.actions[0].note, "");
  EXPECT_FALSE(checkpoint.actions[1].stores);
  EXPECT_NE(checkpoint.actions[1].note, "");
}

TEST_F(CheckpointTest, ReadsJsonWithValidationDefinitions) {
  Write("data/2024/orders.csv", "id\n1\n");
  Write("data/customers.csv", "id\n1\n");
  Write("great_expectations.yml", R"(
fluent_datasources:
  files:
    type: pandas_filesystem
    base_directory: data
    assets:
      orders:
        type: csv
        batch_definitions:
          one: {partitioner: {regex: 2024/orders.csv$, param_names: []}}
          all: {partitioner: {regex: .*csv, param_names: []}}
  warehouse:
    type: postgres
    assets: [{name: orders, type: table, table_name: orders, schema_name: gold}]
)");
  const auto definition = [&](const std::string& name, const std::string& source, const std::string& batch) {
    Write("validation_definitions/" + name, R"({"name": ")" + name +
                                                R"(", "suite": {"name": "orders"}, "data": {"asset": {"name": "orders"},
              "datasource": {"name": ")" + source +
                                                R"("}, "batch_definition": {"name": ")" + batch + R"("}}})");
  };
  definition("file", "files", "one");
  definition("table", "warehouse", "whole");
  definition("many", "files", "all");
  const auto text = [](const std::string& names) {
    return R"({"name": "c", "result_format": "BASIC", "actions": [{"type": "slack", "name": "s"}],
               "validation_definitions": [)" +
           names + "]}";
  };
  const Checkpoint checkpoint = MustLoad(text(R"({"name": "file"}, {"name": "table"})"), "c.json");
  ASSERT_EQ(checkpoint.validations.size(), 2u);
  EXPECT_EQ(checkpoint.validations[0].target.file, (folder_ / "data/2024/orders.csv").string());
  EXPECT_EQ(checkpoint.validations[1].target.table, "gold.orders");
  EXPECT_EQ(checkpoint.validations[1].result_format->format, ResultFormat::kBasic);
  EXPECT_NE(checkpoint.actions.at(0).note, "");
  const auto many = Load(text(R"({"name": "many"})"), "c.json");
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().message().find("2 files"), std::string::npos) << many.error().ToString();
}

TEST_F(CheckpointTest, SaysWhereItIsWrong) {
  struct Bad {
    const char* text;
    ErrorCode code;
    const char* says;
  };
  const Bad cases[] = {
      {"name: c\nvalidatons: []", ErrorCode::kConfigKeyUnknown, "validations"},
      {"name: c", ErrorCode::kConfigKeyMissing, "no validations"},
      {"validations: []", ErrorCode::kConfigKeyMissing, "name"},
      {"name: c\nexpectation_suite_name: none", ErrorCode::kConfigValueInvalid, "\"none\""},
      {"name: c\nexpectation_suite_name: orders", ErrorCode::kConfigKeyMissing, "meta.smelt.table"},
      {"name: c\nexpectation_suite_name: orders\nbatch_request: {data_asset_name: a.b}\n"
       "runtime_configuration: {result_format: FULL}",
       ErrorCode::kConfigValueInvalid, "FULL"},
      {"[]", ErrorCode::kConfigValueInvalid, "map"},
  };
  for (const Bad& bad : cases) {
    const auto checkpoint = Load(bad.text);
    ASSERT_FALSE(checkpoint) << bad.text;
    EXPECT_EQ(checkpoint.error().code(), bad.code) << checkpoint.error().ToString();
    EXPECT_NE(checkpoint.error().ToString().find(bad.says), std::string::npos) << checkpoint.error().ToString();
    EXPECT_GE(checkpoint.error().line(), 1) << checkpoint.error().ToString();
  }
}

}  // namespace
}  // namespace smelt::quality
