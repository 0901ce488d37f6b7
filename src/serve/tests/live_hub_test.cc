#include "serve/dashboards/live_hub.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/id.h"
#include "serve/dashboards/dashboard_routes.h"
#include "serve/http_server.h"
#include "serve/tests/raw_client.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSales = R"(
title: Sales
filters:
  - name: state
    type: select
    options: {sql: select distinct state as value from gold.orders order by 1}
pages:
  - name: first
    tiles:
      - name: revenue
        type: big_number
        title: How much?
        value: revenue
        sql: select sum(x)::bigint as revenue from gold.orders where {{ filter('state', 'state') }}
      - name: visits
        type: big_number
        title: How many visits?
        value: n
        sql: select count(*) as n from gold.visits
)";

class LiveHubTest : public testing::Test {
 protected:
  void SetUp() override {
    lake_ = (fs::temp_directory_path() / ("smelt-live-" + NewUuid())).string();
    folder_ = lake_ + "-dashboards";
    fs::create_directories(folder_);
    ASSERT_TRUE(WriteWholeFile(folder_ + "/sales.yml", kSales));
    engine::LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    auto engine = engine::Engine::Open(options);
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    writer_ = std::move(*engine_->Connect());
    Write("create table gold.orders as select 1::bigint as x, 'SP' as state");
    Write("create table gold.visits as select 1 as n");
    queries_ = std::make_unique<QueryService>(*engine_, authority_, QuerySettings{});
    dashboards_ = std::make_unique<DashboardService>(*engine_, *queries_, folder_, CompileMetric());
    auto hub = LiveHub::Start(*engine_, *dashboards_, {});
    ASSERT_TRUE(hub) << hub.error().ToString();
    hub_ = std::move(*hub);
    RouteTable routes;
    AddDashboardRoutes(routes, *dashboards_, *hub_);
    auto server = HttpServer::Start({}, std::move(routes), [](const Route&, HttpRequest&) { return "ana"; });
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
  }
  void TearDown() override {
    server_.reset();
    hub_.reset();
    dashboards_.reset();
    queries_.reset();
    writer_.reset();
    engine_.reset();
    fs::remove_all(lake_);
    fs::remove_all(folder_);
  }

