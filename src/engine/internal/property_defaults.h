#pragma once

#include "engine/internal/duck.h"

/// Properties that new tables have where their definition does not name them: the setting `smelt_table_properties`, a
/// map from names to values. `silver/<name>` is for tables of the schema silver, and comes before `<name>`. Tables that
/// exist keep theirs.
namespace smelt::engine {

using PropertyMap = duckdb::case_insensitive_map_t<duckdb::unique_ptr<duckdb::ParsedExpression>>;

void RegisterPropertyDefaults(duckdb::DBConfig& config);

/// The properties of a definition in a schema, completed from the setting.
PropertyMap WithDefaults(duckdb::ClientContext& context, const std::string& schema, const PropertyMap& named);

}  // namespace smelt::engine
