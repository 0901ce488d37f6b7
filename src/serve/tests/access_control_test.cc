#include "serve/access_control.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "pipeline/definition.h"
#include "serve/access/login_routes.h"
#include "serve/access/user_file.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1'000'000;

/// The trigger of a pipeline with this item under `on`.
std::optional<pipeline::HttpTrigger> Trigger(const std::string& item) {
  auto pipeline = pipeline::ParsePipeline("name: p\non:\n  - " + item + "\ntasks: [{name: a, type: t}]\n", "p.yml");
  EXPECT_TRUE(pipeline) << pipeline.error().ToString();
  return pipeline->http;
}

HttpRequest Local(const std::string& method = "POST") {
  HttpRequest request{.method = method, .path_values = {{"name", "p"}}, .query = {}};
  request.headers = {{"host", "127.0.0.1:8080"}};
  request.from_loopback = true;
  return request;
}

void Sign(HttpRequest& request, std::string_view key, std::int64_t seconds) {
  const std::string time = fmt::format("{}", seconds);
  const std::string signature = Base64Encode(HmacSha256(key, fmt::format("m1.{}.{}", time, request.body)));
  request.headers.emplace_back("webhook-id", "m1");
  request.headers.emplace_back("webhook-timestamp", time);
  request.headers.emplace_back("webhook-signature", "v1,AAAA v2,x v1," + signature);
}

class AccessControlTest : public testing::Test {
 protected:
  AccessControlTest() {
    ::setenv("ACCESS_TEST_TOKEN", "the token of the pipeline", 1);
    ::setenv("ACCESS_TEST_KEY", "the key of the pipeline", 1);
    ::unsetenv("ACCESS_TEST_NONE");
  }

  /// As whom a request is let in, or the status that it gets.
  static std::string Ask(HttpRequest request, const std::string& trigger = "http:", const char* token = nullptr,
                         Access access = Access::kPipeline) {
    const AccessControl control(std::make_shared<Authenticator>(
                                    "/no/such/file", token == nullptr ? std::nullopt : std::optional(Secret(token))),
                                [&](std::string_view) { return Trigger(trigger); });
    return Ask(control, request, access);
  }

  static std::string Ask(const AccessControl& control, HttpRequest& request, Access access,
                         const std::string& pattern = "/api/v1/x") {
    request.address = request.from_loopback ? "127.0.0.1" : "192.0.2.1";
    const auto answer = control.Authorize({.method = "", .pattern = pattern, .summary = "", .access = access}, request);
    return answer ? *answer : fmt::format("{}", answer.error().status);
  }
};

TEST_F(AccessControlTest, WithoutASecretOnlyThisMachineMayCall) {
  EXPECT_EQ(Ask(Local()), "local");
  EXPECT_EQ(Ask(Local(), "http:", nullptr, Access::kOperator), "local");
  HttpRequest far = Local();
  far.from_loopback = false;
  EXPECT_EQ(Ask(far), "401");
  EXPECT_EQ(Ask(far, "http:", nullptr, Access::kPublic), "anybody");
  for (const char* host : {"localhost", "localhost:1", "127.0.0.1", "[::1]:8080"}) {
    HttpRequest request = Local();
    request.headers = {{"host", host}};
    EXPECT_EQ(Ask(request), "local") << host;
  }
}

TEST_F(AccessControlTest, NoPageOfAnotherSiteMayCall) {
  HttpRequest rebound = Local();
  rebound.headers = {{"host", "evil.example:8080"}};
  EXPECT_EQ(Ask(rebound), "403");
  HttpRequest sent = Local();
  sent.headers.emplace_back("origin", "http://evil.example");
  EXPECT_EQ(Ask(sent), "403");
  HttpRequest fetched = Local("GET");
  fetched.headers.emplace_back("sec-fetch-site", "cross-site");
  EXPECT_EQ(Ask(fetched), "403");
}

TEST_F(AccessControlTest, TheTokenOfTheServerOpensEverything) {
  const char* token = "the token of the server";
  HttpRequest request = Local();
  EXPECT_EQ(Ask(request, "http:", token), "401");
  request.headers.emplace_back("authorization", "bearer the token of the server");
  EXPECT_EQ(Ask(request, "http:", token), "operator");
  EXPECT_EQ(Ask(request, "http: {token: {env: ACCESS_TEST_TOKEN}}", token), "operator");
  request.from_loopback = false;
  EXPECT_EQ(Ask(request, "http:", token, Access::kOperator), "operator");
  EXPECT_EQ(Ask(request, "http:", "another token of a server"), "401");
  EXPECT_EQ(Ask(request), "401");  // a token that is not asked for does not make a caller local
}

