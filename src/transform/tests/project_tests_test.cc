// Data tests of a project: names, SQL, configuration. The SQL runs against a real lake.

#include <algorithm>
#include <filesystem>

#include "engine/session.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

const Node* FindTest(const Project& project, const std::string& name) {
  for (const auto& [id, node] : project.manifest().nodes) {
    if (node.name == name && ResourceTypeText(node.type) == "test") return &node;
  }
  ADD_FAILURE() << "no test " << name;
  return nullptr;
}

TEST(ProjectGenericTests, HaveTheNamesThatDbtGives) {
  ProjectFolder folder(
      {{"models/orders.sql", "select 1"},
       {"models/customers.sql", "select 1"},
       {"models/schema.yml",
        "sources:\n"
        "  - {name: raw, tables: [{name: rows, columns: [{name: id, tests: [not_null]}]}]}\n"
        "models:\n"
        "  - name: orders\n"
        "    tests:\n"
        "      - unique: {column_name: a || b}\n"
        "    columns:\n"
        "      - name: order_id\n"
        "        data_tests: [not_null, {unique: {name: my_unique}}]\n"
        "      - name: status\n"
        "        data_tests:\n"
        "          - accepted_values: {arguments: {values: [placed, 'sent off']}}\n"
        "          - accepted_values: {values: [1, 2], quote: false}\n"
        "          - accepted_values: {values: [a_rather_long_value, another_rather_long_value, yet_another]}\n"
        "      - name: customer_id\n"
        "        data_tests: [{relationships: {to: ref('customers'), field: id}}]\n"}});
  auto project = LoadGood(folder);
  for (const char* name :
       {"source_not_null_raw_rows_id", "unique_orders_a_b", "not_null_orders_order_id", "my_unique",
        "accepted_values_orders_status__placed__sent_off", "accepted_values_orders_status__False__1__2",
        "relationships_orders_customer_id__id__ref_customers_"}) {
    FindTest(*project, name);
  }
  const Node* relationships = FindTest(*project, "relationships_orders_customer_id__id__ref_customers_");
  EXPECT_EQ(relationships->depends_on, (std::vector<std::string>{"model.shop.customers", "model.shop.orders"}));
  EXPECT_EQ(relationships->attached_to, "model.shop.orders");
  EXPECT_EQ(relationships->column_name, "customer_id");
  EXPECT_EQ(relationships->test_name, "relationships");
  EXPECT_EQ(relationships->line, 16);
  // A name that would be too long ends in a hash.
  auto is_long = [](const auto& entry) {
    const std::string& name = entry.second.relation.identifier;
    return name.starts_with("accepted_values_orders_") && name.size() == 23 + 32;
  };
  EXPECT_EQ(std::ranges::count_if(project->manifest().nodes, is_long), 1);
}

