#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http_message.h"

namespace smelt::serve {

/// Who may call a route.
enum class Access : std::uint8_t {
  kPublic,    ///< anybody who reaches the port
  kOperator,  ///< who has the server's token; without one, this machine
  kPipeline,  ///< the same, and who has the secret of the pipeline that the path's `{name}` names
};

/// A parameter of the query, for documents and for refusing what is not known.
struct RouteParameter {
  std::string name;
  std::string summary;
};

/// One thing that the server does.
struct Route {
  std::string method;   ///< "GET" (which answers HEAD, too) or "POST"
  std::string pattern;  ///< "/api/v1/pipelines/{name}/runs"
  std::string summary;  ///< a sentence, for documents
  std::vector<RouteParameter> parameters{};
  Access access = Access::kOperator;
  /// Called on a thread of the server's, several at a time. It may throw nothing.
  std::function<HttpResponse(const HttpRequest&)> handler{};
};

/// What was found for a method and a path.
struct RouteMatch {
  const Route* route = nullptr;               ///< nothing: `allowed` says which methods the path knows; none: 404
  std::map<std::string, std::string> values;  ///< of the pattern's names, decoded
  std::vector<std::string> allowed{};
};

/// The routes of a server. Immutable once it serves; then thread-safe.
class RouteTable {
 public:
  /// Adds a route. A pattern and method must not come twice.
  void Add(Route route);
  /// `path` without a query, as it was sent; a part that cannot be decoded fits nothing.
  RouteMatch Find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace smelt::serve
