// How statements become plans: INSERT, CREATE TABLE AS, DELETE, UPDATE, MERGE INTO.
#include <fmt/format.h>

#include "delta/features.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/file_rewrite.h"
#include "engine/internal/lake_write.h"
#include "engine/internal/parquet_writer.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::PhysicalOperator;
using duckdb::PhysicalPlanGenerator;
using duckdb::unique_ptr;

using ExpressionList = duckdb::vector<unique_ptr<Expression>>;

[[noreturn]] void ThrowUnsupported(std::string what) {
  Throw(Error(ErrorCode::kSqlUnsupported, std::move(what) + " is not supported on lake tables"));
}

LakeTable& WritableTable(duckdb::TableCatalogEntry& entry) {
  auto& table = entry.Cast<LakeTable>();
  Unwrap(delta::CheckWritable(table.state()->protocol, table.state()->metadata));
  return table;
}

/// Tells a write what its rows must obey. `given` says of each column whether the statement gives its values.
void AddRules(ClientContext& context, LakeWrite& write, const LakeTable& table, const std::vector<bool>& given) {
  const TableShape& shape = table.state()->shape;
  RowRules rules = Unwrap(ReadRules(table.state()->metadata, table.state()->shape.fields));
  for (const RowRules::Default& rule : rules.defaults) {
    if (ParseDefault(rule)) continue;
    Throw(Error(ErrorCode::kDeltaUnsupported, fmt::format("smelt cannot understand the default \"{}\" of column '{}'",
                                                          rule.sql, shape.names[rule.column]))
              .Hint("write to this table with the engine that defined it"));
  }
  std::vector<IdentityColumn> numbered;
  for (const IdentityColumn& identity : rules.identities) {
    if (!given[identity.column]) numbered.push_back(identity);
  }
  auto bound = std::make_shared<BoundRules>(context, table.key().Text(), shape, rules, given);
  if (bound->empty()) bound = nullptr;
  write.SetRules(std::move(bound), std::move(numbered));
}

/// Refuses values for an identity column that only the table numbers.
void CheckIdentities(const LakeTable& table, const std::vector<bool>& given) {
  for (const IdentityColumn& identity :
       Unwrap(ReadRules(table.state()->metadata, table.state()->shape.fields)).identities) {
    if (!given[identity.column] || identity.explicit_allowed) continue;
    Throw(Error(ErrorCode::kSqlConstraint, fmt::format("the table numbers column '{}' of {} itself",
                                                       table.state()->shape.names[identity.column], table.key().Text()))
              .Hint("leave the column out of the statement's list of columns"));
  }
}

/// A write whose rows bring their partitions with them.
LakeWrite::Target TargetOf(Lake& lake, TableKey key, TableShape shape) {
  std::string folder = lake.store().Address(key.Folder());
  TableShape stored = shape.Stored();
  return {std::move(key), std::move(shape), std::move(stored), std::move(folder), std::nullopt};
}

duckdb::PhysicalCopyToFile& PlanWriter(ClientContext& context, PhysicalPlanGenerator& planner,
                                       const LakeWrite::Target& target, bool ordered) {
  return PlanParquetWriter(context, planner, target.folder_address, target.stored, ordered);
}

bool IsOrdered(PhysicalOperator& plan) {
  return PhysicalPlanGenerator::OrderPreservationRecursive(plan) == duckdb::OrderPreservationType::FIXED_ORDER;
}

LakeWrite& PlanTableWrite(ClientContext& context, PhysicalPlanGenerator& planner, LakeCatalog& catalog,
                          LakeTable& table) {
  LakeWrite::Target target = TargetOf(catalog.lake(), table.key(), table.state()->shape);
  auto& writer = PlanWriter(context, planner, target, false);
  return planner.Make<LakeWrite>(catalog, std::move(target), writer).Cast<LakeWrite>();
}

