#include "quality/contract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "quality/contract_check.h"
#include "quality/contract_diff.h"
#include "quality/contract_gate.h"
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
  EXPECT_TRUE(report.holds()) << JsonText(report.ToJson(), 1);
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
      << JsonText(report.ToJson(), 1);
  EXPECT_NE(JsonText(report.ToJson()).find("rows whose key was there before: 20"), std::string::npos);
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

constexpr const char* kLinked = R"(apiVersion: v3.1.0
kind: DataContract
id: linked
version: 1.0.0
status: active
servers:
  - {server: lake, type: local, schema: t}
schema:
  - name: lines
    relationships:
      - {type: foreignKey, from: [lines.region, lines.shop], to: [shops.region, shops.number]}
    properties:
      - {name: region, physicalType: varchar(2)}
      - {name: shop}
      - name: item
        relationships: [{to: schema/products_obj/properties/code_prop}]
      - name: kind
        relationships: [{to: kinds.code}]
      - name: parent
        relationships: [{to: "other.yml#/schema/parents/properties/id"}]
  - name: shops
    properties: [{name: region}, {name: number}]
  - id: products_obj
    name: products
    physicalName: t.goods
    properties: [{id: code_prop, name: code, physicalName: item_code}]
)";

TEST_F(ContractCheckTest, ReferencesLeadToRowsThatAreThere) {
  Must(
      "create table t.lines as from (values ('n', 1, 'a', 'x', 1), ('s', 1, 'b', 'y', 2), ('s', null, null, null, "
      "null)) v(region, shop, item, kind, parent); create table t.shops as from (values ('n', 1), ('s', 2)) v(region, "
      "number); create table t.goods as select unnest(['a', 'b']) as item_code");
  const ContractReport report = Check(kLinked);
  std::map<std::string, std::pair<ContractVerdict, std::string>> told;
  for (const ContractCheck& check : report.checks) told[check.check] = {check.verdict, check.message};
  EXPECT_EQ(told["references shops (region, number)"].first, ContractVerdict::kBroken);
  EXPECT_EQ(told["references shops (region, number)"].second, "rows without a match in t.shops: 1, promised none");
  EXPECT_EQ(told["references products.code"].first, ContractVerdict::kHolds) << "found by ids, under another name";
  EXPECT_EQ(told["references kinds.code"].first, ContractVerdict::kUnjudged) << "nobody has that table";
  EXPECT_EQ(told["references parents.id"].first, ContractVerdict::kUnjudged) << "another contract's";
  Must("create table t.kinds as select 'x' as code");
  const ContractReport later = Check(kLinked);
  EXPECT_EQ(Broken(later),
            (std::vector<std::string>{" references shops (region, number)", "kind references kinds.code"}))
      << "a table of the lake that the contract does not describe is read, too";
}

TEST_F(ContractCheckTest, TextsAreAsLongAsTheirTypeSays) {
  Must("create table t.lines as select 'ab' as region, 1 as shop, 'a' as item, 'x' as kind, 1 as parent");
  EXPECT_EQ(Broken(Check(kLinked, ContractStrictness::kStrict)), (std::vector<std::string>{" exists", " exists"}));
  Must("insert into t.lines values ('abc', 1, 'a', 'x', 1)");
  EXPECT_EQ(Broken(Check(kLinked, ContractStrictness::kStrict)),
            (std::vector<std::string>{"region physicalType", " exists", " exists"}));
}

TEST_F(ContractCheckTest, ATableWithoutASchemaIsFoundWhereItIs) {
  const std::string text = Replaced(kOrders, "physicalName: t.orders", "physicalName: orders");
  const std::string anywhere = Replaced(text, "schema: silver", "host: localhost");
  EXPECT_EQ(Check(anywhere).checks.front().message, "the table is t.orders");
  Must("create schema u; create table u.orders as from t.orders");
  const ContractReport twice = Check(anywhere);
  EXPECT_EQ(twice.checks.front().verdict, ContractVerdict::kBroken);
  EXPECT_NE(twice.checks.front().message.find("t.orders, u.orders"), std::string::npos) << twice.checks.front().message;
}

