#include "transform/docs.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "transform/tests/project_fixture.h"

namespace smelt::transform {
namespace {

/// The data within a page.
Json DataOf(const std::string& page) {
  constexpr std::string_view kMark = R"(id="data">)";
  const std::size_t begin = page.find(kMark) + kMark.size();
  const auto json = ParseJson(page.substr(begin, page.find("</script>", begin) - begin), "data");
  EXPECT_TRUE(json) << json.error().ToString();
  return json ? *json : Json();
}

Json NodeOf(const Json& data, const std::string& id) {
  for (const Json& node : data["nodes"]) {
    if (node["id"] == id) return node;
  }
  ADD_FAILURE() << "no node " << id;
  return {};
}

TEST(DocsPage, HoldsWhatIsKnownOfTheProject) {
  ProjectFolder folder({{"models/a.sql", "select 1 as id, '</script><b>' as text"},
                        {"models/b.sql", "select id, id + 1 as next from {{ ref('a') }}"},
                        {"models/s.yml",
                         "models:\n  - name: b\n    description: 'Has </script> in it'\n    columns:\n"
                         "      - {name: ID, description: the key, data_tests: [unique]}\n"
                         "      - {name: absent, description: not there}\n"
                         "exposures:\n  - {name: board, type: dashboard, owner: {name: X, email: x@y.z}, depends_on: "
                         "[\"ref('b')\"]}\n"}});
  auto engine = engine::Engine::OpenWithoutLake(1, "");
  ASSERT_TRUE(engine);
  const std::vector<CompiledNode> compiled = {{"model.shop.b", "b", "select compiled", ""}};
  const auto path = WriteDocsPage(**engine, folder.Options(), compiled, true);
  ASSERT_TRUE(path) << path.error().ToString();
  const auto page = ReadWholeFile(*path);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->find("@data@"), std::string::npos);
  EXPECT_EQ(page->find("@script@"), std::string::npos);
  // One element of data, one of script: no text has ended the first.
  EXPECT_EQ(page->find("</script><b>"), std::string::npos);
  const Json data = DataOf(*page);
  const Json b = NodeOf(data, "model.shop.b");
  EXPECT_EQ(b["description"], "Has </script> in it");
  EXPECT_EQ(b["compiled"], "select compiled");
  ASSERT_EQ(b["columns"].size(), 3U);
  EXPECT_EQ(b["columns"][0]["description"], "the key");
  EXPECT_EQ(b["columns"][1]["type"], "INTEGER");
  EXPECT_EQ(b["columns"][2]["name"], "absent");
  EXPECT_EQ(b["tests"][0]["name"], "unique");
  const Json from = b["columns"][1]["from"][0];
  EXPECT_EQ(data["nodes"][from[0].get<std::size_t>()]["id"], "model.shop.a");
  EXPECT_EQ(from[1], "id");
  EXPECT_EQ(from[2], 1);
  const Json board = NodeOf(data, "exposure.shop.board");
  EXPECT_EQ(data["nodes"][board["needs"][0].get<std::size_t>()]["id"], "model.shop.b");
}

TEST(DocsPage, NeedsNothingFromElsewhere) {
  const ProjectFolder::Files files = {{"models/a.sql", "select 1 as id"}};
  ProjectFolder folder(files);
  auto engine = engine::Engine::OpenWithoutLake(1, "");
  const auto path = WriteDocsPage(**engine, folder.Options(), {}, true);
  ASSERT_TRUE(path) << path.error().ToString();
  const auto page = ReadWholeFile(*path);
  ASSERT_TRUE(page);
  for (const char* mark : {" src=", "@import", "url(", "<link", "fetch("}) {
    EXPECT_EQ(page->find(mark), std::string::npos) << mark;
  }
}

}  // namespace
}  // namespace smelt::transform
