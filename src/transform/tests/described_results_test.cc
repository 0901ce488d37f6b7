#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "transform/inspect.h"
#include "transform/internal/artefacts/run_results_file.h"
#include "transform/tests/run_fixture.h"

namespace smelt::transform {
namespace {

class DescribedResultsTest : public RunTest {};

const ProjectFolder::Files kShop = {
    {"dbt_project.yml", "name: shop\n"},
    {"models/base.sql", "{{ config(materialized='ephemeral') }} select 1 as id"},
    {"models/middle.sql", "{{ config(materialized='ephemeral') }} select id + 1 as id from {{ ref('base') }}"},
    {"models/good.sql", "select * from {{ ref('middle') }}"},
    {"models/broken.sql", "select * from nowhere"},
    {"models/after.sql", "select * from {{ ref('broken') }}"},
    {"models/m.yml",
     "exposures:\n"
     "  - {name: board, type: dashboard, owner: {name: a}, depends_on: [ref('good')]}\n"
     "  - {name: late_board, type: dashboard, owner: {name: a}, depends_on: [ref('after')]}\n"}};

TEST_F(DescribedResultsTest, ABuildHasResultsForExposures) {
  const auto results = Run(ProjectFolder(kShop), Command::kBuild);
  ASSERT_TRUE(results.contains("board"));
  EXPECT_EQ(results.at("board").unique_id, "exposure.shop.board");
  EXPECT_EQ(ArtefactStatus(results.at("board")), "no-op");
  EXPECT_EQ(ArtefactFailures(results.at("board")), 0);
  EXPECT_EQ(ArtefactStatus(results.at("late_board")), "skipped");
  EXPECT_EQ(results.at("late_board").step.message, "because main.after failed");
}

TEST_F(DescribedResultsTest, OtherCommandsHaveNone) {
  EXPECT_FALSE(Run(ProjectFolder(kShop), Command::kRun).contains("board"));
}

TEST_F(DescribedResultsTest, EphemeralModelsAreFilesWithoutResults) {
  ProjectFolder folder(kShop);
  const auto results = Run(folder, Command::kRun);
  EXPECT_FALSE(results.contains("main.middle"));
  const auto text = ReadWholeFile(folder.Options().project_dir + "/target/compiled/shop/models/middle.sql");
  ASSERT_TRUE(text) << text.error().ToString();
  EXPECT_NE(text->find("__dbt__cte__base"), std::string::npos) << *text;
  EXPECT_TRUE(std::filesystem::exists(folder.Options().project_dir + "/target/compiled/shop/models/base.sql"));
}

TEST_F(DescribedResultsTest, EphemeralModelsAndExposuresAreAmongTheSelectedResources) {
  ProjectFolder folder(
      {{"dbt_project.yml", "name: shop\n"},
       {"models/base.sql", "{{ config(materialized='ephemeral') }} select 1 as id"},
       {"models/top.sql", "select '{{ selected_resources | sort | join(' ') }}' as text from {{ ref('base') }}"},
       {"models/m.yml", "exposures: [{name: board, type: dashboard, owner: {name: a}, depends_on: [ref('top')]}]\n"}});
  Run(folder, Command::kBuild);
  EXPECT_EQ(Rows("select text from main.top"),
            std::vector<std::string>{"exposure.shop.board model.shop.base model.shop.top"});
}

TEST_F(DescribedResultsTest, CompilingEverythingRendersTheHooksOfTheRun) {
  ProjectFolder folder({{"dbt_project.yml", "name: shop\non-run-start: select '{{ flags.WHICH }}'; select 2\n"},
                        {"models/top.sql", "select 1 as id"}});
  auto options = folder.Options();
  options.command = Command::kCompile;
  ASSERT_TRUE(CompileNodes(*engine_, options));
  const auto text = ReadWholeFile(folder.Options().project_dir +
                                  "/target/compiled/shop/dbt_project.yml/hooks/shop-on-run-start-0.sql");
  ASSERT_TRUE(text) << text.error().ToString();
  EXPECT_EQ(*text, "select 'compile'; select 2\n");
}

}  // namespace
}  // namespace smelt::transform
