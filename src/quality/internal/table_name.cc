#include "quality/internal/table_name.h"

#include "engine/session.h"
#include "quality/internal/registry.h"

namespace smelt::quality {

std::string TableName::sql() const {
  return engine::QuoteIdentifier(schema) + "." + engine::QuoteIdentifier(table);
}

std::optional<TableName> ParseTableName(std::string_view text, std::string_view default_schema) {
  const std::size_t dot = text.find('.');
  TableName name;
  name.schema = dot == std::string_view::npos ? default_schema : text.substr(0, dot);
  name.table = dot == std::string_view::npos ? text : text.substr(dot + 1);
  if (name.schema.empty() || name.table.empty()) return std::nullopt;
  return name;
}

std::vector<TableName> OtherTables(const Suite& resolved) {
  const Registry registry;
  const auto own = ParseTableName(resolved.table);
  std::vector<TableName> tables;
  for (const ExpectationConfig& config : resolved.expectations) {
    for (const Kwarg& kwarg : registry.Find(config.type)->kwargs) {
      const auto value = config.kwargs.find(kwarg.name);
      if (kwarg.kind != KwargKind::kTable || value == config.kwargs.end() || !value->is_string()) continue;
      if (auto name = ParseTableName(value->get<std::string>(), own ? own->schema : "")) {
        tables.push_back(*std::move(name));
      }
    }
  }
  return tables;
}

bool ReadsMoreThanTables(const Suite& resolved) {
  for (const ExpectationConfig& config : resolved.expectations) {
    if (config.type == "expect_column_max_to_be_recent" || config.type == "expect_table_volume_to_be_between")
      return true;
    for (const auto& [kwarg, value] : config.kwargs.items()) {
      if (kwarg.ends_with("_query")) return true;
    }
  }
  return false;
}

}  // namespace smelt::quality
