#include "delta/actions.h"

#include <gtest/gtest.h>

namespace smelt::delta {
namespace {

template <typename T>
T ParseAs(std::string_view line) {
  const Result<std::optional<Action>> action = ParseAction(line, "test", 1);
  EXPECT_TRUE(action.has_value()) << (action ? "" : action.error().ToString());
  if (!action || !action->has_value()) return T{};
  const T* typed = std::get_if<T>(&**action);
  EXPECT_NE(typed, nullptr) << "another type of action";
  return typed != nullptr ? *typed : T{};
}

/// What parsing and writing makes of a line, without the line break.
std::string RoundTrip(std::string_view line) {
  const Result<std::optional<Action>> action = ParseAction(line, "test", 1);
  if (!action) return action.error().ToString();
  if (!action->has_value()) return "nothing";
  std::string out;
  AppendAction(**action, out);
  EXPECT_TRUE(out.ends_with('\n'));
  out.pop_back();
  return out;
}

TEST(ActionsTest, CanonicalLinesSurviveARoundTrip) {
  for (const std::string_view line : {
           R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})",
           R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly"]}})",
           R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[],"writerFeatures":["a","b"]}})",
           R"({"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"a\":1}",)"
           R"("partitionColumns":[],"configuration":{}}})",
           R"({"metaData":{"id":"x","name":"n","description":"d \" é","format":{"provider":"parquet","options":{}},)"
           R"("schemaString":"{}","partitionColumns":["p","q"],"configuration":{"delta.appendOnly":"true"},)"
           R"("createdTime":7}})",
           R"({"add":{"path":"p=1/a%20b.parquet","partitionValues":{"p":"1","q":null},"size":9007199254740993,)"
           R"("modificationTime":5,"dataChange":true}})",
           R"({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":5,"dataChange":false,)"
           R"("stats":"{\"numRecords\":3}","tags":{"k":"v"},"deletionVector":{"storageType":"u",)"
           R"("pathOrInlineDv":"ab^-","offset":4,"sizeInBytes":40,"cardinality":6},"baseRowId":10,)"
           R"("defaultRowCommitVersion":2,"clusteringProvider":"liquid"}})",
           R"({"remove":{"path":"a","dataChange":true}})",
           R"({"remove":{"path":"a","deletionTimestamp":1,"dataChange":true,"extendedFileMetadata":true,)"
           R"("partitionValues":{"p":null},"size":8,"tags":{"k":"v"},"deletionVector":{"storageType":"i",)"
           R"("pathOrInlineDv":"wi5b","sizeInBytes":40,"cardinality":6},"baseRowId":1,"defaultRowCommitVersion":2}})",
           R"({"cdc":{"path":"_change_data/a","partitionValues":{},"size":1,"dataChange":false}})",
           R"({"txn":{"appId":"app","version":-3,"lastUpdated":7}})",
           R"({"txn":{"appId":"app\u0001\n\t\\","version":3}})",
           R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":true}})",
           R"({"commitInfo":{"timestamp":1,"operation":"WRITE","extra":{"a":[1,null,2.5]}}})",
           R"({"checkpointMetadata":{"version":5}})",
           R"({"sidecar":{"path":"x.parquet","sizeInBytes":1,"modificationTime":2}})",
       }) {
    EXPECT_EQ(RoundTrip(line), line);
  }
}

TEST(ActionsTest, CheckpointRowsWithNullMembersAndListMapsAreUnderstood) {
  const auto add = ParseAs<Add>(
      R"({"txn":null,"protocol":null,"add":{"path":"a","partitionValues":[{"key":"p","value":"1"},{"key":"q","value":null}],)"
      R"("size":1,"modificationTime":5,"dataChange":false,"stats":null,"tags":null,"deletionVector":null,)"
      R"("baseRowId":null,"unknown":{"x":[1]}},"remove":null})");
  EXPECT_EQ(add.path, "a");
  EXPECT_EQ(add.partition_values, (PartitionValues{{"p", "1"}, {"q", std::nullopt}}));
  EXPECT_EQ(add.stats, "");
  EXPECT_FALSE(add.deletion_vector.has_value());
  const auto protocol = ParseAs<Protocol>(
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2,"readerFeatures":null,"writerFeatures":null}})");
  EXPECT_EQ(protocol, Protocol{});
}

TEST(ActionsTest, StatisticsInColumnsAreTakenOver) {
  const auto add = ParseAs<Add>(
      R"({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":5,"dataChange":false,"stats":null,)"
      R"("stats_parsed":{"numRecords":4,"minValues":{"t":"2020-01-01T00:00:00.000Z"},"nullCount":{"t":1},"tightBounds":null}}})");
  EXPECT_EQ(add.stats, R"({"numRecords":4,"minValues":{"t":"2020-01-01T00:00:00.000Z"},"nullCount":{"t":1}})");
}

TEST(ActionsTest, AnEmptyPartitionValueIsNull) {
  const auto add = ParseAs<Add>(
      R"({"add":{"path":"a","partitionValues":{"p":""},"size":1,"modificationTime":5,"dataChange":true}})");
  EXPECT_EQ(add.partition_values, (PartitionValues{{"p", std::nullopt}}));
}

