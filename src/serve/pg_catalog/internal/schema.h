#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/named_types.h"

namespace smelt::serve::pg_catalog {

struct SystemColumn {
  std::string name;
  std::string type;  ///< PostgreSQL's, as pg_type has it: "oid", "_text"
  bool not_null = false;
};

/// A relation of pg_catalog or information_schema.
struct SystemRelation {
  std::string name;
  std::uint32_t oid = 0;
  char kind = 'r';  ///< as pg_class.relkind: r or v
  std::vector<SystemColumn> columns{};
};

/// The relations of a list (relations.h).
std::vector<SystemRelation> ReadRelations(std::string_view list);

/// The types that only PostgreSQL has, and those whose values the engine would not tell from others. `oid`, `char` and
/// `varchar` are names of the engine's own types. Vectors are lists whose elements tell that they are.
std::vector<engine::NamedType> CatalogTypes();

/// The statements that make the catalogue: schemas pgc (pg_catalog) and infs (information_schema), their tables,
/// functions and views, and the rows that are the same everywhere. Without the lake's.
std::string SchemaScript();

/// The names of the functions that the catalogue has as macros: of those that give one value, or of those that give
/// rows.
std::set<std::string, std::less<>> MacroNames(bool of_rows);

constexpr std::uint32_t kCatalogNamespace = 11;
constexpr std::uint32_t kToastNamespace = 99;
constexpr std::uint32_t kPublicNamespace = 2200;
constexpr std::uint32_t kInformationNamespace = 13207;
constexpr std::uint32_t kFirstOidOfUsers = 16384;
constexpr std::uint32_t kOwner = 10;  ///< the role `lake`, to which all belongs

}  // namespace smelt::serve::pg_catalog
