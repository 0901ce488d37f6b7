#include "serve/access_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "serve/http_server.h"
#include "serve/internal/url.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kToleranceUs = 300'000'000;

std::unexpected<HttpResponse> Unauthorized(std::string_view detail) {
  HttpResponse response = Problem(401, detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"smelt\"");
  return std::unexpected(std::move(response));
}

/// What follows the scheme of the header Authorization, "bearer " or "basic ".
std::optional<std::string_view> CredentialsOf(const HttpRequest& request, std::string_view scheme) {
  const std::string_view value = request.Header("authorization").value_or("");
  if (value.size() <= scheme.size()) return std::nullopt;
  if (!EqualsIgnoringCase(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  return value.substr(scheme.size());
}

/// Whether a request names this machine: a page of another site whose name was made to lead here names that site.
bool NamesThisMachine(std::string_view host) {
  if (host.starts_with('[')) return IsLoopback(std::string(host.substr(1, host.find(']') - 1)));
  const std::string name(host.substr(0, host.rfind(':')));
  return name == "localhost" || IsLoopback(name);
}

bool ChangesSomething(const HttpRequest& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

/// Whether somebody follows a link to a page here: whoever made the link learns nothing of what the page says.
bool IsNavigation(const HttpRequest& request) {
  return request.method == "GET" && request.Header("sec-fetch-mode").value_or("") == "navigate" &&
         request.Header("sec-fetch-dest").value_or("") == "document" && !request.Header("origin");
}

/// Whether a person waits for a page, who can be shown another one instead.
bool WantsPage(const Route& route, const HttpRequest& request) {
  return request.method == "GET" && !route.pattern.starts_with("/api/") &&
         request.Header("accept").value_or("").contains("text/html");
}

/// As the value of a parameter of an address.
std::string Encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '-' || c == '_' || c == '.';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

HttpResponse Forbidden(std::string_view detail) {
  return Problem(403, detail, {{"code", CodeText(ErrorCode::kAccessDenied)}});
}

std::unexpected<HttpResponse> ForeignPage() {
  return std::unexpected(Forbidden("a page of another site must not call this server"));
}

/// Whether a page sends the token of its session: as a header, or as a field of a form.
bool HasCsrfToken(const HttpRequest& request, const std::string& token) {
  if (const auto header = request.Header("x-csrf-token")) return EqualInConstantTime(*header, token);
  const auto fields = FormFields(request);
  const auto field = fields.find("csrf_token");
  return field != fields.end() && EqualInConstantTime(field->second, token);
}

std::unexpected<HttpResponse> NoCsrfToken() {
  return std::unexpected(Forbidden("the header X-CSRF-Token is missing or wrong: GET /api/v1/session tells it"));
}

std::unexpected<HttpResponse> Refusal(const Error& error) {
  if (error.code() == ErrorCode::kAccessUnknown) return Unauthorized(error.message());
  HttpResponse response = ProblemOf(error);
  if (error.code() == ErrorCode::kServeBusy) response.headers.emplace_back("Retry-After", "1");
  return std::unexpected(std::move(response));
}

/// Whether the role is enough for the route.
bool MayCall(const Route& route, const Identity& identity) {
  switch (route.access) {
    case Access::kPublic:
    case Access::kReader: return true;
    case Access::kWriter: return identity.role >= Role::kWriter;
    case Access::kOperator:
    case Access::kPipeline: return identity.role >= Role::kOperator;
  }
  return false;
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

bool IsForm(const HttpRequest& request) {
  return request.Header("content-type").value_or("").starts_with("application/x-www-form-urlencoded");
}

std::map<std::string, std::string> FormFields(const HttpRequest& request) {
  std::map<std::string, std::string> fields;
  if (!IsForm(request)) return fields;
  if (auto target = internal::ParseTarget("/?" + request.body)) {
    for (auto& [name, value] : target->query) fields.emplace(std::move(name), std::move(value));
  }
  return fields;
}

bool IsFromBrowser(const HttpRequest& request) {
  return request.Header("origin") || request.Header("sec-fetch-site");
}

bool IsFromOwnPage(const HttpRequest& request) {
  const std::string_view site = request.Header("sec-fetch-site").value_or("none");
  if (site != "none" && site != "same-origin") return false;
  const auto origin = request.Header("origin");
  if (!origin) return true;
  const std::size_t scheme = origin->find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view name = origin->substr(0, scheme);
  return (name == "http" || name == "https") && origin->substr(scheme + 3) == request.Header("host").value_or("");
}

/// By what the header Authorization shows.
std::optional<AccessControl::Answer> AccessControl::ByHeader(const Route& route, HttpRequest& request) const {
  if (const auto basic = CredentialsOf(request, "basic ")) {
    const auto decoded = Base64Decode(*basic);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) return Unauthorized("the header Authorization cannot be understood");
    // A browser may send it by itself, whoever asks.
    if (ChangesSomething(request) && !IsFromOwnPage(request)) return ForeignPage();
    auto identity = authenticator_->Login(decoded->substr(0, colon), Secret(decoded->substr(colon + 1)),
                                          request.address, Door::kHttp);
    if (!identity) return Refusal(identity.error());
    request.identity = std::move(*identity);
    return request.identity.name;
  }
  const auto bearer = CredentialsOf(request, "bearer ");
  if (!bearer) return std::nullopt;
  // That of a pipeline is no failed login.
  if (auto by_pipeline = ByPipeline(route, request); by_pipeline && *by_pipeline) return by_pipeline;
  auto identity = authenticator_->LoginByToken(Secret(std::string(*bearer)), request.address, Door::kHttp);
  if (!identity) return Refusal(identity.error());
  request.identity = std::move(*identity);
  return request.identity.shown_by == "server token" ? "operator" : request.identity.name;
}

/// By a secret of the pipeline that the path names; nothing when it has none.
std::optional<AccessControl::Answer> AccessControl::ByPipeline(const Route& route, HttpRequest& request) const {
  const auto name = request.path_values.find("name");
  const auto trigger = route.access == Access::kPipeline && name != request.path_values.end()
                           ? find_trigger_(name->second)
                           : std::nullopt;
  if (!trigger) return std::nullopt;
  const auto let_in = [&](std::string shown_by) {
    request.identity = {.name = "pipeline " + name->second,
                        .role = Role::kReader,
                        .door = Door::kHttp,
                        .shown_by = shown_by,
                        .address = request.address};
    return shown_by;
  };
  if (trigger->token) {
    const auto secret = ReadSecret(*trigger->token);
    const auto bearer = CredentialsOf(request, "bearer ");
    if (secret && bearer && EqualInConstantTime(*bearer, secret->Reveal())) return let_in("token");
    return Unauthorized("the token is missing or wrong");
  }
  if (trigger->signing_key && request.method == "POST") {
    const auto key = ReadSecret(*trigger->signing_key);
    if (key && IsSignedWith(*key, request, NowMicros())) return let_in("signature");
    return Unauthorized("the signature is missing, wrong or too old");
  }
  return std::nullopt;
}

std::optional<AccessControl::Answer> AccessControl::ByCookie(HttpRequest& request) const {
  const auto cookie = CookieValue(request.Header("cookie").value_or(""), kSessionCookie);
  if (!cookie) return std::nullopt;
  auto session = sessions_->Find(*cookie, NowMicros());
  if (!session) return std::nullopt;
  if (session->identity.shown_by != "server token") {
    const auto user = authenticator_->Find(session->identity.name, Door::kHttp);
    if (!user || authenticator_->StampOf(user->name) != session->stamp) {
      sessions_->End(*cookie);
      return std::nullopt;
    }
  }
  if (ChangesSomething(request)) {
    if (!IsFromOwnPage(request)) return ForeignPage();
    if (!HasCsrfToken(request, session->csrf_token)) return NoCsrfToken();
  }
  request.identity = session->identity;
  request.identity.address = request.address;
  return request.identity.name;
}

AccessControl::Answer AccessControl::ByTrust(const Route& route, HttpRequest& request) const {
  if (!request.from_loopback) return Unauthorized("without a token only the server's own machine may call");
  if (!NamesThisMachine(request.Header("host").value_or(""))) return ForeignPage();
  if (!IsFromOwnPage(request) && !(IsNavigation(request) && WantsPage(route, request))) return ForeignPage();
  if (ChangesSomething(request) && IsFromBrowser(request) && !HasCsrfToken(request, sessions_->local_csrf_token()))
    return NoCsrfToken();
  request.identity = {
      .name = "local", .role = Role::kOperator, .door = Door::kHttp, .shown_by = "trust", .address = request.address};
  return "local";
}

std::expected<std::string, HttpResponse> AccessControl::Authorize(const Route& route, HttpRequest& request) const {
  if (route.access == Access::kPublic) return "anybody";
  std::optional<Answer> answer = ByHeader(route, request);
  const bool has_header = request.Header("authorization").has_value();
  if (!answer) answer = ByPipeline(route, request);
  if (!answer && has_header) return Unauthorized("the token is missing or wrong");
  if (!answer) answer = ByCookie(request);
  if (!answer && authenticator_->trusts_this_machine()) answer = ByTrust(route, request);
  if (!answer && WantsPage(route, request)) {
    return std::unexpected(HttpResponse{
        .status = 303, .content_type = "text/plain", .headers = {{"Location", "/login?to=" + Encode(request.path)}}});
  }
  if (!answer) return Unauthorized("log in, or send a token");
  if (!*answer) return *answer;
  const bool by_secret = **answer == "token" || **answer == "signature";
  if (!(by_secret && route.access == Access::kPipeline) && !MayCall(route, request.identity)) {
    return std::unexpected(Forbidden(fmt::format("{} may not do this", request.identity.name)));
  }
  return *answer;
}

}  // namespace smelt::serve
