#include "delta/features.h"

#include <gtest/gtest.h>

#include <set>

#include "delta/internal/table_properties.h"

namespace smelt::delta {
namespace {

Metadata TableWith(const std::string& column_metadata, std::map<std::string, std::string> configuration = {}) {
  Metadata metadata;
  metadata.id = "t";
  metadata.schema_string = R"({"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[)"
                           R"({"name":"a","type":"long","nullable":true,"metadata":{)" +
                           column_metadata + R"(}}]},"nullable":true,"metadata":{}}]})";
  metadata.configuration = std::move(configuration);
  return metadata;
}

std::string Refusal(const Status& status) {
  if (status) return "";
  EXPECT_EQ(status.error().code(), ErrorCode::kDeltaUnsupported);
  return status.error().message();
}

TEST(FeaturesTest, NamesAreUniqueAndReadersComeFirst) {
  std::set<std::string_view> names;
  for (const Feature& feature : Features()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    EXPECT_TRUE(feature.is_reader_feature || feature.can_read) << feature.name << " cannot stop a reader";
    EXPECT_TRUE(feature.can_read || !feature.can_write) << feature.name << " is written but not read";
  }
}

TEST(FeaturesTest, ReadersRefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(Refusal(CheckReadable({1, 2, {}, {}})), "");
  EXPECT_EQ(Refusal(CheckReadable({1, 6, {}, {}})), "");
  EXPECT_EQ(
      Refusal(CheckReadable({3, 7, {"timestampNtz", "vacuumProtocolCheck"}, {"timestampNtz", "rowTracking", "new"}})),
      "");
  EXPECT_EQ(Refusal(CheckReadable({3, 7, {"new", "geospatial"}, {}})),
            "the table uses features that smelt's reader does not support: new, geospatial");
  EXPECT_EQ(Refusal(CheckReadable({4, 7, {}, {}})), "the table demands reader version 4; smelt knows versions up to 3");
}

TEST(FeaturesTest, AReaderFeatureNamedForWritersOnlyStillCounts) {
  EXPECT_EQ(Refusal(CheckReadable({3, 7, {}, {"geospatial"}})),
            "the table uses features that smelt's reader does not support: geospatial");
}

TEST(FeaturesTest, WriterVersionsByThemselvesHinderNobody) {
  const Metadata plain = TableWith("");
  for (int version = 1; version <= 6; ++version)
    EXPECT_EQ(Refusal(CheckWritable({1, version, {}, {}}, plain)), "") << version;
}

TEST(FeaturesTest, NamedFeaturesHinderOnlyWhenUsed) {
  const Metadata plain = TableWith("");
  const std::pair<std::string, Metadata> uses[] = {
      {"icebergCompatV1", TableWith("", {{"delta.enableIcebergCompatV1", "true"}})},
      {"icebergCompatV2", TableWith("", {{"delta.enableIcebergCompatV2", "true"}})},
      {"icebergCompatV3", TableWith("", {{"delta.enableIcebergCompatV3", "true"}})},
  };
  for (const auto& [feature, metadata] : uses) {
    EXPECT_EQ(Refusal(CheckWritable({1, 7, {}, {feature}}, plain)), "") << feature;
    EXPECT_EQ(Refusal(CheckWritable({1, 7, {}, {feature}}, metadata)),
              "the table uses features that smelt's writer does not support: " + feature);
  }
}

TEST(FeaturesTest, VariantsAreWrittenWhereTheyMayBeShredded) {
  const auto table = [](std::map<std::string, std::string> configuration) {
    Metadata metadata;
    metadata.schema_string =
        R"({"type":"struct","fields":[{"name":"v","type":"variant","nullable":true,"metadata":{}}]})";
    metadata.configuration = std::move(configuration);
    return metadata;
  };
  const std::string refusal = "the table uses features that smelt's writer does not support: variantType";
  const Metadata plain = table({});
  const Metadata shredded = table({{kEnableVariantShreddingProperty, "true"}});
  Protocol protocol{3, 7, {"variantType"}, {"variantType"}};
  EXPECT_EQ(Refusal(CheckWritable(protocol, plain)), refusal);
  EXPECT_EQ(Refusal(CheckWritable(protocol, shredded)), refusal) << "readers would not know";
  EXPECT_EQ(Refusal(CheckWritable(protocol, TableWith(""))), "") << "without such a column";
  EnableVariantShredding(protocol);
  EXPECT_EQ(protocol.reader_features, (std::vector<std::string>{"variantType", "variantShredding"}));
  EXPECT_EQ(Refusal(CheckReadable(protocol)), "");
  EXPECT_EQ(Refusal(CheckWritable(protocol, plain)), refusal) << "supported is not enabled";
  EXPECT_EQ(Refusal(CheckWritable(protocol, shredded)), "");
  Protocol preview{
      3, 7, {"variantType-preview", "variantShredding-preview"}, {"variantType-preview", "variantShredding-preview"}};
  const Protocol before = preview;
  EnableVariantShredding(preview);
  EXPECT_EQ(preview, before) << "preview names are as good";
  EXPECT_EQ(Refusal(CheckWritable(preview, shredded)), "");
}

TEST(FeaturesTest, WritersRefuseWhatTheyDoNotKnow) {
  const Metadata plain = TableWith("");
  EXPECT_EQ(
      Refusal(CheckWritable({1, 7, {}, {"appendOnly", "invariants", "domainMetadata", "inCommitTimestamp"}}, plain)),
      "");
  EXPECT_EQ(Refusal(CheckWritable({1, 7, {}, {"checkpointProtection", "somethingNew"}}, plain)),
            "the table uses features that smelt's writer does not support: checkpointProtection, somethingNew");
  EXPECT_EQ(Refusal(CheckWritable({1, 8, {}, {}}, plain)),
            "the table demands writer version 8; smelt knows versions up to 7");
}

TEST(FeaturesTest, LegacyVersionsImplyFeatures) {
  EXPECT_TRUE(HasFeature({1, 2, {}, {}}, "appendOnly"));
  EXPECT_FALSE(HasFeature({1, 1, {}, {}}, "appendOnly"));
  EXPECT_FALSE(HasFeature({1, 7, {}, {}}, "appendOnly"));
  EXPECT_TRUE(HasFeature({2, 5, {}, {}}, "columnMapping"));
  EXPECT_FALSE(HasFeature({1, 2, {}, {}}, "timestampNtz"));
  EXPECT_TRUE(HasFeature({3, 7, {"new"}, {"new"}}, "new"));
}

TEST(FeaturesTest, EnablingKeepsWhatTheOldVersionImplied) {
  Protocol protocol{1, 2, {}, {}};
  EnableFeature(protocol, "appendOnly");
  EXPECT_EQ(protocol, (Protocol{1, 2, {}, {}}));
  EnableFeature(protocol, "domainMetadata");
  EXPECT_EQ(protocol, (Protocol{1, 7, {}, {"appendOnly", "invariants", "domainMetadata"}}));
  EnableFeature(protocol, "timestampNtz");
  EXPECT_EQ(protocol,
            (Protocol{3, 7, {"timestampNtz"}, {"appendOnly", "invariants", "domainMetadata", "timestampNtz"}}));
  EnableFeature(protocol, "timestampNtz");
  EXPECT_EQ(protocol.writer_features.size(), 4u);

  Protocol mapped{2, 5, {}, {}};
  EnableFeature(mapped, "timestampNtz");
  EXPECT_EQ(mapped.reader_features, (std::vector<std::string>{"columnMapping", "timestampNtz"}));
}

TEST(TablePropertiesTest, IntervalsAreRead) {
  constexpr std::int64_t kHour = 3'600'000;
  EXPECT_EQ(ParseIntervalMs("interval 7 days"), 7 * 24 * kHour);
  EXPECT_EQ(ParseIntervalMs("INTERVAL 1 week"), 7 * 24 * kHour);
  EXPECT_EQ(ParseIntervalMs(" 1 day  12 hours "), 36 * kHour);
  EXPECT_EQ(ParseIntervalMs("interval 0 seconds"), 0);
  for (const std::string_view bad :
       {"", "interval", "7", "interval 7 moons", "interval -1 day", "day 7", "interval 99999999999999999 weeks"}) {
    EXPECT_EQ(ParseIntervalMs(bad), -1) << bad;
  }
}

TEST(TablePropertiesTest, UselessValuesFallBackToDefaults) {
  EXPECT_EQ(CheckpointInterval(TableWith("")), 10);
  EXPECT_EQ(CheckpointInterval(TableWith("", {{"delta.checkpointInterval", "25"}})), 25);
  EXPECT_EQ(CheckpointInterval(TableWith("", {{"delta.checkpointInterval", "0"}})), 10);
  EXPECT_EQ(CheckpointInterval(TableWith("", {{"delta.checkpointInterval", "often"}})), 10);
  EXPECT_EQ(TombstoneRetentionMs(TableWith("", {{"delta.deletedFileRetentionDuration", "interval 1 hour"}})),
            3'600'000);
  EXPECT_EQ(TombstoneRetentionMs(TableWith("", {{"delta.deletedFileRetentionDuration", "soon"}})),
            7LL * 24 * 3'600'000);
}

}  // namespace
}  // namespace smelt::delta
