#include "serve/postgres_server.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "serve/postgres/lake_catalog_source.h"
#include "serve/postgres/wire_buffer.h"
#include "serve/tests/raw_client.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;
using postgres::WireBuffer;
using postgres::WireReader;

/// ReadyForQuery without a transaction.
constexpr std::string_view kReady("Z\0\0\0\5I", 6);

std::string Startup(std::string_view database = "lake") {
  WireBuffer body;
  body.PutInt<std::int32_t>(0);
  body.PutInt<std::int32_t>(196'608);
  for (const std::string_view text :
       {std::string_view("user"), std::string_view("ada"), std::string_view("database"), database})
    body.PutText(text);
  body.PutByte('\0');
  body.Patch(0, static_cast<std::int32_t>(body.size()));
  return std::string(body.View());
}

std::string Message(char type, std::string_view body) {
  WireBuffer message;
  const std::size_t begun = message.Begin(type);
  message.Put(body);
  message.End(begun);
  return std::string(message.View());
}

std::string Query(std::string_view sql) {
  return Message('Q', std::string(sql) + '\0');
}

/// Messages of a server's as a text: their types and what tests look at.
std::string Told(std::string_view bytes) {
  std::string text;
  while (bytes.size() >= 5) {
    WireReader in(bytes);
    const char type = in.Byte();
    const auto length = static_cast<std::size_t>(in.Int<std::uint32_t>());
    WireReader body(bytes.substr(5, length - 4));
    bytes.remove_prefix(std::min(bytes.size(), length + 1));
    if (type == 'S' || type == 'K' || type == 'R' || type == 'T') continue;
    text += type;
    if (type == 'C') text += "(" + std::string(body.Text()) + ")";
    if (type == 'Z') text += body.Byte();
    if (type == 'D') {
      text += "(";
      const auto count = body.Int<std::int16_t>();
      for (int i = 0; i < count; ++i) {
        const auto size = body.Int<std::int32_t>();
        text += i > 0 ? "," : "";
        text += size < 0 ? std::string("NULL") : std::string(body.Bytes(static_cast<std::size_t>(size)));
      }
      text += ")";
    }
    while ((type == 'E' || type == 'N') && body.left() > 1) {
      const char field = body.Byte();
      const std::string_view value = body.Text();
      if (field == 'C') text += "(" + std::string(value) + ")";
    }
    text += " ";
  }
  return text.empty() ? text : text.substr(0, text.size() - 1);
}

class PostgresServerTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void Start(PostgresSettings settings) {
    server_.reset();
    lake_ = (fs::temp_directory_path() / ("smelt-wire-" + NewUuid())).string();
    engine::LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    catalog_ = std::make_unique<postgres::LakeCatalogSource>(*engine_, authority_);
    auto server = PostgresServer::Start(
        settings,
        {.engine = *engine_, .authority = authority_, .authenticator = authenticator_, .catalog = catalog_.get()});
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
  }
  void TearDown() override {
    server_.reset();
    catalog_.reset();
    engine_.reset();
    fs::remove_all(lake_);
  }

  std::unique_ptr<RawClient> Connect() {
    auto client = std::make_unique<RawClient>(server_->port());
    EXPECT_TRUE(client->connected());
    EXPECT_TRUE(client->Send(Startup()));
    EXPECT_EQ(Told(client->ReadUntil(kReady)), "ZI");
    return client;
  }
  /// Sends, and tells what comes up to ReadyForQuery in a state.
  static std::string Ask(RawClient& client, const std::string& bytes, char state = 'I') {
    EXPECT_TRUE(client.Send(bytes));
    return Told(client.ReadUntil(std::string(kReady.substr(0, 5)) + state));
  }

  std::string lake_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<postgres::LakeCatalogSource> catalog_;
  Authority authority_{AuthoritySettings{}};
  Authenticator authenticator_{"/nowhere/users.json", std::nullopt};
  std::unique_ptr<PostgresServer> server_;
};

