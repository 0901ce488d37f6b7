#include "transform/deps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/process.h"
#include "transform/internal/deps/package_spec.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;

Result<std::vector<InstalledPackage>> Install(const ProjectFolder& folder, bool upgrade = false) {
  DepsOptions options;
  options.project_dir = folder.Options().project_dir;
  options.upgrade = upgrade;
  return InstallPackages(options, [](std::string_view) {});
}

std::string PathIn(const ProjectFolder& folder, const std::string& file) {
  return (fs::path(folder.Options().project_dir) / file).string();
}

/// A repository with a dbt project in one of its folders, with two tagged versions.
void MakeRepository(const ProjectFolder& folder) {
  const std::string path = folder.Options().project_dir;
  for (const std::string version : {"one", "two"}) {
    folder.Write("inner/dbt_project.yml", "name: utils\nversion: '1'\n");
    folder.Write("inner/macros/m.sql", "{% macro m() %}" + version + "{% endmacro %}");
    ASSERT_TRUE(RunProgram(
        {"sh", "-c",
         fmt::format("git init --quiet . && git add -A && git -c user.name=a -c user.email=a@b commit --quiet "
                     "-m {0} && git tag {0}",
                     version)},
        path, {}));
  }
}

TEST(Deps, FoldersAreLinkedWithWhatTheyNeed) {
  const ProjectFolder needed(ProjectFolder::Files{{"dbt_project.yml", "name: needed\nversion: '1'\n"}});
  const ProjectFolder utils({{"dbt_project.yml", "name: utils\nversion: '1'\n"},
                             {"packages.yml", "packages: [{local: '" + needed.Options().project_dir + "'}]\n"}});
  const ProjectFolder shop(
      ProjectFolder::Files{{"packages.yml", "packages:\n  - local: " + utils.Options().project_dir + "\n"}});
  const auto installed = Install(shop);
  ASSERT_TRUE(installed) << installed.error().ToString();
  EXPECT_EQ(installed->size(), 2U);
  EXPECT_TRUE(fs::exists(PathIn(shop, "dbt_packages/utils/dbt_project.yml")));
  EXPECT_TRUE(fs::exists(PathIn(shop, "dbt_packages/needed/dbt_project.yml")));
  EXPECT_TRUE(fs::exists(PathIn(shop, "package-lock.yml")));
}

TEST(Deps, RepositoriesComeAtTheirRevision) {
  const ProjectFolder repository(ProjectFolder::Files{{"README.md", "a"}});
  MakeRepository(repository);
  const std::string asked = "packages:\n  - git: " + repository.Options().project_dir + "\n    subdirectory: inner\n";
  const ProjectFolder shop(ProjectFolder::Files{{"packages.yml", asked + "    revision: one\n"}});
  const auto installed = Install(shop);
  ASSERT_TRUE(installed) << installed.error().ToString();
  EXPECT_EQ((*installed)[0].name, "utils");
  EXPECT_EQ((*installed)[0].version.size(), 40U);
  EXPECT_NE(ReadWholeFile(PathIn(shop, "dbt_packages/utils/macros/m.sql"))->find("one"), std::string::npos);
  shop.Write("packages.yml", asked + "    revision: two\n");
  ASSERT_TRUE(Install(shop));
  EXPECT_NE(ReadWholeFile(PathIn(shop, "dbt_packages/utils/macros/m.sql"))->find("two"), std::string::npos);
}

TEST(Deps, SecretsOfAddressesAreReadFromTheEnvironmentAndNotShown) {
  const ProjectFolder repository(ProjectFolder::Files{{"README.md", "a"}});
  MakeRepository(repository);
  const std::string path = repository.Options().project_dir;
  setenv("DBT_ENV_SECRET_PLACE", path.c_str(), 1);
  const std::string git = "packages:\n  - git: \"{{ env_var('DBT_ENV_SECRET_PLACE') }}";
  const ProjectFolder shop(
      ProjectFolder::Files{{"packages.yml", git + "\"\n    subdirectory: inner\n    revision: one\n"}});
  const auto installed = Install(shop);
  ASSERT_TRUE(installed) << installed.error().ToString();
  const auto lock = ReadWholeFile(PathIn(shop, "package-lock.yml"));
  EXPECT_EQ(lock->find(path), std::string::npos) << *lock;
  EXPECT_NE(lock->find("DBT_ENV_SECRET_PLACE"), std::string::npos) << *lock;
  EXPECT_TRUE(Install(shop)) << "the lock file is read with the environment";
  shop.Write("packages.yml", git + "/nothing\"\n");
  const auto failed = Install(shop);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().ToString().find(path + "/nothing"), std::string::npos) << failed.error().ToString();
  unsetenv("DBT_ENV_SECRET_PLACE");
}