TEST_F(AccessControlTest, ThePipelinesTokenOpensItAlone) {
  const std::string trigger = "http: {token: {env: ACCESS_TEST_TOKEN}}";
  HttpRequest request = Local();
  EXPECT_EQ(Ask(request, trigger), "401");  // even from this machine
  request.from_loopback = false;
  request.headers.emplace_back("authorization", "Bearer the token of the pipeline");
  EXPECT_EQ(Ask(request, trigger), "token");
  EXPECT_EQ(Ask(request, trigger, "the token of the server"), "token");
  EXPECT_EQ(Ask(request, trigger, nullptr, Access::kOperator), "401");
  request.headers.back().second = "Bearer the token of the pipelinE";
  EXPECT_EQ(Ask(request, trigger), "401");
  request.headers.back().second = "Basic dGhlIHRva2Vu";
  EXPECT_EQ(Ask(request, trigger), "401");
  EXPECT_EQ(Ask(request, "http: {token: {env: ACCESS_TEST_NONE}}"), "401");  // what is not there fits nothing
}

TEST_F(AccessControlTest, ASignatureIsOfTheWholeMessageAndOfNow) {
  const std::string trigger = "http: {signing_key: {env: ACCESS_TEST_KEY}}";
  const std::int64_t now = NowMicros() / kSecond;
  HttpRequest request = Local();
  request.from_loopback = false;
  request.body = R"({"params":{}})";
  HttpRequest right = request;
  Sign(right, "the key of the pipeline", now);
  EXPECT_EQ(Ask(right, trigger), "signature");
  HttpRequest changed = right;
  changed.body = R"({"params":{"x":1}})";
  EXPECT_EQ(Ask(changed, trigger), "401");
  HttpRequest foreign = request;
  Sign(foreign, "another key", now);
  EXPECT_EQ(Ask(foreign, trigger), "401");
  HttpRequest old = request;
  Sign(old, "the key of the pipeline", now - 301);
  EXPECT_EQ(Ask(old, trigger), "401");
  HttpRequest renewed = old;
  renewed.headers[2].second = fmt::format("{}", now);
  EXPECT_EQ(Ask(renewed, trigger), "401");
  EXPECT_EQ(Ask(Local(), trigger), "401");
  HttpRequest encoded = request;
  Sign(encoded, "raw bytes", now);
  EXPECT_TRUE(IsSignedWith(Secret("whsec_" + Base64Encode("raw bytes")), encoded, now * kSecond));
}

/// A server with users: a reader, a writer and an operator, each with the same password.
class AccessOfUsersTest : public AccessControlTest {
 protected:
  AccessOfUsersTest() : folder_((fs::temp_directory_path() / ("smelt-access-" + NewUuid())).string()) {
    fs::create_directories(folder_);
    const std::string path = folder_ + "/users.json";
    EXPECT_TRUE(ChangeUsers(path, [](Users& users) -> Status {
      for (const UserRecord& user : Made()) users.users.emplace(user.name, user);
      return {};
    }));
    control_.emplace(std::make_shared<Authenticator>(path, std::nullopt),
                     [](std::string_view) { return std::nullopt; });
    AddLoginRoutes(routes_, *control_);
  }
  ~AccessOfUsersTest() override { fs::remove_all(folder_); }

