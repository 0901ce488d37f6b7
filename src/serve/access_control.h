#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "pipeline/http_trigger.h"
#include "serve/access/authenticator.h"
#include "serve/http_message.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// The one place that decides who may call what over HTTP. With a token of the server, whoever sends it is an operator
/// and nobody else is. Without one, this machine is, as long as no browser sends what another site asks it to. A
/// pipeline with a secret of its own begins for who has that, or for an operator with the token. Thread-safe.
class AccessControl {
 public:
  /// The trigger of a pipeline by its name; nothing when there is no such pipeline or it takes no calls. Thread-safe.
  using FindTrigger = std::function<std::optional<pipeline::HttpTrigger>(std::string_view pipeline)>;

  AccessControl(std::optional<Secret> token, FindTrigger find_trigger)
      : token_(std::move(token)), find_trigger_(std::move(find_trigger)) {}

  /// As whom a request is let in: "anybody", "operator", "local", "token" or "signature"; or the answer that refuses
  /// it.
  std::expected<std::string, HttpResponse> Authorize(const Route& route, const HttpRequest& request) const;

 private:
  std::optional<Secret> token_;
  FindTrigger find_trigger_;
};

/// Whether `webhook-signature` of a request is that of a key for its `webhook-id`, `webhook-timestamp` and body
/// (standardwebhooks.com), and its time at most five minutes from `now_us`.
bool IsSignedWith(const Secret& key, const HttpRequest& request, std::int64_t now_us);

}  // namespace smelt::serve
