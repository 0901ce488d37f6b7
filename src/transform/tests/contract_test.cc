#include <gtest/gtest.h>

#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

class ContractTest : public RunTest {
 protected:
  /// Builds one model under a contract with these columns and constraints.
  NodeResult Build(const std::string& sql, const std::string& columns, const std::string& more = "") {
    ProjectFolder folder({{"models/m.sql", sql},
                          {"models/other.sql", "{{ config(materialized='table') }} select 1 as id"},
                          {"models/m.yml",
                           "models:\n  - name: m\n    config: {materialized: table, contract: {enforced: "
                           "true}}\n    columns: [" +
                               columns + "]\n" + more}});
    return Run(folder, Command::kRun)["main.m"];
  }
};

TEST_F(ContractTest, TheTableHasTheColumnsOfTheContract) {
  const NodeResult built =
      Build("select 'a' as name, 1 as id",
            "{name: id, data_type: int, constraints: [{type: not_null}]}, {name: name, data_type: text}");
  ASSERT_FALSE(built.error) << built.error->ToString();
  EXPECT_EQ(built.commits, 1);
  EXPECT_EQ(built.step.rows_out, 1);
  EXPECT_EQ(Rows("select column_name || ' ' || column_type || ' ' || \"null\" from (describe main.m)"),
            (std::vector<std::string>{"id INTEGER NO", "name VARCHAR YES"}));
}

TEST_F(ContractTest, WhatDoesNotFitIsATable) {
  const NodeResult built =
      Build("select 1 as id, 'x' as other, 2 as n",
            "{name: id, data_type: integer}, {name: missing, data_type: varchar}, {name: n, data_type: bigint}");
  ASSERT_TRUE(built.error);
  EXPECT_NE(built.error->message().find("| column_name | definition_type | contract_type | mismatch_reason       |\n"
                                        "| ----------- | --------------- | ------------- | --------------------- |\n"
                                        "| missing     |                 | VARCHAR       | missing in definition |\n"
                                        "| n           | INTEGER         | BIGINT        | data type mismatch    |\n"
                                        "| other       | VARCHAR         |               | missing in contract   |\n"),
            std::string::npos)
      << built.error->message();
  EXPECT_EQ(built.error->file(), "models/m.sql");
}

TEST_F(ContractTest, ColumnsNeedTypes) {
  EXPECT_NE(Build("select 1 as id", "{name: id}").error->message().find("type of the column 'id'"), std::string::npos);
  EXPECT_NE(Build("select 1 as id", "").error->message().find("no columns"), std::string::npos);
  EXPECT_TRUE(Build("select 1 as id", "{name: id, data_type: intt}").error);
}

TEST_F(ContractTest, ConstraintsAreKept) {
  const std::string id = "{name: id, data_type: integer, constraints: [{type: %}]}";
  const auto with = [&id](const std::string& type) { return std::string(id).replace(id.find('%'), 1, type); };
  EXPECT_TRUE(Build("select null::integer as id", with("not_null")).error);
  EXPECT_TRUE(Build("select null::integer as id", with("primary_key")).error);
  EXPECT_TRUE(Build("select * from (values (1), (1)) t(id)", with("primary_key")).error);
  EXPECT_NE(Build("select * from (values (1), (1)) t(id)", with("unique"))
                .error->message()
                .find("unique (id): 1 is there several times"),
            std::string::npos);
  EXPECT_FALSE(Build("select * from (values (1), (null), (null)) t(id)", with("unique")).error);
  EXPECT_TRUE(Build("select -1 as id", with("check, expression: id > 0")).error);
  EXPECT_FALSE(Build("select 2 as id", with("check, expression: id > 0")).error);
  const std::string foreign = with("foreign_key, to: ref('other'), to_columns: [id]");
  EXPECT_FALSE(Build("select 1 as id", foreign).error);
  EXPECT_TRUE(Build("select 2 as id", foreign).error);
  EXPECT_TRUE(Build("select * from (values (1, 1), (1, 1)) t(id, n)",
                    "{name: id, data_type: integer}, {name: n, data_type: integer}",
                    "    constraints: [{type: unique, columns: [id, n]}]\n")
                  .error);
}

TEST_F(ContractTest, WhatFailsLeavesTheTableAsItWas) {
  const std::string column = "{name: id, data_type: integer, constraints: [{type: unique}]}";
  ASSERT_FALSE(Build("select 1 as id", column).error);
  ASSERT_TRUE(Build("select * from (values (2), (2)) t(id)", column).error);
  EXPECT_EQ(Rows("select id from main.m"), std::vector<std::string>{"1"});
}

}  // namespace
}  // namespace smelt::transform
