#include <fmt/format.h>

#include "engine/internal/error_bridge.h"
#include "engine/internal/lake_catalog.h"
#include "engine/internal/lake_scan.h"
#include "engine/internal/row_rules.h"

namespace smelt::engine {

LakeTable::LakeTable(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema, duckdb::CreateTableInfo& info,
                     TableKey key, TableStatePtr state, bool travelled)
    : TableCatalogEntry(catalog, schema, info), key_(std::move(key)), state_(std::move(state)), travelled_(travelled) {}

void LakeTable::NoteScan(duckdb::ClientContext& context) const {
  if (!travelled_) LakeTransaction::Get(context, catalog).NoteScan(key_);
}

duckdb::TableFunction LakeTable::GetScanFunction(duckdb::ClientContext& context,
                                                 duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  NoteScan(context);
  duckdb::TableFunction function = MakeScanFunction(context, state_, this);
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  bind_data = BindScan(context, function, types, names);
  return function;
}

duckdb::TableFunction LakeTable::GetScanFunction(duckdb::ClientContext& context,
                                                 duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
                                                 const duckdb::EntryLookupInfo&) {
  return GetScanFunction(context, bind_data);
}

duckdb::TableStorageInfo LakeTable::GetStorageInfo(duckdb::ClientContext&) {
  duckdb::TableStorageInfo info;
  if (auto rows = state_->rows()) info.cardinality = static_cast<duckdb::idx_t>(*rows);
  return info;
}

duckdb::virtual_column_map_t LakeTable::GetVirtualColumns() const {
  return ScanVirtualColumns();
}

duckdb::vector<duckdb::column_t> LakeTable::GetRowIdColumns() const {
  return ScanRowIdColumns();
}

void LakeTable::BindUpdateConstraints(duckdb::Binder&, duckdb::LogicalGet& get, duckdb::LogicalProjection& projection,
                                      duckdb::LogicalUpdate& update, duckdb::ClientContext&) {
  // An update deletes rows and inserts new ones, so that every column must be in its list, as "c = c".
  // (LogicalUpdate::BindExtraColumns may list a column twice in the scan, which the Parquet reader gets wrong.)
  update.update_is_del_and_insert = true;
  RowRules rules = Unwrap(ReadRules(state_->metadata, state_->shape.fields));
  for (const auto& column : columns.Physical()) {
    auto& listed = update.columns;
    if (std::find(listed.begin(), listed.end(), column.Physical()) != listed.end()) {
      if (rules.IdentityAt(column.StorageOid()) == nullptr) continue;
      Throw(Error(
          ErrorCode::kSqlConstraint,
          fmt::format("column '{}' of {} is an identity column, which keeps its values", column.Name(), key_.Text())));
    }
    if (rules.GeneratedAt(column.StorageOid()) != nullptr) {
      listed.push_back(column.Physical());
      update.expressions.push_back(duckdb::make_uniq<duckdb::BoundDefaultExpression>(column.Type()));
      continue;
    }
    const auto& ids = get.GetColumnIds();
    duckdb::idx_t position = 0;
    while (position < ids.size() && ids[position].GetPrimaryIndex() != column.Logical().index) ++position;
    if (position == ids.size()) get.AddColumnId(column.Logical().index);
    listed.push_back(column.Physical());
    update.expressions.push_back(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
        column.Type(), duckdb::ColumnBinding(projection.table_index, projection.expressions.size())));
    projection.expressions.push_back(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
        column.Type(), duckdb::ColumnBinding(get.table_index, position)));
  }
}

}  // namespace smelt::engine
