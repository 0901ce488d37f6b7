#include "serve/pages/page_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "serve/pages/web_assets.h"

namespace smelt::serve {
namespace {

class PageRoutesTest : public testing::Test {
 protected:
  PageRoutesTest() { AddPageRoutes(routes_); }

  HttpResponse Get(std::string_view path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    const RouteMatch match = routes_.Find("GET", path);
    if (match.route == nullptr) return {.status = 404};
    return match.route->handler({.method = "GET",
                                 .path = std::string(path),
                                 .path_values = match.values,
                                 .query = {},
                                 .headers = std::move(headers)});
  }

  static std::string Header(const HttpResponse& response, std::string_view name) {
    const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
    return found == response.headers.end() ? "" : found->second;
  }

  static std::string_view Script() {
    const auto assets = WebAssets();
    const auto found = std::ranges::find_if(assets, [](const WebAsset& asset) { return asset.path.ends_with(".js"); });
    return found == assets.end() ? "" : found->path;
  }

  RouteTable routes_;
};

TEST_F(PageRoutesTest, OneDocumentDrawsThePages) {
  const HttpResponse home = Get("/");
  EXPECT_EQ(home.status, 200);
  EXPECT_TRUE(home.content_type.starts_with("text/html"));
  EXPECT_EQ(Get("/dashboards/executive").body, home.body);
  EXPECT_EQ(Get("/tables/gold/orders").body, home.body);
  EXPECT_EQ(Get("/nowhere").status, 404);
}

TEST_F(PageRoutesTest, NothingInlineIsNeededOrAllowed) {
  const HttpResponse home = Get("/");
  EXPECT_NE(Header(home, "Content-Security-Policy").find("script-src 'self';"), std::string::npos);
  EXPECT_EQ(home.body.find("<script>"), std::string::npos);
  EXPECT_EQ(home.body.find("http://"), std::string::npos);
  EXPECT_EQ(home.body.find("https://"), std::string::npos);
}

TEST_F(PageRoutesTest, EveryFileThatTheDocumentNamesIsThere) {
  const std::string body = Get("/").body;
  int files = 0;
  for (std::size_t at = body.find("\"/assets/"); at != std::string::npos; at = body.find("\"/assets/", at + 1)) {
    const std::string path = body.substr(at + 1, body.find('"', at + 1) - at - 1);
    EXPECT_EQ(Get(path).status, 200) << path;
    ++files;
  }
  EXPECT_GE(files, 2);
}

TEST_F(PageRoutesTest, FilesWithAHashInTheirNamesAreKeptForGood) {
  const std::string path = "/" + std::string(Script());
  EXPECT_NE(Header(Get(path), "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(Header(Get("/"), "Cache-Control"), "no-cache");
  EXPECT_EQ(Get("/assets/other.js").status, 404);
  EXPECT_EQ(Get("/assets/..%2Findex.html").status, 404);
}

TEST_F(PageRoutesTest, WhoTakesGzipGetsLess) {
  const std::string path = "/" + std::string(Script());
  const HttpResponse plain = Get(path);
  const HttpResponse small = Get(path, {{"accept-encoding", "br, gzip;q=0.8"}});
  EXPECT_EQ(Header(plain, "Content-Encoding"), "");
  EXPECT_EQ(Header(small, "Content-Encoding"), "gzip");
  EXPECT_TRUE(small.body.starts_with("\x1f\x8b"));
  EXPECT_LT(small.body.size(), plain.body.size());
  EXPECT_EQ(Header(Get(path, {{"accept-encoding", "gzip;q=0, br"}}), "Content-Encoding"), "");
}

TEST_F(PageRoutesTest, WhoHasItGetsNothingAgain) {
  const std::string etag = Header(Get("/"), "ETag");
  const HttpResponse again = Get("/", {{"if-none-match", "\"other\", W/" + etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(Get("/", {{"if-none-match", "\"other\""}}).status, 200);
}

// The budget of design/pages.md.
TEST_F(PageRoutesTest, TheScriptsStayUnderTheirBudget) {
  std::size_t bytes = 0;
  for (const WebAsset& asset : WebAssets()) bytes += asset.path.ends_with(".js") ? asset.gzip.size() : 0;
  EXPECT_GT(bytes, 1'000U);
  EXPECT_LT(bytes, 350'000U);
}

}  // namespace
}  // namespace smelt::serve