  void Write(const std::string& sql) {
    const Status status = writer_->Execute(sql);
    ASSERT_TRUE(status) << status.error().ToString();
  }
  std::string Get(const std::string& path, const std::string& headers = "") const {
    RawClient client(server_->port());
    client.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
    return client.ReadToEnd();
  }
  static Json Body(const std::string& response) {
    const std::size_t head = response.find("\r\n\r\n");
    return JsonOrDiscarded(head == std::string::npos ? "" : response.substr(head + 4));
  }
  std::unique_ptr<RawClient> Watch(const std::string& query, const std::string& headers = "") const {
    auto client = std::make_unique<RawClient>(server_->port());
    client->Send("GET /api/v1/dashboards/sales/live" + query + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return client;
  }

  std::string lake_;
  std::string folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> writer_;
  const Authority authority_{AuthoritySettings{}};
  std::unique_ptr<QueryService> queries_;
  std::unique_ptr<DashboardService> dashboards_;
  std::unique_ptr<LiveHub> hub_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(LiveHubTest, APageGetsItsTilesAndThenThoseThatACommitChanges) {
  auto page = Watch("");
  std::string seen = page->ReadUntil("\"tile\":\"visits\"");
  if (seen.find("\"tile\":\"revenue\"") == std::string::npos) seen += page->ReadUntil("\"tile\":\"revenue\"");
  EXPECT_NE(seen.find("event: tile"), std::string::npos);
  Write("insert into gold.orders values (10, 'RJ')");
  const std::string update = page->ReadUntil("\"rows\":[[11]]}");
  EXPECT_NE(update.find("\"rows\":[[11]]}"), std::string::npos) << update;
  EXPECT_EQ(update.find("\"tile\":\"visits\""), std::string::npos) << "its table did not change\n" << update;
  Write("insert into gold.visits values (2)");
  EXPECT_NE(page->ReadUntil("\"rows\":[[2]]}").find("\"tile\":\"visits\""), std::string::npos);
}

TEST_F(LiveHubTest, EachTileIsComputedOnceForAllViewersOfTheSameFilters) {
  constexpr int kViewers = 20;
  std::vector<std::unique_ptr<RawClient>> pages;
  for (int i = 0; i < kViewers; ++i) pages.push_back(Watch(i % 2 == 0 ? "?tiles=revenue" : "?tiles=revenue&state=SP"));
  for (const auto& page : pages) page->ReadUntil("\"rows\":[[1]]}");
  EXPECT_EQ(hub_->counts().tiles, 2U);
  EXPECT_EQ(hub_->counts().viewers, kViewers);
  const std::int64_t before = hub_->counts().computed;
  Write("insert into gold.orders values (10, 'RJ')");
  for (int i = 0; i < kViewers; ++i) {
    const std::string rows = i % 2 == 0 ? "\"rows\":[[11]]}" : "\"rows\":[[1]]}";
    EXPECT_NE(pages[static_cast<std::size_t>(i)]->ReadUntil(rows).find(rows), std::string::npos);
  }
  EXPECT_EQ(hub_->counts().computed, before + 2);
}

TEST_F(LiveHubTest, WhoComesBackGetsOnlyWhatHasChanged) {
  auto page = Watch("");
  std::string seen = page->ReadUntil("\"tile\":\"visits\"");
  if (seen.find("\"tile\":\"revenue\"") == std::string::npos) seen += page->ReadUntil("\"tile\":\"revenue\"");
  const std::size_t at = seen.rfind("id: ");
  const std::string id = seen.substr(at + 4, seen.find('\n', at) - at - 4);
  auto other = Watch("");  // keeps the tiles known while the page is away
  other->ReadUntil("\"tile\":");
  page.reset();
  Write("insert into gold.orders values (10, 'RJ')");
  other->ReadUntil("\"rows\":[[11]]}");
  page = Watch("", "Last-Event-ID: " + id + "\r\n");
  const std::string missed = page->ReadUntil("\"rows\":[[11]]}");
  EXPECT_NE(missed.find("\"rows\":[[11]]}"), std::string::npos);
  EXPECT_EQ(missed.find("\"tile\":\"visits\""), std::string::npos);
  page = Watch("", "Last-Event-ID: of-another-server-7\r\n");
  EXPECT_NE(page->ReadUntil("\"tile\":\"visits\"").find("\"tile\":\"visits\""), std::string::npos);
}

TEST_F(LiveHubTest, ATileThatFailsSaysSoAndComesBack) {
  auto page = Watch("?tiles=visits");
  page->ReadUntil("\"rows\":[[1]]}");
  Write("drop table gold.visits");
  EXPECT_NE(page->ReadUntil("event: failed").find("event: failed"), std::string::npos);
  Write("create table gold.visits as from range(3)");
  EXPECT_NE(page->ReadUntil("\"rows\":[[3]]}").find("\"rows\":[[3]]}"), std::string::npos);
}

TEST_F(LiveHubTest, AVerdictComesWithoutRows) {
  auto page = Watch("?tiles=visits");
  page->ReadUntil("\"verdict\":\"unknown\"");
  Write("create schema quality");
  Write(
      "create table quality.results as select 'gold.visits' as table_name, 's' as suite, now() as validated_at, "
      "0::bigint as table_version, false as success, 'error' as severity");
  const std::string event = page->ReadUntil("\"failed\":1}");
  EXPECT_NE(event.find("event: quality"), std::string::npos) << event;
  EXPECT_EQ(event.find("event: tile"), std::string::npos) << event;
}

TEST_F(LiveHubTest, OpenPagesAreToldThatTheirFileChanged) {
  auto page = Watch("?tiles=visits");
  page->ReadUntil("\"rows\":[[1]]}");
  ASSERT_TRUE(WriteWholeFile(folder_ + "/sales.yml", std::string(kSales) + "\nowner: Ana\n"));
  EXPECT_NE(page->ReadUntil("event: definition").find("event: definition"), std::string::npos);
}

TEST_F(LiveHubTest, NothingIsWatchedWhenNobodyLooks) {
  auto page = Watch("?tiles=visits");
  page->ReadUntil("\"rows\":[[1]]}");
  page.reset();
  while (hub_->counts().viewers > 0) std::this_thread::yield();
  EXPECT_EQ(hub_->counts().tiles, 0U);
}

TEST_F(LiveHubTest, RoutesTellDefinitionRowsAndVersions) {
  const Json list = Body(Get("/api/v1/dashboards"));
  EXPECT_EQ(list["dashboards"][0]["tables"], Json::array({"gold.orders", "gold.visits"})) << JsonText(list);
  EXPECT_TRUE(list["faults"].empty()) << JsonText(list["faults"]);
  const Json definition = Body(Get("/api/v1/dashboards/sales"));
  EXPECT_EQ(definition["filters"][0]["options"], Json::parse(R"([{"value":"SP","label":"SP"}])"));
  EXPECT_EQ(definition["filters"][0]["tiles"], Json::array({"revenue"}));
  const std::string response = Get("/api/v1/dashboards/sales/tiles/revenue?state=SP");
  const Json tile = Body(response);
  EXPECT_EQ(tile["rows"], Json::parse("[[1]]")) << response;
  EXPECT_EQ(tile["parameters"], Json::array({"SP"}));
  EXPECT_EQ(tile["tables"][0]["version"], 0);
  EXPECT_EQ(tile["quality"]["verdict"], "unknown");
  const std::size_t at = response.find("ETag: ");
  ASSERT_NE(at, std::string::npos) << response;
  const std::string etag = response.substr(at + 6, response.find("\r\n", at) - at - 6);
  const auto again = [&] {
    return Get("/api/v1/dashboards/sales/tiles/revenue?state=SP", "If-None-Match: " + etag + "\r\n");
  };
  EXPECT_TRUE(again().starts_with("HTTP/1.1 304")) << again();
  Write("insert into gold.orders values (5, 'SP')");
  EXPECT_TRUE(again().starts_with("HTTP/1.1 200"));
  EXPECT_EQ(Body(Get("/api/v1/dashboards/sales/tiles/revenue?as_of=0"))["rows"], Json::parse("[[1]]"));
  EXPECT_NE(Get("/api/v1/dashboards/sales/tiles/revenue?format=csv").find("revenue\n6\n"), std::string::npos);
}

TEST_F(LiveHubTest, WhatThereIsNotIsNamed) {
  EXPECT_TRUE(Get("/api/v1/dashboards/sale").starts_with("HTTP/1.1 404"));
  EXPECT_EQ(Body(Get("/api/v1/dashboards/sale"))["hint"], "did you mean 'sales'?");
  EXPECT_TRUE(Get("/api/v1/dashboards/sales/tiles/revenu").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(Get("/api/v1/dashboards/sales/tiles/revenue?stat=SP").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Get("/api/v1/dashboards/sales/live?as_of=3").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Get("/api/v1/dashboards/sales/live?tiles=revenu").starts_with("HTTP/1.1 404"));
}

}  // namespace
}  // namespace smelt::serve
