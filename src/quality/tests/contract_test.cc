#include "quality/contract.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "quality/contract_check.h"
#include "quality/contract_diff.h"
#include "quality/tests/lake_fixture.h"

namespace smelt::quality {
namespace {

constexpr const char* kOrders = R"(apiVersion: v3.1.0
kind: DataContract
id: orders
name: Orders of the shop
version: 1.2.0
status: active
team: {name: sales, members: [{username: ana, role: owner}]}
servers:
  - {server: lake, type: local, path: /lake, schema: silver}
schema:
  - name: orders
    physicalName: t.orders
    properties:
      - name: id
        logicalType: integer
        physicalType: BIGINT
        primaryKey: true
        primaryKeyPosition: 1
      - name: state
        logicalType: string
        required: true
        logicalTypeOptions: {minLength: 3, pattern: "^[a-z]+$"}
        quality:
          - {metric: invalidValues, arguments: {validValues: [new, paid, sent]}, mustBe: 0}
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 10000}
        quality:
          - {type: library, metric: nullValues, mustBeLessThan: 10, unit: percent}
      - name: placed_on
        logicalType: date
    quality:
      - {metric: rowCount, mustBeBetween: [10, 1000]}
      - {name: no order without a payer, type: sql, query: "select count(*) from {object} where payer is null", mustBe: 0}
      - {type: text, description: Orders are never deleted.}
slaProperties:
  - {property: latency, value: 4, unit: d, element: orders.placed_on}
  - {property: availability, value: 99.9}
)";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

DataContract Parsed(const std::string& text) {
  auto contract = ParseContract(text, "orders.yml");
  EXPECT_TRUE(contract) << contract.error().ToString();
  return contract ? *std::move(contract) : DataContract();
}

TEST(ContractTest, AContractIsReadWhole) {
  const DataContract contract = Parsed(kOrders);
  EXPECT_EQ(contract.name, "Orders of the shop");
  ASSERT_EQ(contract.objects.size(), 1U);
  const ContractObject& orders = contract.objects[0];
  EXPECT_EQ(orders.physical_name, "t.orders");
  ASSERT_EQ(orders.properties.size(), 4U);
  EXPECT_TRUE(orders.properties[0].primary_key);
  EXPECT_EQ(orders.properties[1].options["minLength"], 3);
  EXPECT_EQ(orders.properties[1].line, 19);
  ASSERT_EQ(orders.rules.size(), 3U);
  EXPECT_EQ(orders.rules[0].bounds, (std::vector<double>{10, 1000}));
  EXPECT_EQ(orders.rules[1].type, "sql");
  EXPECT_EQ(contract.servers[0].schema, "silver");
}

TEST(ContractTest, MistakesNameLineAndCure) {
  struct Mistake {
    const char* from;
    const char* to;
    ErrorCode code;
    std::int64_t line;
    const char* hint;
  };
  const Mistake mistakes[] = {
      {"logicalType: date", "logicalTyp: date", ErrorCode::kConfigKeyUnknown, 31, "logicalType"},
      {"logicalType: date", "logicalType: dat", ErrorCode::kConfigValueInvalid, 31, "did you mean date"},
      {"required: true", "required: perhaps", ErrorCode::kConfigValueInvalid, 21, ""},
      {"mustBeLessThan: 10", "mustBeLessThan: ten", ErrorCode::kConfigValueInvalid, 29, ""},
      {"mustBe: 0}", "mustBe: 0, mustNotBe: 1}", ErrorCode::kConfigValueInvalid, 24, "two rules"},
      {"[10, 1000]", "[1000, 10]", ErrorCode::kConfigValueInvalid, 33, ""},
      {"mustBeBetween: [10, 1000]", "unit: rows", ErrorCode::kConfigKeyMissing, 33, "mustBe"},
      {"metric: rowCount", "metric: rowcount", ErrorCode::kConfigValueInvalid, 33, "rowCount"},
      {"status: active", "stats: active", ErrorCode::kConfigKeyUnknown, 6, "status"},
      {"version: 1.2.0\n", "", ErrorCode::kConfigKeyMissing, 1, ""},
      {"v3.1.0", "v2.2.0", ErrorCode::kConfigValueInvalid, 1, "v3.1.0"},
      {"kind: DataContract", "kind: DataProduct", ErrorCode::kConfigValueInvalid, 2, "DataContract"},
      {"minimum: 0, maximum: 10000", "minimum: 1, maximum: 0.5", ErrorCode::kConfigValueInvalid, 27, "swap"},
      {"minimum: 0, maximum: 10000", "minimum: '2020-02-01', exclusiveMaximum: '2020-01-31'",
       ErrorCode::kConfigValueInvalid, 27, "no value is within"},
      {"minLength: 3,", "minLength: 3, maxLength: 2,", ErrorCode::kConfigValueInvalid, 22, "swap"},
      {"name: amount", "name: state", ErrorCode::kConfigValueInvalid, 25, ""},
  };
  for (const Mistake& mistake : mistakes) {
    const auto contract = ParseContract(Replaced(kOrders, mistake.from, mistake.to), "orders.yml");
    ASSERT_FALSE(contract) << mistake.to;
    EXPECT_EQ(contract.error().code(), mistake.code) << contract.error().ToString();
    EXPECT_EQ(contract.error().line(), mistake.line) << contract.error().ToString();
    EXPECT_NE(contract.error().ToString().find(mistake.hint), std::string::npos) << contract.error().ToString();
  }
}

