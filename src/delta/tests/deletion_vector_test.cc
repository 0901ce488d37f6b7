#include "delta/deletion_vector.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace smelt::delta {
namespace {

constexpr std::uint64_t kAnyRow = std::uint64_t{1} << 34;

RowSet SetOf(const std::set<std::uint64_t>& rows) {
  RowSet set;
  for (std::uint64_t row : rows) set.Set(row);
  return set;
}

std::set<std::uint64_t> RowsOf(const RowSet& set) {
  std::set<std::uint64_t> rows;
  for (std::uint64_t row = 0; row < set.words().size() * 64; ++row) {
    if (set.Test(row)) rows.insert(row);
  }
  return rows;
}

std::string Complaint(const Result<RowSet>& result) {
  return result ? "" : result.error().message();
}

TEST(DeletionVectorTest, Z85IsThatOfTheSpecification) {
  const std::string hello = "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B";
  EXPECT_EQ(EncodeZ85(hello), "HelloWorld");
  EXPECT_EQ(DecodeZ85("HelloWorld").value(), hello);
  for (const char* wrong : {"Hell", "He~lo"}) EXPECT_FALSE(DecodeZ85(wrong)) << wrong;
}

TEST(DeletionVectorTest, TheInlineExampleOfTheProtocolIsRead) {
  auto store = storage::OpenMemoryStore();
  DeletionVector vector{"i", "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", std::nullopt, 44, 6};
  auto rows = ReadDeletionVector(*store, "t", vector, 30);
  ASSERT_TRUE(rows) << rows.error().ToString();
  EXPECT_EQ(RowsOf(*rows), (std::set<std::uint64_t>{3, 4, 7, 11, 18, 29}));
  EXPECT_EQ(Complaint(ReadDeletionVector(*store, "t", vector, 29)),
            "a deletion vector is damaged: it deletes a row that its file does not have");
}

/// Sparse, dense, runs, and containers at their borders.
TEST(DeletionVectorTest, EverySetComesBackAsItWas) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    std::set<std::uint64_t> rows;
    const std::uint64_t span = std::uint64_t{1} << (1 + random() % 20);
    const std::uint64_t pieces = random() % 300;
    const std::uint64_t length = round % 3 == 0 ? 1 + random() % 500 : 1;
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const std::uint64_t first = random() % span;
      for (std::uint64_t row = first; row < first + length; ++row) rows.insert(row);
    }
    const std::string bytes = SerializeRowSet(SetOf(rows));
    auto back = ParseRowSet(bytes, kAnyRow);
    ASSERT_TRUE(back) << round << ": " << back.error().ToString();
    ASSERT_EQ(RowsOf(*back), rows) << round;
    ASSERT_EQ(back->count(), rows.size());
  }
}

