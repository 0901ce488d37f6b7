#include "serve/data/data_api.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/id.h"
#include "serve/body_stream.h"
#include "serve/openapi.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

/// The routes over a small lake, called as the server would.
class DataApiTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void Start(const DataLimits& limits) {
    TearDown();
    lake_ = (fs::temp_directory_path() / ("smelt-data-" + NewUuid())).string();
    engine::LakeOptions options;
    options.lake = lake_;
    options.threads = 2;
    engine_ = *engine::Engine::Open(options);
    auto session = *engine_->Connect();
    ASSERT_TRUE(
        session->Execute("create schema shop; create table shop.orders as select i as id, 'order ' || i as name, "
                         "(i * 1.25)::decimal(10,2) as price from range(10) r(i); create view shop.cheap as from "
                         "shop.orders where id < 2"));
    auto api = DataApi::Make(*engine_, authority_, limits);
    ASSERT_TRUE(api) << api.error().ToString();
    api_ = std::move(*api);
    routes_ = RouteTable();
    api_->AddRoutes(routes_);
  }
  void TearDown() override {
    api_.reset();
    engine_.reset();
    if (!lake_.empty()) fs::remove_all(lake_);
  }

  HttpResponse Call(const std::string& method, const std::string& path, HttpRequest request = {}) {
    const RouteMatch match = routes_.Find(method, path);
    EXPECT_NE(match.route, nullptr) << method << " " << path;
    if (match.route == nullptr) return {};
    request.method = method;
    request.path = path;
    request.path_values = match.values;
    request.identity = {.name = caller_, .role = role_};
    return match.route->handler(request);
  }
  HttpResponse Sql(const Json& body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("content-type", "application/json");
    return Call("POST", "/api/v1/sql",
                {.path_values = {}, .query = {}, .headers = std::move(headers), .body = JsonText(body)});
  }
  HttpResponse Rows(const std::string& query_name, const std::string& query_value,
                    std::vector<std::pair<std::string, std::string>> others = {}) {
    HttpRequest request;
    if (!query_name.empty()) request.query[query_name] = query_value;
    request.others = std::move(others);
    return Call("GET", "/api/v1/tables/shop/orders", request);
  }
  /// The whole body, also of a stream.
  static std::string Body(const HttpResponse& response) {
    std::string text = response.body;
    while (response.stream != nullptr) {
      const auto piece = response.stream->Next();
      if (!piece) return "cut: " + piece.error().ToString();
      text += piece->bytes;
      if (piece->then == BodyStream::Then::kEnd) break;
    }
    return text;
  }
  static Json Parsed(const HttpResponse& response) {
    const std::string text = Body(response);
    Json json = JsonOrDiscarded(text);
    EXPECT_FALSE(json.is_discarded()) << text;
    return json;
  }
  static std::string HeaderOf(const HttpResponse& response, std::string_view name) {
    for (const auto& [known, value] : response.headers) {
      if (known == name) return value;
    }
    return "";
  }

  std::string lake_;
  std::string caller_ = "ann";
  Role role_ = Role::kWriter;
  const Authority authority_{AuthoritySettings{}};
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<DataApi> api_;
  RouteTable routes_;
};

TEST_F(DataApiTest, AnswersSqlWithRows) {
  const HttpResponse response =
      Sql({{"sql", "select id, price from shop.orders where id >= $1 order by id;"}, {"parameters", {8}}});
  ASSERT_EQ(response.status, 200) << response.body;
  const Json answer = Parsed(response);
  EXPECT_EQ(answer["columns"][1], Json({{"name", "price"}, {"type", "DECIMAL(10,2)"}, {"kind", "decimal"}}));
  EXPECT_EQ(answer["rows"], Json::parse("[[8, 10.0], [9, 11.25]]"));
  EXPECT_EQ(answer["row_count"], 2);
  EXPECT_EQ(answer["truncated"], false);
  EXPECT_EQ(Parsed(Sql({{"sql", "select 1 as a"}, {"rows", "objects"}}))["rows"], Json::parse(R"([{"a": 1}])"));
  const Json few = Parsed(Sql({{"sql", "from shop.orders"}, {"limit", 3}}));
  EXPECT_EQ(few["row_count"], 3);
  EXPECT_EQ(few["truncated"], true);
}

