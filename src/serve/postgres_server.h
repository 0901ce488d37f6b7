#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "engine/session.h"
#include "serve/access/authenticator.h"
#include "serve/access/authority.h"
#include "serve/door_counters.h"

namespace smelt::serve {

class TlsIdentity;
namespace postgres {
class CatalogSource;
}

/// Where the PostgreSQL door listens, and what it bears.
struct PostgresSettings {
  std::string address = "127.0.0.1";     ///< an IP address of this machine
  std::uint16_t port = 0;                ///< 0: any that is free
  std::size_t connections_max = 200;     ///< of clients that are logged in; what comes beyond is told so, and closed
  std::size_t logins_max = 1'000;        ///< begun and not ended; what comes beyond is closed
  std::size_t threads = 208;             ///< on which statements run: for each client, and a few that log in
  std::int64_t startup_ms_max = 10'000;  ///< from the connection to the end of the login
  std::int64_t write_ms_max = 60'000;    ///< for a piece of an answer to be read by the client
  std::int64_t statement_ms_max = 0;     ///< for a client that does not SET statement_timeout; 0: as long as it takes
  std::size_t message_bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t output_bytes = 256 * 1024;                             ///< of an answer in memory, for each client
  std::size_t copy_bytes_max = std::size_t{4} * 1024 * 1024 * 1024;  ///< of one COPY from a client, on disk
};

/// What the door works with. All outlive the server.
struct PostgresParts {
  engine::Engine& engine;
  const Authority& authority;
  Authenticator& authenticator;
  postgres::CatalogSource* catalog = nullptr;  ///< what answers for pg_catalog; without it, such queries fail
  std::shared_ptr<TlsIdentity> tls = nullptr;  ///< without it, requests for TLS are answered that there is none
  bool demands_tls = false;                    ///< turn away who asks for none
  /// Of statements by their SQLSTATE.
  std::shared_ptr<DoorCounters> counters = std::make_shared<DoorCounters>();
};

/// The wire protocol of PostgreSQL 15, version 3.0, over a lake: its database is called `lake`. One thread serves the
/// network, statements run on a few others; one client's trouble never reaches another. Thread-safe.
class PostgresServer {
 public:
  /// Listens, and begins to serve. Errors: kUsage when the address is none or cannot be had, naming it.
  static Result<std::unique_ptr<PostgresServer>> Start(const PostgresSettings& settings, const PostgresParts& parts);
  /// Stops, without grace.
  ~PostgresServer();

  std::uint16_t port() const;
  /// Accepts nothing any more and ends idle connections; what runs has `grace_ms`, or until `at_once` is requested,
  /// then it is interrupted. Clients are told with 57P01.
  void Stop(std::int64_t grace_ms, const std::stop_token& at_once = {});

 private:
  class Impl;
  explicit PostgresServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::serve
