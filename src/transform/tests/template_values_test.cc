// The values that templates see: relations, columns, results of queries, and the names of dbt's contexts.

#include <gtest/gtest.h>

#include "engine/session.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

using Expected = std::pair<const char*, const char*>;

/// Renders expressions in the context of a model "m" beside a seed-like model "sales" that is in the lake.
class TemplateValues : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp(
        "create table main.sales as select * from (values (1, 'north', 10.50), (2, 'south', 20.00), "
        "(3, 'north', 5.25)) t(id, region, amount)");
  }

  Result<std::string> Render(const std::string& text, const ProjectFolder::Files& more = {}) {
    ProjectFolder::Files files = {{"models/m.sql", "-- {{ ref('sales') }}\n{% if execute %}" + text + "{% endif %}"},
                                  {"models/sales.sql", "select 1"}};
    files.insert(more.begin(), more.end());
    ProjectFolder folder(files);
    auto project = LoadGood(folder);
    project->SetSelected({"model.shop.m"});
    SMELT_ASSIGN(std::string sql,
                 project->Compile(project->manifest().nodes.at("model.shop.m"),
                                  {.session = session_.get(), .is_incremental = false, .run_id = "run"}));
    return sql.substr(sql.find('\n') + 1);
  }

  void ExpectAll(std::span<const Expected> all, const std::string& before = "") {
    for (const auto& [expression, text] : all) {
      auto rendered = Render(before + "{{ " + expression + " }}");
      EXPECT_TRUE(rendered) << expression << ": " << rendered.error().ToString();
      EXPECT_EQ(rendered.value_or(""), text) << expression;
    }
  }
};

TEST_F(TemplateValues, RelationsPrintAndChangeAsInDbt) {
  const Expected expected[] = {
      {"ref('sales')", "\"lake\".\"main\".\"sales\""},
      {"[ref('sales')]", "[<DuckDBRelation \"lake\".\"main\".\"sales\">]"},
      {"ref('sales').type", "None"},
      {"load_relation(ref('sales')).is_table", "True"},
      {"load_relation(api.Relation.create(schema='main', identifier='none'))", "None"},
      {"ref('sales').include(database=false)", "\"main\".\"sales\""},
      {"ref('sales').include(database=false, schema=false)", "\"sales\""},
      {"ref('sales').quote(identifier=false)", "\"lake\".\"main\".sales"},
      {"ref('sales').without_identifier()", "\"lake\".\"main\""},
      {"ref('sales').information_schema('tables')", "\"lake\".INFORMATION_SCHEMA.tables"},
      {"ref('sales').replace_path(identifier='a\"b')", "\"lake\".\"main\".\"a\"\"b\""},
      {"ref('sales').incorporate(path={'schema': none}, type='view').is_view", "True"},
      {"ref('sales').incorporate(path={'schema': none})", "\"lake\".\"sales\""},
      {"ref('sales').matches(database='lake', identifier='sales')", "True"},
      {"ref('sales').matches(identifier='other')", "False"},
      {"ref('sales').get('metadata')", "{'type': 'DuckDBRelation'}"},
      {"ref('sales').get('nothing', 1)", "1"},
      {"ref('sales') == ref('sales')", "True"},
      {"ref('sales') == load_relation(ref('sales'))", "False"},
      {"ref('sales') is mapping", "True"},
      {"ref('sales')['identifier'] ~ ref('sales').path.schema", "salesmain"},
      {"this.View ~ api.Relation.MaterializedView", "viewmaterialized_view"},
      {"api.Relation.create(database='d', identifier='i', quote_policy={'identifier': false})", "\"d\".i"},
      {"api.Relation.scd_args(['a', 'b'], 'c')", "['a', 'b', 'c']"},
      {"this", "\"lake\".\"main\".\"m\""},
  };
  ExpectAll(expected);
  auto unquoted = Render("{{ ref('sales') }}", {{"dbt_project.yml", "name: shop\nquoting: {schema: false}\n"}});
  EXPECT_EQ(unquoted.value_or("error"), "\"lake\".main.\"sales\"");
}

