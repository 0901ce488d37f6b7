#include "engine/internal/postgres_functions/postgres_functions.h"

#include "engine/internal/postgres_functions/format_functions.h"
#include "engine/internal/postgres_functions/json_functions.h"
#include "engine/internal/postgres_functions/macro_functions.h"
#include "engine/internal/postgres_functions/range_functions.h"
#include "engine/internal/postgres_functions/row_functions.h"
#include "engine/internal/postgres_functions/value_functions.h"

namespace smelt::engine {

void RegisterPostgresFunctions(duckdb::DatabaseInstance& db) {
  postgres::RegisterFormatFunctions(db);
  postgres::RegisterValueFunctions(db);
  postgres::RegisterRangeFunctions(db);
  postgres::RegisterJsonFunctions(db);
  postgres::RegisterMacroFunctions(db);
  postgres::RegisterRowFunctions(db);
}

}  // namespace smelt::engine