TEST(DeletionVectorTest, TheSmallestFormIsChosen) {
  RowSet all, even;
  for (std::uint64_t row = 0; row < 1'000'000; ++row) {
    all.Set(row);
    if (row % 2 == 0) even.Set(row);
  }
  EXPECT_LT(SerializeRowSet(all).size(), 400U);
  const std::size_t bitmaps = SerializeRowSet(even).size();
  EXPECT_GT(bitmaps, 1'000'000U / 8);
  EXPECT_LT(bitmaps, 1'000'000U / 8 + 10'000);
}

TEST(DeletionVectorTest, TheVectorsOfACommitShareAFile) {
  auto store = storage::OpenMemoryStore();
  DeletionVectorFile file;
  const RowSet small = SetOf({5});
  EXPECT_EQ(file.Add(small).storage_type, "i");
  EXPECT_FALSE(file.needed());
  std::set<std::uint64_t> many, more;
  for (std::uint64_t row = 0; row < 5000; ++row) many.insert(row * 3), more.insert(row * 7 + 1);
  const DeletionVector first = file.Add(SetOf(many)), second = file.Add(SetOf(more));
  ASSERT_TRUE(file.needed());
  ASSERT_TRUE(store->Put("a/t/" + file.name(), file.bytes()));
  EXPECT_EQ(first.storage_type, "u");
  EXPECT_EQ(first.offset, 1);
  EXPECT_EQ(RowsOf(ReadDeletionVector(*store, "a/t", first, kAnyRow).value()), many);
  EXPECT_EQ(RowsOf(ReadDeletionVector(*store, "a/t", second, kAnyRow).value()), more);
  EXPECT_NE(first.UniqueId(), second.UniqueId());
}

TEST(DeletionVectorTest, DamageIsNamed) {
  auto store = storage::OpenMemoryStore();
  DeletionVectorFile file;
  std::set<std::uint64_t> many;
  for (std::uint64_t row = 0; row < 500; ++row) many.insert(row * 3);
  const DeletionVector sound = file.Add(SetOf(many));
  const auto read = [&](const DeletionVector& vector, const std::string& bytes) {
    EXPECT_TRUE(store->Put("t/" + file.name(), bytes));
    return Complaint(ReadDeletionVector(*store, "t", vector, kAnyRow));
  };
  EXPECT_EQ(read(sound, file.bytes()), "");
  std::string flipped = file.bytes();
  flipped[40] = static_cast<char>(flipped[40] ^ 1);
  EXPECT_EQ(read(sound, flipped), "a deletion vector is damaged: its checksum is wrong");
  EXPECT_EQ(read(sound, file.bytes().substr(0, 100)),
            "a deletion vector is damaged: it reaches beyond the end of its file");
  EXPECT_EQ(read(sound, ""), "a deletion vector is damaged: its file has an unknown format");
  DeletionVector wrong = sound;
  wrong.cardinality = 499;
  EXPECT_EQ(read(wrong, file.bytes()), "a deletion vector is damaged: it deletes 500 rows, the log says 499");
  wrong = sound;
  wrong.offset = -5;
  EXPECT_EQ(read(wrong, file.bytes()), "a deletion vector is damaged: it reaches beyond the end of its file");
  wrong = sound;
  wrong.size_bytes -= 1;
  EXPECT_EQ(read(wrong, file.bytes()), "a deletion vector is damaged: its length differs from that in the log");
  wrong = sound;
  wrong.path_or_inline = "../../" + sound.path_or_inline;
  EXPECT_EQ(read(wrong, file.bytes()), "a deletion vector is damaged: its descriptor names a file outside the table");
  wrong = sound;
  wrong.storage_type = "x";
  EXPECT_EQ(read(wrong, file.bytes()), "a deletion vector has the unknown storage type 'x'");
}

/// Whatever the bytes are, the parser answers or complains.
TEST(DeletionVectorTest, AnyDamageIsSurvived) {
  std::mt19937_64 random(11);
  std::set<std::uint64_t> rows;
  for (std::uint64_t row = 0; row < 70'000; row += 1 + row % 5) rows.insert(row);
  for (std::uint64_t row = 100'000; row < 140'000; ++row) rows.insert(row);
  const std::string sound = SerializeRowSet(SetOf(rows));
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = sound;
    for (std::uint64_t i = 0; i <= random() % 4; ++i) {
      bytes[random() % std::min<std::size_t>(bytes.size(), 64)] = static_cast<char>(random());
    }
    if (random() % 3 == 0) bytes.resize(random() % bytes.size());
    auto parsed = ParseRowSet(bytes, 200'000);
    EXPECT_TRUE(!parsed || parsed->count() <= 200'000U);
  }
}

TEST(DeletionVectorTest, StatisticsSayThatBoundsAreLoose) {
  EXPECT_EQ(WithLooseBounds(R"({"numRecords":3})"), R"({"tightBounds":false,"numRecords":3})");
  EXPECT_EQ(WithLooseBounds(R"({"numRecords":3,"tightBounds":true})"), R"({"numRecords":3,"tightBounds":false})");
  EXPECT_EQ(WithLooseBounds(R"({"tightBounds":false})"), R"({"tightBounds":false})");
  EXPECT_EQ(WithLooseBounds("{}"), R"({"tightBounds":false})");
  EXPECT_EQ(WithLooseBounds(""), "");
}

}  // namespace
}  // namespace smelt::delta