/// The write of rows that replace others.
LakeWrite& PlanUpdateWrite(ClientContext& context, PhysicalPlanGenerator& planner, LakeCatalog& catalog,
                           LakeTable& table) {
  LakeWrite::Target target = TargetOf(catalog.lake(), table.key(), table.state()->shape);
  const TableShape written = WithRowIdColumn(target.stored);
  auto& writer = PlanParquetWriter(context, planner, target.folder_address, written, false);
  return planner.Make<LakeWrite>(catalog, std::move(target), writer).Cast<LakeWrite>();
}

std::shared_ptr<RowIdLookup> LookupOf(Lake& lake, const LakeTable& table) {
  return table.state()->shape.row_tracking ? std::make_shared<RowIdLookup>(lake, table.state()) : nullptr;
}

/// What an update puts into each column, in table order.
struct NewRow {
  ExpressionList expressions;
  std::vector<bool> given;  ///< false for generated columns that are to be computed
};

/// BindUpdateConstraints saw to it that every column is listed, and that DEFAULT stands for generated columns.
NewRow NewRowOf(const LakeTable& table, const ExpressionList& expressions,
                const duckdb::vector<duckdb::PhysicalIndex>& columns, const ExpressionList& defaults) {
  RowRules rules = Unwrap(ReadRules(table.state()->metadata, table.state()->shape.fields));
  NewRow row{ExpressionList(columns.size()), std::vector<bool>(columns.size(), true)};
  for (idx_t i = 0; i < columns.size(); ++i) {
    idx_t column = columns[i].index;
    bool is_default = expressions[i]->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT;
    row.given[column] = !is_default || rules.GeneratedAt(column) == nullptr;
    row.expressions[column] = is_default ? defaults[column]->Copy() : expressions[i]->Copy();
  }
  return row;
}

/// Which columns an insert gives values for; an empty map means all.
std::vector<bool> GivenColumns(const LakeTable& table, const duckdb::physical_index_vector_t<idx_t>& map) {
  std::vector<bool> given(table.state()->shape.names.size(), true);
  if (map.empty()) return given;
  for (const auto& column : table.GetColumns().Physical()) {
    given[column.StorageOid()] = map[column.Physical()] != duckdb::DConstants::INVALID_INDEX;
  }
  return given;
}

/// The new row of an insert branch of MERGE, in table order.
ExpressionList InsertExpressions(const LakeTable& table, duckdb::BoundMergeIntoAction& action,
                                 ExpressionList& defaults) {
  ExpressionList result;
  for (const auto& column : table.GetColumns().Physical()) {
    idx_t from = action.column_index_map.empty() ? column.StorageOid() : action.column_index_map[column.Physical()];
    bool absent = from == duckdb::DConstants::INVALID_INDEX;
    result.push_back(absent ? defaults[column.StorageOid()]->Copy() : action.expressions[from]->Copy());
  }
  return result;
}

TableShape ShapeOfNewTable(const TableDefinition& definition) {
  const delta::Schema schema = Unwrap(delta::ParseSchema(definition.metadata.schema_string));
  return Unwrap(ShapeOf(definition.protocol, definition.metadata, schema));
}

/// Puts a projection above `plan` that casts to `types`, where they differ.
PhysicalOperator& CastTo(ClientContext& context, PhysicalPlanGenerator& planner, PhysicalOperator& plan,
                         const duckdb::vector<duckdb::LogicalType>& types) {
  if (plan.types == types) return plan;
  ExpressionList casts;
  for (idx_t i = 0; i < types.size(); ++i) {
    auto column = duckdb::make_uniq<duckdb::BoundReferenceExpression>(plan.types[i], i);
    casts.push_back(duckdb::BoundCastExpression::AddCastToType(context, std::move(column), types[i]));
  }
  auto& projection = planner.Make<duckdb::PhysicalProjection>(types, std::move(casts), plan.estimated_cardinality);
  projection.children.push_back(plan);
  return projection;
}

/// The value that a column of `plan` has in every row, when its projections tell.
std::optional<duckdb::Value> ConstantColumn(const PhysicalOperator& plan, idx_t column) {
  const PhysicalOperator* at = &plan;
  while (at->type == duckdb::PhysicalOperatorType::PROJECTION) {
    const Expression& expression = *at->Cast<duckdb::PhysicalProjection>().select_list[column];
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT) {
      return expression.Cast<duckdb::BoundConstantExpression>().value;
    }
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_REF) return std::nullopt;
    column = expression.Cast<duckdb::BoundReferenceExpression>().index;
    at = &at->children[0].get();
  }
  return std::nullopt;
}

