#include "engine/table_pin.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/id.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

class TablePinTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-pin-" + NewUuid())).string();
    LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    writer_ = std::move(*engine_->Connect());
    reader_ = std::move(*engine_->Connect());
    Write("create table gold.sales as select 1 as amount");
    Write("create view gold.sales_total as select sum(amount)::bigint as total from gold.sales");
  }
  void TearDown() override {
    reader_.reset();
    writer_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  void Write(const std::string& sql) {
    const Status status = writer_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  TablePin Pin(const TablePoint& at = {}) {
    auto pin = engine_->Pin("gold", "sales", at);
    EXPECT_TRUE(pin) << pin.error().ToString();
    return pin && *pin ? **pin : TablePin{};
  }
  std::int64_t Total() {
    auto result = reader_->Query("select total from gold.sales_total");
    EXPECT_TRUE(result) << result.error().ToString();
    return result ? result->Int().value_or(-1) : -1;
  }

  std::string lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> writer_;
  std::unique_ptr<Session> reader_;
};

TEST_F(TablePinTest, APinnedTableStaysAsItWasForItsReaderAlone) {
  const TablePin before = Pin();
  Write("insert into gold.sales values (10)");
  reader_->ReadAt({before});
  EXPECT_EQ(Total(), 1);
  EXPECT_EQ(writer_->Query("select total from gold.sales_total")->Int(), 11);
  const TablePin after = Pin();
  EXPECT_EQ(after.version, before.version + 1);
  EXPECT_EQ(after.table_id, before.table_id);
  reader_->ReadAt({after});
  Write("insert into gold.sales values (100)");
  EXPECT_EQ(Total(), 11);
  reader_->ReadAt({});
  EXPECT_EQ(Total(), 111);
}

TEST_F(TablePinTest, EarlierVersionsAndTimesCanBePinned) {
  const TablePin first = Pin();
  Write("insert into gold.sales values (10)");
  reader_->ReadAt({Pin({.version = first.version})});
  EXPECT_EQ(Total(), 1);
  constexpr std::int64_t kLater = 100'000;
  EXPECT_EQ(Pin({.timestamp_ms = Pin().committed_at_ms + kLater}).version, first.version + 1);
  const auto missing = engine_->Pin("gold", "sales", {.version = 99});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kDeltaVersionMissing);
  const auto too_early = engine_->Pin("gold", "sales", {.timestamp_ms = 1});
  ASSERT_FALSE(too_early);
  EXPECT_EQ(too_early.error().code(), ErrorCode::kDeltaVersionMissing);
}

TEST_F(TablePinTest, ATableThatIsMadeAnewIsAnotherOne) {
  const TablePin before = Pin();
  Write("drop table gold.sales");
  EXPECT_FALSE(engine_->Pin("gold", "sales", {})->has_value());
  Write("create table gold.sales as select 7 as amount");
  const TablePin after = Pin();
  EXPECT_EQ(after.version, before.version);
  EXPECT_NE(after.table_id, before.table_id);
}

}  // namespace
}  // namespace smelt::engine