TEST(ProjectGenericTests, TakeSettingsFromEveryPlace) {
  ProjectFolder folder(
      {{"dbt_project.yml", "name: shop\ndata_tests: {+severity: warn, shop: {+tags: checks}}\n"},
       {"models/a.sql", "select 1"},
       {"models/schema.yml",
        "models:\n"
        "  - name: a\n"
        "    columns:\n"
        "      - name: x\n"
        "        tags: [column]\n"
        "        tests:\n"
        "          - not_null\n"
        "          - unique:\n"
        "              where: x > 0\n"
        "              config: {severity: Error, error_if: '>10', warn_if: '>1', limit: 5, fail_calc: sum(n)}\n"
        "          - accepted_values: {values: [1], config: {enabled: false}}\n"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(FindTest(*project, "not_null_a_x")->config.severity, "warn");
  EXPECT_EQ(FindTest(*project, "not_null_a_x")->tags, (std::vector<std::string>{"checks", "column"}));
  const Node* unique = FindTest(*project, "unique_a_x");
  EXPECT_EQ(unique->config.severity, "error");
  EXPECT_EQ(unique->config.where, "x > 0");
  EXPECT_EQ(unique->config.error_if, ">10");
  EXPECT_EQ(unique->config.warn_if, ">1");
  EXPECT_EQ(unique->config.limit, 5);
  EXPECT_EQ(unique->config.fail_calc, "sum(n)");
  EXPECT_NE(Compiled(*project, unique->unique_id)
                .find("from (select * from \"lake\".\"main\".\"a\" where x > 0) dbt_subquery"),
            std::string::npos);
  EXPECT_EQ(project->manifest().nodes.size(), 3U);
}

class ProjectOnLake : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp(
        "create table main.parents as select * from (values (1), (2), (null)) t(id);"
        "create table main.children as select * from (values (1, 'a', 1.5), (1, 'b''c', 2), (3, null, null), "
        "(null, 'z', 4)) t(id, kind, price)");
  }

  /// How many rows a node's query yields.
  std::size_t Rows(const Project& project, const Node& node) {
    auto sql = project.Compile(node, {.session = session_.get(), .is_incremental = false, .run_id = "run"});
    EXPECT_TRUE(sql) << sql.error().ToString();
    auto rows = session_->Query(*sql);
    EXPECT_TRUE(rows) << *sql << "\n" << rows.error().ToString();
    return rows ? rows->rows.size() : 0;
  }
};

TEST_F(ProjectOnLake, GenericTestsYieldTheRowsThatFail) {
  ProjectFolder folder({{"models/parents.sql", "select 1"},
                        {"models/children.sql", "select 1"},
                        {"macros/even.sql",
                         "{% test is_at_least(model, column_name, low=0) %}"
                         "select * from {{ model }} where {{ column_name }} < {{ low }}{% endtest %}"},
                        {"models/schema.yml",
                         "models:\n"
                         "  - name: children\n"
                         "    columns:\n"
                         "      - name: id\n"
                         "        data_tests:\n"
                         "          - not_null: {name: t_not_null}\n"
                         "          - unique: {name: t_unique}\n"
                         "          - relationships: {name: t_relationships, to: ref('parents'), field: id}\n"
                         "          - not_null: {name: t_where, where: kind = 'z'}\n"
                         "          - not_null: {name: t_where_none, where: kind = 'a'}\n"
                         "          - accepted_values: {name: t_numbers, values: [1, 2], quote: false}\n"
                         "      - name: kind\n"
                         "        quote: true\n"
                         "        data_tests: [{accepted_values: {name: t_values, values: [a, \"b'c\"]}}]\n"
                         "      - name: price\n"
                         "        data_tests: [{is_at_least: {name: t_own, low: 2}}]\n"}});
  auto project = LoadGood(folder);
  const std::pair<const char*, std::size_t> expected[] = {
      {"t_not_null", 1},   {"t_unique", 1},  {"t_relationships", 1}, {"t_where", 1},
      {"t_where_none", 0}, {"t_numbers", 1}, {"t_values", 1},        {"t_own", 1}};
  for (const auto& [name, rows] : expected) EXPECT_EQ(Rows(*project, *FindTest(*project, name)), rows) << name;
}

TEST_F(ProjectOnLake, TemplatesAskTheDatabase) {
  ProjectFolder folder(
      {{"models/children.sql", "select 1"},
       {"models/a.sql",
        "{% set result = run_query('select id, kind, price from ' ~ ref('children') ~ ' order by price nulls last') %}"
        "{% if execute %}{{ result.columns[0].values() | list }} {{ result.columns['kind'].values()[1] }} "
        "{{ result.rows[0]['price'] }} {{ result.rows[1][0] }} {{ result.column_names | join(',') }} "
        "{% for row in result.rows if row.kind %}{{ row['kind'] }};{% endfor %} "
        "{% for c in adapter.get_columns_in_relation(ref('children')) %}{{ c.quoted }} {{ c.data_type }} {% endfor %}"
        "{{ adapter.get_relation('lake', 'main', 'children') }} {{ adapter.get_relation('lake', 'main', 'none') }}"
        "{% endif %}"},
       {"models/b.sql",
        "{%- call statement('s', fetch_result=true) -%} select 7 as x {%- endcall -%}"
        "{{ load_result('s')['data'][0][0] }} {{ load_result('s').table.columns['x'].values()[0] }}"}});
  auto project = LoadGood(folder);
  CompileContext context{.session = session_.get(), .is_incremental = false, .run_id = "run"};
  auto a = project->Compile(project->manifest().nodes.at("model.shop.a"), context);
  ASSERT_TRUE(a) << a.error().ToString();
  EXPECT_EQ(*a,
            "[1, 1, None, 3] b'c 1.5 1 id,kind,price a;b'c;z; "
            "\"id\" INTEGER \"kind\" character varying(256) \"price\" DECIMAL(11,1) \"lake\".\"main\".\"children\" "
            "None");
  auto b = project->Compile(project->manifest().nodes.at("model.shop.b"), context);
  ASSERT_TRUE(b) << b.error().ToString();
  EXPECT_EQ(*b, "7 7");
}

TEST_F(ProjectOnLake, FailedQueriesNameTheTemplate) {
  ProjectFolder folder(ProjectFolder::Files{{"models/a.sql", "\n{{ run_query('selec 1') }}"}});
  auto project = LoadGood(folder);
  auto sql = project->Compile(project->manifest().nodes.at("model.shop.a"),
                              {.session = session_.get(), .is_incremental = false, .run_id = "run"});
  ASSERT_FALSE(sql);
  EXPECT_EQ(sql.error().code(), ErrorCode::kSqlSyntax);
  EXPECT_EQ(sql.error().file(), "models/a.sql");
  EXPECT_EQ(sql.error().line(), 2);
}

}  // namespace
}  // namespace smelt::transform
