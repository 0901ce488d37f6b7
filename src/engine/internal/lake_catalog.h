#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/internal/lake.h"
#include "engine/internal/lake_transaction.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {

class LakeSchema;

/// A Delta table as DuckDB's planner sees it. Belongs to one transaction.
class LakeTable : public duckdb::TableCatalogEntry {
 public:
  LakeTable(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema, duckdb::CreateTableInfo& info, TableKey key,
            TableStatePtr state, bool travelled);

  const TableKey& key() const { return key_; }
  const TableStatePtr& state() const { return state_; }
  /// Whether this is an earlier version, which cannot be written to.
  bool travelled() const { return travelled_; }
  /// Tells the transaction that rows are read, so that its writes may depend on them.
  void NoteScan(duckdb::ClientContext& context) const;

  duckdb::TableFunction GetScanFunction(duckdb::ClientContext& context,
                                        duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override;
  duckdb::TableFunction GetScanFunction(duckdb::ClientContext& context,
                                        duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
                                        const duckdb::EntryLookupInfo& lookup) override;
  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(duckdb::ClientContext&, duckdb::column_t) override {
    return nullptr;
  }
  duckdb::TableStorageInfo GetStorageInfo(duckdb::ClientContext& context) override;
  void BindUpdateConstraints(duckdb::Binder& binder, duckdb::LogicalGet& get, duckdb::LogicalProjection& projection,
                             duckdb::LogicalUpdate& update, duckdb::ClientContext& context) override;
  duckdb::virtual_column_map_t GetVirtualColumns() const override;
  duckdb::vector<duckdb::column_t> GetRowIdColumns() const override;

 private:
  TableKey key_;
  TableStatePtr state_;
  bool travelled_;
};

/// A schema: one folder of the lake. Owned by the catalogue. Thread-safe.
class LakeSchema : public duckdb::SchemaCatalogEntry {
 public:
  LakeSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info, Lake& lake)
      : SchemaCatalogEntry(catalog, info), lake_(lake) {}

  using EntryCallback = std::function<void(duckdb::CatalogEntry&)>;
  using Entry = duckdb::optional_ptr<duckdb::CatalogEntry>;
  using Txn = duckdb::CatalogTransaction;

  Entry LookupEntry(Txn transaction, const duckdb::EntryLookupInfo& lookup) override;
  void Scan(duckdb::ClientContext& context, duckdb::CatalogType type, const EntryCallback& callback) override;
  void Scan(duckdb::CatalogType, const EntryCallback&) override {}
  Entry CreateTable(Txn transaction, duckdb::BoundCreateTableInfo& info) override;
  /// What CREATE TABLE would make of the table, and making it so; without a definition, by that of Define.
  TableDefinition Define(Txn transaction, const duckdb::CreateTableInfo& info);
  Entry CreateAs(Txn transaction, const duckdb::CreateTableInfo& info, std::optional<TableDefinition> definition);
  Entry CreateView(Txn transaction, duckdb::CreateViewInfo& info) override;
  void DropEntry(duckdb::ClientContext& context, duckdb::DropInfo& info) override;
  void Alter(Txn transaction, duckdb::AlterInfo& info) override;

  Entry CreateIndex(Txn, duckdb::CreateIndexInfo&, duckdb::TableCatalogEntry&) override { Refuse("CREATE INDEX"); }
  Entry CreateFunction(Txn, duckdb::CreateFunctionInfo&) override { Refuse("CREATE MACRO"); }
  Entry CreateSequence(Txn, duckdb::CreateSequenceInfo&) override { Refuse("CREATE SEQUENCE"); }
  Entry CreateTableFunction(Txn, duckdb::CreateTableFunctionInfo&) override { Refuse("CREATE MACRO … AS TABLE"); }
  Entry CreateCopyFunction(Txn, duckdb::CreateCopyFunctionInfo&) override { Refuse("copy functions"); }
  Entry CreatePragmaFunction(Txn, duckdb::CreatePragmaFunctionInfo&) override { Refuse("pragma functions"); }
  Entry CreateCollation(Txn, duckdb::CreateCollationInfo&) override { Refuse("collations"); }
  Entry CreateType(Txn, duckdb::CreateTypeInfo&) override { Refuse("CREATE TYPE"); }