TEST_F(TemplateValues, ColumnsKnowTheirTypes) {
  const Expected expected[] = {
      {"adapter.get_columns_in_relation(ref('sales')) | map(attribute='dtype') | list",
       "['INTEGER', 'VARCHAR', 'DECIMAL(4,2)']"},
      {"adapter.get_columns_in_relation(ref('sales')) | map(attribute='data_type') | list",
       "['INTEGER', 'character varying(256)', 'DECIMAL(4,2)']"},
      {"adapter.get_column_schema_from_query(\"select 1 as a, {'b': 2, 'c': 'x'} as s\") | map(attribute='name') | "
       "list",
       "['a', 's.b', 's.c']"},
      {"api.Column('a', 'varchar', 10)",
       "DuckDBColumn(column='a', dtype='varchar', char_size=10, numeric_precision=None, numeric_scale=None, "
       "fields=[])"},
      {"api.Column('a', 'numeric', none, 10, 2).data_type", "numeric(10,2)"},
      {"api.Column('a', 'VARCHAR').is_string()", "True"},
      {"api.Column('a', 'DOUBLE').is_number()", "True"},
      {"api.Column('a', 'varchar', 5).can_expand_to(api.Column('b', 'text'))", "True"},
      {"api.Column('a\"b', 'date').quoted", "\"a\"\"b\""},
      {"api.Column.create('a', 'string').dtype ~ api.Column.translate_type('date')", "TEXTdate"},
      {"api.Column.from_description('a', 'decimal(10, 2)').data_type", "decimal(10,2)"},
      {"api.Column('a', 'STRUCT(x INTEGER, \"y z\" STRUCT(w DECIMAL(3,1)))').flatten() | map(attribute='name') | list",
       "['a.x', 'a.\"y z\".w']"},
      {"api.Column('a', 'date') == api.Column('a', 'date')", "True"},
      {"api.Column('a', 'date').literal(5)", "5::date"},
  };
  ExpectAll(expected);
}

TEST_F(TemplateValues, ResultsOfQueriesAreTables) {
  const std::string query =
      "{% set t = run_query(\"select id, region, amount, date '2024-01-02' + id as day, case id when 2 then 7 end as "
      "n, "
      "id / 2.0::double as f, timestamp '2024-01-02 03:04:05' as moment, 12345678901234567890::hugeint as big, [id, 2] "
      "as list from "
      "main.sales order by id\") %}";
  const Expected expected[] = {
      {"t.column_names", "('id', 'region', 'amount', 'day', 'n', 'f', 'moment', 'big', 'list')"},
      {"t.rows[2].list", "[3, 2]"},
      {"t | length", "3"},
      {"t.rows[0].amount ~ ' ' ~ t.rows[-1]['amount'] ~ ' ' ~ t.rows[0][2]", "10.50 5.25 10.50"},
      {"t.rows[0]['Amount']", ""},
      {"t.rows[0].get('nothing', 5)", "5"},
      {"t.rows[0]", "<agate.Row: (1, 'north', Decimal('10.50'), datetime.date(2024, 1, 3), None, ...)>"},
      {"t.columns['region'].values_distinct()", "('north', 'south')"},
      {"t.columns['n'].values() ~ t.columns['n'].values_without_nulls()", "(None, 7, None)(7,)"},
      {"t.columns['amount'].values_sorted()", "[Decimal('5.25'), Decimal('10.50'), Decimal('20.00')]"},
      {"t.columns['f'].values()", "(Decimal('0.5'), Decimal('1.0'), Decimal('1.5'))"},
      {"t.columns['big'].values()[0]", "12345678901234567890"},
      {"t.columns['day'].values()[0].strftime('%d.%m.%Y')", "03.01.2024"},
      {"t.columns['moment'].values()[0].isoformat()", "2024-01-02T03:04:05"},
      {"t.columns['amount'].values() | sum", "35.75"},
      {"t.columns['amount'].values()[0] > 10 and 10.5 == t.columns['amount'].values()[0]", "True"},
      {"t.columns['amount'].values()[0] | int ~ '', t.columns['amount'].values()[0] | round(1)",
       "('10', Decimal('10.5'))"},
      {"t.select(['region', 'id']).columns | map(attribute='name') | list", "['region', 'id']"},
      {"t.exclude(['id', 'big', 'f', 'list']).column_names | join(',')", "region,amount,day,n,moment"},
      {"t.rename(column_names={'id': 'key'}).column_names[0]", "key"},
      {"t.order_by('amount', reverse=true).columns['id'].values()", "(2, 1, 3)"},
      {"t.order_by('n').columns['n'].values()", "(7, None, None)"},
      {"t.limit(1, 3).columns[0].values() ~ t.limit(1).rows | length", "(2, 3)1"},
      {"t.distinct('region').columns['id'].values()", "(1, 2)"},
      {"t.group_by('region').keys() ~ t.group_by('region')['north'].columns[0].values()", "('north', 'south')(1, 3)"},
      {"t.select('id')", "| column | data_type |\n| ------ | --------- |\n| id     | Integer   |\n"},
      {"'yes' if t.limit(0) else 'no'", "no"},
  };
  ExpectAll(expected, query);
  auto misspelt = Render(query + "{{ t.select('regoin') }}");
  ASSERT_FALSE(misspelt);
  EXPECT_NE(misspelt.error().ToString().find("did you mean 'region'?"), std::string::npos)
      << misspelt.error().ToString();
}

