// What clients send to show who they are, damaged. Nobody gets in by it, and nothing falls over. `make fuzz` goes on
// for longer.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/tests/fuzzer.h"
#include "serve/access/login_routes.h"
#include "serve/access/scram.h"
#include "serve/access_control.h"

namespace smelt::serve {
namespace {

using testing_support::Fuzz;
using testing_support::Mutator;
using testing_support::Texts;

constexpr const char* kToken = "the token of the server";

/// Calls `use` with damaged copies of the seeds, never with a whole one.
template <typename Use>
void ForEachDamaged(const Texts& seeds, const Use& use) {
  constexpr unsigned kRounds = 2'000;
  Fuzz(kRounds, [&](Mutator& mutator) {
    const std::string bytes = mutator.Mutate(seeds);
    if (std::ranges::find(seeds, bytes) == seeds.end()) use(bytes);
  });
}

TEST(AccessFuzz, DamagedHeadersLetNobodyIn) {
  const AccessControl control(std::make_shared<Authenticator>("/no/such/file", Secret(kToken)),
                              [](std::string_view) { return std::nullopt; });
  const Route route{.method = "GET", .pattern = "/api/v1/x", .summary = "", .access = Access::kReader};
  const Texts seeds = {"Basic b3BlcmF0b3I6dGhlIHRva2Vu", "Bearer smelt_0123456789abcdef",
                       "smelt_session=0123456789abcdef; a=b", "name=anna&password=abc&to=/x", "csrf_token=%41%42"};
  ForEachDamaged(seeds, [&](const std::string& bytes) {
    for (const char* name : {"authorization", "cookie", "x-csrf-token", "origin", "host"}) {
      HttpRequest request{.method = "POST", .path_values = {}, .query = {}};
      request.headers = {{name, bytes}, {"content-type", "application/x-www-form-urlencoded"}};
      request.body = bytes;
      request.address = "192.0.2.1";
      EXPECT_FALSE(control.Authorize(route, request)) << name << ": " << bytes;
    }
  });
}

TEST(AccessFuzz, DamagedFormsLogNobodyIn) {
  const AccessControl control(std::make_shared<Authenticator>("/no/such/file", Secret(kToken)),
                              [](std::string_view) { return std::nullopt; });
  RouteTable routes;
  AddLoginRoutes(routes, control);
  const Route* login = routes.Find("POST", "/login").route;
  ASSERT_NE(login, nullptr);
  ForEachDamaged({"name=anna&password=abc&to=/x", "password=%C3%A4&name=a+b&to=%2Fx%3Fy"},
                 [&](const std::string& bytes) {
                   HttpRequest request{.method = "POST", .path_values = {}, .query = {}};
                   request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
                   request.body = bytes;
                   request.address = "192.0.2.1";
                   const HttpResponse response = login->handler(request);
                   EXPECT_TRUE(response.status == 401 || response.status == 429) << response.status << ": " << bytes;
                 });
}

TEST(AccessFuzz, DamagedMessagesOfScramProveNothing) {
  const ScramVerifier verifier = MakeScramVerifier("pencil", "0123456789abcdef", 1);
  const std::string first = "n,,n=,r=rOprNGfwEbeRWgbNEkqO";
  const std::string last = "c=biws,r=rOprNGfwEbeRWgbNEkqOserver,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  ForEachDamaged({first, last}, [&](const std::string& bytes) {
    ScramExchange exchange(verifier, "server");
    static_cast<void>(exchange.First(bytes));
    EXPECT_FALSE(exchange.Final(bytes)) << bytes;
    ScramExchange begun(verifier, "server");
    ASSERT_TRUE(begun.First(first));
    EXPECT_FALSE(begun.Final(bytes)) << bytes;
  });
}

}  // namespace
}  // namespace smelt::serve