class ContractCheckTest : public LakeFixture {
 protected:
  void SetUp() override {
    LakeFixture::SetUp();
    Must(
        "create schema t; create table t.orders as select range as id, ['new', 'paid', 'sent'][range % 3 + 1] as "
        "state, "
        "range * 1.5 as amount, current_date as placed_on, 'x' as payer from range(100)");
  }
  ContractReport Check(const std::string& text, ContractStrictness strictness = ContractStrictness::kLoose) {
    auto report = CheckContract(*engine_, *session_, Parsed(text), strictness);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *std::move(report) : ContractReport();
  }
  static std::vector<std::string> Broken(const ContractReport& report) {
    std::vector<std::string> broken;
    for (const ContractCheck& check : report.checks) {
      if (check.verdict == ContractVerdict::kBroken) broken.push_back(check.property + " " + check.check);
    }
    return broken;
  }
};

TEST_F(ContractCheckTest, ATableThatKeepsItsPromisesHolds) {
  const ContractReport report = Check(kOrders);
  EXPECT_TRUE(report.holds()) << report.ToJson().dump(1);
  EXPECT_EQ(report.count(ContractVerdict::kUnjudged), 2);  // the text, and the availability
}

TEST_F(ContractCheckTest, StrictlyTheTableHasNoOtherColumns) {
  EXPECT_EQ(Broken(Check(kOrders, ContractStrictness::kStrict)), std::vector<std::string>{"payer exists"});
  Must(
      "alter table t.orders set ('delta.columnMapping.mode' = 'name'); alter table t.orders rename column payer to "
      "buyer");
  EXPECT_EQ(Broken(Check(kOrders)), std::vector<std::string>{" no order without a payer"});
}

TEST_F(ContractCheckTest, EveryBrokenPromiseIsTold) {
  Must("insert into t.orders select 1, 'PAID', -1, null, null from range(20)");
  Must("update t.orders set amount = null where id > 70; update t.orders set placed_on = placed_on - 10");
  const ContractReport report = Check(kOrders);
  EXPECT_EQ(Broken(report),
            (std::vector<std::string>{"state pattern", "state invalidValues", "amount minimum", "amount nullValues",
                                      " primaryKey", " no order without a payer", "placed_on latency"}))
      << report.ToJson().dump(1);
  EXPECT_NE(report.ToJson().dump().find("rows whose key was there before: 20"), std::string::npos);
}

TEST_F(ContractCheckTest, MissingTablesColumnsAndWrongTypesAreBroken) {
  EXPECT_EQ(Broken(Check(Replaced(kOrders, "t.orders", "t.gone"))).front(), " exists");
  EXPECT_EQ(Broken(Check(Replaced(kOrders, "name: amount", "name: total"))), std::vector<std::string>{"total exists"});
  EXPECT_EQ(Broken(Check(Replaced(kOrders, "logicalType: date", "logicalType: boolean"))),
            std::vector<std::string>{"placed_on type"});
  // Loosely, another type of the family will do.
  const std::string integer = Replaced(kOrders, "BIGINT", "SMALLINT");
  EXPECT_TRUE(Check(integer).holds());
  EXPECT_EQ(Broken(Check(integer, ContractStrictness::kStrict)), (std::vector<std::string>{"id type", "payer exists"}));
}

