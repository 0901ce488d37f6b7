#include "ingest/internal/rejects.h"

#include <gtest/gtest.h>

#include <string>

namespace smelt::ingest {
namespace {

void Add(RejectStore& store, int number) {
  const std::string raw = "raw " + std::to_string(number) + std::string(static_cast<std::size_t>(number % 300), '.');
  const Status added = store.Add({.file_name = "f.csv",
                                  .file_hash = "h",
                                  .line = number,
                                  .column = number % 2 == 0 ? "" : "c",
                                  .rule = "type",
                                  .message = "m",
                                  .raw = raw});
  ASSERT_TRUE(added) << added.error().ToString();
}

/// Every reject comes out once, in order, whether it waited in memory or in a file.
TEST(Rejects, ComeOutAsTheyWentIn) {
  for (const std::int64_t memory : {std::int64_t{1}, std::int64_t{2'000}, std::int64_t{1} << 30}) {
    RejectStore store(memory);
    constexpr int kCount = 5'001;
    for (int i = 0; i < kCount; ++i) Add(store, i);
    EXPECT_EQ(store.count(), kCount);
    const LoadStamp stamp{.source = "s", .run_id = "r", .ingestion_micros = 86'400'000'000 * 3 + 5};
    RejectRows rows(store, stamp);
    engine::RowBatch batch;
    batch.columns.resize(rows.columns().size());
    int next = 0;
    while (true) {
      ASSERT_TRUE(rows.Next(batch));
      if (batch.rows == 0) break;
      for (std::size_t row = 0; row < batch.rows; ++row, ++next) {
        EXPECT_EQ(batch.columns[3].integers[row], next);
        EXPECT_EQ(batch.columns[4].valid[row], next % 2);
        EXPECT_TRUE(batch.columns[7].texts[row].starts_with("raw " + std::to_string(next)));
      }
    }
    EXPECT_EQ(next, kCount) << memory;
  }
}

TEST(Rejects, EmptyStoreHasNoRows) {
  RejectStore store(100);
  const LoadStamp stamp;
  RejectRows rows(store, stamp);
  engine::RowBatch batch;
  batch.columns.resize(rows.columns().size());
  ASSERT_TRUE(rows.Next(batch));
  EXPECT_EQ(batch.rows, 0u);
}

}  // namespace
}  // namespace smelt::ingest
