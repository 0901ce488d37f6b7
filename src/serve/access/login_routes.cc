#include "serve/access/login_routes.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "serve/access/browser_sessions.h"

namespace smelt::serve {
namespace {

constexpr std::string_view kStyle = R"(:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
form { display: grid; gap: .75rem; width: min(20rem, 90vw); }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
label { display: grid; gap: .25rem; font-size: .875rem; }
input, button { font: inherit; padding: .5rem; border-radius: .25rem; border: 1px solid GrayText; }
button { cursor: pointer; }
[role=alert] { margin: 0; color: light-dark(#a3123a, #ff9db3); }
)";

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

/// Where to go after the login: a path of this server, whatever the address says.
std::string PathOf(const std::string& wanted) {
  const bool is_path = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.starts_with("/\\");
  for (const char c : wanted) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == '\x7f') return "/";
  }
  return is_path ? wanted : "/";
}

HttpResponse LoginPage(int status, const std::string& to, const std::string& name, std::string_view problem) {
  std::string alert;
  if (!problem.empty()) alert = fmt::format("<p role=\"alert\">{}</p>\n", EscapeHtml(problem));
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Log in · smelt</title>\n"
      "<link rel=\"stylesheet\" href=\"/login/style.css\">\n</head>\n<body>\n<main>\n"
      "<form method=\"post\" action=\"/login\">\n<h1>Log in</h1>\n{}"
      "<label>Name <input name=\"name\" value=\"{}\" autocomplete=\"username\" required autofocus></label>\n"
      "<label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\n"
      "<input type=\"hidden\" name=\"to\" value=\"{}\">\n<button>Log in</button>\n</form>\n</main>\n</body>\n</html>\n",
      alert, EscapeHtml(name), EscapeHtml(to));
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(page),
          .headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
                       "frame-ancestors 'none'"}}};
}

std::string SetCookie(const HttpRequest& request, std::string_view value, bool ends) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", kSessionCookie, value,
                     request.secure ? "; Secure" : "", ends ? "; Max-Age=0" : "");
}

Result<Identity> LogIn(Authenticator& authenticator, const std::string& name, const Secret& password,
                       const std::string& address) {
  // Where no users are, the server's token opens the pages, too.
  if (!authenticator.has_users()) return authenticator.LoginByToken(password, address, Door::kHttp);
  return authenticator.Login(name, password, address, Door::kHttp);
}

HttpResponse TakeLogin(const AccessControl& access, const HttpRequest& request) {
  if (!IsFromOwnPage(request)) return Problem(403, "a page of another site must not log in here");
  auto fields = FormFields(request);
  const std::string to = PathOf(fields["to"]);
  const std::string& name = fields["name"];
  auto identity = LogIn(*access.authenticator(), name, Secret(fields["password"]), request.address);
  if (!identity) {
    const bool waits = identity.error().code() == ErrorCode::kServeBusy;
    return LoginPage(waits ? 429 : 401, to, name,
                     waits ? fmt::format("{}: {}", identity.error().message(), identity.error().hint())
                           : identity.error().message());
  }
  const std::string stamp = access.authenticator()->StampOf(identity->name);
  const std::string cookie = access.sessions()->Begin(std::move(*identity), stamp, NowMicros());
  return {.status = 303,
          .content_type = "text/plain",
          .headers = {{"Location", to}, {"Set-Cookie", SetCookie(request, cookie, false)}}};
}

HttpResponse TellSession(const AccessControl& access, const HttpRequest& request) {
  const auto cookie = CookieValue(request.Header("cookie").value_or(""), kSessionCookie);
  const auto session = cookie ? access.sessions()->Find(*cookie, NowMicros()) : std::nullopt;
  std::string token;
  if (session) token = session->csrf_token;
  if (request.identity.shown_by == "trust") token = access.sessions()->local_csrf_token();
  return JsonResponse(200, {{"name", request.identity.name},
                            {"role", RoleText(request.identity.role)},
                            {"csrf_token", token},
                            {"users", session.has_value() || access.authenticator()->has_users()}});
}

HttpResponse LogOut(const AccessControl& access, const HttpRequest& request) {
  if (const auto cookie = CookieValue(request.Header("cookie").value_or(""), kSessionCookie)) {
    access.sessions()->End(*cookie);
  }
  HttpResponse response{.status = 204, .headers = {{"Set-Cookie", SetCookie(request, "", true)}}};
  if (IsForm(request)) {
    response.status = 303;
    response.headers.emplace_back("Location", "/login");
  }
  return response;
}

Json SessionSchema() {
  return {{"type", "object"},
          {"required", {"name", "role", "csrf_token", "users"}},
          {"properties",
           {{"name", {{"type", "string"}}},
            {"role", {{"enum", {"reader", "writer", "operator"}}}},
            {"csrf_token", {{"type", "string"}, {"description", "for the header X-CSRF-Token; empty: none is needed"}}},
            {"users", {{"type", "boolean"}, {"description", "whether people log in here, and out"}}}}}};
}

}  // namespace

void AddLoginRoutes(RouteTable& routes, const AccessControl& access) {
  routes.Add({.method = "GET",
              .pattern = "/login",
              .summary = "The page on which people log in",
              .parameters = {{.name = "to", .summary = "the path to go to afterwards"}},
              .access = Access::kPublic,
              .handler =
                  [](const HttpRequest& request) {
                    const auto to = request.query.find("to");
                    return LoginPage(200, to == request.query.end() ? "/" : PathOf(to->second), "", "");
                  },
              .tag = "session",
              .answers = {{.status = 200, .summary = "the page", .content_type = "text/html; charset=utf-8"}}});
  routes.Add({.method = "GET",
              .pattern = "/login/style.css",
              .summary = "How that page looks",
              .access = Access::kPublic,
              .handler =
                  [](const HttpRequest&) {
                    return HttpResponse{.content_type = "text/css; charset=utf-8", .body = std::string(kStyle)};
                  },
              .tag = "session",
              .answers = {{.status = 200, .summary = "a style sheet", .content_type = "text/css; charset=utf-8"}}});
  routes.Add(
      {.method = "POST",
       .pattern = "/login",
       .summary = "Logs a browser in: the form of that page",
       .access = Access::kPublic,
       .handler = [access](const HttpRequest& request) { return TakeLogin(access, request); },
       .tag = "session",
       .answers = {{.status = 303, .summary = "in; a cookie says so", .content_type = ""},
                   {.status = 401, .summary = "the page again", .content_type = "text/html; charset=utf-8"},
                   {.status = 429, .summary = "too many failures", .content_type = "text/html; charset=utf-8"}}});
  routes.Add({.method = "GET",
              .pattern = "/api/v1/session",
              .summary = "Who calls, and the token that pages of a browser send with what changes something",
              .access = Access::kReader,
              .handler = [access](const HttpRequest& request) { return TellSession(access, request); },
              .tag = "session",
              .answers = {{.status = 200, .summary = "who it is", .schema = SessionSchema()}}});
  routes.Add({.method = "POST",
              .pattern = "/logout",
              .summary = "Ends the session of a browser",
              .access = Access::kReader,
              .handler = [access](const HttpRequest& request) { return LogOut(access, request); },
              .tag = "session",
              .answers = {{.status = 204, .summary = "out", .content_type = ""},
                          {.status = 303, .summary = "out, for a form", .content_type = ""}}});
}

}  // namespace smelt::serve