TEST(Deps, TheHashOfTheLockFileIsThatOfDbt) {
  const ProjectFolder shop(ProjectFolder::Files{{"packages.yml",
                                                 "packages:\n"
                                                 "  - local: ../u\n"
                                                 "  - git: \"file:///srv/sub\"\n"
                                                 "    revision: v1\n"
                                                 "    subdirectory: inner\n"
                                                 "  - package: dbt-labs/dbt_utils\n"
                                                 "    version: ['>=1.0.0', '<2.0.0']\n"}});
  const auto specs = ReadPackageSpecs(shop.Options().project_dir, Json::object());
  ASSERT_TRUE(specs) << specs.error().ToString();
  EXPECT_EQ(HashOf(*specs), "3e78c27b7259bd29ee44dd1862c68cd6405fb298");
}

TEST(Deps, TheLockFileHoldsWhatABranchWas) {
  const ProjectFolder repository(ProjectFolder::Files{{"README.md", "a"}});
  MakeRepository(repository);
  const std::string path = repository.Options().project_dir;
  ASSERT_TRUE(RunProgram({"git", "checkout", "--quiet", "-b", "work", "one"}, path, {}));
  const ProjectFolder shop(ProjectFolder::Files{
      {"packages.yml", "packages:\n  - {git: '" + path + "', subdirectory: inner, revision: work}\n"}});
  ASSERT_TRUE(Install(shop));
  ASSERT_TRUE(RunProgram({"git", "reset", "--quiet", "--hard", "two"}, path, {}));
  ASSERT_TRUE(Install(shop));
  EXPECT_NE(ReadWholeFile(PathIn(shop, "dbt_packages/utils/macros/m.sql"))->find("one"), std::string::npos);
  ASSERT_TRUE(Install(shop, true));
  EXPECT_NE(ReadWholeFile(PathIn(shop, "dbt_packages/utils/macros/m.sql"))->find("two"), std::string::npos);
}

TEST(Deps, WhatCannotBeHadLeavesTheOldPackages) {
  const ProjectFolder shop({{"packages.yml", "packages:\n  - git: /no/such/repository\n"},
                            {"dbt_packages/old/dbt_project.yml", "name: old\n"}});
  const auto failed = Install(shop);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().line(), 2);
  EXPECT_TRUE(fs::exists(PathIn(shop, "dbt_packages/old/dbt_project.yml")));
  shop.Write("packages.yml", "packages:\n  - local: models\n");
  EXPECT_EQ(Install(shop).error().code(), ErrorCode::kDbtProjectMissing);
  shop.Write("packages.yml", "packages:\n  - private: org/repo\n");
  EXPECT_EQ(Install(shop).error().code(), ErrorCode::kDbtUnsupported);
  shop.Write("packages.yml", "packages:\n  - pakage: a/b\n");
  EXPECT_EQ(Install(shop).error().code(), ErrorCode::kConfigKeyMissing);
}

TEST(PackageVersions, AreComparedByTheirNumbers) {
  EXPECT_TRUE(FitsVersions("1.3.0", {">=1.0.0", "<2.0.0"}));
  EXPECT_FALSE(FitsVersions("2.0.0", {">=1.0.0", "<2.0.0"}));
  EXPECT_TRUE(FitsVersions("1.10.0", {">1.9.0"}));
  EXPECT_TRUE(FitsVersions("0.8.1", {"0.8.1"}));
  EXPECT_TRUE(FitsVersions("0.8.1", {"=0.8.1"}));
  EXPECT_FALSE(FitsVersions("0.8.2", {"<= 0.8.1"}));
  EXPECT_TRUE(IsOlder("2.0.0-rc1", "2.0.0"));
  EXPECT_FALSE(IsOlder("2.0.0", "2.0.0-rc1"));
  EXPECT_TRUE(IsPrerelease("1.0.0-b1"));
}

}  // namespace
}  // namespace smelt::transform
