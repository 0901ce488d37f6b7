#pragma once

#include "engine/internal/duck.h"

/// Properties that new tables have where their definition does not name them: the setting `smelt_table_properties`, a
/// map from names to values. Tables that exist keep theirs.
namespace smelt::engine {

using PropertyMap = duckdb::case_insensitive_map_t<duckdb::unique_ptr<duckdb::ParsedExpression>>;

void RegisterPropertyDefaults(duckdb::DBConfig& config);

/// The properties of a definition, completed from the setting.
PropertyMap WithDefaults(duckdb::ClientContext& context, const PropertyMap& named);

}  // namespace smelt::engine