TEST_F(ContractCheckTest, ListsAndObjectsAreLookedInto) {
  Must(
      "create table t.nested as from (values ([1, 2], {'a': 1, 'b': 2}), ([1, 1], {'a': 1, 'b': null})) v(list, "
      "object)");
  const std::string text =
      "apiVersion: v3.1.0\nkind: DataContract\nid: n\nversion: 1.0.0\nstatus: active\nschema:\n"
      "  - name: t.nested\n    properties:\n"
      "      - {name: list, logicalType: array, logicalTypeOptions: {uniqueItems: true, maxItems: 2}}\n"
      "      - {name: object, logicalType: object, logicalTypeOptions: {required: [a, b], "
      "minProperties: 3}}\n";
  EXPECT_EQ(Broken(Check(text)),
            (std::vector<std::string>{"list uniqueItems", "object minProperties", "object required"}));
}

TEST(ContractTest, RelationshipsAreChecked) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"[lines.region, lines.shop]", "[lines.region]"},
      {"[lines.region, lines.shop]", "[]"},
      {"[lines.region, lines.shop]", "[lines.region, shops.number]"},
      {"{to: kinds.code}", "{to: kinds}"},
      {"{to: kinds.code}", "{from: lines.kind, to: kinds.code}"},
      {"{to: kinds.code}", "{too: kinds.code}"},
      {"{to: kinds.code}", "{type: foreignKey}"},
      {"[{to: kinds.code}]", "kinds.code"},
  };
  for (const auto& [from, to] : mistakes) {
    const auto contract = ParseContract(Replaced(kLinked, from, to), "linked.yml");
    ASSERT_FALSE(contract) << to;
    EXPECT_GT(contract.error().line(), 9) << contract.error().ToString();
    EXPECT_FALSE(contract.error().hint().empty()) << contract.error().ToString();
  }
}

TEST_F(ContractCheckTest, StagedRowsAreJudgedBeforeTheyAreThere) {
  const ContractGate gate({Parsed(kOrders)}, ContractStrictness::kLoose);
  Must("begin; insert into t.orders values (1, 'new', 1, current_date, 'x')");  // the key is there already
  const auto refused = gate.Judge(*engine_, *session_, "t", "orders");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kQualityGateFailed);
  EXPECT_EQ(refused.error().file(), "orders.yml");
  EXPECT_GT(refused.error().line(), 0);
  EXPECT_NE(refused.error().message().find("rows whose key was there before: 1, promised none"), std::string::npos)
      << refused.error().message();
  EXPECT_EQ(gate.Judge(*engine_, *session_, "t", "others").value(), "") << "no contract is about it";
  const ContractGate draft({Parsed(Replaced(kOrders, "status: active", "status: draft"))}, ContractStrictness::kLoose);
  EXPECT_NE(draft.Judge(*engine_, *session_, "t", "orders").value().find("promised none"), std::string::npos);
  const ContractGate retired({Parsed(Replaced(kOrders, "status: active", "status: retired"))},
                             ContractStrictness::kLoose);
  EXPECT_EQ(retired.Judge(*engine_, *session_, "t", "orders").value(), "");
  Must("rollback");
  EXPECT_TRUE(gate.Judge(*engine_, *session_, "t", "orders"));
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

TEST(ContractDiffTest, ReferencesArePromises) {
  const std::string without = Replaced(kLinked, "        relationships: [{to: kinds.code}]\n", "");
  const ContractDiff lost = DiffContracts(Parsed(kLinked), Parsed(without));
  ASSERT_EQ(lost.changes.size(), 1U);
  EXPECT_EQ(lost.changes[0].kind, ChangeKind::kBreaking);
  EXPECT_EQ(lost.changes[0].change, "the reference of kind to kinds.code is gone");
  const ContractDiff won = DiffContracts(Parsed(without), Parsed(kLinked));
  ASSERT_EQ(won.changes.size(), 1U);
  EXPECT_EQ(won.changes[0].kind, ChangeKind::kCompatible);
}

TEST(ContractDiffTest, AMajorVersionAnnouncesWhatBreaks) {
  const std::string breaking = Replaced(kOrders, "required: true", "required: false");
  EXPECT_FALSE(DiffContracts(Parsed(kOrders), Parsed(Replaced(breaking, "1.2.0", "1.3.0"))).announced());
  EXPECT_TRUE(DiffContracts(Parsed(kOrders), Parsed(Replaced(breaking, "1.2.0", "2.0.0"))).announced());
}

}  // namespace
}  // namespace smelt::quality