  /// The three, made once: their hashes take their time.
  static const std::vector<UserRecord>& Made() {
    static const std::vector<UserRecord> kUsers = {MakeUser("reader", Role::kReader, Secret(kPassword)),
                                                   MakeUser("writer", Role::kWriter, Secret(kPassword)),
                                                   MakeUser("operator", Role::kOperator, Secret(kPassword))};
    return kUsers;
  }
  static HttpRequest Basic(const std::string& name, const std::string& method = "GET",
                           const std::string& password = kPassword) {
    HttpRequest request = Local(method);
    request.headers.emplace_back("authorization", "Basic " + Base64Encode(name + ":" + password));
    return request;
  }
  static HttpRequest WithCookie(const std::string& cookie, const std::string& method = "GET") {
    HttpRequest request = Local(method);
    request.headers.emplace_back("cookie", "a=b; smelt_session=" + cookie);
    return request;
  }
  HttpResponse LogIn(const std::string& name, const std::string& password, const std::string& to = "/") {
    HttpRequest request = Local();
    request.address = "127.0.0.1";
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    request.headers.emplace_back("origin", "http://127.0.0.1:8080");
    request.headers.emplace_back("sec-fetch-site", "same-origin");
    request.body = "name=" + name + "&password=" + password + "&to=" + to;
    return routes_.Find("POST", "/login").route->handler(request);
  }
  static std::string HeaderOf(const HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  /// The value of the cookie that a login gives.
  std::string CookieOf(const std::string& name) {
    const std::string header = HeaderOf(LogIn(name, "correct+horse+battery"), "Set-Cookie");
    const std::size_t begin = header.find('=') + 1;
    return header.substr(begin, header.find(';') - begin);
  }
  std::string Try(HttpRequest request, Access access, const std::string& pattern = "/api/v1/x") {
    return Ask(*control_, request, access, pattern);
  }

  static constexpr const char* kPassword = "correct horse battery";
  std::string folder_;
  std::optional<AccessControl> control_;
  RouteTable routes_;
};

TEST_F(AccessOfUsersTest, RolesOpenTheirRoutesAndNoOthers) {
  EXPECT_EQ(Try(Local("GET"), Access::kReader), "401");  // this machine is nobody now
  EXPECT_EQ(Try(Basic("reader"), Access::kReader), "reader");
  EXPECT_EQ(Try(Basic("reader"), Access::kWriter), "403");
  EXPECT_EQ(Try(Basic("writer", "POST"), Access::kWriter), "writer");
  EXPECT_EQ(Try(Basic("writer"), Access::kOperator), "403");
  EXPECT_EQ(Try(Basic("operator"), Access::kOperator), "operator");
  EXPECT_EQ(Try(Basic("operator", "POST"), Access::kPipeline), "operator");
  EXPECT_EQ(Try(Basic("reader", "GET", "wrong password"), Access::kReader), "401");
  EXPECT_EQ(Try(Basic("nobody"), Access::kReader), "401");
  HttpRequest broken = Local("GET");
  broken.headers.emplace_back("authorization", "Basic !!!");
  EXPECT_EQ(Try(broken, Access::kReader), "401");
}

TEST_F(AccessOfUsersTest, PagesLeadToTheLogin) {
  HttpRequest page = Local("GET");
  page.path = "/dashboards/sales&x";
  page.headers.emplace_back("accept", "text/html,*/*");
  EXPECT_EQ(Try(page, Access::kReader, "/dashboards/{name}"), "303");
  EXPECT_EQ(Try(page, Access::kReader, "/api/v1/x"), "401");
  const auto answer = control_->Authorize(
      {.method = "GET", .pattern = "/dashboards/{name}", .summary = "", .access = Access::kReader}, page);
  EXPECT_EQ(HeaderOf(answer.error(), "Location"), "/login?to=/dashboards/sales%26x");
}

TEST_F(AccessOfUsersTest, ALoginGivesACookieThatOpensWhatItsUserMay) {
  const HttpResponse in = LogIn("writer", "correct+horse+battery", "/dashboards");
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(HeaderOf(in, "Location"), "/dashboards");
  const std::string header = HeaderOf(in, "Set-Cookie");
  EXPECT_NE(header.find("HttpOnly"), std::string::npos);
  EXPECT_NE(header.find("SameSite=Lax"), std::string::npos);
  const std::string cookie = CookieOf("writer");
  EXPECT_EQ(Try(WithCookie(cookie), Access::kReader), "writer");
  EXPECT_EQ(Try(WithCookie(cookie), Access::kOperator), "403");
  EXPECT_EQ(Try(WithCookie(cookie + "x"), Access::kReader), "401");
  EXPECT_EQ(LogIn("writer", "wrong").status, 401);
  EXPECT_EQ(LogIn("writer", "wrong").body.find("wrong"), std::string::npos);
}

TEST_F(AccessOfUsersTest, WhatChangesSomethingNeedsTheTokenOfTheSession) {
  const std::string cookie = CookieOf("writer");
  HttpRequest asking = WithCookie(cookie);
  EXPECT_EQ(Ask(*control_, asking, Access::kReader), "writer");
  const HttpResponse told = routes_.Find("GET", "/api/v1/session").route->handler(asking);
  const std::string token = Json::parse(told.body)["csrf_token"];
  EXPECT_EQ(Json::parse(told.body)["role"], "writer");
  HttpRequest change = WithCookie(cookie, "POST");
  EXPECT_EQ(Try(change, Access::kWriter), "403");
  change.headers.emplace_back("x-csrf-token", token);
  EXPECT_EQ(Try(change, Access::kWriter), "writer");
  change.headers.emplace_back("sec-fetch-site", "cross-site");
  EXPECT_EQ(Try(change, Access::kWriter), "403");
  change.headers.back() = {"origin", "http://127.0.0.1:9999"};
  EXPECT_EQ(Try(change, Access::kWriter), "403");
  change.headers.back() = {"origin", "http://127.0.0.1:8080"};
  EXPECT_EQ(Try(change, Access::kWriter), "writer");
}

TEST_F(AccessOfUsersTest, ASessionEndsByLogoutAndByAnotherPassword) {
  const std::string first = CookieOf("reader");
  HttpRequest out = WithCookie(first, "POST");
  EXPECT_EQ(routes_.Find("POST", "/logout").route->handler(out).status, 204);
  EXPECT_EQ(Try(WithCookie(first), Access::kReader), "401");
  const std::string second = CookieOf("reader");
  EXPECT_EQ(Try(WithCookie(second), Access::kReader), "reader");
  EXPECT_TRUE(ChangeUsers(folder_ + "/users.json", [](Users& users) -> Status {
    users.users["reader"] = MakeUser("reader", Role::kReader, Secret("another password"));
    return {};
  }));
  EXPECT_EQ(Try(WithCookie(second), Access::kReader), "401");
}

TEST_F(AccessOfUsersTest, TheLoginGoesNowhereElse) {
  for (const char* to : {"//evil.example", "https://evil.example", "/%5Cevil.example", "%2F%0D%0AX: y"}) {
    EXPECT_EQ(HeaderOf(LogIn("reader", "correct+horse+battery", to), "Location"), "/") << to;
  }
  HttpRequest foreign = Local();
  foreign.headers.emplace_back("origin", "https://evil.example");
  EXPECT_EQ(routes_.Find("POST", "/login").route->handler(foreign).status, 403);
  HttpRequest page = Local("GET");
  page.query["to"] = "/x\"><script>";
  const HttpResponse shown = routes_.Find("GET", "/login").route->handler(page);
  EXPECT_EQ(shown.body.find("<script>"), std::string::npos);
}

TEST_F(AccessControlTest, PagesOfThisMachineNeedTheTokenToChangeSomething) {
  const AccessControl control(std::make_shared<Authenticator>("/no/such/file", std::nullopt),
                              [](std::string_view) { return std::nullopt; });
  HttpRequest get = Local("GET");
  get.headers.emplace_back("sec-fetch-site", "same-origin");
  EXPECT_EQ(Ask(control, get, Access::kReader), "local");
  HttpRequest post = Local("POST");
  post.headers.emplace_back("origin", "http://127.0.0.1:8080");
  EXPECT_EQ(Ask(control, post, Access::kOperator), "403");
  post.headers.emplace_back("x-csrf-token", control.sessions()->local_csrf_token());
  EXPECT_EQ(Ask(control, post, Access::kOperator), "local");
  HttpRequest link = Local("GET");
  link.headers.insert(link.headers.end(), {{"sec-fetch-site", "cross-site"}, {"accept", "text/html"}});
  EXPECT_EQ(Ask(control, link, Access::kReader, "/dashboards"), "403");
  link.headers.insert(link.headers.end(), {{"sec-fetch-mode", "navigate"}, {"sec-fetch-dest", "document"}});
  EXPECT_EQ(Ask(control, link, Access::kReader, "/dashboards"), "local");
  EXPECT_EQ(Ask(control, link, Access::kReader, "/api/v1/sql"), "403");
}

TEST(BrowserSessionsTest, EndWhenTheyAreOldOrManyOrNotSeen) {
  constexpr std::int64_t kHour = 3'600'000'000;
  BrowserSessions sessions(2);
  const std::string first = sessions.Begin({.name = "a"}, "s", 0);
  EXPECT_EQ(sessions.Find(first, 11 * kHour)->identity.name, "a");
  EXPECT_TRUE(sessions.Find(first, 22 * kHour));
  EXPECT_FALSE(sessions.Find(first, 35 * kHour));
  const std::string old = sessions.Begin({.name = "b"}, "s", 0);
  for (int hour = 10; hour <= 160; hour += 10) EXPECT_TRUE(sessions.Find(old, hour * kHour)) << hour;
  EXPECT_FALSE(sessions.Find(old, 169 * kHour));
  const std::string one = sessions.Begin({.name = "c"}, "s", 1);
  const std::string two = sessions.Begin({.name = "d"}, "s", 2);
  const std::string three = sessions.Begin({.name = "e"}, "s", 3);
  EXPECT_FALSE(sessions.Find(one, 4));
  EXPECT_TRUE(sessions.Find(two, 4));
  EXPECT_TRUE(sessions.Find(three, 4));
}

TEST(BrowserSessionsTest, CookiesAreFoundByTheirWholeName) {
  EXPECT_EQ(CookieValue("a=1; smelt_session=xyz; b=2", "smelt_session"), "xyz");
  EXPECT_EQ(CookieValue("smelt_session=", "smelt_session"), "");
  EXPECT_EQ(CookieValue("xsmelt_session=1; smelt_sessions=2", "smelt_session"), std::nullopt);
  EXPECT_EQ(CookieValue("", "smelt_session"), std::nullopt);
}

}  // namespace
}  // namespace smelt::serve
