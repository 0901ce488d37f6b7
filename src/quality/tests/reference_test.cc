#include "quality/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "quality/contract.h"
#include "quality/internal/kwargs.h"
#include "quality/internal/registry.h"
#include "quality/suite.h"

namespace smelt::quality {
namespace {

/// Compares a file of the repository with what it has to hold; with SMELT_WRITE_REFERENCE set, writes it.
void ExpectFile(const std::string& path, const std::string& content) {
  const std::string full = std::string(SMELT_SOURCE_DIR) + "/" + path;
  if (std::getenv("SMELT_WRITE_REFERENCE") != nullptr) {
    ASSERT_TRUE(WriteWholeFile(full, content));
    return;
  }
  const auto found = ReadWholeFile(full);
  ASSERT_TRUE(found) << found.error().ToString();
  EXPECT_EQ(*found, content) << path << " is out of date: run quality_tests with SMELT_WRITE_REFERENCE=1";
}

TEST(ReferenceTest, ThePageIsUpToDate) {
  ExpectFile("docs/reference/expectations.md", ExpectationReference());
}

TEST(ReferenceTest, TheSchemaIsUpToDate) {
  ExpectFile("docs/schemas/suite.schema.json", JsonText(SuiteSchema(), 2) + "\n");
}

TEST(ReferenceTest, TheSchemaOfContractsIsUpToDate) {
  ExpectFile("docs/schemas/contract.schema.json", JsonText(ContractSchema(), 2) + "\n");
}

TEST(ReferenceTest, ExamplesAreValidSuites) {
  for (const Expectation& expectation : AllExpectations()) {
    const auto suite = ParseSuite(R"({"name": "s", "expectations": [{"type": ")" + expectation.name +
                                      R"(", "kwargs": )" + expectation.example + "}]}",
                                  "example.json");
    EXPECT_TRUE(suite) << suite.error().ToString();
  }
}

TEST(ReferenceTest, NamesAreUniqueAndEveryKwargIsDescribed) {
  const Registry registry;
  std::vector<std::string_view> names = registry.names();
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  for (const Expectation& expectation : AllExpectations()) {
    for (const Kwarg& kwarg : expectation.kwargs) {
      EXPECT_NE(kwarg.summary, "") << expectation.name << " " << kwarg.name;
      EXPECT_NE(KwargTypeText(kwarg), "") << expectation.name << " " << kwarg.name;
    }
  }
}

}  // namespace
}  // namespace smelt::quality
