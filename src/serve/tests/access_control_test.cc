#include "serve/access_control.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "pipeline/definition.h"

namespace smelt::serve {
namespace {

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
  static std::string Ask(const HttpRequest& request, const std::string& trigger = "http:", const char* token = nullptr,
                         Access access = Access::kPipeline) {
    const AccessControl control(token == nullptr ? std::nullopt : std::optional(Secret(token)),
                                [&](std::string_view) { return Trigger(trigger); });
    const auto answer = control.Authorize({.method = "", .pattern = "", .summary = "", .access = access}, request);
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

}  // namespace
}  // namespace smelt::serve
