#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"

namespace smelt::serve::pg_catalog {

/// A type of PostgreSQL's, as a column has it.
struct ColumnType {
  std::uint32_t oid = 0;
  std::int32_t modifier = -1;  ///< pg_attribute.atttypmod
  int dimensions = 0;          ///< pg_attribute.attndims
};

/// Which type of PostgreSQL's clients see for one of the engine's, as its SQL names it: "DECIMAL(10,2)", "VARCHAR[]".
/// What PostgreSQL has no type for is text; structs, maps and lists of them are json.
ColumnType TypeOf(std::string_view engine_type);

struct LakeColumn {
  std::string name;
  std::string type;
  bool nullable = true;
  std::optional<std::string> standard{};  ///< its DEFAULT, as SQL
  std::optional<std::string> comment{};
};

/// A table or view of the lake as the catalogue shows it.
struct LakeRelation {
  std::string schema;  ///< public for main
  std::string name;
  std::uint32_t oid = 0;
  bool is_view = false;
  std::string definition{};  ///< of views: the query
  std::optional<std::string> comment{};
  std::int64_t rows = -1;
  std::int64_t bytes = 0;
  std::vector<LakeColumn> columns{};
};

struct LakeNamespace {
  std::string name;
  std::uint32_t oid = 0;
};

/// What the catalogue knows of the lake: one state of it.
struct LakeState {
  std::vector<LakeNamespace> schemas{};   ///< by name
  std::vector<LakeRelation> relations{};  ///< by schema and name
};

/// What changes whenever something does that the catalogue shows. Cheap: logs only. Errors: kDelta…, kStore….
Result<std::string> ReadFingerprint(engine::Engine& lake, engine::Session& session);

/// Reads what there is in the lake. Errors: kSql…, kDelta…, kStore….
Result<LakeState> ReadLake(engine::Engine& lake, engine::Session& session);

/// The statements that put a state in the place of the one before.
std::string LakeScript(const LakeState& state);

/// The rows of pg_class and pg_attribute for the relations of PostgreSQL's own, and those of its one database.
std::string SystemScript();

/// A number above those of PostgreSQL's own that is always the same for a name.
std::uint32_t StableOid(std::string_view kind, std::string_view name);

}  // namespace smelt::serve::pg_catalog
