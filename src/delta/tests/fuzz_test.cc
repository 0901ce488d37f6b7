#include <gtest/gtest.h>

#include <limits>

#include "base/tests/fuzzer.h"
#include "delta/deletion_vector.h"
#include "delta/internal/json_checksum.h"
#include "delta/internal/log_listing.h"
#include "delta/schema.h"
#include "delta/statistics.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

using testing_support::Fuzz;
using testing_support::Mutator;
using testing_support::Texts;

const Texts& CommitLines() {
  static const Texts kLines = {
      R"({"commitInfo":{"timestamp":1,"operation":"WRITE","operationMetrics":{"a":"1"},"txnId":"x"}})",
      R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["columnMapping"],"writerFeatures":["columnMapping","invariants"]}})",
      R"({"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"}]}","partitionColumns":["a"],"configuration":{"k":"v"},"createdTime":1}})",
      R"({"add":{"path":"p=1/a%20b","partitionValues":{"p":"1","q":null},"size":12,"modificationTime":5,"dataChange":true,"stats":"{\"numRecords\":3}","tags":{"k":"v"},"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":4,"cardinality":6},"baseRowId":1,"defaultRowCommitVersion":2,"clusteringProvider":"c"}})",
      R"({"remove":{"path":"a","deletionTimestamp":5,"dataChange":false,"extendedFileMetadata":true,"partitionValues":{},"size":1}})",
      R"({"cdc":{"path":"_change_data/c","partitionValues":{},"size":1,"dataChange":false}})",
      R"({"txn":{"appId":"app","version":7,"lastUpdated":8}})",
      R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})",
      R"({"checkpointMetadata":{"version":3}})",
      R"({"sidecar":{"path":"s.parquet","sizeInBytes":4,"modificationTime":5}})"};
  return kLines;
}

/// What is accepted is written and read again as the same.
TEST(FuzzTest, Actions) {
  Fuzz(20'000, [](Mutator& mutator) {
    const auto actions = ParseCommit(mutator.Mutate(CommitLines()), "f");
    if (!actions) return;
    const std::string once = LinesOf(*actions);
    if (once.empty()) return;
    const auto again = ParseCommit(once, "f");
    ASSERT_TRUE(again.has_value()) << once;
    EXPECT_EQ(LinesOf(*again), once);
  });
}

TEST(FuzzTest, Schemas) {
  const Texts corpus = {
      R"j({"type":"struct","fields":[{"name":"a","type":"decimal(10,2)","nullable":false,"metadata":{"x":[1]}}]})j",
      R"j({"type":"struct","fields":[{"name":"b","type":{"type":"map","keyType":"string","valueType":{"type":"array","elementType":"long","containsNull":true},"valueContainsNull":false},"nullable":true,"metadata":{"delta.columnMapping.id":4,"delta.columnMapping.physicalName":"col-1"}}]})j",
      R"j({"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[{"name":"t","type":"timestamp_ntz"},{"name":"v","type":"void"}]}}]})j"};
  Fuzz(20'000, [&](Mutator& mutator) {
    const auto schema = ParseSchema(mutator.Mutate(corpus));
    if (!schema) return;
    const std::string once = SchemaToString(*schema);
    const auto again = ParseSchema(once);
    ASSERT_TRUE(again.has_value()) << once;
    EXPECT_EQ(SchemaToString(*again), once);
  });
}

