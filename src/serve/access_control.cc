#include "serve/access_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "serve/http_server.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kToleranceUs = 300'000'000;

std::unexpected<HttpResponse> Unauthorized(std::string_view detail) {
  HttpResponse response = Problem(401, detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"smelt\"");
  return std::unexpected(std::move(response));
}

/// The token of `Authorization: Bearer …`.
std::optional<std::string_view> BearerToken(const HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view value = request.Header("authorization").value_or("");
  if (value.size() <= kScheme.size()) return std::nullopt;
  const bool is_bearer = std::ranges::equal(value.substr(0, kScheme.size()), kScheme, {},
                                            [](unsigned char byte) { return std::tolower(byte); });
  if (!is_bearer) return std::nullopt;
  return value.substr(kScheme.size());
}

/// Whether a request names this machine: a page of another site whose name was made to lead here names that site.
bool NamesThisMachine(std::string_view host) {
  if (host.starts_with('[')) return IsLoopback(std::string(host.substr(1, host.find(']') - 1)));
  const std::string name(host.substr(0, host.rfind(':')));
  return name == "localhost" || IsLoopback(name);
}

std::expected<std::string, HttpResponse> AuthorizeLocal(const HttpRequest& request) {
  const bool from_site = request.Header("origin") || request.Header("sec-fetch-site").value_or("none") != "none";
  if (!request.from_loopback) return Unauthorized("without a token only the server's own machine may call");
  if (!NamesThisMachine(request.Header("host").value_or("")) || from_site)
    return std::unexpected(Problem(403, "a page of another site must not call this server"));
  return "local";
}

/// A secret that cannot be read lets nobody in.
std::optional<Secret> ReadSecret(const SecretSource& source) {
  auto secret = source.Read();
  if (secret) return std::move(*secret);
  Log(LogLevel::kError, "http.secret.missing", {{"error", secret.error().ToString()}});
  return std::nullopt;
}

}  // namespace

bool IsSignedWith(const Secret& key, const HttpRequest& request, std::int64_t now_us) {
  constexpr std::string_view kKeyPrefix = "whsec_";
  constexpr std::string_view kVersion = "v1,";
  constexpr std::int64_t kSecond = 1'000'000;
  const std::string_view id = request.Header("webhook-id").value_or("");
  const std::string_view time = request.Header("webhook-timestamp").value_or("");
  std::string_view signatures = request.Header("webhook-signature").value_or("");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), seconds);
  const bool readable = error == std::errc() && end == time.data() + time.size();
  const std::int64_t now = now_us / kSecond;
  if (id.empty() || !readable || seconds < now - kToleranceUs / kSecond || seconds > now + kToleranceUs / kSecond)
    return false;
  std::string bytes = key.Reveal();
  if (bytes.starts_with(kKeyPrefix)) {
    if (auto decoded = Base64Decode(std::string_view(bytes).substr(kKeyPrefix.size()))) bytes = std::move(*decoded);
  }
  const std::string expected = Base64Encode(HmacSha256(bytes, fmt::format("{}.{}.{}", id, time, request.body)));
  bool matches = false;
  while (!signatures.empty()) {
    const std::string_view one = signatures.substr(0, signatures.find(' '));
    signatures.remove_prefix(std::min(one.size() + 1, signatures.size()));
    if (one.starts_with(kVersion)) matches = EqualInConstantTime(one.substr(kVersion.size()), expected) || matches;
  }
  return matches;
}

std::expected<std::string, HttpResponse> AccessControl::Authorize(const Route& route,
                                                                  const HttpRequest& request) const {
  if (route.access == Access::kPublic) return "anybody";
  const auto bearer = BearerToken(request);
  if (token_ && bearer && EqualInConstantTime(*bearer, token_->Reveal())) return "operator";
  const auto name = request.path_values.find("name");
  const auto trigger = route.access == Access::kPipeline && name != request.path_values.end()
                           ? find_trigger_(name->second)
                           : std::nullopt;
  if (trigger && trigger->token) {
    const auto secret = ReadSecret(*trigger->token);
    if (secret && bearer && EqualInConstantTime(*bearer, secret->Reveal())) return "token";
    return Unauthorized("the token is missing or wrong");
  }
  if (trigger && trigger->signing_key && request.method == "POST") {
    const auto key = ReadSecret(*trigger->signing_key);
    if (key && IsSignedWith(*key, request, NowMicros())) return "signature";
    return Unauthorized("the signature is missing, wrong or too old");
  }
  if (token_ || request.Header("authorization")) return Unauthorized("the token is missing or wrong");
  return AuthorizeLocal(request);
}

}  // namespace smelt::serve
