// What is wrong with a project is said with file, line and a suggestion.

#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

struct ErrorCase {
  const char* what;
  ProjectFolder::Files files;
  ErrorCode code;
  const char* file;
  std::int64_t line;
  const char* part;
};

void ExpectComplaint(const Error& error, const ErrorCase& c) {
  EXPECT_EQ(error.code(), c.code) << c.what << "\n" << error.ToString();
  EXPECT_EQ(error.file(), c.file) << c.what << "\n" << error.ToString();
  EXPECT_EQ(error.line(), c.line) << c.what << "\n" << error.ToString();
  EXPECT_NE(error.ToString().find(c.part), std::string::npos) << c.what << "\n" << error.ToString();
}

void ExpectErrors(const std::vector<ErrorCase>& cases) {
  for (const ErrorCase& c : cases) ExpectComplaint(LoadError(c.files), c);
}

TEST(ProjectErrors, OfTheProjectFile) {
  InvokeOptions options;
  options.project_dir = "/no/such/folder";
  auto missing = Project::Load(options);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kDbtProjectMissing);
  EXPECT_NE(missing.error().ToString().find("/no/such/folder"), std::string::npos);
  const std::string yml = "dbt_project.yml";
  ExpectErrors({
      {"no name", {{yml, "version: '1'\n"}}, ErrorCode::kConfigKeyMissing, "dbt_project.yml", 1, "name"},
      {"bad YAML", {{yml, "name: a\nmodels: [\n"}}, ErrorCode::kConfigSyntax, "dbt_project.yml", 4, "not valid YAML"},
      {"wrong type of a setting",
       {{yml, "name: a\nmodels:\n  +enabled: perhaps\n"}, {"models/m.sql", "select 1"}},
       ErrorCode::kDbtConfigInvalid,
       "dbt_project.yml",
       3,
       "true or false"},
      {"indirect selection",
       {{yml, "name: a\nflags:\n  indirect_selection: keen\n"}},
       ErrorCode::kConfigValueInvalid,
       "dbt_project.yml",
       3,
       "buildable"},
  });
}

TEST(ProjectErrors, OfReferences) {
  ExpectErrors({
      {"missing ref",
       {{"models/a.sql", "select *\nfrom {{ ref('oders') }}"}, {"models/orders.sql", "select 1"}},
       ErrorCode::kDbtRefMissing,
       "models/a.sql",
       2,
       "did you mean 'orders'?"},
      {"ref to a disabled node",
       {{"models/a.sql", "select *\n\nfrom {{ ref('b') }}"}, {"models/b.sql", "{{ config(enabled=false) }}select 1"}},
       ErrorCode::kDbtRefMissing,
       "models/a.sql",
       3,
       "disabled"},
      {"ref into another package",
       {{"models/a.sql", "{{ ref('other', 'b') }}"}},
       ErrorCode::kDbtRefMissing,
       "models/a.sql",
       1,
       "no package 'other'"},
      {"ref with a version",
       {{"models/a.sql", "{{ ref('b', v=2) }}"}},
       ErrorCode::kDbtRefMissing,
       "models/a.sql",
       1,
       "v=2"},
      {"missing source",
       {{"models/a.sql", "{{ source('rwa', 't') }}"}, {"models/s.yml", "sources: [{name: raw, tables: [{name: t}]}]"}},
       ErrorCode::kDbtRefMissing,
       "models/a.sql",
       1,
       "did you mean 'raw'?"},
      {"missing source table",
       {{"models/a.sql", "{{ source('raw', 'ordrs') }}"},
        {"models/s.yml", "sources: [{name: raw, tables: [{name: orders}]}]"}},
       ErrorCode::kDbtRefMissing,
       "models/a.sql",
       1,
       "did you mean 'orders'?"},
      {"within a macro",
       {{"macros/m.sql", "{% macro m() %}\n{{ ref('none') }}{% endmacro %}"}, {"models/a.sql", "{{ m() }}"}},
       ErrorCode::kDbtRefMissing,
       "macros/m.sql",
       2,
       "called from models/a.sql:1:4"},
      {"missing var",
       {{"models/a.sql", "\n{{ var('colour') }}"}, {"dbt_project.yml", "name: x\nvars: {color: 1}\n"}},
       ErrorCode::kDbtVarMissing,
       "models/a.sql",
       2,
       "did you mean 'color'?"},
      {"missing environment variable",
       {{"models/a.sql", "{{ env_var('SMELT_TEST_NO_SUCH_VARIABLE') }}"}},
       ErrorCode::kDbtVarMissing,
       "models/a.sql",
       1,
       "SMELT_TEST_NO_SUCH_VARIABLE"},
      {"missing macro",
       {{"models/a.sql", "select {{ no_macro() }}"}},
       ErrorCode::kJinjaUndefined,
       "models/a.sql",
       1,
       "'no_macro' is undefined"},
      {"relationships to nothing",
       {{"models/a.sql", "select 1"},
        {"models/a.yml",
         "models:\n  - name: a\n    columns:\n      - name: x\n        tests:\n"
         "          - relationships: {to: ref('bb'), field: id}\n"}},
       ErrorCode::kDbtRefMissing,
       "models/a.yml",
       6,
       "ref('bb')"},
  });
}