struct Partition {
  delta::PartitionValues values;
  std::string path;  ///< below the table's folder: "/day=2018-05-24"
};

/// The partition that all rows of `plan` belong to, when it tells; nothing for values that are stored as null.
std::optional<Partition> OnlyPartition(const PhysicalOperator& plan, const TableShape& shape) {
  if (shape.partition_columns.empty()) return std::nullopt;
  Partition partition;
  for (std::size_t column : shape.partition_columns) {
    auto value = ConstantColumn(plan, column);
    if (!value || value->IsNull() || value->ToString().empty()) return std::nullopt;
    std::string text = PartitionText(*value, shape.types[column]);
    partition.path += fmt::format("/{}={}", duckdb::HivePartitioning::Escape(shape.stored_names[column]),
                                  duckdb::HivePartitioning::Escape(text));
    partition.values[shape.stored_names[column]] = std::move(text);
  }
  return partition;
}

TableShape WithoutPartitionColumns(TableShape shape) {
  for (std::size_t column = shape.names.size(); column-- > 0;) {
    if (!shape.IsPartition(column)) continue;
    const auto at = static_cast<std::ptrdiff_t>(column);
    shape.names.erase(shape.names.begin() + at);
    shape.stored_names.erase(shape.stored_names.begin() + at);
    shape.types.erase(shape.types.begin() + at);
    shape.nullable.erase(shape.nullable.begin() + at);
    shape.fields.erase(shape.fields.begin() + at);
  }
  shape.partition_columns.clear();
  return shape;
}

}  // namespace

PhysicalOperator& LakeCatalog::PlanInsert(ClientContext& context, PhysicalPlanGenerator& planner,
                                          duckdb::LogicalInsert& op, duckdb::optional_ptr<PhysicalOperator> plan) {
  if (op.on_conflict_info.action_type != duckdb::OnConflictAction::THROW) ThrowUnsupported("ON CONFLICT");
  LakeTable& table = WritableTable(op.table);
  std::vector<bool> given = GivenColumns(table, op.column_index_map);
  CheckIdentities(table, given);
  if (!op.column_index_map.empty()) plan = planner.ResolveDefaultsProjection(op, *plan);
  bool ordered = IsOrdered(*plan);
  LakeWrite::Target target = TargetOf(*lake_, table.key(), table.state()->shape);
  std::string folder = target.folder_address;
  TableShape stored = target.stored;
  if (auto partition = OnlyPartition(*plan, target.shape)) {
    folder += partition->path;
    target.partition = std::move(partition->values);
    stored = WithoutPartitionColumns(target.stored);
  }
  auto& writer = PlanParquetWriter(context, planner, folder, stored, ordered);
  auto& write = planner.Make<LakeWrite>(*this, std::move(target), writer).Cast<LakeWrite>();
  AddRules(context, write, table, given);
  if (op.return_chunk) write.SetReturning(op.types);
  write.children.push_back(*plan);
  return write;
}

PhysicalOperator& LakeCatalog::PlanCreateTableAs(ClientContext& context, PhysicalPlanGenerator& planner,
                                                 duckdb::LogicalCreateTable& op, PhysicalOperator& plan) {
  auto& info = op.info->Base();
  LakeSchema::CheckTableName(info.table);
  TableDefinition definition = op.schema.Cast<LakeSchema>().Define(GetCatalogTransaction(context), info);
  LakeWrite::Target target = TargetOf(*lake_, {op.schema.name, info.table}, ShapeOfNewTable(definition));
  bool ordered = IsOrdered(plan);
  PhysicalOperator& stored = CastTo(context, planner, plan, target.shape.types);
  auto& writer = PlanWriter(context, planner, target, ordered);
  auto& write = planner.Make<LakeWrite>(*this, std::move(target), writer).Cast<LakeWrite>();
  write.SetCreate(std::move(op.info), std::move(definition));
  write.children.push_back(stored);
  return write;
}

