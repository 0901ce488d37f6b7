#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "serve/access/tls.h"
#include "serve/door_counters.h"
#include "serve/http_message.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// Where a server listens, and what it bears.
struct HttpSettings {
  std::string address = "127.0.0.1";  ///< an IP address of this machine
  std::uint16_t port = 0;             ///< 0: any that is free
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  std::int64_t request_ms_max = 10'000;  ///< from the first byte of a request to its last
  std::int64_t write_ms_max = 10'000;    ///< for an answer, or a piece of one that is a stream
  std::int64_t idle_ms_max = 30'000;     ///< between requests of a connection
  std::size_t connections_max = 1'024;   ///< what comes beyond is answered 503 and closed
  std::int64_t heartbeat_ms = 15'000;    ///< after which a stream that has nothing to say shows that it lives
  std::size_t threads = 4;               ///< on which handlers of Lane::kQuick run
  std::size_t query_threads = 64;      ///< and those of Lane::kQuery: as many as there may be, for they take their time
  std::size_t handlers_max = 64;       ///< of a lane, at work or waiting for a thread; what comes beyond waits
  std::int64_t turn_ms_max = 2'000;    ///< so long; then it is answered 503
  std::shared_ptr<TlsIdentity> tls{};  ///< with which it speaks TLS; empty: it does not
  /// Of requests by their routes.
  std::shared_ptr<DoorCounters> counters = std::make_shared<DoorCounters>();
};

/// Whether an IP address is one that only this machine reaches.
bool IsLoopback(const std::string& address);

/// An HTTP/1.1 server, over TLS where it has a certificate. Every request passes `authorize` before its handler: it
/// sets the identity of the request and returns as whom the caller is let in, or the answer that refuses him. Slow
/// senders and readers and idle connections are cut when their time is up; one connection's trouble never reaches
/// another. Thread-safe.
class HttpServer {
 public:
  using Authorizer = std::function<std::expected<std::string, HttpResponse>(const Route&, HttpRequest&)>;

  /// Listens, and begins to serve on threads of its own.
  /// Errors: kUsage when the address is none or cannot be had, naming it.
  static Result<std::unique_ptr<HttpServer>> Start(const HttpSettings& settings, RouteTable routes,
                                                   Authorizer authorize);
  /// Stops, without grace.
  ~HttpServer();

  std::uint16_t port() const;
  /// Accepts nothing any more, lets the requests at work end for `grace_ms`, or until `at_once` is requested, then cuts
  /// them off and waits for their handlers.
  void Stop(std::int64_t grace_ms, const std::stop_token& at_once = {});

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::serve