TEST(ProjectErrors, OfCyclesAndDoubles) {
  ExpectErrors({
      {"cycle",
       {{"models/c.sql", "{{ ref('a') }}"},
        {"models/b.sql", "{{ ref('c') }}"},
        {"models/a.sql", "{{ ref('b') }}"},
        {"models/d.sql", "{{ ref('a') }}"}},
       ErrorCode::kDbtCycle,
       "models/a.sql",
       1,
       "a → b → c → a"},
      {"a model of itself", {{"models/a.sql", "{{ ref('a') }}"}}, ErrorCode::kDbtCycle, "models/a.sql", 1, "a → a"},
      {"two models",
       {{"models/x/a.sql", "select 1"}, {"models/y/a.sql", "select 1"}},
       ErrorCode::kDbtDuplicate,
       "models/y/a.sql",
       1,
       "models/x/a.sql"},
      {"model and seed",
       {{"models/a.sql", "select 1"}, {"seeds/a.csv", "x\n1\n"}},
       ErrorCode::kDbtDuplicate,
       "seeds/a.csv",
       1,
       "models/a.sql"},
      {"two tables",
       {{"models/a.sql", "{{ config(alias='b') }}select 1"}, {"models/b.sql", "select 1"}},
       ErrorCode::kDbtDuplicate,
       "models/b.sql",
       1,
       "main.b: models/a.sql and models/b.sql"},
      {"two macros",
       {{"macros/a.sql", "{% macro m() %}{% endmacro %}"}, {"macros/b.sql", "\n{% macro m() %}{% endmacro %}"}},
       ErrorCode::kDbtDuplicate,
       "macros/b.sql",
       2,
       "macros/a.sql"},
      {"described twice",
       {{"models/a.sql", "select 1"}, {"models/a.yml", "models:\n  - name: a\n  - name: a\n"}},
       ErrorCode::kDbtDuplicate,
       "models/a.yml",
       3,
       "models/a.yml:2"},
      {"the same test twice",
       {{"models/a.sql", "select 1"},
        {"models/a.yml",
         "models:\n  - name: a\n    columns:\n      - {name: x, tests: [unique]}\n"
         "      - {name: x, tests: [unique]}\n"}},
       ErrorCode::kDbtDuplicate,
       "models/a.yml",
       5,
       "models/a.yml:4"},
      {"the same source twice",
       {{"models/s.yml",
         "sources:\n  - {name: r, tables: [{name: t}]}\n"
         "  - {name: r, tables: [{name: t}]}\n"}},
       ErrorCode::kDbtDuplicate,
       "models/s.yml",
       3,
       "models/s.yml:2"},
  });
}

TEST(ProjectErrors, OfProperties) {
  const std::string sql = "models/orders.sql";
  ExpectErrors({
      {"a test that is not there",
       {{sql, "select 1"},
        {"models/a.yml",
         "models:\n  - name: orders\n    columns:\n      - name: x\n        tests:\n"
         "          - not_nul\n"}},
       ErrorCode::kJinjaUndefined,
       "models/a.yml",
       6,
       "did you mean 'not_null'?"},
      {"a test without what it needs",
       {{sql, "select 1"},
        {"models/a.yml",
         "models:\n  - name: orders\n    columns:\n      - name: x\n        tests:\n"
         "          - unique: {colour: red}\n"}},
       ErrorCode::kJinjaType,
       "models/a.yml",
       6,
       "takes no argument 'colour'"},
      {"arguments beside the test's name",
       {{sql, "select 1"},
        {"models/a.yml",
         "models:\n  - name: orders\n    columns:\n      - name: x\n        tests:\n"
         "          - unique:\n            where: x\n"}},
       ErrorCode::kConfigValueInvalid,
       "models/a.yml",
       6,
       "indent"},
      {"a template in YAML",
       {{sql, "select 1"},
        {"models/a.yml",
         "models:\n  - name: orders\n    config:\n"
         "      schema: \"{{ var('none') }}\"\n"}},
       ErrorCode::kDbtVarMissing,
       "models/a.yml",
       4,
       "'none'"},
      {"versions",
       {{sql, "select 1"}, {"models/a.yml", "models:\n  - name: orders\n    versions: [{v: 1}, {v: 2}]\n"}},
       ErrorCode::kDbtRefMissing,
       "models/a.yml",
       2,
       "orders_v1.sql"},
  });
}

