#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "delta/transaction.h"

namespace smelt::delta {

/// Checkpoints as text files of JSON lines in an object store: what the protocol's logic needs, without Parquet.
class TextCheckpoints final : public CheckpointFormat {
 public:
  explicit TextCheckpoints(storage::ObjectStore& store) : store_(store) {}

  Status Read(const std::string& address, CheckpointRows& rows, CheckpointPart) override {
    SMELT_ASSIGN(const std::string text, store_.Read(KeyOf(address)));
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      SMELT_TRY(rows.TakeJson(std::string_view(text).substr(begin, end - begin)));
      begin = end + 1;
    }
    return {};
  }

  Result<std::int64_t> Write(const std::vector<std::string>& lines, const std::string& address) override {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    SMELT_TRY(store_.Put(KeyOf(address), text));
    return std::ssize(text);
  }

 private:
  std::string KeyOf(const std::string& address) const { return address.substr(store_.Address("").size()); }

  storage::ObjectStore& store_;
};

/// A log in memory (or in a given store), empty at first.
struct TestTable {
  explicit TestTable(storage::FaultScript script = {}) : TestTable(storage::OpenMemoryStore(std::move(script))) {}
  explicit TestTable(std::unique_ptr<storage::ObjectStore> with)
      : store(std::move(with)), checkpoints(*store), log(*store, "t", checkpoints) {}

  void PutCommit(std::int64_t version, const std::string& text) {
    EXPECT_TRUE(store->Put(log.CommitKey({version}), text).has_value());
  }
  void DeleteCommit(std::int64_t version) { EXPECT_TRUE(store->Delete(log.CommitKey({version})).has_value()); }
  std::string LogKey(const std::string& name) const { return log.Key("_delta_log/" + name); }

  std::unique_ptr<storage::ObjectStore> store;
  TextCheckpoints checkpoints;
  Log log;
};

inline Metadata TestMetadata(std::map<std::string, std::string> configuration = {}) {
  Metadata metadata;
  metadata.id = "test-table";
  metadata.schema_string = R"({"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]})";
  metadata.configuration = std::move(configuration);
  return metadata;
}

inline Add AddOf(std::string path, std::int64_t rows = 1) {
  Add add;
  add.path = std::move(path);
  add.size_bytes = 100;
  add.modification_time_ms = 1;
  add.stats = R"({"numRecords":)" + std::to_string(rows) + "}";
  return add;
}

inline Remove RemoveOf(std::string path, std::int64_t deleted_ms = 4'000'000'000'000) {
  Remove remove;
  remove.path = std::move(path);
  remove.deletion_timestamp_ms = deleted_ms;
  return remove;
}

inline Proposal CreateOf(std::map<std::string, std::string> configuration = {}) {
  Proposal proposal;
  proposal.protocol = Protocol{};
  proposal.metadata = TestMetadata(std::move(configuration));
  proposal.operation = "CREATE TABLE";
  return proposal;
}

inline Proposal AppendOf(SnapshotPtr base, std::string path) {
  Proposal proposal;
  proposal.base = std::move(base);
  proposal.adds.push_back(AddOf(std::move(path)));
  return proposal;
}

/// Commits, expecting success.
inline SnapshotPtr MustCommit(const Log& log, Proposal proposal) {
  Result<Committed> committed = Commit(log, std::move(proposal));
  EXPECT_TRUE(committed.has_value()) << (committed ? "" : committed.error().ToString());
  return committed ? committed->snapshot : nullptr;
}

inline SnapshotPtr MustLoad(const Result<SnapshotPtr>& snapshot) {
  EXPECT_TRUE(snapshot.has_value()) << (snapshot ? "" : snapshot.error().ToString());
  return snapshot ? *snapshot : nullptr;
}

inline std::vector<std::string> Paths(const Snapshot& snapshot) {
  std::vector<std::string> paths;
  for (const auto& file : snapshot.files()) paths.push_back(file->path);
  return paths;
}

inline std::vector<std::string> TombstonePaths(const Snapshot& snapshot) {
  std::vector<std::string> paths;
  for (const auto& tombstone : snapshot.tombstones()) paths.push_back(tombstone->path);
  return paths;
}

inline const std::string kCreateLines =
    "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
    "{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":"
    "\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"}]}\","
    "\"partitionColumns\":[],\"configuration\":{}}}\n";

inline std::string LinesOf(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) AppendAction(action, text);
  return text;
}

}  // namespace smelt::delta
