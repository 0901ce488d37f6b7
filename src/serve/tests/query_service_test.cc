#include "serve/query_service.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "base/id.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

class QueryServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-queries-" + NewUuid())).string();
    engine::LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    writer_ = std::move(*engine_->Connect());
    Serve({});
    for (const char* table : {"a", "b", "c"}) {
      Write("create table gold." + std::string(table) + " as select 1::bigint as x, 'SP' as state");
    }
    Write("create view gold.both as select sum(x)::bigint as x from (from gold.a union all from gold.b)");
  }
  void TearDown() override {
    service_.reset();
    writer_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  void Serve(const QuerySettings& settings) {
    service_ = std::make_unique<QueryService>(*engine_, authority_, settings);
  }
  void Write(const std::string& sql) {
    const Status status = writer_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  AnswerPtr Ask(const Question& question) {
    auto answer = service_->Ask(reader_, question, {});
    EXPECT_TRUE(answer) << question.sql << "\n" << answer.error().ToString();
    return answer ? *answer : std::make_shared<const Answer>();
  }
  std::string Rows(const std::string& sql) { return Ask({.sql = sql})->rows; }
  ErrorCode Failure(const Question& question) {
    const auto answer = service_->Ask(reader_, question, {});
    EXPECT_FALSE(answer);
    return answer ? ErrorCode::kUsage : answer.error().code();
  }
  std::int64_t Computed() const { return service_->counts().computed; }

  std::string lake_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> writer_;
  const Authority authority_{AuthoritySettings{}};
  const Identity reader_{.name = "ana"};
  std::unique_ptr<QueryService> service_;
};

TEST_F(QueryServiceTest, AnAnswerIsKeptUntilACommitToATableThatItReads) {
  EXPECT_EQ(Rows("select sum(x)::bigint from gold.a"), "[1]");
  Write("insert into gold.b values (5, 'RJ')");
  EXPECT_EQ(Rows("select sum(x)::bigint from gold.a"), "[1]");
  EXPECT_EQ(Computed(), 1);
  EXPECT_EQ(service_->counts().hits, 1);
  Write("insert into gold.a values (10, 'RJ')");
  const AnswerPtr after = Ask({.sql = "select sum(x)::bigint from gold.a"});
  EXPECT_EQ(after->rows, "[11]");
  EXPECT_EQ(Computed(), 2);
  ASSERT_EQ(after->tables.size(), 1U);
  EXPECT_EQ(after->tables[0].Text(), "gold.a");
  EXPECT_EQ(after->tables[0].version, *engine_->TableVersion("gold", "a").value());
}

TEST_F(QueryServiceTest, ViewsAndTablesThatAreMadeAnewHaveNewAnswers) {
  EXPECT_EQ(Rows("from gold.both"), "[2]");
  Write("insert into gold.b values (5, 'RJ')");
  EXPECT_EQ(Rows("from gold.both"), "[7]");
  Write("create or replace view gold.both as select 42 as x from gold.a");
  EXPECT_EQ(Rows("from gold.both"), "[42]");
  EXPECT_EQ(Rows("select x from gold.c"), "[1]");
  Write("drop table gold.c");
  EXPECT_EQ(Failure({.sql = "select x from gold.c"}), ErrorCode::kSqlCatalog);
  Write("create table gold.c as select 2 as x");
  EXPECT_EQ(Rows("select x from gold.c"), "[2]");
}

TEST_F(QueryServiceTest, ParametersAreValuesAndTakeTheTypeOfTheirPlace) {
  Write("insert into gold.a values (10, 'RJ')");
  const auto with = [](const char* value) {
    return Question{.sql = "select x from gold.a where x in ($1)", .parameters = {value}};
  };
  EXPECT_EQ(Ask(with("10"))->rows, "[10]");
  EXPECT_EQ(Ask(with("1"))->rows, "[1]");
  EXPECT_EQ(Computed(), 2);
  EXPECT_EQ(Ask({.sql = "select $1::varchar", .parameters = {"' or 1=1 --"}})->Rows()[0][0], "' or 1=1 --");
  EXPECT_EQ(Ask({.sql = "select $1::varchar is null", .parameters = {std::nullopt}})->rows, "[true]");
}

TEST_F(QueryServiceTest, RowsAreOneLineOfJson) {
  EXPECT_EQ(Rows("select i, 'a\nb' as t from range(3) r(i)"), R"([0,"a\nb"],[1,"a\nb"],[2,"a\nb"])");
}

TEST_F(QueryServiceTest, OnlyStatementsThatReadAreTaken) {
  for (const char* sql : {"insert into gold.a values (1, 'x')", "drop table gold.a", "set threads = 1",
                          "select * from read_csv('/etc/passwd')", "copy gold.a to '/tmp/x.csv'", "attach 'x.db'"}) {
    const ErrorCode code = Failure({.sql = sql});
    EXPECT_TRUE(code == ErrorCode::kAccessReadOnly || code == ErrorCode::kAccessDenied) << sql << CodeText(code);
  }
  EXPECT_EQ(Failure({.sql = "select 1; select 2"}), ErrorCode::kSqlSyntax);
  EXPECT_EQ(Computed(), 0);
}

TEST_F(QueryServiceTest, WhatMayDifferEveryTimeIsNotKept) {
  const Question random{.sql = "select random() from gold.a"};
  EXPECT_NE(Ask(random)->rows, Ask(random)->rows);
  EXPECT_EQ(Computed(), 2);
  Ask({.sql = "select now() from gold.a"});
  Ask({.sql = "select now() from gold.a"});
  EXPECT_EQ(Computed(), 4);
  EXPECT_EQ(service_->counts().cached_bytes, 0U);
}

TEST_F(QueryServiceTest, TablesAreReadAsTheyWere) {
  const std::int64_t version = *engine_->TableVersion("gold", "a").value();
  Ask({.sql = "select sum(x)::bigint from gold.a"});
  Write("insert into gold.a values (10, 'RJ')");
  Question past{.sql = "select sum(x)::bigint from gold.a", .as_of = {.version = version}};
  EXPECT_EQ(Ask(past)->rows, "[1]");
  EXPECT_EQ(Computed(), 1);  // the same state was asked for before
  struct stat commit {};
  ASSERT_EQ(stat((lake_ + "/gold/a/_delta_log/00000000000000000000.json").c_str(), &commit), 0);
  past.as_of = {.timestamp_ms = commit.st_mtim.tv_sec * 1000 + commit.st_mtim.tv_nsec / 1'000'000};
  EXPECT_EQ(Ask(past)->rows, "[1]");
  EXPECT_EQ(Failure({.sql = "from gold.a", .as_of = {.version = 99}}), ErrorCode::kDeltaVersionMissing);
  EXPECT_EQ(Failure({.sql = "from gold.both", .as_of = {.version = 0}}), ErrorCode::kUsage);
}

/// Whatever is asked and committed in whatever order: what is kept is what a fresh session finds.
TEST_F(QueryServiceTest, KeptAnswersAreThoseOfAFreshSession) {
  constexpr int kSteps = 150;
  const std::vector<std::string> questions = {
      "select sum(x)::bigint as s, count(*) as n from gold.a",
      "select state, sum(x)::bigint as s from gold.b group by all order by all",
      "select (select sum(x) from gold.a)::bigint - (select sum(x) from gold.c)::bigint as d",
      "from gold.both",
      "select max(x) as m from gold.c where state = 'SP'",
  };
  std::mt19937 random(20'180'524);
  const auto pick = [&random](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  for (int step = 0; step < kSteps; ++step) {
    const std::string table = std::string("gold.") + "abc"[pick(3)];
    switch (pick(6)) {
      case 0: Write("insert into " + table + " values (" + std::to_string(step) + ", 'SP')"); break;
      case 1: Write("update " + table + " set x = x + 1 where state = 'SP'"); break;
      case 2: Write("delete from " + table + " where x % 3 = 0"); break;
      default: {
        const std::string& sql = questions[pick(questions.size())];
        const auto fresh = writer_->Query("select to_json(list(q))::varchar from (" + sql + ") q");
        ASSERT_TRUE(fresh) << fresh.error().ToString();
        Json expected = Json::array();
        for (const Json& row : Json::parse(fresh->Text().value_or("[]"))) {
          Json values = Json::array();
          for (const auto& [name, value] : row.items()) values.push_back(value);
          expected.push_back(values);
        }
        ASSERT_EQ(Ask({.sql = sql})->Rows(), expected) << "step " << step << ": " << sql;
      }
    }
  }
  EXPECT_GT(service_->counts().hits, 10);
}

TEST_F(QueryServiceTest, TheSameQuestionIsComputedOnceForAllWhoAsk) {
  constexpr int kAskers = 16;
  const Question slow{.sql = "select sum(i * x)::bigint from range(20000000) r(i), gold.a"};
  std::barrier together(kAskers);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < kAskers; ++i) {
      askers.emplace_back([&] {
        together.arrive_and_wait();
        const auto answer = service_->Ask(reader_, slow, {});
        if (answer && (*answer)->rows == "[199999990000000]") ++right;
      });
    }
  }
  EXPECT_EQ(right, kAskers);
  const QueryCounts counts = service_->counts();
  EXPECT_EQ(counts.computed, 1);
  EXPECT_EQ(counts.hits + counts.shared, kAskers - 1);
}

