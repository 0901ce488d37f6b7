#include "serve/http_server.h"

#include <gtest/gtest.h>

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "serve/tests/raw_client.h"

namespace smelt::serve {
namespace {

/// A door that handlers wait at.
class Latch {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void Open() {
    const std::lock_guard guard(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class HttpServerTest : public testing::Test {
 protected:
  void Start(const HttpSettings& settings = {}) {
    RouteTable routes;
    const auto echo = [](const HttpRequest& request) {
      Json seen = {{"method", request.method}, {"body", request.body}, {"caller", request.caller}};
      for (const auto& [name, value] : request.path_values) seen["path"][name] = value;
      for (const auto& [name, value] : request.query) seen["query"][name] = value;
      return JsonResponse(200, seen);
    };
    routes.Add(
        {.method = "GET", .pattern = "/things/{name}", .summary = "", .parameters = {{"q", ""}}, .handler = echo});
    routes.Add({.method = "POST", .pattern = "/things/{name}", .summary = "", .handler = echo});
    routes.Add({.method = "GET",
                .pattern = "/rows",
                .summary = "",
                .parameters = {{.name = "limit", .summary = "", .required = true}},
                .handler =
                    [](const HttpRequest& request) {
                      Json others = Json::array();
                      for (const auto& [name, value] : request.others) others.push_back(name + "=" + value);
                      HttpResponse response = JsonResponse(200, others);
                      response.headers.emplace_back("Cache-Control", "private");
                      return response;
                    },
                .other_parameters = "filters"});
    routes.Add({.method = "GET", .pattern = "/unchanged", .summary = "", .handler = [](const HttpRequest&) {
                  return HttpResponse{.status = 304, .headers = {{"ETag", "\"1\""}}};
                }});
    routes.Add({.method = "GET",
                .pattern = "/query",
                .summary = "",
                .handler =
                    [this](const HttpRequest&) {
                      latch_.Wait();
                      return JsonResponse(200, "waited");
                    },
                .lane = Lane::kQuery});
    routes.Add({.method = "GET", .pattern = "/wait", .summary = "", .handler = [this](const HttpRequest&) {
                  latch_.Wait();
                  return JsonResponse(200, "waited");
                }});
    routes.Add({.method = "GET", .pattern = "/big", .summary = "", .handler = [](const HttpRequest&) {
                  constexpr std::size_t kMuch = std::size_t{64} * 1024 * 1024;
                  return HttpResponse{.content_type = "text/plain", .body = std::string(kMuch, 'x')};
                }});
    routes.Add(
        {.method = "GET", .pattern = "/throws", .summary = "", .handler = [](const HttpRequest&) -> HttpResponse {
           throw std::runtime_error("s3cret of the inside");
         }});
    auto server = HttpServer::Start(settings, std::move(routes), [](const Route&, const HttpRequest& request) {
      return request.Header("x-refuse") ? std::expected<std::string, HttpResponse>(std::unexpected(Problem(403, "no")))
                                        : "tester";
    });
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
  }

  /// The answer to one request, after which the connection is closed.
  std::string Ask(const std::string& request) {
    RawClient client(server_->port());
    EXPECT_TRUE(client.Send(request));
    return client.ReadToEnd();
  }
  std::string Get(const std::string& target, const std::string& headers = "") {
    return Ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n");
  }
  static std::string Status(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

  Latch latch_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, GivesAHandlerTheAddressTakenApart) {
  Start();
  const std::string answer = Get("/things/a%20b%2Fc?q=x+y%26z");
  EXPECT_EQ(Status(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find(R"("name":"a b/c")"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("q":"x y&z")"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("caller":"tester")"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nDate: "), std::string::npos) << answer;
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos) << answer;
}

TEST_F(HttpServerTest, SaysWhatIsNotThereAndWhatIsNotPossible) {
  Start();
  EXPECT_EQ(Status(Get("/nothing")), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(Status(Get("/things/")), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(Status(Get("/things/a/../b")), "HTTP/1.1 404 Not Found");
  const std::string wrong = Ask("DELETE /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(Status(wrong), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_NE(wrong.find("Allow: GET, HEAD, POST\r\n"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("application/problem+json"), std::string::npos) << wrong;
  const std::string unknown = Get("/things/a?p=1");
  EXPECT_EQ(Status(unknown), "HTTP/1.1 400 Bad Request");
  EXPECT_NE(unknown.find("no parameter 'p'"), std::string::npos) << unknown;
}

TEST_F(HttpServerTest, GivesOtherParametersInTheirOrderWhereTheyAreTaken) {
  Start();
  const std::string answer = Get("/rows?b=1&limit=2&a=x+y&b=3");
  EXPECT_NE(answer.find(R"(["b=1","a=x y","b=3"])"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("no-store"), std::string::npos) << "what an answer says itself goes before: " << answer;
  EXPECT_NE(answer.find("Cache-Control: private\r\n"), std::string::npos) << answer;
  EXPECT_NE(Get("/rows?limit=1&limit=2").find("the parameter 'limit' comes twice"), std::string::npos);
  EXPECT_NE(Get("/rows?b=1").find("the parameter 'limit' is missing"), std::string::npos);
}

TEST_F(HttpServerTest, AnAnswerThatNothingChangedHasNoBody) {
  Start();
  const std::string answer = Get("/unchanged");
  EXPECT_EQ(Status(answer), "HTTP/1.1 304 Not Modified");
  EXPECT_EQ(answer.find("Content-Type:"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("Content-Length:"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(HttpServerTest, AnswersQuicklyWhileQueriesHaveAllTheirThreads) {
  Start({.query_threads = 1, .handlers_max = 1, .turn_ms_max = 20});
  RawClient first(server_->port());
  ASSERT_TRUE(first.Send("GET /query HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  latch_.AwaitWaiting(1);
  EXPECT_EQ(Status(Get("/query")), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(Status(Get("/things/a")), "HTTP/1.1 200 OK");
  latch_.Open();
  EXPECT_EQ(Status(first.ReadToEnd()), "HTTP/1.1 200 OK");
}

TEST_F(HttpServerTest, HeadIsGetWithoutABody) {
  Start();
  const std::string answer = Ask("HEAD /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(Status(answer), "HTTP/1.1 200 OK");
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
  EXPECT_EQ(answer.find("Content-Length: 0\r\n"), std::string::npos) << answer;
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  Start();
  for (const char* request : {
           "nonsense\r\n\r\n",
           "GET / HTTP/3.7\r\n\r\n",
           "GET /things/a HTTP/1.1\r\n\r\n",                                    // no Host
           "GET /things/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",              // two
           "GET http://x/things/a HTTP/1.1\r\nHost: x\r\n\r\n",                 // another form
           "GET /things/%zz HTTP/1.1\r\nHost: x\r\n\r\n",                       // a broken escape
           "GET /things/%00 HTTP/1.1\r\nHost: x\r\n\r\n",                       // a zero byte
           "GET /things/%ff HTTP/1.1\r\nHost: x\r\n\r\n",                       // not UTF-8
           "GET /things/a?q=1&q=2 HTTP/1.1\r\nHost: x\r\n\r\n",                 // twice
           "GET /things/a HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n",        // no colon
           "POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",  // no length
           "POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
           "POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /things/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
       }) {
    RawClient client(server_->port());
    ASSERT_TRUE(client.Send(request));
    const std::string answer = client.ReadUntil("\r\n\r\n");
    EXPECT_EQ(Status(answer), "HTTP/1.1 400 Bad Request") << request;
  }
}

TEST_F(HttpServerTest, RefusesWhatIsTooLarge) {
  Start({.header_bytes_max = 1'000, .body_bytes_max = 2'000});
  EXPECT_EQ(Status(Get("/things/a", "X: " + std::string(2'000, 'x') + "\r\n")),
            "HTTP/1.1 431 Request Header Fields Too Large");
  const std::string head = "POST /things/a HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(Status(Ask(head + "Content-Length: 2001\r\n\r\n" + std::string(2'001, 'x'))),
            "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(Status(Ask(head + "Transfer-Encoding: chunked\r\n\r\n7d1\r\n" + std::string(2'001, 'x') + "\r\n0\r\n\r\n")),
            "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(Status(Ask(head + "Connection: close\r\nContent-Length: 2000\r\n\r\n" + std::string(2'000, 'x'))),
            "HTTP/1.1 200 OK");
}

TEST_F(HttpServerTest, TakesBodiesInChunksAndAfterAContinue) {
  Start();
  const std::string head = "POST /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  const std::string chunked = Ask(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_NE(chunked.find(R"("body":"abcde")"), std::string::npos) << chunked;
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(head + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("hi"));
  EXPECT_NE(client.ReadToEnd().find(R"("body":"hi")"), std::string::npos);
}

TEST_F(HttpServerTest, AnswersRequestsThatComeAtOnceInTheirOrder) {
  Start();
  const std::string answer =
      Ask("GET /things/one HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
          "POST /things/two HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
          "GET /things/three HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::size_t one = answer.find(R"("name":"one")");
  const std::size_t none = answer.find("404 Not Found");
  const std::size_t two = answer.find(R"("name":"two")");
  const std::size_t three = answer.find(R"("name":"three")");
  ASSERT_NE(three, std::string::npos) << answer;
  EXPECT_TRUE(one < none && none < two && two < three) << answer;
}

TEST_F(HttpServerTest, TellsNobodyWhatAHandlerThrew) {
  Start();
  const std::string answer = Get("/throws");
  EXPECT_EQ(Status(answer), "HTTP/1.1 500 Internal Server Error");
  EXPECT_EQ(answer.find("s3cret"), std::string::npos);
  EXPECT_EQ(Status(Get("/things/a")), "HTTP/1.1 200 OK");
  EXPECT_EQ(Status(Get("/things/a", "X-Refuse: 1\r\n")), "HTTP/1.1 403 Forbidden");
}

TEST_F(HttpServerTest, CutsConnectionsThatAreSlowOrSayNothing) {
  Start({.request_ms_max = 50, .write_ms_max = 50, .idle_ms_max = 50});
  RawClient silent(server_->port());
  RawClient half(server_->port());
  ASSERT_TRUE(half.Send("GET /things/a HTT"));
  RawClient body(server_->port());
  ASSERT_TRUE(body.Send("POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"));
  RawClient reader(server_->port());
  ASSERT_TRUE(reader.Send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(half.ReadToEnd(), "");
  EXPECT_EQ(body.ReadToEnd().find("200 OK"), std::string::npos);
  // It reads nothing for longer than an answer may take: what it gets then is not the whole.
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_LT(reader.ReadToEnd().size(), std::size_t{64} * 1024 * 1024);
  EXPECT_EQ(Status(Get("/things/a")), "HTTP/1.1 200 OK");
}

TEST_F(HttpServerTest, TurnsAwayConnectionsAndRequestsThatAreTooMany) {
  Start({.connections_max = 2, .threads = 1, .handlers_max = 1, .turn_ms_max = 20});
  RawClient first(server_->port());
  ASSERT_TRUE(first.Send("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  latch_.AwaitWaiting(1);
  RawClient second(server_->port());
  ASSERT_TRUE(second.Send("GET /things/a HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string busy = second.ReadUntil("too much to do");
  EXPECT_EQ(Status(busy), "HTTP/1.1 503 Service Unavailable");
  EXPECT_NE(busy.find("Retry-After: 1"), std::string::npos) << busy;
  RawClient third(server_->port());
  EXPECT_EQ(Status(third.ReadToEnd()), "HTTP/1.1 503 Service Unavailable");
  latch_.Open();
  EXPECT_EQ(Status(first.ReadToEnd()), "HTTP/1.1 200 OK");
}

TEST_F(HttpServerTest, ABurstOfRequestsWaitsForItsTurn) {
  Start({.threads = 1, .handlers_max = 1, .turn_ms_max = 60'000});
  RawClient first(server_->port());
  ASSERT_TRUE(first.Send("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  latch_.AwaitWaiting(1);
  constexpr int kBurst = 20;
  std::vector<std::unique_ptr<RawClient>> burst;
  for (int i = 0; i < kBurst; ++i) {
    burst.push_back(std::make_unique<RawClient>(server_->port()));
    ASSERT_TRUE(burst.back()->Send("GET /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  }
  for (int i = 0; i < kBurst; i += 2) burst[i].reset();  // some have gone when their turn comes
  latch_.Open();
  EXPECT_EQ(Status(first.ReadToEnd()), "HTTP/1.1 200 OK");
  for (int i = 1; i < kBurst; i += 2) EXPECT_EQ(Status(burst[i]->ReadToEnd()), "HTTP/1.1 200 OK") << i;
  EXPECT_EQ(Status(Get("/things/a")), "HTTP/1.1 200 OK");
}

TEST_F(HttpServerTest, LetsRunningRequestsEndWhenItStops) {
  Start();
  RawClient idle(server_->port());
  ASSERT_TRUE(idle.Send("GET /things/a HTTP/1.1\r\nHost: x\r\n\r\n"));
  idle.ReadUntil("tester");
  RawClient busy(server_->port());
  ASSERT_TRUE(busy.Send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  latch_.AwaitWaiting(1);
  const std::uint16_t port = server_->port();
  constexpr std::int64_t kGraceMs = 60'000;
  std::jthread stopper([this] { server_->Stop(kGraceMs); });
  EXPECT_EQ(idle.ReadToEnd().find("HTTP/1.1"), std::string::npos);  // closed at once, once it stops
  EXPECT_FALSE(RawClient(port).connected());
  latch_.Open();
  const std::string answer = busy.ReadToEnd();
  EXPECT_EQ(Status(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

TEST_F(HttpServerTest, RefusesAnAddressThatItCannotHave) {
  Start();
  const auto refuse = [](const Route&, const HttpRequest&) { return std::expected<std::string, HttpResponse>("x"); };
  const auto taken = HttpServer::Start({.port = server_->port()}, {}, refuse);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code(), ErrorCode::kUsage);
  const auto wrong = HttpServer::Start({.address = "nowhere"}, {}, refuse);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("'nowhere' is not an IP address"), std::string::npos);
}

/// Requests that are right but for some bytes; `make fuzz` lets it go on for longer.
TEST_F(HttpServerTest, DamagedRequestsAreAnsweredOrCut) {
  Start({.request_ms_max = 200, .idle_ms_max = 200});
  const std::vector<std::string> seeds = {
      "GET /things/a?q=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "POST /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n{\"a\"",
      "POST /things/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
      "chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
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
    const std::string answer = client.ReadToEnd();
    ASSERT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 ")) << bytes << "\n---\n" << answer;
  }
  EXPECT_EQ(Status(Get("/things/a")), "HTTP/1.1 200 OK");
}

}  // namespace
}  // namespace smelt::serve
