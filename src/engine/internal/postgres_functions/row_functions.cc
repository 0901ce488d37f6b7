#include "engine/internal/postgres_functions/row_functions.h"

#include <fmt/format.h>

#include <duckdb/catalog/default/default_functions.hpp>
#include <duckdb/catalog/default/default_table_functions.hpp>
#include <string>

namespace smelt::engine::postgres {
namespace {

// Parameters have names that no column has.

/// A function whose rows are the entries of one list.
struct OneColumn {
  const char* name;
  const char* column;  ///< its name in FROM
  const char* list;
  const char* parameters[2];
};
constexpr OneColumn kOneColumn[] = {
    {"json_array_elements", "value", "json_extract(a_json_, '$[*]')", {"a_json_"}},
    {"jsonb_array_elements", "value", "json_extract(a_json_, '$[*]')", {"a_json_"}},
    {"json_array_elements_text", "value", "json_extract_string(a_json_, '$[*]')", {"a_json_"}},
    {"jsonb_array_elements_text", "value", "json_extract_string(a_json_, '$[*]')", {"a_json_"}},
    {"json_object_keys", "json_object_keys", "json_keys(a_json_)", {"a_json_"}},
    {"jsonb_object_keys", "jsonb_object_keys", "json_keys(a_json_)", {"a_json_"}},
    {"string_to_table", "string_to_table", "string_to_array(a_text_, a_between_)", {"a_text_", "a_between_"}},
    {"regexp_split_to_table",
     "regexp_split_to_table",
     "regexp_split_to_array(a_text_, a_pattern_)",
     {"a_text_", "a_pattern_"}},
};

/// A function of several columns, which stands in FROM alone.
struct ManyColumns {
  const char* name;
  const char* columns;
  const char* parameters[3];
};
constexpr const char* kKeysAndValues =
    "unnest(json_keys(a_json_)) AS key, unnest(json_extract(a_json_, '$.*')) AS value";
constexpr const char* kKeysAndTexts =
    "unnest(json_keys(a_json_)) AS key, unnest(json_extract_string(a_json_, '$.*')) AS value";
constexpr ManyColumns kManyColumns[] = {
    {"json_each@", kKeysAndValues, {"a_json_"}},
    {"jsonb_each", kKeysAndValues, {"a_json_"}},
    {"json_each_text", kKeysAndTexts, {"a_json_"}},
    {"jsonb_each_text", kKeysAndTexts, {"a_json_"}},
    {"unnest_two@", "unnest(a_list_), unnest(b_list_)", {"a_list_", "b_list_"}},
    {"unnest_three@", "unnest(a_list_), unnest(b_list_), unnest(c_list_)", {"a_list_", "b_list_", "c_list_"}},
};

/// A macro of the engine, or one of its tables.
template <typename Macro, std::size_t kCount>
Macro MacroOf(const char* name, const char* const (&parameters)[kCount], const std::string& body) {
  Macro macro{.schema = "main", .name = name, .parameters = {}, .named_parameters = {}, .macro = body.c_str()};
  for (std::size_t i = 0; i < kCount; ++i) macro.parameters[i] = parameters[i];
  return macro;
}

template <std::size_t kCount>
void RegisterTable(duckdb::ExtensionLoader& loader, const char* name, const char* const (&parameters)[kCount],
                   const std::string& query) {
  const auto macro = MacroOf<duckdb::DefaultTableMacro>(name, parameters, query);
  loader.RegisterFunction(*duckdb::DefaultTableFunctionGenerator::CreateTableMacroInfo(macro));
}

}  // namespace

void RegisterRowFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  for (const OneColumn& function : kOneColumn) {
    const std::string rows = fmt::format("unnest({})", function.list);
    const auto macro = MacroOf<duckdb::DefaultMacro>(function.name, function.parameters, rows);
    loader.RegisterFunction(*duckdb::DefaultFunctionGenerator::CreateInternalMacroInfo(
        duckdb::array_ptr<const duckdb::DefaultMacro>(&macro, 1)));
    RegisterTable(loader, function.name, function.parameters, fmt::format("SELECT {} AS {}", rows, function.column));
  }
  for (const ManyColumns& function : kManyColumns) {
    RegisterTable(loader, function.name, function.parameters, fmt::format("SELECT {}", function.columns));
  }
}

}  // namespace smelt::engine::postgres
