#include "serve/pg_catalog/internal/names.h"

#include <algorithm>
#include <array>

#include "serve/pg_catalog/internal/relations.h"
#include "serve/pg_catalog/internal/schema.h"

namespace smelt::serve::pg_catalog {

Names::Names() : scalars_(MacroNames(false)), tables_(MacroNames(true)) {
  for (const SystemRelation& relation : ReadRelations(SystemRelations())) relations_.insert(relation.name);
  for (const SystemRelation& relation : ReadRelations(InformationRelations())) information_.insert(relation.name);
}

bool Names::IsOnlyOfPostgres(std::string_view function) const {
  static constexpr std::array<std::string_view, 11> kOfBoth = {
      "array_length", "array_to_string", "btrim",       "cardinality",         "array_remove", "array_upper",
      "array_lower",  "quote_literal",   "array_ndims", "generate_subscripts", "format"};
  return (IsMacro(function) || function == "set_config") && std::ranges::find(kOfBoth, function) == kOfBoth.end();
}

bool IsRegType(std::string_view lower) {
  static constexpr std::array<std::string_view, 6> kTypes = {"regclass",     "regtype",      "regproc",
                                                             "regprocedure", "regnamespace", "regrole"};
  return std::ranges::find(kTypes, lower) != kTypes.end();
}

}  // namespace smelt::serve::pg_catalog