TEST_F(TemplateValues, ContextsHaveTheNamesOfDbt) {
  const Expected expected[] = {
      {"builtins.ref('sales')", "\"lake\".\"main\".\"sales\""},
      {"context['ref']('sales') ~ context['concat'](['a', 'b'])", "\"lake\".\"main\".\"sales\"a || b"},
      {"context.get('nothing', 5)", "5"},
      {"render('{{ 1 + 1 }} {{ this.name }}')", "2 m"},
      {"try_or_compiler_error('no', dbt.concat, ['a', 'b'])", "a || b"},
      {"sql ~ compiled_code ~ pre_hooks ~ post_hooks", "NoneNone[][]"},
      {"env.name ~ column.translate_type('string')", "devTEXT"},
      {"selected_resources", "['model.shop.m']"},
      {"invocation_args_dict.which", "build"},
  };
  ExpectAll(expected);
  auto own = Render("{{ ref('sales') }} {{ builtins.ref('sales').name }}",
                    {{"macros/ref.sql",
                      "{% macro ref(name) %}{{ return(builtins.ref(name).include(database=false)) }}"
                      "{% endmacro %}"}});
  EXPECT_EQ(own.value_or("error"), "\"main\".\"sales\" sales");
}

TEST_F(TemplateValues, ExceptionsSayWhatIsWrong) {
  const Expected expected[] = {
      {"exceptions.raise_compiler_error('my words', model)", "my words"},
      {"exceptions.raise_database_error('no disk')", "no disk"},
      {"exceptions.missing_config(model, 'unique_key')", "model.shop.m: the setting 'unique_key' is required"},
      {"exceptions.missing_relation(this)", "there is no relation \"lake\".\"main\".\"m\""},
      {"exceptions.relation_wrong_type(this.incorporate(type='view'), 'table', model)",
       "exists as a view where a table is expected (model.shop.m)"},
      {"exceptions.raise_contract_error([{'name': 'a', 'data_type': 'DATE'}, {'name': 'b', 'data_type': 'DATE'}], "
       "[{'name': 'a', 'data_type': 'VARCHAR'}, {'name': 'c', 'data_type': 'DATE'}])",
       "a: is described as DATE and has the type VARCHAR in the query\n"
       "  b: is described as DATE and missing in the query\n"
       "  c: is in the query (DATE) and not described"},
      {"exceptions.column_type_missing(['a', 'b'])", "these columns have no data_type: a, b"},
      {"exceptions.raise_not_implemented('this one')", "this one"},
      {"exceptions.raise_ambiguous_alias(model, model, 't')", "model.shop.m and model.shop.m both write 't'"},
      {"try_or_compiler_error('not a date', modules.datetime.datetime.strptime, 'x', '%Y')", "not a date"},
      {"config.get('x') ~ api.Relation.create(type='tabel')", "there is no type of relations 'tabel'"},
      {"api.Relation.create(schema=nothing.at_all)", "undefined"},
      {"ref('sales').matches(identifier='SALES')", "case of its letters"},
      {"api.Column.from_description('a', 'varchar(x)')", "the size 'x', which is no number"},
      {"api.Column('a', 'date').string_size()", "the column 'a' has the type date"},
  };
  for (const auto& [expression, text] : expected) {
    auto rendered = Render("{{ " + std::string(expression) + " }}");
    ASSERT_FALSE(rendered) << expression;
    EXPECT_NE(rendered.error().message().find(text), std::string::npos) << rendered.error().ToString();
    EXPECT_EQ(rendered.error().file(), "models/m.sql") << expression;
  }
}

TEST_F(TemplateValues, WarningsReachTheUserAndCanFail) {
  ProjectFolder folder(ProjectFolder::Files{{"models/m.sql", "{% do exceptions.warn('watch out') %}select 1"}});
  InvokeOptions options = folder.Options();
  std::vector<std::string> warnings;
  options.warn = [&warnings](const Error& warning) { warnings.push_back(warning.message()); };
  ASSERT_NE(LoadGood(options), nullptr);
  EXPECT_EQ(warnings, std::vector<std::string>{"watch out"});
  options.warn_error = true;
  auto project = Project::Load(options);
  ASSERT_FALSE(project);
  EXPECT_NE(project.error().message().find("watch out"), std::string::npos);
}

}  // namespace
}  // namespace smelt::transform