TEST_F(ContractCheckTest, WarningsDoNotBreakAContract) {
  const std::string mild = Replaced(kOrders, "mustBeBetween: [10, 1000]", "mustBe: 3, severity: warning");
  const ContractReport report = Check(mild);
  EXPECT_TRUE(report.holds());
  EXPECT_EQ(report.count(ContractVerdict::kWarning), 1);
}

TEST_F(ContractCheckTest, AnEmptyTableHoldsWhatNeedsNoRows) {
  Must("delete from t.orders");
  EXPECT_EQ(Broken(Check(kOrders)), (std::vector<std::string>{" rowCount", "placed_on latency"}));
}

std::vector<std::string> Changes(const std::string& after, ChangeKind kind) {
  std::vector<std::string> changes;
  for (const ContractChange& change : DiffContracts(Parsed(kOrders), Parsed(after)).changes) {
    if (change.kind == kind) changes.push_back(change.path + ": " + change.change);
  }
  return changes;
}

TEST(ContractDiffTest, TheSameContractHasNoChanges) {
  EXPECT_TRUE(DiffContracts(Parsed(kOrders), Parsed(kOrders)).changes.empty());
}

TEST(ContractDiffTest, ChangesAreJudgedFromTheReadersView) {
  struct Change {
    const char* from;
    const char* to;
    ChangeKind kind;
    const char* told;
  };
  const Change changes[] = {
      {"      - name: placed_on\n        logicalType: date\n", "", ChangeKind::kBreaking,
       "orders.placed_on: the column is gone"},
      {"logicalType: date", "logicalType: timestamp", ChangeKind::kBreaking,
       "orders.placed_on: logicalType was date and is timestamp"},
      {"logicalType: integer", "logicalType: number", ChangeKind::kCompatible,
       "orders.id: logicalType was integer and is number"},
      {"required: true", "required: false", ChangeKind::kBreaking, "orders.state: required was true and is false"},
      {"logicalType: date", "logicalType: date\n        required: true", ChangeKind::kCompatible,
       "orders.placed_on: required was false and is true"},
      {"maximum: 10000", "maximum: 20000", ChangeKind::kBreaking, "orders.amount: maximum was 10000 and is 20000"},
      {"maximum: 10000", "maximum: 500", ChangeKind::kCompatible, "orders.amount: maximum was 10000 and is 500"},
      {"primaryKey: true", "unique: true", ChangeKind::kBreaking, "orders: the primary key was id and is nothing"},
      {"mustBeLessThan: 10", "mustBeLessThan: 20", ChangeKind::kBreaking,
       "orders.amount: the rule \"nullValues\" promises something else"},
      {"mustBeLessThan: 10", "mustBeLessThan: 5", ChangeKind::kCompatible,
       "orders.amount: the rule \"nullValues\" is stricter"},
      {"value: 4,", "value: 2,", ChangeKind::kCompatible, "orders.placed_on: latency was 4 d and is 2 d"},
      {"value: 4,", "value: 6,", ChangeKind::kBreaking, "orders.placed_on: latency was 4 d and is 6 d"},
      {"value: 99.9", "value: 99", ChangeKind::kBreaking, ": availability was 99.9 and is 99"},
      {"path: /lake", "path: /other", ChangeKind::kBreaking, ": the address of the server lake changed"},
      {"name: sales", "name: shop", ChangeKind::kNote, ": the team changed"},
      {"t.orders", "u.orders", ChangeKind::kBreaking, "orders: physicalName was t.orders and is u.orders"},
  };
  for (const Change& change : changes) {
    EXPECT_EQ(Changes(Replaced(kOrders, change.from, change.to), change.kind), std::vector<std::string>{change.told});
  }
}

TEST(ContractDiffTest, AMajorVersionAnnouncesWhatBreaks) {
  const std::string breaking = Replaced(kOrders, "required: true", "required: false");
  EXPECT_FALSE(DiffContracts(Parsed(kOrders), Parsed(Replaced(breaking, "1.2.0", "1.3.0"))).announced());
  EXPECT_TRUE(DiffContracts(Parsed(kOrders), Parsed(Replaced(breaking, "1.2.0", "2.0.0"))).announced());
}

}  // namespace
}  // namespace smelt::quality