TEST(FuzzTest, Statistics) {
  const Texts corpus = {
      R"({"numRecords":3,"tightBounds":true,"minValues":{"a":{"b":1.5e3},"c":"x"},"maxValues":{"a":{"b":2}},"nullCount":{"a":{"b":0}}})",
      R"({"numRecords":1000000000000,"minValues":{"d":12345678901234567890.123},"maxValues":{"d":1e400},"nullCount":{"d":-1}})"};
  Fuzz(20'000, [&](Mutator& mutator) {
    const std::string text = mutator.Mutate(corpus);
    const FileStatistics statistics = ParseStatistics(text);
    StatisticsToString(statistics);
    if (const auto found = statistics.columns.find("c"); found != statistics.columns.end()) {
      const ColumnStatistics column = ParseColumnStatistics(text, "c");
      // Of a column that is there twice, the second place may not be looked at.
      ASSERT_TRUE(column.bounds.min.is_null() || column.bounds.min == found->second.min) << text;
      ASSERT_TRUE(!column.bounds.null_count || column.bounds.null_count == found->second.null_count) << text;
      ASSERT_EQ(column.tight_bounds, statistics.tight_bounds) << text;
      const ColumnBounds bounds = ParseColumnStatistics(text, "c", ColumnPart::kBounds).bounds;
      ASSERT_TRUE(bounds.min.is_null() || bounds.min == found->second.min) << text;
      ASSERT_TRUE(bounds.max.is_null() || bounds.max == found->second.max) << text;
    }
    RowCount(text);
    TruncateMin(text);
    TruncateMax(text);
    WithLooseBounds(text);
  });
}

Texts VectorCorpus() {
  Texts corpus;
  for (const unsigned step : {1U, 3U, 500U, 70'000U}) {
    RowSet rows;
    for (unsigned row = 0; row < 200'000; row += step) rows.Set(row);
    corpus.push_back(SerializeRowSet(rows));
  }
  RowSet few;
  for (const unsigned row : {0U, 7U, 65'535U, 65'536U}) few.Set(row);
  corpus.push_back(SerializeRowSet(few));
  return corpus;
}

/// Nothing beyond the rows of the file is accepted, so that what memory a vector takes has a bound.
TEST(FuzzTest, DeletionVectors) {
  constexpr std::uint64_t kRowsMax = 200'000;
  const Texts corpus = VectorCorpus();
  Fuzz(5'000, [&](Mutator& mutator) {
    const auto rows = ParseRowSet(mutator.Mutate(corpus), kRowsMax);
    if (!rows) return;
    EXPECT_LE(rows->words().size(), kRowsMax / 64 + 1);
    const auto again = ParseRowSet(SerializeRowSet(*rows), kRowsMax);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->words(), rows->words());
  });
}

TEST(FuzzTest, DeletionVectorDescriptors) {
  const auto store = storage::OpenMemoryStore();
  RowSet rows;
  for (unsigned row = 0; row < 100'000; row += 3) rows.Set(row);
  DeletionVectorFile file;
  const DeletionVector good = file.Add(rows);
  ASSERT_TRUE(store->Put("t/" + file.name(), file.bytes()));
  const Texts texts = {good.path_or_inline, EncodeZ85(SerializeRowSet(rows).substr(0, 400)), "ab^-aqEH.-t@S}K{vb[*k^"};
  Fuzz(2'000, [&](Mutator& mutator) {
    DeletionVector vector = good;
    if (mutator.Below(2) == 0) vector.storage_type = mutator.Below(2) == 0 ? "i" : "x";
    vector.path_or_inline = mutator.Below(2) == 0 ? good.path_or_inline : mutator.Mutate(texts);
    if (mutator.Below(2) == 0) vector.offset = static_cast<std::int32_t>(mutator.Below(1ULL << 32U));
    if (mutator.Below(2) == 0) vector.size_bytes = static_cast<std::int32_t>(mutator.Below(1ULL << 32U));
    const auto read = ReadDeletionVector(*store, "t", vector, 100'000);
    if (!read) return;
    EXPECT_EQ(static_cast<std::int64_t>(read->count()), vector.cardinality);
  });
}

TEST(FuzzTest, Z85) {
  const Texts corpus = {"ab^-aqEH.-t@S}K{vb[*k^", "HelloWorld", "00000", "#####"};
  Fuzz(20'000, [&](Mutator& mutator) {
    const auto bytes = DecodeZ85(mutator.Mutate(corpus));
    if (!bytes) return;
    EXPECT_EQ(DecodeZ85(EncodeZ85(*bytes)).value(), *bytes);
  });
}

TEST(FuzzTest, Paths) {
  const Texts corpus = {"p=1/a%20b", "p=%2525/x", "file:///a/b", "s3://b/k", "/abs/x", "p=ä/ü"};
  Fuzz(20'000, [&](Mutator& mutator) {
    const auto path = DecodePath(mutator.Mutate(corpus));
    if (!path) return;
    EXPECT_EQ(DecodePath(EncodePath(*path)).value(), *path);
  });
}

