#include "engine/internal/statement/function_reach.h"

#include <algorithm>
#include <map>
#include <set>

namespace smelt::engine {

FunctionReach ReachOf(std::string_view table_function) {
  using enum FunctionReach;
  static const std::map<std::string_view, FunctionReach> kReach = {
      {"generate_series", kArguments},
      {"icu_calendar_names", kArguments},
      {"json_each", kArguments},
      {"json_tree", kArguments},
      {"pg_timezone_names", kArguments},
      {"range", kArguments},
      {"repeat", kArguments},
      {"repeat_row", kArguments},
      {"smelt_rows", kArguments},
      {"summary", kArguments},
      {"test_all_types", kArguments},
      {"test_vector_types", kArguments},
      {"unnest", kArguments},

      {"duckdb_approx_database_count", kEngine},
      {"duckdb_columns", kEngine},
      {"duckdb_connection_count", kEngine},
      {"duckdb_constraints", kEngine},
      {"duckdb_coordinate_systems", kEngine},
      {"duckdb_databases", kEngine},
      {"duckdb_dependencies", kEngine},
      {"duckdb_extensions", kEngine},
      {"duckdb_functions", kEngine},
      {"duckdb_indexes", kEngine},
      {"duckdb_keywords", kEngine},
      {"duckdb_memory", kEngine},
      {"duckdb_optimizers", kEngine},
      {"duckdb_prepared_statements", kEngine},
      {"duckdb_schemas", kEngine},
      {"duckdb_sequences", kEngine},
      {"duckdb_tables", kEngine},
      {"duckdb_types", kEngine},
      {"duckdb_variables", kEngine},
      {"duckdb_views", kEngine},
      {"pragma_collations", kEngine},
      {"pragma_database_size", kEngine},
      {"pragma_platform", kEngine},
      {"pragma_show", kEngine},
      {"pragma_table_info", kEngine},
      {"pragma_user_agent", kEngine},
      {"pragma_version", kEngine},

      {"table_additions", kReadsTable},
      {"table_arrivals", kReadsTable},
      {"table_changes", kReadsTable},
      {"table_departures", kReadsTable},
      {"table_detail", kReadsTable},
      {"table_growth", kReadsTable},
      {"table_history", kReadsTable},
      {"table_row_ids", kReadsTable},

      {"compute_statistics", kChangesTable},
      {"convert", kChangesTable},
      {"fsck", kChangesTable},
      {"optimize", kChangesTable},
      {"reorg", kChangesTable},
      {"restore", kChangesTable},
      {"vacuum", kChangesTable},
      {"overwrite", kReplacesRows},
      {"clone", kClonesTable},
      {"copy_into", kChangesAndReads},
  };
  const auto found = kReach.find(table_function);
  return found == kReach.end() ? kOutside : found->second;
}

bool IsScalarOutside(std::string_view function) {
  static const std::set<std::string_view> kOutside = {"getenv", "json_execute_serialized_sql", "json_serialize_plan",
                                                      "write_log"};
  return kOutside.contains(function);
}

bool IsHarmlessSetting(std::string_view name) {
  static const std::set<std::string_view> kHarmless = {"calendar",
                                                       "default_collation",
                                                       "default_null_order",
                                                       "default_order",
                                                       "max_memory",
                                                       "memory_limit",
                                                       "null_order",
                                                       "schema",
                                                       "search_path",
                                                       "threads",
                                                       "timezone",
                                                       "worker_threads",
                                                       "ieee_floating_point_ops"};
  return kHarmless.contains(name);
}

bool IsTellingPragma(std::string_view name) {
  static const std::set<std::string_view> kTelling = {
      "collations",     "database_list", "database_size",        "functions",  "platform",   "show",
      "show_databases", "show_tables",   "show_tables_expanded", "table_info", "user_agent", "version"};
  return kTelling.contains(name);
}

}  // namespace smelt::engine
