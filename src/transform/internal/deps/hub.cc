#include "transform/internal/deps/hub.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "base/http.h"
#include "base/json.h"

namespace smelt::transform {
namespace {

std::string HubAddress() {
  const char* named = std::getenv("DBT_PACKAGE_HUB_URL");
  std::string address = named != nullptr && *named != '\0' ? named : "https://hub.getdbt.com/";
  if (!address.ends_with('/')) address += '/';
  return address;
}

}  // namespace

Result<std::string> Download(const std::string& address, std::stop_token stop) {
  constexpr int kRedirectionsMax = 5;
  HttpClient client;
  std::string at = address;
  for (int i = 0; i <= kRedirectionsMax; ++i) {
    HttpRequest request;
    request.url = at;
    request.headers = {{"user-agent", "smelt"}};
    request.stop = stop;
    SMELT_ASSIGN(HttpResponse response, client.Send(request));
    if (response.status >= 200 && response.status < 300) return std::move(response.body);
    const auto next = response.Header("location");
    const bool moves = response.status >= 300 && response.status < 400 && next;
    if (!moves) return Fail(ErrorCode::kStoreNotFound, fmt::format("{} answers {}", at, response.status));
    at = *next;
  }
  return Fail(ErrorCode::kStoreNotFound, fmt::format("{} leads from one address to the next", address));
}

Result<HubVersion> FindOnHub(const PackageSpec& spec, std::stop_token stop) {
  const std::string address = fmt::format("{}api/v1/{}.json", HubAddress(), spec.source);
  auto text = Download(address, stop);
  if (!text) {
    return Fail(Error(text.error().code(), fmt::format("the package {}: {}", spec.source, text.error().message()))
                    .Hint("check the name; without a way to the hub, name the package's repository with `git:`, or a "
                          "folder with `local:`")
                    .At(spec.file, spec.line));
  }
  SMELT_ASSIGN(Json package, ParseJson(*text, address));
  HubVersion best;
  for (const auto& [version, entry] : package.value("versions", Json::object()).items()) {
    const bool is_named = spec.versions.size() == 1 && spec.versions[0] == version;
    if (IsPrerelease(version) && !spec.takes_prereleases && !is_named) continue;
    if (!FitsVersions(version, spec.versions)) continue;
    if (!best.version.empty() && IsOlder(version, best.version)) continue;
    best.version = version;
    best.archive = entry.value("downloads", Json::object()).value("tarball", "");
  }
  if (!best.archive.empty()) return best;
  return Fail(Error(ErrorCode::kStoreNotFound,
                    fmt::format("the hub has no version {} of {}", fmt::join(spec.versions, ", "), spec.source))
                  .At(spec.file, spec.line));
}

}  // namespace smelt::transform
