#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "serve/http_message.h"

namespace smelt::serve {

/// Who may call a route.
enum class Access : std::uint8_t {
  kPublic,    ///< anybody who reaches the port
  kReader,    ///< every user; without users and token, this machine
  kWriter,    ///< users who may change tables
  kOperator,  ///< operators, and who has the server's token
  kPipeline,  ///< the same, and who has the secret of the pipeline that the path's `{name}` names
};

/// On which threads a handler runs, so that what waits for data keeps pages and health waiting for nothing.
enum class Lane : std::uint8_t {
  kQuick,  ///< looks at the state and at small files
  kQuery,  ///< runs SQL
};

/// A parameter, for documents and for refusing what is not known.
struct RouteParameter {
  std::string name;
  std::string summary;
  Json schema = {{"type", "string"}};  ///< JSON Schema
  bool required = false;
  Json example = nullptr;  ///< null: none
};

/// One way in which a route answers, for documents.
struct RouteAnswer {
  int status = 200;
  std::string summary;
  Json schema = nullptr;                          ///< JSON Schema of the body; null: it is no JSON, or there is none
  std::string content_type = "application/json";  ///< empty: no body
  Json example = nullptr;                         ///< null: none
};

/// One thing that the server does.
struct Route {
  std::string method;   ///< "GET" (which answers HEAD, too), "POST", "DELETE", …
  std::string pattern;  ///< "/api/v1/pipelines/{name}/runs"
  std::string summary;  ///< a sentence, for documents
  std::vector<RouteParameter> parameters{};
  Access access = Access::kOperator;
  /// Called on a thread of the server's, several at a time. It may throw nothing.
  std::function<HttpResponse(const HttpRequest&)> handler{};
  Lane lane = Lane::kQuick;
  std::string id{};           ///< operationId of the document; empty: made of method and pattern
  std::string tag{};          ///< under which documents list it; empty: the pattern's first part that tells
  std::string description{};  ///< Markdown, for documents
  std::vector<RouteParameter> path_parameters{};  ///< of the `{names}` that need more than a name
  /// When not empty, parameters of other names are taken, as often as they come, and this says what they mean.
  std::string other_parameters{};
  Json request_schema = nullptr;  ///< JSON Schema of the body; null: it has none
  Json request_example = nullptr;
  std::vector<RouteAnswer> answers{};  ///< problems apart, which every route has
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