TEST_F(DataApiTest, AnswersInTheFormatThatIsAskedFor) {
  const std::string sql = "select 1 as a, 'x' as b";
  EXPECT_EQ(Body(Sql({{"sql", sql}, {"format", "csv"}})), "a,b\n1,x\n");
  const HttpResponse lines = Sql({{"sql", sql}}, {{"accept", "text/html, application/x-ndjson;q=0.9"}});
  EXPECT_EQ(lines.content_type, "application/x-ndjson");
  EXPECT_EQ(Body(lines), "{\"a\":1,\"b\":\"x\"}\n");
  EXPECT_TRUE(Body(Sql({{"sql", sql}, {"format", "parquet"}})).starts_with("PAR1"));
  EXPECT_EQ(Sql({{"sql", sql}, {"format", "arrow"}}).content_type, "application/vnd.apache.arrow.stream");
  EXPECT_EQ(Sql({{"sql", sql}}, {{"accept", "image/png"}}).status, 406);
}

TEST_F(DataApiTest, LargeAnswersAreStreamsAndWhole) {
  const HttpResponse response = Sql({{"sql", "select range as i from range(200000)"}});
  ASSERT_NE(response.stream, nullptr);
  const Json answer = Parsed(response);
  EXPECT_EQ(answer["row_count"], 200'000);
  EXPECT_EQ(answer["rows"].back(), Json::parse("[199999]"));
}

TEST_F(DataApiTest, SaysWhatIsWrongWithARequest) {
  const HttpResponse unknown = Sql({{"sql", "select 1"}, {"limitt", 3}});
  EXPECT_EQ(unknown.status, 422);
  EXPECT_NE(unknown.body.find("/limitt: there is no such field; did you mean 'limit'?"), std::string::npos)
      << unknown.body;
  const Json wrong = Parsed(Sql({{"sql", " ; "}, {"limit", -1}, {"format", "xml"}, {"parameters", {Json::object()}}}));
  EXPECT_EQ(wrong["errors"].size(), 4) << wrong;
  EXPECT_EQ(Sql({{"sql", "selec 1"}}).status, 400);
  EXPECT_EQ(Sql({{"sql", "select 1; select 2"}}).status, 400);
  EXPECT_EQ(Sql({{"sql", "from shop.nothing"}}).status, 404);
  EXPECT_EQ(Sql({{"sql", "select $1"}}).status, 400);
  EXPECT_EQ(Sql({{"sql", "select error('at once')"}}).status, 400);
  EXPECT_EQ(Call("POST", "/api/v1/sql", {.path_values = {}, .query = {}, .body = "{\"sql\":\"select 1\"}"}).status,
            415);
}

TEST_F(DataApiTest, ReadersReadAndWritersWrite) {
  const Json insert = {{"sql", "insert into shop.orders values ($1, 'new', 1)"}, {"parameters", {100}}};
  role_ = Role::kReader;
  EXPECT_EQ(Sql(insert).status, 403);
  EXPECT_EQ(Sql({{"sql", "from read_csv('/etc/passwd')"}}).status, 403);
  role_ = Role::kWriter;
  const Json answer = Parsed(Sql(insert));
  EXPECT_EQ(answer["changed"], 1) << answer;
  EXPECT_EQ(answer["commits"][0]["table"], "shop.orders");
  EXPECT_EQ(Parsed(Sql({{"sql", "select count(*) from shop.orders"}}))["rows"], Json::parse("[[11]]"));
}

TEST_F(DataApiTest, ACallThatIsMadeAgainChangesNothingTwice) {
  const Json insert = {{"sql", "insert into shop.orders values (100, 'new', 1)"}};
  const HttpResponse first = Sql(insert, {{"idempotency-key", "k"}});
  const HttpResponse again = Sql(insert, {{"idempotency-key", "k"}});
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(HeaderOf(again, "Idempotency-Replayed"), "true");
  EXPECT_EQ(Parsed(Sql({{"sql", "select count(*) from shop.orders"}}))["rows"], Json::parse("[[11]]"));
  EXPECT_EQ(Sql({{"sql", "select 1"}}, {{"idempotency-key", "k"}}).status, 422);
  EXPECT_EQ(Sql(insert, {{"idempotency-key", "a key"}}).status, 400);
  caller_ = "bob";
  EXPECT_EQ(HeaderOf(Sql(insert, {{"idempotency-key", "k"}}), "Idempotency-Replayed"), "") << "keys are a caller's own";
}

TEST_F(DataApiTest, LimitsTimeRowsAndBytes) {
  const HttpResponse late = Sql({{"sql",
                                  "select count(*) from range(100000) a, range(10000000) b where a.range + "
                                  "b.range = 3"},
                                 {"timeout_ms", 50}});
  EXPECT_EQ(late.status, 504) << late.body;
  EXPECT_NE(late.body.find("SMELT-SERVE-0003"), std::string::npos) << late.body;
  Start({.rows_max = 5, .bytes_max = 1'000});
  const HttpResponse many = Sql({{"sql", "from range(6)"}});
  EXPECT_EQ(many.status, 422) << many.body;
  EXPECT_NE(many.body.find("more than 5 rows"), std::string::npos) << many.body;
  EXPECT_EQ(Sql({{"sql", "from range(5)"}}).status, 200);
  EXPECT_EQ(Sql({{"sql", "from range(6)"}, {"limit", 5}}).status, 200);
  EXPECT_EQ(Sql({{"sql", "from range(6)"}, {"format", "parquet"}}).status, 422);
  EXPECT_EQ(Sql({{"sql", "select repeat('x', 2000)"}}).status, 422);
}

TEST_F(DataApiTest, LimitsWhatIsAtWork) {
  Start({.statements_max = 2, .statements_of_one_max = 1});
  const HttpResponse open = Sql({{"sql", "from range(1000000)"}});
  ASSERT_NE(open.stream, nullptr);
  const HttpResponse second = Sql({{"sql", "select 1"}});
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(HeaderOf(second, "Retry-After"), "1");
  EXPECT_NE(second.body.find("of your statements"), std::string::npos) << second.body;
  caller_ = "bob";
  const HttpResponse other = Sql({{"sql", "from range(1000000)"}});
  ASSERT_EQ(other.status, 200);
  caller_ = "eve";
  EXPECT_EQ(Sql({{"sql", "select 1"}}).status, 429);
  EXPECT_NE(Body(open), "");
  EXPECT_EQ(Sql({{"sql", "select 1"}}).status, 200) << "an answer that is sent gives its place to others";
}

TEST_F(DataApiTest, EndsAStatementWhoseClientIsGone) {
  std::stop_source gone;
  std::jthread leaves([&gone] { gone.request_stop(); });
  HttpRequest request{.path_values = {},
                      .query = {},
                      .headers = {{"content-type", "application/json"}},
                      .body = R"({"sql": "select count(*) from range(10000000) a, range(10000000) b"})"};
  request.stop = gone.get_token();
  EXPECT_GE(Call("POST", "/api/v1/sql", request).status, 400);
}

TEST_F(DataApiTest, PagesThroughAResultThatIsKept) {
  const HttpResponse first = Sql({{"sql", "select i as a, i as a, sum(i) over () as s from range(5) r(i) order by i"},
                                  {"page_rows", 2},
                                  {"wait_ms", 60'000}});
  ASSERT_EQ(first.status, 200) << first.body;
  Json page = Parsed(first);
  EXPECT_EQ(page["rows"], Json::parse("[[0, 0, 10], [1, 1, 10]]"));
  EXPECT_EQ(page["columns"][1]["name"], "a_1");
  const std::string url = HeaderOf(first, "Location");
  EXPECT_TRUE(HeaderOf(first, "Link").ends_with("?cursor=2>; rel=\"next\"")) << HeaderOf(first, "Link");
  HttpRequest next;
  next.query["cursor"] = "4";
  page = Parsed(Call("GET", url + "/rows", next));
  EXPECT_EQ(page["rows"], Json::parse("[[4, 4, 10]]"));
  EXPECT_EQ(page["next"], nullptr);
  next.query["format"] = "csv";
  EXPECT_EQ(Body(Call("GET", url + "/rows", next)), "a,a_1,s\n4,4,10\n");
  next.query["cursor"] = "x";
  EXPECT_EQ(Call("GET", url + "/rows", next).status, 400);
  const Json standing = Parsed(Call("GET", url));
  EXPECT_EQ(standing["state"], "succeeded");
  EXPECT_EQ(standing["row_count"], 5);
  EXPECT_EQ(Parsed(Call("GET", "/api/v1/sql"))["results"].size(), 1);
  caller_ = "bob";
  EXPECT_EQ(Call("GET", url).status, 404) << "results are a caller's own";
  EXPECT_EQ(Call("DELETE", url).status, 404);
  caller_ = "ann";
  EXPECT_EQ(Call("DELETE", url).status, 204);
  EXPECT_EQ(Call("GET", url).status, 404);
}

TEST_F(DataApiTest, RunsBesideTheRequestAndIsCancelled) {
  const HttpResponse begun =
      Sql({{"sql", "select count(*) from range(10000000) a, range(10000000) b"}, {"async", true}});
  ASSERT_EQ(begun.status, 202) << begun.body;
  const std::string url = HeaderOf(begun, "Location");
  EXPECT_EQ(Parsed(begun)["state"], "running");
  EXPECT_EQ(Call("GET", url + "/rows").status, 202);
  EXPECT_EQ(Call("DELETE", url).status, 204);
  EXPECT_EQ(Call("GET", url).status, 404);
  const HttpResponse failed = Sql({{"sql", "select error('late')"}, {"async", true}, {"wait_ms", 60'000}});
  EXPECT_EQ(failed.status, 400) << failed.body;
  const HttpResponse changed =
      Sql({{"sql", "delete from shop.orders where id = 1"}, {"async", true}, {"wait_ms", 60'000}});
  EXPECT_EQ(Parsed(changed)["changed"], 1);
}

TEST_F(DataApiTest, GivesRowsOfATable) {
  const HttpResponse response = Rows("limit", "2", {{"price", "gte.5"}, {"id", "lt.6"}});
  ASSERT_EQ(response.status, 200) << response.body;
  const Json answer = Parsed(response);
  EXPECT_EQ(answer["rows"], Json({{{"id", 4}, {"name", "order 4"}, {"price", 5.0}},
                                  {{"id", 5}, {"name", "order 5"}, {"price", 6.25}}}));
  EXPECT_EQ(answer["truncated"], false);
  EXPECT_EQ(answer["next"], nullptr);
  const HttpResponse wrong = Rows("", "", {{"pric", "gte.5"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body.find("did you mean 'price'?"), std::string::npos) << wrong.body;
  const HttpResponse missing = Call("GET", "/api/v1/tables/shop/order");
  EXPECT_EQ(missing.status, 404);
  EXPECT_NE(missing.body.find("did you mean shop.orders?"), std::string::npos) << missing.body;
  for (const char* path :
       {"/api/v1/tables/..%2Fshop/orders", "/api/v1/tables/../orders", "/api/v1/tables/shop/%2E%2E"}) {
    EXPECT_EQ(Call("GET", path).status, 404) << path;
  }
  EXPECT_EQ(Parsed(Call("GET", "/api/v1/tables/shop/cheap"))["row_count"], 2) << "views have rows, too";
}

TEST_F(DataApiTest, PagesOfATableAreOfOneVersion) {
  HttpRequest request;
  request.query["limit"] = "6";
  request.query["select"] = "id";
  const Json first = Parsed(Call("GET", "/api/v1/tables/shop/orders", request));
  EXPECT_EQ(first["truncated"], true);
  const std::string next = first["next"];
  EXPECT_NE(next.find("?cursor=0:6&limit=6&select=id"), std::string::npos) << next;
  ASSERT_EQ(Sql({{"sql", "delete from shop.orders"}}).status, 200);
  request.query["cursor"] = "0:6";
  const Json second = Parsed(Call("GET", "/api/v1/tables/shop/orders", request));
  EXPECT_EQ(second["row_count"], 4);
  EXPECT_EQ(second["rows"][0]["id"], 6);
  request.query["cursor"] = "x";
  EXPECT_EQ(Call("GET", "/api/v1/tables/shop/orders", request).status, 400);
}

TEST_F(DataApiTest, ATableThatDidNotChangeIsNotSentAgain) {
  const std::string tag = HeaderOf(Rows("", ""), "ETag");
  ASSERT_NE(tag, "");
  HttpRequest request{.path_values = {}, .query = {}, .headers = {{"if-none-match", "\"x\", W/" + tag}}};
  EXPECT_EQ(Call("GET", "/api/v1/tables/shop/orders", request).status, 304);
  ASSERT_EQ(Sql({{"sql", "delete from shop.orders where id = 3"}}).status, 200);
  const HttpResponse changed = Call("GET", "/api/v1/tables/shop/orders", request);
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(HeaderOf(changed, "ETag"), tag);
  request.query["version"] = "0";
  EXPECT_EQ(Parsed(Call("GET", "/api/v1/tables/shop/orders", request))["row_count"], 10);
  request.query["version"] = "99";
  EXPECT_EQ(Call("GET", "/api/v1/tables/shop/orders", request).status, 404);
}

TEST_F(DataApiTest, TellsOfTables) {
  const Json list = Parsed(Call("GET", "/api/v1/tables"))["tables"];
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[1]["table"], "orders");
  EXPECT_EQ(list[1]["rows"], 10);
  const Json table = Parsed(Call("GET", "/api/v1/tables/shop/orders/schema"));
  EXPECT_EQ(table["columns"][2], Json({{"name", "price"}, {"type", "DECIMAL(10,2)"}}));
  const Json history = Parsed(Call("GET", "/api/v1/tables/shop/orders/history"));
  EXPECT_EQ(history["rows"][0]["version"], 0);
  EXPECT_EQ(Call("GET", "/api/v1/tables/shop/cheap/history").status, 404);
}

TEST_F(DataApiTest, ItsDocumentNamesEveryRoute) {
  AddDocumentRoutes(routes_);
  const HttpResponse response = Call("GET", "/api/v1/openapi.json");
  const Json document = Parsed(response);
  EXPECT_EQ(document["openapi"], "3.1.0");
  std::size_t operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) operations += methods.size();
  EXPECT_EQ(operations, routes_.routes().size());
  const Json& rows = document["paths"]["/api/v1/tables/{schema}/{table}"]["get"];
  EXPECT_EQ(rows["parameters"][0]["in"], "path");
  EXPECT_TRUE(rows["responses"]["200"]["content"].contains("text/csv; charset=utf-8"));
  EXPECT_EQ(document["paths"]["/api/v1/sql"]["post"]["requestBody"]["required"], true);
  EXPECT_NE(Body(Call("GET", "/api")).find("/api/v1/tables/{schema}/{table}"), std::string::npos);
}

TEST_F(DataApiTest, EveryRouteIsInTheReference) {
  AddDocumentRoutes(routes_);
  const auto page = ReadWholeFile(SMELT_SOURCE_DIR "/docs/reference/http-api.md");
  ASSERT_TRUE(page) << page.error().ToString();
  for (const Route& route : routes_.routes()) {
    EXPECT_NE(page->find("`" + route.method + " " + route.pattern + "`"), std::string::npos) << route.pattern;
    EXPECT_NE(page->find(route.summary), std::string::npos) << route.summary;
  }
}

}  // namespace
}  // namespace smelt::serve
