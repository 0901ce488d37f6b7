// Parsing what has changed: the same manifest as that of a whole parse, and a whole parse where it is needed.

#include "transform/internal/parsing/partial_parse.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

const ProjectFolder::Files kParsedShop = {
    {"dbt_project.yml",
     "name: shop\nprofile: shop\nvars: {factor: 2}\nmodels: {shop: {marts: {+materialized: table, +tags: "
     "[nightly]}}}\n"},
    {"macros/doubled.sql", "{% macro doubled(c) %}{{ c }} * {{ var('factor') }}{% endmacro %}"},
    {"models/staging/orders.sql", "select * from {{ source('raw', 'orders') }}"},
    {"models/staging/schema.yml",
     "sources: [{name: raw, tables: [{name: orders}]}]\n"
     "models:\n- name: orders\n  description: Orders.\n  columns:\n"
     "  - {name: id, data_tests: [unique, not_null]}\n- name: customers\n  config: {group: people}\n"
     "groups: [{name: people, owner: {name: Someone}}]\n"},
    {"models/staging/customers.sql", "select 1 as id"},
    {"models/marts/daily.sql",
     "{{ config(alias='daily_sales') }}\nselect {{ doubled('x') }} from {{ ref('orders') }} join {{ ref('customers') "
     "}}"},
    {"models/marts/report.sql", "select * from {{ ref('daily') }}"},
    {"seeds/codes.csv", "code\n1\n"},
    {"tests/none.sql", "select * from {{ ref('daily') }} where false"},
};

InvokeOptions OptionsOf(const ProjectFolder& folder, const std::string& target = "target") {
  InvokeOptions options = folder.Options();
  options.command = Command::kParse;
  options.target_dir = options.project_dir + "/" + target;
  options.write_artefacts = true;
  return options;
}

void ParseWhole(const InvokeOptions& options) {
  // Seen from far enough in the future, every file is old enough to be trusted.
  std::optional<ParseRecord> record = BeginRecord(options, NowMicros() + 1'000'000);
  ASSERT_TRUE(record);
  auto project = LoadGood(options);
  ManifestLayout layout;
  auto written = WriteManifest(project->state(), {}, &layout);
  ASSERT_TRUE(written) << written.error().ToString();
  KeepRecord(*project, layout, {}, *std::move(record));
}

/// The manifest without what tells one invocation from another.
Json ManifestIn(const InvokeOptions& options) {
  auto bytes = ReadWholeFile(options.target_dir + "/manifest.json");
  EXPECT_TRUE(bytes) << bytes.error().ToString();
  Json manifest = Json::parse(*bytes);
  manifest.erase("metadata");
  for (Json& kind : manifest) {
    for (Json& one : kind) {
      if (one.is_object()) one.erase("created_at");
    }
  }
  return manifest;
}

/// Whether the changes alone can be parsed; the manifest is right either way.
bool ParsesChanges(const ProjectFolder& folder) {
  const InvokeOptions options = OptionsOf(folder), other = OptionsOf(folder, "other");
  const bool is_short = ParseChanges(options).has_value();
  if (!is_short) ParseWhole(options);
  auto whole = LoadGood(other);
  EXPECT_TRUE(WriteManifest(whole->state(), {}));
  EXPECT_EQ(ManifestIn(options), ManifestIn(other));
  return is_short;
}

TEST(PartialParse, TakesModelsWhoseTextChangesAlone) {
  const ProjectFolder folder(kParsedShop);
  EXPECT_FALSE(ParsesChanges(folder));
  EXPECT_TRUE(ParsesChanges(folder));
  folder.Write("models/staging/orders.sql", "select 1 as id, * from {{ source('raw', 'orders') }}");
  EXPECT_TRUE(ParsesChanges(folder));
  folder.Write("models/marts/daily.sql",
               "{{ config(alias='daily_sales', tags=['x'], meta={'a': 1}) }}\n"
               "select 1 from {{ ref('orders') }} join {{ ref('customers') }} where '\xC3\xBC' = \"q\"");
  folder.Write("models/staging/customers.sql", "select 2 as id");
  EXPECT_TRUE(ParsesChanges(folder));
  // What is small again takes as little space.
  folder.Write("models/marts/daily.sql",
               "{{ config(alias='daily_sales') }}select 1 from {{ ref('orders') }}, {{ ref('customers') }}");
  EXPECT_TRUE(ParsesChanges(folder));
}

TEST(PartialParse, ParsesTheWholeProjectWhereOtherThingsChangeWithAModel) {
  const std::pair<const char*, const char*> changes[] = {
      {"models/marts/daily.sql", "select 1 from {{ ref('orders') }} join {{ ref('customers') }}"},  // its alias
      {"models/marts/daily.sql", "{{ config(alias='daily_sales') }} select 1 from {{ ref('orders') }}"},
      {"models/staging/customers.sql", "{{ config(enabled=var('on', true), materialized='ephemeral') }} select 1"},
      {"models/staging/customers.sql", "{{ config(schema='other') }} select 1"},
      {"models/marts/new.sql", "select 1"},
      {"models/staging/schema.yml",
       "models: [{name: orders, description: Sales.}]\n"
       "sources: [{name: raw, tables: [{name: orders}]}]"},
      {"macros/doubled.sql", "{% macro doubled(c) %}2 * {{ c }}{% endmacro %}"},
      {"seeds/codes.csv", "code\n2\n"},
      {"dbt_project.yml", "name: shop\nprofile: shop\nvars: {factor: 3}\n"},
      {"tests/none.sql", "select 1 from {{ ref('daily') }} where false"},
  };
  for (const auto& [file, text] : changes) {
    const ProjectFolder folder(kParsedShop);
    ParseWhole(OptionsOf(folder));
    EXPECT_TRUE(ParsesChanges(folder)) << file;
    folder.Write(file, text);
    EXPECT_FALSE(ParsesChanges(folder)) << file << ": " << text;
    EXPECT_TRUE(ParsesChanges(folder)) << file;
  }
}