TEST(ProjectErrors, OfConfigurations) {
  ExpectErrors({
      {"unknown materialisation",
       {{"models/a.sql", "{{ config(materialized='tabel') }}"}},
       ErrorCode::kDbtConfigInvalid,
       "models/a.sql",
       1,
       "did you mean 'table'?"},
      {"snapshot without a key",
       {{"snapshots/s.sql",
         "\n{% snapshot s %}{{ config(strategy='check', check_cols='all') }}"
         "select 1{% endsnapshot %}"}},
       ErrorCode::kDbtConfigInvalid,
       "snapshots/s.sql",
       2,
       "unique_key"},
      {"snapshot without its time",
       {{"snapshots/s.sql",
         "{% snapshot s %}{{ config(strategy='timestamp', unique_key='x') }}"
         "select 1{% endsnapshot %}"}},
       ErrorCode::kDbtConfigInvalid,
       "snapshots/s.sql",
       1,
       "updated_at"},
      {"a template that does not parse",
       {{"models/a.sql", "select\n{{ 1 +"}},
       ErrorCode::kJinjaSyntax,
       "models/a.sql",
       2,
       "not closed"},
      {"an error on purpose",
       {{"models/a.sql", "{{ exceptions.raise_compiler_error('no good') }}"}},
       ErrorCode::kJinjaRaised,
       "models/a.sql",
       1,
       "no good"},
  });
}

TEST(ProjectErrors, RefsThatOnlyARunMakesAreRefused) {
  ProjectFolder folder(
      {{"models/a.sql", "select 1"}, {"models/b.sql", "{% if invocation_id == 'run' %}\n{{ ref('a') }}{% endif %}"}});
  auto project = LoadGood(folder);
  CompileContext context;
  context.run_id = "run";
  auto sql = project->Compile(project->manifest().nodes.at("model.shop.b"), context);
  ASSERT_FALSE(sql);
  EXPECT_EQ(sql.error().code(), ErrorCode::kDbtRefMissing);
  EXPECT_EQ(sql.error().line(), 2);
  EXPECT_NE(sql.error().hint().find("-- depends_on: {{ ref('a') }}"), std::string::npos) << sql.error().ToString();
}

TEST(ProjectErrors, SettingsOfOnesOwnAreNoErrors) {
  ProjectFolder folder(ProjectFolder::Files{
      {"models/a.sql",
       "{{ config(my_team_setting=7) }}{{ config.get('my_team_setting') }} {{ config.get('none', 'x') }}"}});
  auto project = LoadGood(folder);
  EXPECT_EQ(Compiled(*project, "model.shop.a"), "7 x");
}

/// What does no harm is said too, and the project is loaded.
TEST(ProjectWarnings, SayWhatHasNoEffect) {
  const std::vector<ErrorCase> cases = {
      {"unknown key",
       {{"dbt_project.yml", "name: a\nmodel-path: [x]\n"}},
       ErrorCode::kConfigKeyUnknown,
       "dbt_project.yml",
       2,
       "model-paths"},
      {"misspelt setting",
       {{"dbt_project.yml", "name: a\nmodels:\n  a:\n    +materialised: table\n"}, {"models/m.sql", "select 1"}},
       ErrorCode::kDbtConfigInvalid,
       "dbt_project.yml",
       4,
       "did you mean 'materialized'?"},
      {"unknown key of a model",
       {{"models/orders.sql", "select 1"}, {"models/a.yml", "models:\n  - name: orders\n    columms: []\n"}},
       ErrorCode::kConfigKeyUnknown,
       "models/a.yml",
       3,
       "columns"},
      {"unknown key of a column",
       {{"models/orders.sql", "select 1"},
        {"models/a.yml", "models:\n  - name: orders\n    columns:\n      - {name: x, test: []}\n"}},
       ErrorCode::kConfigKeyUnknown,
       "models/a.yml",
       4,
       "tests"},
      {"unknown top-level key",
       {{"models/a.yml", "modles: []\n"}},
       ErrorCode::kConfigKeyUnknown,
       "models/a.yml",
       1,
       "models"},
      {"a key that stands twice",
       {{"models/orders.sql", "select 1"},
        {"models/a.yml", "models:\n  - name: orders\n    description: a\n    description: b\n"}},
       ErrorCode::kConfigSyntax,
       "models/a.yml",
       4,
       "remove or rename one of the two"},
      {"a model that is not there",
       {{"models/orders.sql", "select 1"}, {"models/a.yml", "models:\n  - name: oders\n"}},
       ErrorCode::kDbtRefMissing,
       "models/a.yml",
       2,
       "did you mean 'orders'?"},
      {"misspelt",
       {{"models/a.sql", "\n{{ config(materialised='table') }}"}},
       ErrorCode::kDbtConfigInvalid,
       "models/a.sql",
       2,
       "did you mean 'materialized'?"},
  };
  for (const ErrorCase& c : cases) {
    ProjectFolder folder(c.files);
    auto project = folder.Load();
    ASSERT_TRUE(project) << c.what << "\n" << project.error().ToString();
    ASSERT_FALSE((*project)->warnings().empty()) << c.what;
    ExpectComplaint((*project)->warnings().front(), c);
  }
}

}  // namespace
}  // namespace smelt::transform