/// A whole log any file of which is damaged is read or refused; rightly read, when it is not a commit.
TEST(FuzzTest, Logs) {
  Fuzz(2'000, [](Mutator& mutator) {
    TestTable table;
    SnapshotPtr snapshot = MustCommit(table.log, CreateOf({{"delta.checkpointInterval", "3"}}));
    for (int i = 1; i <= 5; ++i) snapshot = MustCommit(table.log, AppendOf(snapshot, "file" + std::to_string(i)));
    const auto objects = table.store->List(table.log.Key("_delta_log")).value();
    const std::string key = objects[mutator.Below(objects.size())].key;
    const std::string text = table.store->Read(key).value();
    ASSERT_TRUE(table.store->Put(key, mutator.Mutate({text})));
    const auto loaded = table.log.Latest();
    if (!loaded) {
      EXPECT_NE(loaded.error().code(), ErrorCode::kInternal) << loaded.error().ToString();
      return;
    }
    if (!key.ends_with(".json")) {
      EXPECT_EQ(Paths(**loaded).size(), Paths(*snapshot).size()) << key;
    }
    ReadCheckpointHint(table.log);
  });
}

/// What others claim about sizes costs nothing until it is true.
TEST(HostileInput, ClaimsOfBillionsOfRowsAreOnlyClaims) {
  TestTable table;
  Add add = AddOf("a");
  add.stats = R"({"numRecords":9223372036854775807})";
  add.size_bytes = std::numeric_limits<std::int64_t>::max();
  table.PutCommit(0, kCreateLines + LinesOf({add}));
  EXPECT_EQ(MustLoad(table.log.Latest())->totals().bytes, std::numeric_limits<std::int64_t>::max());
  DeletionVector vector{"i", EncodeZ85(std::string(12, '\xff')), {}, 12, 1'000'000'000'000};
  EXPECT_FALSE(ReadDeletionVector(*table.store, "t", vector, 1'000'000'000'000'000));
}

TEST(HostileInput, DeepNestingIsRefused) {
  const std::string deep(200'000, '[');
  EXPECT_FALSE(ParseCommit("{\"commitInfo\":{\"a\":" + deep, "f"));
  EXPECT_FALSE(ParseSchema("{\"type\":\"struct\",\"fields\":" + deep));
  std::string schema = R"({"type":"struct","fields":[{"name":"a","type":)";
  for (int i = 0; i < 1'000; ++i) schema += R"({"type":"array","elementType":)";
  schema += "\"long\"";
  for (int i = 0; i < 1'000; ++i) schema += R"(,"containsNull":true})";
  EXPECT_FALSE(ParseSchema(schema + "}]}"));
  TestTable table;
  table.PutCommit(0, kCreateLines);
  ASSERT_TRUE(table.store->Put(table.LogKey("_last_checkpoint"), "{\"version\":0,\"checksum\":\"x\",\"a\":" + deep));
  EXPECT_EQ(MustLoad(table.log.Latest())->version(), Version{0});
}

TEST(HostileInput, VersionsWithGapsAreRefused) {
  TestTable table;
  table.PutCommit(0, kCreateLines);
  table.PutCommit(1, LinesOf({AddOf("a")}));
  table.PutCommit(9, LinesOf({AddOf("b")}));
  const auto loaded = table.log.Latest();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code(), ErrorCode::kDeltaCorrupt);
  EXPECT_EQ(Paths(*MustLoad(table.log.At({1}))), (Texts{"a"}));
}

TEST(HostileInput, SumsThatOverflowAreNoTrouble) {
  TestTable table;
  Add large = AddOf("a");
  large.size_bytes = std::numeric_limits<std::int64_t>::max();
  Add other = large;
  other.path = "b";
  table.PutCommit(0, kCreateLines + LinesOf({large, other}));
  EXPECT_EQ(Paths(*MustLoad(table.log.Latest())).size(), 2U);
}

}  // namespace
}  // namespace smelt::delta
