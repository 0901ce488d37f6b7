#include "engine/internal/lake_catalog.h"

#include <fmt/format.h>

#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

struct LakeStorageInfo : public duckdb::StorageExtensionInfo {
  std::shared_ptr<Lake> lake;
};

duckdb::unique_ptr<duckdb::Catalog> Attach(duckdb::optional_ptr<duckdb::StorageExtensionInfo> info,
                                           duckdb::ClientContext&, duckdb::AttachedDatabase& db, const std::string&,
                                           duckdb::AttachInfo& attach, duckdb::AttachOptions& options) {
  for (const auto& [key, value] : options.options) {
    throw duckdb::BinderException("unknown option \"%s\" for ATTACH (TYPE smelt)", key);
  }
  return duckdb::make_uniq<LakeCatalog>(db, static_cast<LakeStorageInfo&>(*info).lake, attach.path);
}

duckdb::unique_ptr<duckdb::TransactionManager> MakeManager(duckdb::optional_ptr<duckdb::StorageExtensionInfo> info,
                                                           duckdb::AttachedDatabase& db, duckdb::Catalog&) {
  return duckdb::make_uniq<LakeTransactionManager>(db, *static_cast<LakeStorageInfo&>(*info).lake);
}

}  // namespace

LakeSchema& LakeCatalog::KeepSchema(const std::string& name) {
  std::lock_guard guard(lock_);
  auto& slot = schemas_[name];
  if (!slot) {
    duckdb::CreateSchemaInfo info;
    info.catalog = GetName();
    info.schema = name;
    slot = duckdb::make_uniq<LakeSchema>(*this, info, *lake_);
  }
  return *slot;
}

duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LakeCatalog::LookupSchema(duckdb::CatalogTransaction,
                                                                           const duckdb::EntryLookupInfo& lookup,
                                                                           duckdb::OnEntryNotFound missing) {
  std::string name = lookup.GetEntryName();
  bool known = false;
  {
    std::lock_guard guard(lock_);
    known = schemas_.contains(name);
  }
  if (known || Unwrap(lake_->HasSchema(name))) return &KeepSchema(name);
  for (const std::string& other : Unwrap(lake_->Schemas())) {
    if (duckdb::StringUtil::CIEquals(other, name)) return &KeepSchema(other);
  }
  // Names that are no schemas are asked for all the time, while DuckDB resolves `lake.t`.
  if (missing == duckdb::OnEntryNotFound::RETURN_NULL) return nullptr;
  Throw(Error(ErrorCode::kSqlCatalog, fmt::format("there is no schema '{}' in the lake", name))
            .Hint(fmt::format("make it with: create schema {}", QuoteIdentifier(name))));
}

void LakeCatalog::ScanSchemas(duckdb::ClientContext&, std::function<void(duckdb::SchemaCatalogEntry&)> callback) {
  std::set<std::string> names;
  for (const std::string& name : Unwrap(lake_->Schemas())) names.insert(name);
  {
    std::lock_guard guard(lock_);
    for (const auto& [name, schema] : schemas_) names.insert(name);
  }
  for (const std::string& name : names) callback(KeepSchema(name));
}

duckdb::optional_ptr<duckdb::CatalogEntry> LakeCatalog::CreateSchema(duckdb::CatalogTransaction,
                                                                     duckdb::CreateSchemaInfo& info) {
  if (Lake::IsReservedFolder(info.schema) || info.schema.find('/') != std::string::npos) {
    Throw(Error(ErrorCode::kSqlCatalog, fmt::format("'{}' cannot be a schema: the name is reserved", info.schema)));
  }
  bool exists = Unwrap(lake_->HasSchema(info.schema));
  if (exists && info.on_conflict == duckdb::OnCreateConflict::ERROR_ON_CONFLICT) {
    Throw(Error(ErrorCode::kSqlCatalog, fmt::format("the schema '{}' exists already", info.schema)));
  }
  if (!exists) Unwrap(lake_->MakeSchema(info.schema));
  return &KeepSchema(info.schema);
}

void LakeCatalog::DropSchema(duckdb::ClientContext& context, duckdb::DropInfo& info) {
  auto tables = Unwrap(lake_->TableNames(info.name));
  auto views = Unwrap(lake_->ViewNames(info.name));
  if (!info.cascade && (!tables.empty() || !views.empty())) {
    Throw(Error(ErrorCode::kSqlCatalog, fmt::format("the schema '{}' is not empty", info.name))
              .Hint("drop its tables first, or add CASCADE"));
  }
  LakeTransaction& transaction = LakeTransaction::Get(context, *this);
  for (const std::string& table : tables) transaction.Drop({info.name, table});
  for (const std::string& view : views) transaction.CheckMayWrite({info.name, view});
  for (const std::string& view : views) Unwrap(lake_->RemoveView({info.name, view}));
  Unwrap(lake_->RemoveSchema(info.name));
  std::lock_guard guard(lock_);
  if (auto found = schemas_.find(info.name); found != schemas_.end()) {
    // Plans of other connections may still point at it.
    dropped_.push_back(std::move(found->second));
    schemas_.erase(found);
  }
}

void RegisterLakeStorage(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake) {
  auto info = duckdb::make_shared_ptr<LakeStorageInfo>();
  info->lake = std::move(lake);
  auto extension = duckdb::make_shared_ptr<duckdb::StorageExtension>();
  extension->storage_info = std::move(info);
  extension->attach = Attach;
  extension->create_transaction_manager = MakeManager;
  duckdb::StorageExtension::Register(duckdb::DBConfig::GetConfig(db), "smelt", std::move(extension));
}

}  // namespace smelt::engine
