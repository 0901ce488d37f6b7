#include "app/internal/catalog_file.h"

#include "base/json.h"
#include "storage/object_store.h"

namespace smelt::app {
namespace {

constexpr const char* kCatalogKey = "_smelt/catalog.json";

Json Describe(const engine::TableInfo& table) {
  Json columns = Json::array();
  for (const auto& [name, type] : table.columns) columns.push_back({{"name", name}, {"type", type}});
  Json entry = {{"schema", table.schema}, {"table", table.table}, {"kind", table.is_view ? "view" : "table"}};
  if (!table.is_view) {
    entry["version"] = table.version;
    if (table.rows >= 0) entry["rows"] = table.rows;
    entry["files"] = table.files;
    entry["bytes"] = table.bytes;
    entry["partition_columns"] = table.partition_columns;
  }
  entry["columns"] = std::move(columns);
  return entry;
}

}  // namespace

Result<bool> RefreshCatalogFile(engine::Engine& engine, const std::string& project) {
  SMELT_ASSIGN(auto tables, engine.Tables());
  Json list = Json::array();
  for (const auto& table : tables) list.push_back(Describe(table));
  std::string text = JsonText(Json({{"project", project}, {"tables", std::move(list)}}), 1) + "\n";
  SMELT_ASSIGN(auto store, storage::OpenStore(engine.options().lake));
  auto before = store->Read(kCatalogKey);
  if (before && *before == text) return false;
  SMELT_TRY(store->Put(kCatalogKey, text));
  return true;
}

}  // namespace smelt::app