TEST_F(PostgresServerTest, AnswersSimpleQueries) {
  auto client = Connect();
  EXPECT_EQ(Ask(*client, Query("select 1 as a, 'x' as b, null as c")), "D(1,x,NULL) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, Query("")), "I ZI");
  EXPECT_EQ(Ask(*client, Query("select 1; select 2")), "D(1) C(SELECT 1) D(2) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, Query("select * from nowhere")), "E(42P01) ZI");
  EXPECT_EQ(Ask(*client, Query("selec 1")), "E(42601) ZI");
  EXPECT_EQ(Ask(*client, Query("select 1; selec 2")), "E(42601) ZI");
}

TEST_F(PostgresServerTest, TheCatalogueIsReadAndIsNoWayOut) {
  const std::string file = lake_ + "/secret.txt";
  fs::create_directories(lake_);
  ASSERT_TRUE(WriteWholeFile(file, "secret\n"));
  auto client = Connect();
  EXPECT_EQ(Ask(*client, Query("select relname from pg_catalog.pg_class where relname = 'pg_type'")),
            "D(pg_type) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, Query("select current_database(), c.relkind from pg_class c where c.relname = 'pg_type'")),
            "D(lake,r) C(SELECT 1) ZI");
  const std::string quoted = "'" + file + "'";
  const std::vector<std::string> refused = {
      "select * from information_schema.tables, read_csv(" + quoted + ")",
      "select (select content from read_text(" + quoted + ")) from pg_catalog.pg_class",
      "select * from pg_catalog.pg_class, " + quoted,
      "select * from pg_class, glob(" + quoted + ")",
      "select * from pg_class, delta_scan('" + lake_ + "/t')",
      "copy (select 1 from pg_class) to '" + file + "2'",
      "select * from pg_class, query('select 1')",
      "insert into pg_catalog.pg_class select * from pg_class",
      "with c as (select 1 from pg_class) delete from pg_catalog.pg_type",
      "drop table pg_catalog.pg_class",
  };
  for (const std::string& sql : refused) {
    const std::string told = Ask(*client, Query(sql));
    EXPECT_TRUE(told.starts_with("E(") && told.ends_with("ZI")) << sql << ": " << told;
    EXPECT_EQ(told.find("D("), std::string::npos) << sql << ": " << told;
  }
  EXPECT_FALSE(fs::exists(file + "2"));
}

TEST_F(PostgresServerTest, WritesValuesAsPostgresDoes) {
  auto client = Connect();
  const std::vector<std::pair<std::string, std::string>> values = {
      {"true", "t"},
      {"1.50::decimal(10,2)", "1.50"},
      {"(-0.05)::decimal(38,2)", "-0.05"},
      {"1e15::double", "1e+15"},
      {"0.1::double", "0.1"},
      {"1234567::real", "1.234567e+06"},
      {"'nan'::double", "NaN"},
      {"'\\x00\\xFF'::blob", "\\x00ff"},
      {"date '0044-03-15 (BC)'", "0044-03-15 BC"},
      {"date 'infinity'", "infinity"},
      {"timestamp '2024-02-29 10:00:00.5'", "2024-02-29 10:00:00.5"},
      {"timestamptz '2024-02-29 10:00:00+00'", "2024-02-29 10:00:00+00"},
      {"time '10:00:00.000001'", "10:00:00.000001"},
      {"interval '14 months -3 days 04:05:06'", "1 year 2 mons -3 days +04:05:06"},
      {"interval '0 days'", "00:00:00"},
      {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"['a', null, 'b c', '', 'NULL', '\"']", R"({a,NULL,"b c","","NULL","\""})"},
      {"{'a': 1}", R"({"a":1})"},
      {"170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727"},
  };
  for (const auto& [sql, text] : values) {
    EXPECT_EQ(Ask(*client, Query("select " + sql)), "D(" + text + ") C(SELECT 1) ZI") << sql;
  }
  Ask(*client, Query("set time zone 'Europe/Berlin'"));
  EXPECT_EQ(Ask(*client, Query("select timestamptz '2024-07-01 10:00:00+00'")),
            "D(2024-07-01 12:00:00+02) C(SELECT 1) ZI");
}

std::string ParseOf(std::string_view name, std::string_view sql) {
  WireBuffer body;
  body.PutText(name);
  body.PutText(sql);
  body.PutInt<std::int16_t>(0);
  return Message('P', body.View());
}

std::string BindOf(std::string_view portal, std::string_view statement, const std::vector<std::string>& values) {
  WireBuffer body;
  body.PutText(portal);
  body.PutText(statement);
  body.PutInt<std::int16_t>(0);
  body.PutInt(static_cast<std::int16_t>(values.size()));
  for (const std::string& value : values) {
    body.PutInt(static_cast<std::int32_t>(value.size()));
    body.Put(value);
  }
  body.PutInt<std::int16_t>(0);
  return Message('B', body.View());
}

std::string ExecuteOf(std::string_view portal, std::int32_t rows) {
  WireBuffer body;
  body.PutText(portal);
  body.PutInt(rows);
  return Message('E', body.View());
}

const std::string kSync = Message('S', "");

TEST_F(PostgresServerTest, PreparedStatementsTakeValuesAndHandOutRowsInParts) {
  auto client = Connect();
  EXPECT_EQ(Ask(*client, ParseOf("s", "select i from range(5) r(i) where i >= $1::int") + kSync), "1 ZI");
  EXPECT_EQ(Ask(*client, BindOf("", "s", {"3"}) + ExecuteOf("", 0) + kSync), "2 D(3) D(4) C(SELECT 2) ZI");
  EXPECT_EQ(Ask(*client, BindOf("p", "s", {"2"}) + ExecuteOf("p", 2) + ExecuteOf("p", 2) + kSync),
            "2 D(2) D(3) s D(4) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, BindOf("", "s", {"x"}) + ExecuteOf("", 0) + kSync), "E(22P02) ZI");
  EXPECT_EQ(Ask(*client, BindOf("", "none", {}) + ExecuteOf("", 0) + kSync), "E(26000) ZI");
  EXPECT_EQ(Ask(*client, ExecuteOf("none", 0) + ExecuteOf("none", 0) + kSync), "E(34000) ZI");
}

TEST_F(PostgresServerTest, TransactionsEndByPreparedStatements) {
  auto client = Connect();
  const auto run = [](const std::string& sql) {
    return ParseOf("", sql) + BindOf("", "", {}) + ExecuteOf("", 0) + kSync;
  };
  EXPECT_EQ(Ask(*client, Query("create table t (id int)")), "C(CREATE TABLE) ZI");
  for (const std::string end : {"rollback", "commit"}) {
    EXPECT_EQ(Ask(*client, run("begin"), 'T'), "1 2 C(BEGIN) ZT");
    EXPECT_EQ(Ask(*client, run("insert into t values (1)"), 'T'), "1 2 C(INSERT 0 1) ZT");
    EXPECT_EQ(Ask(*client, run(end)), end == "commit" ? "1 2 C(COMMIT) ZI" : "1 2 C(ROLLBACK) ZI");
  }
  EXPECT_EQ(Ask(*client, run("select count(*) from t")), "1 2 D(1) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, run("discard all")), "1 2 C(DISCARD ALL) ZI");
}

TEST_F(PostgresServerTest, TransactionsFailAndEndAsPostgresSays) {
  auto client = Connect();
  EXPECT_EQ(Ask(*client, Query("create table t (id int)")), "C(CREATE TABLE) ZI");
  EXPECT_EQ(Ask(*client, Query("begin"), 'T'), "C(BEGIN) ZT");
  EXPECT_EQ(Ask(*client, Query("insert into t values (1), (2)"), 'T'), "C(INSERT 0 2) ZT");
  EXPECT_EQ(Ask(*client, Query("select 1 / nothing"), 'E'), "E(42703) ZE");
  EXPECT_EQ(Ask(*client, Query("select 1"), 'E'), "E(25P02) ZE");
  EXPECT_EQ(Ask(*client, Query("commit")), "C(ROLLBACK) ZI");
  EXPECT_EQ(Ask(*client, Query("select count(*) from t")), "D(0) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, Query("insert into t values (1); insert into t values (1 / 'x'::int)")),
            "C(INSERT 0 1) E(22P02) ZI");
  EXPECT_EQ(Ask(*client, Query("select count(*) from t")), "D(0) C(SELECT 1) ZI");
  EXPECT_EQ(Ask(*client, Query("begin read only"), 'T'), "C(BEGIN) ZT");
  EXPECT_EQ(Ask(*client, Query("insert into t values (1)"), 'E'), "E(25006) ZE");
  EXPECT_EQ(Ask(*client, Query("rollback")), "C(ROLLBACK) ZI");
  EXPECT_EQ(Ask(*client, Query("commit")), "N(25P01) C(COMMIT) ZI");
}

TEST_F(PostgresServerTest, SettingsAreShownAndPutBack) {
  auto client = Connect();
  EXPECT_EQ(Ask(*client, Query("set application_name = 'desk'; show application_name")), "C(SET) D(desk) C(SHOW) ZI");
  EXPECT_EQ(Ask(*client, Query("begin; set statement_timeout = '2s'; rollback; show statement_timeout")),
            "C(BEGIN) C(SET) C(ROLLBACK) D(0) C(SHOW) ZI");
  EXPECT_EQ(Ask(*client, Query("show nothing_of_the_kind")), "E(42704) ZI");
  EXPECT_EQ(Ask(*client, Query("set client_encoding = 'latin1'")), "E(0A000) ZI");
}

TEST_F(PostgresServerTest, CopiesRowsInAndOut) {
  auto client = Connect();
  Ask(*client, Query("create table c (id int, name varchar)"));
  ASSERT_TRUE(client->Send(Query("copy c from stdin")));
  EXPECT_EQ(Told(client->ReadUntil("G")), "G");
  EXPECT_EQ(Ask(*client, Message('d', "1\ta\\tb\n2\t") + Message('d', "\\N\n") + Message('c', "")), "C(COPY 2) ZI");
  EXPECT_EQ(Ask(*client, Query("select * from c order by id")), "D(1,a\tb) D(2,NULL) C(SELECT 2) ZI");
  EXPECT_EQ(Ask(*client, Query("copy (select name from c order by id) to stdout with (format csv)")),
            "H d d c C(COPY 2) ZI");
  ASSERT_TRUE(client->Send(Query("copy c from stdin with (format csv)")));
  client->ReadUntil("G");
  EXPECT_EQ(Ask(*client, Message('d', "3,x\nfour,y\n") + Message('c', "")), "E(22P02) ZI");
  EXPECT_EQ(Ask(*client, Query("select count(*) from c")), "D(2) C(SELECT 1) ZI");
}

TEST_F(PostgresServerTest, EndsStatementsThatTakeTooLong) {
  auto client = Connect();
  Ask(*client, Query("set statement_timeout = 50"));
  EXPECT_EQ(Ask(*client, Query("select count(*) from range(1000000) a, range(1000000) b where hash(a.range) % 7 = "
                               "hash(b.range) % 11")),
            "E(57014) ZI");
  EXPECT_EQ(Ask(*client, Query("set statement_timeout = 0; select 1")), "C(SET) D(1) C(SELECT 1) ZI");
}

TEST_F(PostgresServerTest, RefusesOtherDatabasesAndTooManyClients) {
  RawClient other(server_->port());
  ASSERT_TRUE(other.Send(Startup("shop")));
  EXPECT_EQ(Told(other.ReadToEnd()), "E(3D000)");
  Start({.connections_max = 1});
  auto first = Connect();
  RawClient second(server_->port());
  ASSERT_TRUE(second.Send(Startup()));
  EXPECT_EQ(Told(second.ReadToEnd()), "E(53300)");
  EXPECT_EQ(Ask(*first, Query("select 1")), "D(1) C(SELECT 1) ZI");
}

TEST_F(PostgresServerTest, StopsWithoutItsClientsLeaving) {
  auto client = Connect();
  std::jthread stop([this] { server_->Stop(10'000); });
  EXPECT_EQ(Told(client->ReadToEnd()), "E(57P01)");
  stop.join();
}

TEST_F(PostgresServerTest, DamagedMessagesHarmNobodyElse) {
  Start({.startup_ms_max = 200});
  auto witness = Connect();
  const std::vector<std::string> seeds = {
      Startup() + Query("select 1"),
      Startup() + ParseOf("s", "select $1::int") + BindOf("", "s", {"1"}) + ExecuteOf("", 1) + kSync,
      Startup() + Query("copy (select 1) to stdout") + Message('d', "x") + Message('c', ""),
      std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8),
  };
  const char* const given = std::getenv("SMELT_FUZZ_SECONDS");
  const std::string_view budget = given == nullptr ? "0" : given;
  double seconds = 0;
  std::from_chars(budget.data(), budget.data() + budget.size(), seconds);
  const double until = MonotonicSeconds() + seconds;
  std::mt19937 random(std::random_device{}());
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds || MonotonicSeconds() < until; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (std::size_t damage = 1 + random() % 4; damage > 0; --damage) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.erase(at, 1 + random() % 3); break;
        case 2: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 20)); break;
        default: bytes.insert(at, 1, static_cast<char>(random())); break;
      }
      if (bytes.empty()) bytes = "x";
    }
    RawClient client(server_->port());
    ASSERT_TRUE(client.connected());
    static_cast<void>(client.Send(bytes));
  }
  EXPECT_EQ(Ask(*witness, Query("select 1")), "D(1) C(SELECT 1) ZI");
}

}  // namespace
}  // namespace smelt::serve
