#include "serve/pages/page_routes.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "serve/pages/web_assets.h"

namespace smelt::serve {
namespace {

constexpr std::string_view kDocument = "index.html";
/// What the document draws, by its address. Anything else stays 404.
constexpr auto kPages = std::to_array<std::string_view>(
    {"/", "/dashboards/{name}", "/tables", "/tables/{schema}/{table}", "/pipelines", "/pipelines/{name}", "/runs/{id}",
     "/quality", "/quality/{schema}/{table}", "/sql"});
// Charts set styles of their own on the elements that they draw into; scripts come from this server's files alone.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const WebAsset* FindAsset(std::string_view path) {
  const auto assets = WebAssets();
  const auto found = std::ranges::lower_bound(assets, path, {}, &WebAsset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

std::string_view Trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Whether a list of coded or tagged names, as Accept-Encoding and If-None-Match have them, holds one that `fits`.
template <typename Fits>
bool AnyListed(std::string_view list, const Fits& fits) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (fits(Trimmed(list.substr(0, comma)))) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool TakesGzip(const HttpRequest& request) {
  const auto accepted = request.Header("accept-encoding");
  return accepted && AnyListed(*accepted, [](std::string_view coding) {
           const std::size_t end = std::min(coding.find(';'), coding.size());
           const std::string_view weight = Trimmed(coding.substr(std::min(end + 1, coding.size())));
           const bool refused = weight == "q=0" || weight == "q=0.0" || weight == "q=0.00" || weight == "q=0.000";
           return Trimmed(coding.substr(0, end)) == "gzip" && !refused;
         });
}

bool HasIt(const HttpRequest& request, std::string_view etag) {
  const auto known = request.Header("if-none-match");
  return known && AnyListed(*known, [etag](std::string_view tag) {
           if (tag.starts_with("W/")) tag.remove_prefix(2);
           return tag == "*" || tag == etag;
         });
}

HttpResponse Sent(const HttpRequest& request, const WebAsset& asset, std::string_view cache_control) {
  HttpResponse response{.content_type = std::string(asset.content_type)};
  response.headers = {{"Cache-Control", std::string(cache_control)},
                      {"ETag", std::string(asset.etag)},
                      {"Vary", "Accept-Encoding"},
                      {"Content-Security-Policy", std::string(kContentSecurityPolicy)}};
  if (HasIt(request, asset.etag)) {
    response.status = 304;
  } else if (TakesGzip(request)) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = asset.gzip;
  } else {
    response.body = asset.bytes;
  }
  return response;
}

HttpResponse SentPage(const HttpRequest& request) {
  const WebAsset* document = FindAsset(kDocument);
  if (document == nullptr) return Problem(404, "this program was built without its pages");
  return Sent(request, *document, "no-cache");
}

HttpResponse Asset(const HttpRequest& request) {
  const WebAsset* asset = FindAsset("assets/" + request.path_values.at("file"));
  // A page that was open since before an update may ask for a file of the earlier build.
  if (asset == nullptr) return Problem(404, "no such file of the pages: load the page again");
  return Sent(request, *asset, "public, max-age=31536000, immutable");
}

}  // namespace

void AddPageRoutes(RouteTable& routes) {
  for (const std::string_view pattern : kPages) {
    // There is no data in the document; but who has to log in first gets to see the form for it.
    routes.Add({.method = "GET",
                .pattern = std::string(pattern),
                .summary = "A page for people: dashboards, tables, pipelines, quality.",
                .access = Access::kReader,
                .handler = SentPage,
                .tag = "pages",
                .other_parameters = "State of the page: filters, tab, time grain.",
                .answers = {{.summary = "The document.", .content_type = "text/html; charset=utf-8"}}});
  }
  routes.Add({.method = "GET",
              .pattern = "/assets/{file}",
              .summary = "A script or style of the pages.",
              .access = Access::kPublic,
              .handler = Asset,
              .tag = "pages",
              .answers = {{.summary = "The file.", .content_type = "text/javascript; charset=utf-8"}}});
}

}  // namespace smelt::serve
