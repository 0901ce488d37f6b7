#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/session.h"
#include "serve/access/identity.h"
#include "serve/postgres/client_settings.h"

namespace smelt::serve::postgres {

/// One client's view of PostgreSQL's catalogue. Confined like its client.
class CatalogView {
 public:
  virtual ~CatalogView() = default;
  /// A statement of the client's as `session()` runs it; brings the catalogue up to date with the lake first.
  virtual Result<std::string> Translate(std::string_view sql) = 0;
  virtual engine::Session& session() = 0;
};

/// What answers statements that ask pg_catalog and information_schema. Thread-safe.
class CatalogSource {
 public:
  virtual ~CatalogSource() = default;
  /// Whether a statement is for the catalogue. Quick.
  virtual bool Answers(std::string_view sql) const = 0;
  /// For one client, whose settings outlive the view.
  virtual Result<std::unique_ptr<CatalogView>> Connect(const Identity& identity, std::int32_t process,
                                                       ClientSettings& settings) = 0;
};

}  // namespace smelt::serve::postgres
