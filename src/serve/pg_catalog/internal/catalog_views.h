#pragma once

#include <string_view>

namespace smelt::serve::pg_catalog {

/// The relations of pg_catalog and information_schema that are made of others. For each: `view NAME`, lines
/// `column = expression`, `from …` up to an empty line. Columns that are not named are NULL.
std::string_view CatalogViews();
std::string_view InformationViews();

}  // namespace smelt::serve::pg_catalog
