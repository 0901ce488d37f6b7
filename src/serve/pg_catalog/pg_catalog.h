#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/session.h"

namespace smelt::serve {

/// What the catalogue says of the client that asks.
struct ClientFacts {
  std::string user;
  bool may_change = false;  ///< whether it may do more than read
  std::string application_name{};
  std::int32_t pid = 0;
  std::string address{};         ///< of the client, empty for none
  std::string server_address{};  ///< to which it came
  int server_port = 0;
  std::string version{};  ///< what version() answers
  /// The value of a parameter, as SHOW says it; nothing for one that there is not.
  std::function<std::optional<std::string>(std::string_view)> setting{};
  /// All parameters, as SHOW ALL names them.
  std::function<std::vector<std::pair<std::string, std::string>>()> settings{};
  /// What set_config does.
  std::function<Status(std::string_view name, std::string_view value)> set{};
};

/// One client's view of the catalogue. Confined to one thread at a time; the PgCatalog must outlive it.
class CatalogSession {
 public:
  ~CatalogSession();

  /// A statement of the client's as `session()` runs it. Brings the catalogue up to date with the lake first.
  /// Errors: kSqlCatalog for a name in 'name'::regclass that does not exist; kDelta…, kStore… of the lake.
  Result<std::string> Translate(std::string_view sql);
  engine::Session& session();

 private:
  friend class PgCatalog;
  struct Impl;
  explicit CatalogSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// PostgreSQL's system catalogue over a lake: pg_catalog and information_schema as PostgreSQL 15 has them, with the
/// lake's schemas, tables, views and columns, in an engine of its own. The lake's schema `main` is `public` here.
/// Thread-safe. Made at the first Connect: until then it costs nothing.
class PgCatalog {
 public:
  /// `lake` must outlive it.
  explicit PgCatalog(engine::Engine& lake);
  ~PgCatalog();

  /// Whether a statement is for the catalogue: it reads nothing but PostgreSQL's relations, or none, and calls
  /// functions or casts to types that only PostgreSQL has. By its tokens: quick, never fails.
  bool Answers(std::string_view sql) const;
  /// For one client. Errors: kSql….
  Result<std::unique_ptr<CatalogSession>> Connect(ClientFacts facts);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::serve
