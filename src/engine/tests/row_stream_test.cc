#include "engine/row_stream.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/id.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kAllRows = std::int64_t{1} << 40;
constexpr std::size_t kManyBytes = std::size_t{1} << 30;

class RowStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-rows-" + NewUuid())).string();
    LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    engine_ = *Engine::Open(options);
    session_ = *engine_->Connect();
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }
  std::string Rows(const std::string& sql, RowFormat format, const ParameterValues& parameters = {},
                   bool exact = false) {
    auto rows = RowStream::Open(*session_, sql, parameters, {.format = format, .exact_numbers_as_text = exact});
    if (!rows) return rows.error().ToString();
    std::string text = (*rows)->Prologue();
    const auto piece = (*rows)->Next(kAllRows, kManyBytes);
    return piece ? text + *piece + (*rows)->Epilogue() : piece.error().ToString();
  }
  std::string Value(const std::string& expression, bool exact = false) {
    return Rows("select " + expression + " as v", RowFormat::kJsonArrays, {}, exact);
  }

  std::string lake_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(RowStreamTest, WritesValuesAsJson) {
  EXPECT_EQ(Value("null"), "[null]");
  EXPECT_EQ(Value("true"), "[true]");
  EXPECT_EQ(Value("-3"), "[-3]");
  EXPECT_EQ(Value("9223372036854775807::bigint"), "[9223372036854775807]");
  EXPECT_EQ(Value("9223372036854775807::bigint", true), R"(["9223372036854775807"])");
  EXPECT_EQ(Value("170141183460469231731687303715884105727::hugeint"), "[170141183460469231731687303715884105727]");
  EXPECT_EQ(Value("1.10::decimal(10,2)"), "[1.10]");
  EXPECT_EQ(Value("-0.05::decimal(10,2)", true), R"(["-0.05"])");
  EXPECT_EQ(Value("0.1::double"), "[0.1]");
  EXPECT_EQ(Value("0.1::float"), "[0.1]");
  EXPECT_EQ(Value("'nan'::double"), R"(["NaN"])");
  EXPECT_EQ(Value("'-infinity'::double"), R"(["-Infinity"])");
  EXPECT_EQ(Value(R"('a"b\c' || chr(10) || chr(1) || 'ü')"), R"(["a\"b\\c\n\u0001ü"])");
  EXPECT_EQ(Value("date '2018-05-24'"), R"(["2018-05-24"])");
  EXPECT_EQ(Value("time '01:02:03.5'"), R"(["01:02:03.5"])");
  EXPECT_EQ(Value("timestamp '2018-05-24 13:00:00.25'"), R"(["2018-05-24T13:00:00.25"])");
  EXPECT_EQ(Value("timestamptz '2018-05-24 13:00:00-03'"), R"(["2018-05-24T16:00:00Z"])");
  EXPECT_EQ(Value("'infinity'::timestamp"), R"(["infinity"])");
  EXPECT_EQ(Value("interval '14 months 3 days 4 hours -1.5 seconds'"), R"(["P1Y2M3DT3H59M58.5S"])");
  EXPECT_EQ(Value("interval '0 days'"), R"(["PT0S"])");
  EXPECT_EQ(Value("'\\x00\\xff'::blob"), R"(["AP8="])");
  EXPECT_EQ(Value("'{\"a\": 1}'::json"), R"([{"a": 1}])");
  EXPECT_EQ(Value("'x'::enum('x', 'y')"), R"(["x"])");
}

TEST_F(RowStreamTest, WritesNestedValuesAsJson) {
  EXPECT_EQ(Value("[1, null, 3]"), "[[1,null,3]]");
  EXPECT_EQ(Value("{'a': date '2018-01-02', 'b': [true]}"), R"([{"a":"2018-01-02","b":[true]}])");
  EXPECT_EQ(Value("map {date '2018-01-02': 1}"), R"([{"2018-01-02":1}])");
  EXPECT_EQ(Value("[1, 2]::integer[2]"), "[[1,2]]");
  EXPECT_EQ(
      Rows("select [i, i + 1] as v from range(2) t(i) where i >= 0 union all select null", RowFormat::kJsonArrays),
      "[[0,1]],\n[[1,2]],\n[null]");
}

TEST_F(RowStreamTest, WritesRowsInEachForm) {
  const std::string sql = "select * from (values (1, 'a,\"b'), (2, ''), (3, null)) t(x, \"the y\") order by x";
  EXPECT_EQ(Rows(sql, RowFormat::kJsonArrays), "[1,\"a,\\\"b\"],\n[2,\"\"],\n[3,null]");
  EXPECT_EQ(Rows(sql, RowFormat::kJsonObjects),
            "{\"x\":1,\"the y\":\"a,\\\"b\"},\n{\"x\":2,\"the y\":\"\"},\n{\"x\":3,\"the y\":null}");
  EXPECT_EQ(Rows(sql, RowFormat::kNdjson),
            "{\"x\":1,\"the y\":\"a,\\\"b\"}\n{\"x\":2,\"the y\":\"\"}\n{\"x\":3,\"the y\":null}\n");
  EXPECT_EQ(Rows(sql, RowFormat::kCsv), "x,the y\n1,\"a,\"\"b\"\n2,\"\"\n3,\n");
  EXPECT_EQ(Rows("select 1 as a, 2 as a, 3 as A", RowFormat::kNdjson), "{\"a\":1,\"a_1\":2,\"A_2\":3}\n");
}

TEST_F(RowStreamTest, HandsOutPiecesThatMakeTheWhole) {
  auto rows = RowStream::Open(*session_, "select range as i from range(10000)", {}, {.format = RowFormat::kJsonArrays});
  ASSERT_TRUE(rows) << rows.error().ToString();
  std::string text = "[";
  for (int pieces = 0;; ++pieces) {
    const auto piece = (*rows)->Next(777, kManyBytes);
    ASSERT_TRUE(piece) << piece.error().ToString();
    if (piece->empty()) {
      EXPECT_EQ(pieces, 13);
      break;
    }
    text += *piece;
  }
  EXPECT_FALSE(*(*rows)->HasMore());
  EXPECT_EQ((*rows)->rows(), 10'000);
  const Json whole = Json::parse(text + "]");
  ASSERT_EQ(whole.size(), 10'000);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(whole[i][0], i);
  auto few = RowStream::Open(*session_, "select range as i from range(100000)", {}, {.format = RowFormat::kNdjson});
  ASSERT_TRUE(few);
  const auto piece = (*few)->Next(kAllRows, 1'000);
  ASSERT_TRUE(piece);
  EXPECT_LT(piece->size(), 100'000) << "a piece ends near the bytes that were asked for";
  EXPECT_TRUE(*(*few)->HasMore());
}

TEST_F(RowStreamTest, BindsParameters) {
  EXPECT_EQ(Rows("select $1::integer + $2 as v", RowFormat::kJsonArrays, {{"1", 1}, {"2", 2}}), "[3]");
  EXPECT_EQ(Rows("select $day < date '2018-01-02' as v", RowFormat::kJsonArrays, {{"day", "2018-01-01"}}), "[true]");
  EXPECT_EQ(Rows("select $1::text as v", RowFormat::kJsonArrays, {{"1", "'; drop table x"}}), R"(["'; drop table x"])");
  EXPECT_EQ(Rows("select 2 in (select unnest($1)) as v", RowFormat::kJsonArrays, {{"1", Json::array({1, 2})}}),
            "[true]");
  EXPECT_NE(Rows("select $1, $2", RowFormat::kCsv, {{"1", 1}}).find("parameters $2 have no values"), std::string::npos);
  EXPECT_NE(Rows("select $1", RowFormat::kCsv, {{"1", 1}, {"x", 1}}).find("has no parameter '$x'"), std::string::npos);
  EXPECT_NE(Rows("select 1; select 2", RowFormat::kCsv).find("expected one statement, found 2"), std::string::npos);
}

TEST_F(RowStreamTest, ExecutesWithParameters) {
  ASSERT_TRUE(session_->Execute("create schema s; create table s.t (a integer, b text)"));
  auto changed = ExecuteWith(*session_, "insert into s.t values ($1, $2), ($1 + 1, $2)", {{"1", 1}, {"2", "it's"}});
  ASSERT_TRUE(changed) << changed.error().ToString();
  EXPECT_EQ(*changed, 2);
  changed = ExecuteWith(*session_, "delete from s.t where a = $which", {{"which", 2}});
  ASSERT_TRUE(changed) << changed.error().ToString();
  EXPECT_EQ(*changed, 1);
  EXPECT_FALSE(ExecuteWith(*session_, "insert into s.t values ($1, $2)", {{"1", 1}}));
  EXPECT_EQ(Rows("from s.t", RowFormat::kCsv), "a,b\n1,it's\n");
}

TEST_F(RowStreamTest, ArrowStreamsBeginWithTheirSchemaAndEnd) {
  const std::string bytes = Rows("select 1 as a where false", RowFormat::kArrow);
  EXPECT_EQ(bytes.substr(0, 4), "\xFF\xFF\xFF\xFF");
  EXPECT_TRUE(bytes.ends_with(std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8)));
  EXPECT_EQ(bytes.size() % 8, 0);
}

TEST_F(RowStreamTest, DescribesWithoutRunning) {
  const auto columns = RowStream::Describe(*session_, "select 1::decimal(5,1) as a, 'x' as a");
  ASSERT_TRUE(columns) << columns.error().ToString();
  ASSERT_EQ(columns->size(), 2);
  EXPECT_EQ((*columns)[0].type, "DECIMAL(5,1)");
  EXPECT_EQ((*columns)[1].name, "a_1");
  const auto missing = RowStream::Describe(*session_, "select * from s.nothing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kSqlCatalog);
}

}  // namespace
}  // namespace smelt::engine
