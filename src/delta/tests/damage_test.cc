#include <gtest/gtest.h>

#include <random>

#include "delta/actions.h"
#include "delta/schema.h"
#include "delta/statistics.h"

namespace smelt::delta {
namespace {

constexpr std::string_view kCommit =
    "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"WRITE\",\"operationMetrics\":{\"a\":\"1\"}}}\n"
    "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"a\"],\"writerFeatures\":[]}}\n"
    "{\"add\":{\"path\":\"p=1/a\",\"partitionValues\":{\"p\":\"1\",\"q\":null},\"size\":12,\"modificationTime\":5,"
    "\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":3}\",\"tags\":[{\"key\":\"k\",\"value\":\"v\"}],"
    "\"deletionVector\":{\"storageType\":\"u\",\"pathOrInlineDv\":\"x\",\"offset\":4,\"sizeInBytes\":4,\"cardinality\":"
    "6}}}\n"
    "{\"domainMetadata\":{\"domain\":\"d\",\"configuration\":\"{}\",\"removed\":true}}\n";
constexpr std::string_view kSchema =
    R"j({"type":"struct","fields":[{"name":"a","type":"decimal(10,2)","nullable":false,"metadata":{"x":[1]}},)j"
    R"j({"name":"b","type":{"type":"map","keyType":"string","valueType":{"type":"array","elementType":"long"}}}]})j";
constexpr std::string_view kStatistics =
    R"({"numRecords":3,"tightBounds":true,"minValues":{"a":{"b":1.5e3},"c":"x"},"maxValues":{"a":{"b":2}},"nullCount":{"a":{"b":0}}})";

/// Changes a few bytes: overwrites, drops, doubles, cuts.
std::string Damage(std::string_view text, std::mt19937& random) {
  constexpr std::string_view kBytes = "{}[]\",:\\0-19.eEntu \n\xff\x01";
  std::string damaged(text);
  for (unsigned i = 0; i <= random() % 4 && !damaged.empty(); ++i) {
    const std::size_t at = random() % damaged.size();
    switch (random() % 4) {
      case 0: damaged[at] = kBytes[random() % kBytes.size()]; break;
      case 1: damaged.erase(at, 1 + random() % 5); break;
      case 2: damaged.insert(at, damaged.substr(at, 1 + random() % 20)); break;
      default: damaged.resize(at);
    }
  }
  return damaged;
}

/// No damage does more than make an error; what is accepted can be written and read again.
TEST(DamageTest, NoParserIsBroughtDownByIt) {
  std::mt19937 random(7);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (const auto actions = ParseCommit(Damage(kCommit, random), "f")) {
      std::string written;
      for (const Action& action : *actions) AppendAction(action, written);
      EXPECT_TRUE(written.empty() || ParseCommit(written, "f").has_value()) << written;
      ++accepted;
    }
    if (const auto schema = ParseSchema(Damage(kSchema, random))) {
      EXPECT_TRUE(ParseSchema(SchemaToString(*schema)).has_value());
    }
    const std::string stats = Damage(kStatistics, random);
    StatisticsToString(ParseStatistics(stats));
    RowCount(stats);
    TruncateMin(stats);
    TruncateMax(stats);
  }
  EXPECT_GT(accepted, 100) << "the damage is not always fatal";
}

}  // namespace
}  // namespace smelt::delta
