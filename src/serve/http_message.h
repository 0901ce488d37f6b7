#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "serve/access/identity.h"

namespace smelt::serve {

/// A request as a handler gets it: whole, within the limits of the server, its address taken apart.
struct HttpRequest {
  std::string method{};
  std::string path{};                                          ///< as it was sent
  std::map<std::string, std::string> path_values;              ///< of the `{names}` of the route's pattern
  std::map<std::string, std::string> query;                    ///< parameters that the route declares
  std::vector<std::pair<std::string, std::string>> others{};   ///< the rest, where the route takes any, as they came
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case
  std::string body{};
  std::string address{};       ///< of the other end of the connection, without the port
  bool from_loopback = false;  ///< that is this machine
  bool secure = false;         ///< it came by TLS
  std::string caller{};        ///< as whom Authorize let it in, in a word
  Identity identity{};         ///< the same in full: what queries of the request are authorized for
  std::stop_token stop{};      ///< requested when the client is gone, or the grace of a stopping server over

  /// The value of a header whose name is given in lower case, or nothing.
  std::optional<std::string_view> Header(std::string_view name) const;
};

class BodyStream;

/// An answer. The server adds the length, the date and what keeps browsers from guessing.
struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< in place of the server's own of the same name
  std::shared_ptr<BodyStream> stream{};                        ///< when given, it is sent instead of `body`
};

/// An answer of JSON.
HttpResponse JsonResponse(int status, const Json& body);

/// The standard phrase of a status, "Not Found".
std::string_view StatusPhrase(int status);

/// An answer that says what went wrong, as RFC 9457 has it. `more` are further members, which an object adds.
HttpResponse Problem(int status, std::string_view detail, const Json& more = Json::object());

/// The same of an error of ours: its status, code and hint. What failed within is not told, only that it did: the log
/// has the text.
HttpResponse ProblemOf(const Error& error);

/// One field of a request's body that is wrong; `pointer` is a JSON pointer.
struct FieldProblem {
  std::string pointer;
  std::string detail;
};

/// An answer 422 that names every field that is wrong.
HttpResponse FieldProblems(const std::vector<FieldProblem>& fields);

}  // namespace smelt::serve