PhysicalOperator& LakeCatalog::PlanDelete(ClientContext& context, PhysicalPlanGenerator& planner,
                                          duckdb::LogicalDelete& op, PhysicalOperator& plan) {
  LakeTable& table = WritableTable(op.table);
  LakeTransaction::Get(context, *this).SetOperation(table.key(), "DELETE");
  // One reference per column of GetRowIdColumns, in its order; the second stands right after the first.
  idx_t row_id = op.expressions[0]->Cast<duckdb::BoundReferenceExpression>().index;
  auto& write = planner.Make<LakeDelete>(table, row_id, false, std::make_shared<DeletedRowSet>()).Cast<LakeDelete>();
  if (op.return_chunk) write.SetReturning(op.types);
  write.children.push_back(plan);
  return write;
}

PhysicalOperator& LakeCatalog::PlanUpdate(ClientContext& context, PhysicalPlanGenerator& planner,
                                          duckdb::LogicalUpdate& op, PhysicalOperator& plan) {
  LakeTable& table = WritableTable(op.table);
  LakeTransaction::Get(context, *this).SetOperation(table.key(), "UPDATE");
  LakeWrite& write = PlanUpdateWrite(context, planner, *this, table);
  NewRow row = NewRowOf(table, op.expressions, op.columns, op.bound_defaults);
  AddRules(context, write, table, row.given);
  write.SetUpdate(table, std::move(row.expressions), {}, std::make_shared<DeletedRowSet>(), LookupOf(*lake_, table));
  if (op.return_chunk) write.SetReturning(op.types);
  write.children.push_back(plan);
  return write;
}

PhysicalOperator& LakeCatalog::PlanMergeInto(ClientContext& context, PhysicalPlanGenerator& planner,
                                             duckdb::LogicalMergeInto& op, PhysicalOperator& plan) {
  LakeTable& table = WritableTable(op.table);
  LakeTransaction::Get(context, *this).SetOperation(table.key(), "MERGE");
  // All branches share the set, so that a row changed by two of them is noticed.
  auto deleted = std::make_shared<DeletedRowSet>();
  duckdb::map<duckdb::MergeActionCondition, duckdb::vector<unique_ptr<duckdb::MergeIntoOperator>>> branches;
  for (auto& [condition, actions] : op.actions) {
    for (auto& action : actions) {
      auto branch = duckdb::make_uniq<duckdb::MergeIntoOperator>();
      branch->action_type = action->action_type;
      branch->condition = std::move(action->condition);
      switch (action->action_type) {
        case duckdb::MergeActionType::MERGE_UPDATE: {
          LakeWrite& write = PlanUpdateWrite(context, planner, *this, table);
          NewRow row = NewRowOf(table, action->expressions, action->columns, op.bound_defaults);
          AddRules(context, write, table, row.given);
          write.SetUpdate(table, std::move(row.expressions), op.row_id_start, deleted, LookupOf(*lake_, table));
          branch->op = write;
          break;
        }
        case duckdb::MergeActionType::MERGE_DELETE:
          branch->op = planner.Make<LakeDelete>(table, op.row_id_start, true, deleted);
          break;
        case duckdb::MergeActionType::MERGE_INSERT: {
          std::vector<bool> given = GivenColumns(table, action->column_index_map);
          CheckIdentities(table, given);
          branch->expressions = InsertExpressions(table, *action, op.bound_defaults);
          LakeWrite& write = PlanTableWrite(context, planner, *this, table);
          AddRules(context, write, table, given);
          branch->op = write;
          break;
        }
        default: branch->expressions = std::move(action->expressions); break;
      }
      if (op.return_chunk && branch->op) branch->op->Cast<LakeSink>().SetReturning(table.GetTypes());
      branches[condition].push_back(std::move(branch));
    }
  }
  auto& merge = planner.Make<duckdb::PhysicalMergeInto>(op.types, std::move(branches), op.row_id_start,
                                                        op.source_marker, true, op.return_chunk);
  merge.children.push_back(plan);
  return merge;
}

}  // namespace smelt::engine