  /// Throws kDeltaInvalidTable when a table or view cannot have this name.
  static void CheckTableName(const std::string& name);

 private:
  [[noreturn]] static void Refuse(const char* what);
  TableKey KeyOf(const std::string& table) const { return {name, table}; }
  /// The key of an existing table, found without regard to case.
  TableKey FindKey(LakeTransaction& transaction, const std::string& table);
  Entry TableEntry(LakeTransaction& transaction, const TableKey& key, const TableStatePtr& state, bool travelled);
  Entry ViewEntry(Txn transaction, const TableKey& key);

  Lake& lake_;
};

/// The lake as a DuckDB catalogue. Thread-safe.
class LakeCatalog : public duckdb::Catalog {
 public:
  LakeCatalog(duckdb::AttachedDatabase& db, std::shared_ptr<Lake> lake, std::string path)
      : Catalog(db), lake_(std::move(lake)), path_(std::move(path)) {}

  Lake& lake() { return *lake_; }

  using Catalog::Initialize;
  using Catalog::PlanDelete;
  using Catalog::PlanUpdate;
  void Initialize(bool) override {}
  std::string GetCatalogType() override { return "smelt"; }
  std::string GetDefaultSchema() const override { return "main"; }
  bool InMemory() override { return false; }
  std::string GetDBPath() override { return path_; }
  duckdb::DatabaseSize GetDatabaseSize(duckdb::ClientContext&) override { return {}; }
  bool SupportsTimeTravel() const override { return true; }
  duckdb::ErrorData SupportsCreateTable(duckdb::BoundCreateTableInfo&) override { return {}; }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSchema(duckdb::CatalogTransaction transaction,
                                                          duckdb::CreateSchemaInfo& info) override;
  duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(duckdb::CatalogTransaction transaction,
                                                                const duckdb::EntryLookupInfo& lookup,
                                                                duckdb::OnEntryNotFound missing) override;
  void ScanSchemas(duckdb::ClientContext& context, std::function<void(duckdb::SchemaCatalogEntry&)> callback) override;
  void DropSchema(duckdb::ClientContext& context, duckdb::DropInfo& info) override;

  duckdb::PhysicalOperator& PlanCreateTableAs(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                              duckdb::LogicalCreateTable& op, duckdb::PhysicalOperator& plan) override;
  duckdb::PhysicalOperator& PlanInsert(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalInsert& op,
                                       duckdb::optional_ptr<duckdb::PhysicalOperator> plan) override;
  duckdb::PhysicalOperator& PlanDelete(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalDelete& op, duckdb::PhysicalOperator& plan) override;
  duckdb::PhysicalOperator& PlanUpdate(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalUpdate& op, duckdb::PhysicalOperator& plan) override;
  duckdb::PhysicalOperator& PlanMergeInto(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                          duckdb::LogicalMergeInto& op, duckdb::PhysicalOperator& plan) override;

 private:
  LakeSchema& KeepSchema(const std::string& name);

  std::shared_ptr<Lake> lake_;
  std::string path_;
  std::mutex lock_;
  std::map<std::string, duckdb::unique_ptr<LakeSchema>> schemas_;  ///< stable addresses for the catalogue's life
  std::vector<duckdb::unique_ptr<LakeSchema>> dropped_;
};

/// Makes `attach '…' (type smelt)` work on the database. The lake itself comes from `lake`.
void RegisterLakeStorage(duckdb::DatabaseInstance& db, std::shared_ptr<Lake> lake);

}  // namespace smelt::engine