TEST(PartialParse, LeavesMistakesToTheWholeParse) {
  const ProjectFolder folder(kParsedShop);
  ParseWhole(OptionsOf(folder));
  for (const char* text :
       {"select {{ 1", "select * from {{ ref('nowhere') }}", "{{ config(enabled=false) }} select 1"}) {
    folder.Write("models/marts/report.sql", text);
    EXPECT_FALSE(ParseChanges(OptionsOf(folder))) << text;
  }
  folder.Write("models/marts/report.sql", "select 3 from {{ ref('daily') }}");
  EXPECT_TRUE(ParsesChanges(folder));
}

TEST(PartialParse, ARecordIsForOneKindOfInvocation) {
  const ProjectFolder folder(kParsedShop);
  InvokeOptions options = OptionsOf(folder);
  ParseWhole(options);
  EXPECT_TRUE(ParseChanges(options));
  InvokeOptions others[] = {options, options, options, options};
  others[0].vars["factor"] = 5;
  others[1].target.schema = "prod";
  others[2].full_refresh = true;
  others[3].flags["partial_parse"] = false;
  for (const InvokeOptions& other : others) EXPECT_FALSE(ParseChanges(other));
  ::setenv("SMELT_PARTIAL_PARSE_TEST", "1", 1);
  EXPECT_FALSE(ParseChanges(options));
  ::unsetenv("SMELT_PARTIAL_PARSE_TEST");
  EXPECT_TRUE(ParseChanges(options));
}

TEST(PartialParse, ADamagedRecordOrCopyIsOfNoUse) {
  const ProjectFolder folder(kParsedShop);
  const InvokeOptions options = OptionsOf(folder);
  ParseWhole(options);
  const std::string record = ReadWholeFile(options.target_dir + "/partial_parse.smelt").value();
  for (std::size_t size = 0; size < record.size(); size += 97) {
    folder.Write("target/partial_parse.smelt", record.substr(0, size));
    EXPECT_FALSE(ParseChanges(options)) << size;
  }
  std::string changed = record;
  changed[changed.size() / 2] ^= 1;
  folder.Write("target/partial_parse.smelt", changed);
  EXPECT_FALSE(ParseChanges(options));
  folder.Write("target/partial_parse.smelt", record);
  EXPECT_TRUE(ParseChanges(options));
  folder.Write("target/partial_parse.json", "{}");
  EXPECT_FALSE(ParseChanges(options));
}

TEST(PartialParse, KeepsNoRecordOfAManifestThatAnotherParseReplaced) {
  const ProjectFolder folder(kParsedShop);
  const InvokeOptions options = OptionsOf(folder);
  std::optional<ParseRecord> record = BeginRecord(options, NowMicros() + 1'000'000);
  ASSERT_TRUE(record);
  auto project = LoadGood(options);
  ManifestLayout layout;
  ASSERT_TRUE(WriteManifest(project->state(), {}, &layout));
  ASSERT_TRUE(WriteManifest(project->state(), {}));
  KeepRecord(*project, layout, {}, *std::move(record));
  EXPECT_FALSE(ParseChanges(options));
}

TEST(PartialParse, OutlivesTheManifestsOfOtherCommands) {
  const ProjectFolder folder(kParsedShop);
  const InvokeOptions options = OptionsOf(folder);
  ParseWhole(options);
  folder.Write("target/manifest.json", "{\"of\": \"another command\"}");
  EXPECT_TRUE(ParsesChanges(folder));
  std::filesystem::remove(options.target_dir + "/manifest.json");
  EXPECT_TRUE(ParsesChanges(folder));
}

TEST(PartialParse, WarningsAreSeenAtEveryParse) {
  ProjectFolder::Files files = kParsedShop;
  files["models/more.yml"] = "models: [{name: nowhere}]";
  files["models/marts/report.sql"] = "{{ config(materialised='table') }} select * from {{ ref('daily') }}";
  const ProjectFolder folder(files);
  InvokeOptions options = OptionsOf(folder);
  std::vector<std::string> warned;
  options.warn = [&warned](const Error& warning) { warned.push_back(warning.ToString()); };
  ParseWhole(options);
  const std::vector<std::string> whole = std::exchange(warned, {});
  ASSERT_EQ(whole.size(), 2);
  EXPECT_TRUE(ParseChanges(options));
  EXPECT_EQ(warned, whole);
  // What was said of a file that has changed is said no more, what is new is said.
  folder.Write("models/marts/report.sql", "select * from {{ ref('daily') }}");
  folder.Write("models/staging/customers.sql", "{{ config(materialised='table') }} select 1 as id");
  warned.clear();
  EXPECT_TRUE(ParseChanges(options));
  ASSERT_EQ(warned.size(), 2);
  EXPECT_NE(warned[0].find("nowhere"), std::string::npos) << warned[0];
  EXPECT_NE(warned[1].find("customers.sql"), std::string::npos) << warned[1];
  // Where warnings are errors, the whole parse tells them.
  options.warn_error = true;
  EXPECT_FALSE(ParseChanges(options));
}

}  // namespace
}  // namespace smelt::transform
