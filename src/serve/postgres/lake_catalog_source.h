#pragma once

#include "serve/access/authority.h"
#include "serve/pg_catalog/pg_catalog.h"
#include "serve/postgres/catalog_source.h"

namespace smelt::serve::postgres {

/// The catalogue of a lake, for the clients of its PostgreSQL door. Thread-safe.
class LakeCatalogSource final : public CatalogSource {
 public:
  /// Both must outlive it.
  LakeCatalogSource(engine::Engine& lake, const Authority& authority) : authority_(authority), catalog_(lake) {}

  bool Answers(std::string_view sql) const override { return catalog_.Answers(sql); }
  Result<std::unique_ptr<CatalogView>> Connect(const Identity& identity, std::int32_t process,
                                               ClientSettings& settings) override;

 private:
  const Authority& authority_;
  PgCatalog catalog_;
};

}  // namespace smelt::serve::postgres