TEST_F(QueryServiceTest, OneAskerWhoLeavesTakesNothingFromTheOthers) {
  const Question slow{.sql = "select count(*) from range(3000000000) r(i), gold.a where i % 7 = x"};
  std::stop_source leaves;
  std::optional<Result<AnswerPtr>> first;
  std::jthread asker([&] { first = service_->Ask(reader_, slow, leaves.get_token()); });
  while (Computed() == 0) std::this_thread::yield();
  leaves.request_stop();
  asker.join();
  ASSERT_TRUE(first.has_value());
  ASSERT_FALSE(*first);
  EXPECT_EQ(first->error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(Rows("select count(*) from gold.a"), "[1]");
}

TEST_F(QueryServiceTest, LimitsEndWhatIsTooLargeTooSlowOrTooMuch) {
  Serve({.rows_max = 10, .bytes_max = 1'000});
  const AnswerPtr cut = Ask({.sql = "select i from range(20) r(i)"});
  EXPECT_EQ(cut->row_count, 10U);
  EXPECT_TRUE(cut->truncated);
  EXPECT_FALSE(Ask({.sql = "select i from range(10) r(i)"})->truncated);
  EXPECT_EQ(Failure({.sql = "select repeat('x', 2000)"}), ErrorCode::kServeLimit);
  const Question endless{.sql = "select count(*) from range(3000000000) r(i), range(1000) q(j) where i % 7 = j"};
  Serve({.ms_max = 100});
  EXPECT_EQ(Failure(endless), ErrorCode::kServeTimeout);
  Serve({.ms_max = 60'000, .statements_max = 1, .waiting_max = 0});
  std::stop_source leaves;
  std::jthread busy([&] { static_cast<void>(service_->Ask(reader_, endless, leaves.get_token())); });
  while (Computed() == 0) std::this_thread::yield();
  EXPECT_EQ(Failure({.sql = "select 1"}), ErrorCode::kServeBusy);
  leaves.request_stop();
}

TEST_F(QueryServiceTest, WhatIsKeptStaysWithinItsBytesAndTheOldestGoesFirst) {
  constexpr std::size_t kBytesMax = 8'000;
  Serve({.cache_bytes_max = kBytesMax});
  const auto ask = [this](int number) {
    Ask({.sql = "select repeat('x', 1000) || $1::varchar from gold.a", .parameters = {std::to_string(number)}});
  };
  for (int i = 0; i < 20; ++i) {
    ask(0);
    ask(i);
    EXPECT_LE(service_->counts().cached_bytes, kBytesMax);
  }
  EXPECT_EQ(Computed(), 20);  // the one that was always asked for was never computed again
  EXPECT_GT(service_->counts().evicted, 0);
  Ask({.sql = "select repeat('x', 20000) from gold.a"});
  EXPECT_LE(service_->counts().cached_bytes, kBytesMax);
}

TEST_F(QueryServiceTest, DownloadsHaveAllRowsOrSayThatTheyCannot) {
  Serve({.rows_max = 10});
  const auto reading =
      service_->Look(reader_, {.sql = "select i, 'a,b' as t from range(20) r(i) where i < $1", .parameters = {"12"}});
  ASSERT_TRUE(reading) << reading.error().ToString();
  const auto csv = service_->Csv(*reading, {.rows_max = 100, .bytes_max = 10'000}, {});
  ASSERT_TRUE(csv) << csv.error().ToString();
  EXPECT_TRUE(csv->starts_with("i,t\n0,\"a,b\"\n"));
  EXPECT_EQ(std::count(csv->begin(), csv->end(), '\n'), 13);
  const auto too_much = service_->Csv(*reading, {.rows_max = 11, .bytes_max = 10'000}, {});
  ASSERT_FALSE(too_much);
  EXPECT_EQ(too_much.error().code(), ErrorCode::kServeLimit);
}

}  // namespace
}  // namespace smelt::serve
