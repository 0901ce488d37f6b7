#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "pipeline/http_trigger.h"
#include "serve/access/authenticator.h"
#include "serve/access/browser_sessions.h"
#include "serve/http_message.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// The one place that decides who may call what over HTTP. Users show who they are by name and password (Basic), by a
/// token (Bearer) or by the cookie that the page of logins gives to browsers; the server's own token makes an operator.
/// Without users and token, this machine is trusted, as long as no browser sends what another site asks it to. A
/// pipeline with a secret of its own begins for who has that, too. What a browser sends to change something carries the
/// token of its session. Thread-safe.
class AccessControl {
 public:
  /// The trigger of a pipeline by its name; nothing when there is no such pipeline or it takes no calls. Thread-safe.
  using FindTrigger = std::function<std::optional<pipeline::HttpTrigger>(std::string_view pipeline)>;

  AccessControl(std::shared_ptr<Authenticator> authenticator, FindTrigger find_trigger)
      : authenticator_(std::move(authenticator)),
        sessions_(std::make_shared<BrowserSessions>()),
        find_trigger_(std::move(find_trigger)) {}

  /// As whom a request is let in: "anybody", "operator" (by the server's token), "local" (this machine), "token" or
  /// "signature" (of the pipeline), else the name of the user; or the answer that refuses it. Sets the identity of the
  /// request.
  std::expected<std::string, HttpResponse> Authorize(const Route& route, HttpRequest& request) const;

  const std::shared_ptr<Authenticator>& authenticator() const { return authenticator_; }
  const std::shared_ptr<BrowserSessions>& sessions() const { return sessions_; }

 private:
  using Answer = std::expected<std::string, HttpResponse>;

  std::optional<Answer> ByHeader(const Route& route, HttpRequest& request) const;
  std::optional<Answer> ByPipeline(const Route& route, HttpRequest& request) const;
  std::optional<Answer> ByCookie(HttpRequest& request) const;
  Answer ByTrust(const Route& route, HttpRequest& request) const;

  std::shared_ptr<Authenticator> authenticator_;
  std::shared_ptr<BrowserSessions> sessions_;
  FindTrigger find_trigger_;
};

/// Whether the body of a request is a form of a page, and its fields; none where it cannot be decoded.
bool IsForm(const HttpRequest& request);
std::map<std::string, std::string> FormFields(const HttpRequest& request);

/// Whether a request comes from a page of this server, or from no page at all: browsers say so.
bool IsFromOwnPage(const HttpRequest& request);
/// Whether it comes from a browser's page, whichever.
bool IsFromBrowser(const HttpRequest& request);

/// Whether `webhook-signature` of a request is that of a key for its `webhook-id`, `webhook-timestamp` and body
/// (standardwebhooks.com), and its time at most five minutes from `now_us`.
bool IsSignedWith(const Secret& key, const HttpRequest& request, std::int64_t now_us);

}  // namespace smelt::serve
