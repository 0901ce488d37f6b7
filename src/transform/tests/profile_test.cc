#include "transform/profile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

constexpr const char* kProfiles = R"(
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('PROFILE_TEST_PATH', 'data/dev.duckdb') }}"
      schema: analytics
      threads: "{{ env_var('PROFILE_TEST_THREADS', '4') | as_number }}"
      settings: {memory_limit: 1GB}
      extensions: [icu]
      attach:
        - path: other.duckdb
        - {path: more.duckdb, alias: m, read_only: true}
      plugins: [{module: excel}]
    prod: {type: duckdb, path: 'md:prod?x=1', schema: prod}
    cloud:
      type: snowflake
      password: "{{ env_var('PROFILE_TEST_NOT_SET') }}"
other: {outputs: {default: {type: duckdb}}}
)";

Result<Profile> Read(const ProjectFolder& folder, const std::string& profile, const std::string& target = "") {
  return ReadProfile(
      {.project_dir = folder.Options().project_dir, .profiles_dir = "", .profile = profile, .target = target});
}

TEST(Profile, TheDefaultOutputIsReadAndRendered) {
  const ProjectFolder folder(ProjectFolder::Files{{"profiles.yml", kProfiles}});
  const auto profile = Read(folder, "shop");
  ASSERT_TRUE(profile) << profile.error().ToString();
  EXPECT_EQ(profile->target.name, "dev");
  EXPECT_EQ(profile->target.schema, "analytics");
  EXPECT_EQ(profile->target.database_alias, "dev");
  EXPECT_EQ(profile->target.fields["path"], "data/dev.duckdb");
  EXPECT_EQ(profile->threads, 4);
  ASSERT_EQ(profile->settings.size(), 1U);
  EXPECT_EQ(profile->settings[0].second, "1GB");
  ASSERT_EQ(profile->attachments.size(), 2U);
  EXPECT_EQ(profile->attachments[0].alias, "other");
  EXPECT_TRUE(profile->attachments[1].read_only);
  EXPECT_EQ(profile->extensions, std::vector<std::string>{"icu"});
  ASSERT_EQ(profile->notes.size(), 1U);
  EXPECT_NE(profile->notes[0].find("plugins"), std::string::npos);
}

TEST(Profile, AnotherOutputCanBeChosen) {
  const ProjectFolder folder(ProjectFolder::Files{{"profiles.yml", kProfiles}});
  const auto profile = Read(folder, "shop", "prod");
  ASSERT_TRUE(profile) << profile.error().ToString();
  EXPECT_EQ(profile->target.schema, "prod");
  EXPECT_EQ(profile->target.database_alias, "prod");
  EXPECT_EQ(profile->threads, 0);
  EXPECT_EQ(profile->target.fields["threads"], 1);
  const auto unnamed = Read(folder, "other");
  ASSERT_TRUE(unnamed) << unnamed.error().ToString();
  EXPECT_EQ(unnamed->target.name, "default");
  EXPECT_EQ(unnamed->target.schema, "main");
}

TEST(Profile, UnknownNamesSuggestTheNearest) {
  const ProjectFolder folder(ProjectFolder::Files{{"profiles.yml", kProfiles}});
  for (const auto& [profile, target, code, hint] :
       {std::tuple("shpo", "", ErrorCode::kConfigKeyMissing, "did you mean 'shop'?"),
        std::tuple("shop", "prd", ErrorCode::kConfigValueInvalid, "did you mean 'prod'?")}) {
    const auto missing = Read(folder, profile, target);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), code);
    EXPECT_NE(missing.error().hint().find(hint), std::string::npos) << missing.error().ToString();
    EXPECT_GT(missing.error().line(), 0);
  }
}

TEST(Profile, AnotherAdapterIsRefusedWithAWayOut) {
  const ProjectFolder folder(ProjectFolder::Files{{"profiles.yml", kProfiles}});
  const auto refused = Read(folder, "shop", "cloud");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kDbtUnsupported);
  EXPECT_NE(refused.error().message().find("snowflake"), std::string::npos);
  EXPECT_NE(refused.error().hint().find("--target"), std::string::npos);
}

TEST(Profile, NamedFoldersMustHoldIt) {
  const ProjectFolder folder(ProjectFolder::Files{{"elsewhere/profiles.yml", kProfiles}});
  ProfileRequest request;
  request.project_dir = folder.Options().project_dir;
  request.profile = "shop";
  request.profiles_dir = request.project_dir + "/elsewhere";
  const auto profile = ReadProfile(request);
  ASSERT_TRUE(profile) << profile.error().ToString();
  EXPECT_EQ(profile->target.schema, "analytics");
  request.profiles_dir = request.project_dir + "/nowhere";
  ASSERT_FALSE(ReadProfile(request));
  EXPECT_EQ(ReadProfile(request).error().code(), ErrorCode::kStoreNotFound);
}

TEST(ProjectHead, HoldsWhatIsNotAboutNodes) {
  const ProjectFolder folder(ProjectFolder::Files{{"dbt_project.yml", R"(
name: shop
profile: "{{ var('which', 'shop') }}"
target-path: out
clean-targets: [out, dbt_packages]
flags: {fail_fast: true}
models: {shop: {+schema: "{{ target.name }}"}}
)"}});
  const auto head = ReadProjectHead(folder.Options().project_dir, {{"which", "other"}});
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(head->name, "shop");
  EXPECT_EQ(head->profile, "other");
  EXPECT_EQ(head->target_path, "out");
  EXPECT_EQ(head->packages_path, "dbt_packages");
  EXPECT_EQ(head->clean_targets, (std::vector<std::string>{"out", "dbt_packages"}));
  EXPECT_EQ(JsonText(head->flags), R"({"fail_fast":true})");
}

TEST(Target, TemplatesSeeItAndNodesGoToItsSchema) {
  const ProjectFolder folder(
      ProjectFolder::Files{{"models/m.sql", "select '{{ target.schema }}/{{ target.path }}/{{ target.name }}' as a"}});
  InvokeOptions options = folder.Options();
  options.target.name = "prod";
  options.target.schema = "analytics";
  options.target.fields = {{"path", "x.duckdb"}};
  const auto project = LoadGood(options);
  EXPECT_EQ(project->manifest().nodes.at("model.shop.m").relation.schema, "analytics");
  EXPECT_EQ(Compiled(*project, "model.shop.m"), "select 'analytics/x.duckdb/prod' as a");
}

}  // namespace
}  // namespace smelt::transform
