#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::engine {

/// A type under a name of one's own, over one of the engine's.
struct NamedType {
  std::string name;
  std::string stored_as;  ///< "VARCHAR", "UINTEGER" or another whole number
};

/// Makes types known under their names, for casts and columns of all sessions of an engine; columns of results tell the
/// name (ValueType::sql_name), through tables, views, unions and aggregates. Where another type is wanted, a value is
/// what it is stored as. CREATE TYPE does the same but for the names, which values lose at once.
/// The optimizer `top_n_window_elimination` binds functions without converting what they get: it must be off where
/// values of these types are ranked. Before the engine's first statement. Errors: kSqlCatalog for a `stored_as` that is
/// no such type.
Status NameTypes(Engine& engine, std::span<const NamedType> types);

}  // namespace smelt::engine