TEST(ActionsTest, UnknownAndNullActionsAreSkipped) {
  EXPECT_EQ(RoundTrip(R"({"newThing":{"a":1}})"), "nothing");
  EXPECT_EQ(RoundTrip(R"({"add":null})"), "nothing");
  EXPECT_EQ(RoundTrip("{}"), "nothing");
  EXPECT_EQ(RoundTrip(R"({"newThing":{"a":1},"txn":{"appId":"a","version":1}})"),
            R"({"txn":{"appId":"a","version":1}})");
}

TEST(ActionsTest, DamageIsNamedWithFileAndLine) {
  const std::string text =
      "{\"txn\":{\"appId\":\"a\",\"version\":1}}\n"
      "\n"
      "{\"add\":{\"path\":\"a\",\"partitionValues\":{},\"size\":\"big\",\"modificationTime\":5,\"dataChange\":true}}\n";
  const auto actions = ParseCommit(text, "t/_delta_log/00000000000000000007.json");
  ASSERT_FALSE(actions.has_value());
  EXPECT_EQ(actions.error().code(), ErrorCode::kDeltaCorrupt);
  EXPECT_EQ(actions.error().file(), "t/_delta_log/00000000000000000007.json");
  EXPECT_EQ(actions.error().line(), 3);
  EXPECT_EQ(actions.error().message(), "'size' of the action 'add' must be a whole number");
}

TEST(ActionsTest, EveryKindOfDamageIsRefused) {
  const char* const vector_without_path =
      R"({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":5,"dataChange":true,)"
      R"("deletionVector":{"storageType":"u"}}})";
  for (const std::string_view line : {
           R"({"add":{"path":"a","partit)",
           R"([1])",
           R"("add")",
           R"({"add":7})",
           R"({"add":{"path":7,"partitionValues":{},"size":1,"modificationTime":5,"dataChange":true}})",
           R"({"add":{"partitionValues":{},"size":1,"modificationTime":5,"dataChange":true}})",
           R"({"add":{"path":"a","size":1,"modificationTime":5,"dataChange":true}})",
           R"({"add":{"path":"a","partitionValues":{"p":1},"size":1,"modificationTime":5,"dataChange":true}})",
           R"({"add":{"path":"a","partitionValues":[{"key":"p"}],"size":1,"modificationTime":5,"dataChange":true}})",
           R"({"add":{"path":"a","partitionValues":{},"size":1.5,"modificationTime":5,"dataChange":true}})",
           R"({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":5,"dataChange":"yes"}})",
           vector_without_path,
           R"({"protocol":{"minReaderVersion":99999999999,"minWriterVersion":2}})",
           R"({"protocol":{"minReaderVersion":1}})",
           R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2,"writerFeatures":[1]}})",
           R"({"txn":{"appId":"a"}})",
           "{\"txn\":{\"appId\":\"\xff\",\"version\":1}}",
       }) {
    const auto action = ParseAction(line, "f", 1);
    ASSERT_FALSE(action.has_value()) << line;
    EXPECT_EQ(action.error().code(), ErrorCode::kDeltaCorrupt) << line;
  }
  EXPECT_FALSE(ParseCommit("", "f").has_value());
  EXPECT_FALSE(ParseCommit("\n \n", "f").has_value());
}

TEST(ActionsTest, ACommitNeedsNoFinalLineBreakAndMayUseWindowsLineEnds) {
  const auto actions = ParseCommit(
      "{\"txn\":{\"appId\":\"a\",\"version\":1}}\r\n{\"unknown\":1}\r\n{\"txn\":{\"appId\":\"b\",\"version\":2}}", "f");
  ASSERT_TRUE(actions.has_value()) << actions.error().ToString();
  EXPECT_EQ(actions->size(), 2u);
}

TEST(ActionsTest, PathsAreEncodedAsUris) {
  EXPECT_EQ(EncodePath("p=1/part-0001.parquet"), "p=1/part-0001.parquet");
  EXPECT_EQ(EncodePath("a b%20:é#?.parquet"), "a%20b%2520%3A%C3%A9%23%3F.parquet");
  EXPECT_EQ(DecodePath("a%20b%2520%3A%C3%a9%23%3F.parquet").value(), "a b%20:é#?.parquet");
  EXPECT_EQ(DecodePath("s3://bucket/a+b").value(), "s3://bucket/a+b");
  for (const std::string_view bad : {"%", "a%2", "%zz", "%4"}) {
    const auto decoded = DecodePath(bad);
    ASSERT_FALSE(decoded.has_value()) << bad;
    EXPECT_EQ(decoded.error().code(), ErrorCode::kDeltaCorrupt);
  }
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  EXPECT_EQ(DecodePath(EncodePath(every_byte)).value(), every_byte);
}

TEST(ActionsTest, DeletionVectorsAreIdentifiedByPlaceAndOffset) {
  DeletionVector vector;
  vector.storage_type = "u";
  vector.path_or_inline = "abc";
  EXPECT_EQ(vector.UniqueId(), "uabc");
  vector.offset = 4;
  EXPECT_EQ(vector.UniqueId(), "uabc@4");
}

}  // namespace
}  // namespace smelt::delta
