#include "engine/internal/partition_groups.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace smelt::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Value;

/// What was handed on: partition → numbers of its rows, and how many parts there were.
struct Given {
  std::map<std::string, std::vector<std::int64_t>> rows;
  int parts = 0;
};

class PartitionGroupsTest : public testing::Test {
 protected:
  PartitionGroupsTest() : connection_(database_), groups_(*connection_.context, Types(), {1}) {}

  static duckdb::vector<LogicalType> Types() { return {LogicalType::BIGINT, LogicalType::VARCHAR}; }

  /// Rows whose partitions are given by a function of their number.
  template <typename PartitionOf>
  void Add(std::int64_t first, idx_t count, PartitionOf partition_of) {
    duckdb::DataChunk chunk;
    chunk.Initialize(*connection_.context, Types());
    for (idx_t i = 0; i < count; ++i) {
      const auto number = first + static_cast<std::int64_t>(i);
      chunk.SetValue(0, i, Value::BIGINT(number));
      chunk.SetValue(1, i, partition_of(number));
    }
    chunk.SetCardinality(count);
    groups_.Add(chunk, Take());
  }

  void Flush() { groups_.Flush(Take()); }

  PartitionGroups::Give Take() {
    return [this](duckdb::DataChunk& part) {
      ++given_.parts;
      EXPECT_LE(part.size(), idx_t{STANDARD_VECTOR_SIZE});
      for (idx_t row = 0; row < part.size(); ++row) {
        given_.rows[part.GetValue(1, row).ToString()].push_back(part.GetValue(0, row).GetValue<std::int64_t>());
      }
    };
  }

  duckdb::DuckDB database_{nullptr};
  duckdb::Connection connection_;
  PartitionGroups groups_;
  Given given_;
};

TEST_F(PartitionGroupsTest, RowsComeOutByPartitionInTheirOrder) {
  const auto partition_of = [](std::int64_t number) {
    return number % 7 == 0 ? Value(LogicalType::VARCHAR) : Value("a partition, number " + std::to_string(number % 7));
  };
  constexpr std::int64_t kChunks = 50;
  for (std::int64_t i = 0; i < kChunks; ++i) Add(i * STANDARD_VECTOR_SIZE, STANDARD_VECTOR_SIZE, partition_of);
  Flush();
  EXPECT_LT(given_.parts, 2 * kChunks) << "not seven parts of each chunk";
  ASSERT_EQ(given_.rows.size(), 7U);
  EXPECT_TRUE(given_.rows.contains("NULL"));
  std::size_t count = 0;
  for (const auto& [partition, numbers] : given_.rows) {
    count += numbers.size();
    for (std::size_t i = 1; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], numbers[i - 1] + 7) << partition;
  }
  EXPECT_EQ(count, static_cast<std::size_t>(kChunks * STANDARD_VECTOR_SIZE));
}

TEST_F(PartitionGroupsTest, WhatIsOfOnePartitionNeedNotWait) {
  Add(0, 10, [](std::int64_t) { return Value("only"); });
  EXPECT_EQ(given_.parts, 1);
  Add(10, 0, [](std::int64_t) { return Value("only"); });
  Flush();
  EXPECT_EQ(given_.parts, 1);
  EXPECT_EQ(given_.rows["only"].size(), 10U);
}

TEST_F(PartitionGroupsTest, AFewRowsOfManyPartitionsAreAllHandedOn) {
  for (int round = 0; round < 3; ++round) {
    Add(round * 100, 100, [](std::int64_t number) { return Value("p" + std::to_string(number % 100)); });
    Flush();
    Flush();
  }
  EXPECT_EQ(given_.rows.size(), 100U);
  for (const auto& [partition, numbers] : given_.rows) {
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{numbers[0], numbers[0] + 100, numbers[0] + 200})) << partition;
  }
}

}  // namespace
}  // namespace smelt::engine
