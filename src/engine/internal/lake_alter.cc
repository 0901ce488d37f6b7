// ALTER TABLE and COMMENT ON.
#include <fmt/format.h>

#include <duckdb/parser/parsed_data/comment_on_column_info.hpp>

#include "delta/clustering.h"
#include "delta/features.h"
#include "engine/internal/await.h"
#include "engine/internal/column_alter.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/lake_catalog.h"
#include "engine/internal/row_rules.h"
#include "engine/internal/table_definition.h"

namespace smelt::engine {
namespace {

using duckdb::AlterTableType;

/// One ALTER on its way: the definition changes, what must be true of the rows that are there is checked before.
class Alteration {
 public:
  Alteration(Lake& lake, const TableKey& key, TableStatePtr state)
      : lake_(lake),
        key_(key),
        state_(std::move(state)),
        definition_{state_->protocol, state_->metadata, false, std::nullopt} {}

  /// Delta's name of the operation; empty when there is nothing to do.
  Result<std::string> Apply(duckdb::AlterTableInfo& info);
  Result<std::string> Comment(const duckdb::Value& comment);
  Result<std::string> CommentColumn(const duckdb::SetColumnCommentInfo& info);

  TableDefinition& definition() { return definition_; }

 private:
  Result<std::string> ApplyToNames(duckdb::AlterTableInfo& info);
  Result<std::string> Add(duckdb::AddColumnInfo& info);
  Result<std::string> Drop(const ColumnPath& path, bool if_exists);
  Result<std::string> SetType(duckdb::ChangeColumnTypeInfo& info);
  Result<std::string> SetOptions(duckdb::SetTableOptionsInfo& info);
  Result<std::string> SetDefault(duckdb::SetDefaultInfo& info);
  Result<std::string> SetNullable(const std::string& column, bool nullable);
  Result<std::string> SetClustering(duckdb::SetSortedByInfo& info);
  Result<bool> IsClusteredBy(const std::string& column) const;
  Status RequireRows(const std::string& predicate, const std::string& what);

  Lake& lake_;
  const TableKey& key_;
  TableStatePtr state_;
  TableDefinition definition_;
};

Result<std::string> Alteration::Apply(duckdb::AlterTableInfo& info) {
  switch (info.alter_table_type) {
    case AlterTableType::ADD_COLUMN: return Add(info.Cast<duckdb::AddColumnInfo>());
    case AlterTableType::SET_TABLE_OPTIONS: return SetOptions(info.Cast<duckdb::SetTableOptionsInfo>());
    case AlterTableType::RESET_TABLE_OPTIONS:
      SMELT_TRY(ResetProperties(definition_, info.Cast<duckdb::ResetTableOptionsInfo>().table_options));
      return "UNSET TBLPROPERTIES";
    case AlterTableType::SET_DEFAULT: return SetDefault(info.Cast<duckdb::SetDefaultInfo>());
    case AlterTableType::SET_NOT_NULL: return SetNullable(info.Cast<duckdb::SetNotNullInfo>().column_name, false);
    case AlterTableType::DROP_NOT_NULL: return SetNullable(info.Cast<duckdb::DropNotNullInfo>().column_name, true);
    case AlterTableType::SET_SORTED_BY: return SetClustering(info.Cast<duckdb::SetSortedByInfo>());
    case AlterTableType::ALTER_COLUMN_TYPE: return SetType(info.Cast<duckdb::ChangeColumnTypeInfo>());
    default: return ApplyToNames(info);
  }
}

/// Columns and fields that come, go, or get another name.
Result<std::string> Alteration::ApplyToNames(duckdb::AlterTableInfo& info) {
  switch (info.alter_table_type) {
    case AlterTableType::RENAME_COLUMN: {
      const auto& rename = info.Cast<duckdb::RenameColumnInfo>();
      SMELT_TRY(RenameColumn(definition_, {rename.old_name}, rename.new_name));
      return "RENAME COLUMN";
    }
    case AlterTableType::RENAME_FIELD: {
      const auto& rename = info.Cast<duckdb::RenameFieldInfo>();
      SMELT_TRY(RenameColumn(definition_, {rename.column_path.begin(), rename.column_path.end()}, rename.new_name));
      return "RENAME COLUMN";
    }
    case AlterTableType::REMOVE_COLUMN: {
      const auto& drop = info.Cast<duckdb::RemoveColumnInfo>();
      return Drop({drop.removed_column}, drop.if_column_exists);
    }
    case AlterTableType::REMOVE_FIELD: {
      const auto& drop = info.Cast<duckdb::RemoveFieldInfo>();
      return Drop({drop.column_path.begin(), drop.column_path.end()}, drop.if_column_exists);
    }
    case AlterTableType::ADD_FIELD: {
      const auto& add = info.Cast<duckdb::AddFieldInfo>();
      ColumnPath path(add.column_path.begin(), add.column_path.end());
      path.push_back(add.new_field.Name());
      SMELT_ASSIGN(const bool there, HasColumn(definition_, path));
      if (there && add.if_field_not_exists) return std::string();
      SMELT_TRY(AddField(definition_, path, add.new_field.Type()));
      return "ADD COLUMNS";
    }
    default:
      return Fail(Error(ErrorCode::kSqlUnsupported, "this form of ALTER is not supported on lake tables")
                      .Hint("ADD, RENAME, DROP and TYPE of columns, SET and RESET of properties and of SORTED BY, SET "
                            "and DROP of "
                            "DEFAULT and NOT NULL work; for the rest, CREATE OR REPLACE TABLE … AS SELECT"));
  }
}

Result<std::string> Alteration::Drop(const ColumnPath& path, bool if_exists) {
  SMELT_ASSIGN(const bool there, HasColumn(definition_, path));
  if (!there && if_exists) return std::string();
  SMELT_ASSIGN(const bool clustered, IsClusteredBy(path.front()));
  if (clustered) {
    return Fail(Error(ErrorCode::kSqlUnsupported, fmt::format("the table is clustered by '{}'", path.front()))
                    .Hint("ALTER TABLE … SET SORTED BY other columns, or RESET SORTED BY, before"));
  }
  SMELT_TRY(DropColumn(definition_, path));
  return "DROP COLUMNS";
}

Result<std::string> Alteration::SetType(duckdb::ChangeColumnTypeInfo& info) {
  // Without USING, the parser puts a cast of the column there.
  const bool is_cast = info.expression->GetExpressionClass() == duckdb::ExpressionClass::CAST &&
                       info.expression->Cast<duckdb::CastExpression>().child->GetExpressionClass() ==
                           duckdb::ExpressionClass::COLUMN_REF;
  if (!is_cast) {
    return Fail(Error(ErrorCode::kSqlUnsupported, "USING is not supported on lake tables: types can be widened only")
                    .Hint("UPDATE the column, or CREATE OR REPLACE TABLE … AS SELECT"));
  }
  SMELT_TRY(WidenColumn(definition_, info.column_name, info.target_type));
  return definition_.metadata == state_->metadata ? "" : "CHANGE COLUMN";
}

Result<std::string> Alteration::Add(duckdb::AddColumnInfo& info) {
  if (info.if_column_not_exists && state_->shape.Find(info.new_column.Name())) return std::string();
  SMELT_TRY(AddColumn(definition_, info.new_column));
  return "ADD COLUMNS";
}

Result<std::string> Alteration::SetOptions(duckdb::SetTableOptionsInfo& info) {
  SMELT_TRY(SetProperties(definition_, info.table_options));
  if (state_->snapshot) {
    SMELT_ASSIGN(const auto clustered, delta::ClusteringColumns(*state_->snapshot));
    SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(definition_.metadata.schema_string));
    SMELT_TRY(CheckDescribed(definition_, schema, clustered));
  }
  SMELT_ASSIGN(RowRules before, ReadRules(state_->metadata));
  SMELT_ASSIGN(RowRules after, ReadRules(definition_.metadata));
  for (const RowRules::Check& check : after.checks) {
    bool known = std::ranges::any_of(before.checks, [&](const RowRules::Check& old) { return old.sql == check.sql; });
    if (!known) SMELT_TRY(RequireRows(check.sql, fmt::format("the constraint '{}', {}", check.name, check.sql)));
  }
  return after.checks.size() > before.checks.size() ? "ADD CONSTRAINT" : "SET TBLPROPERTIES";
}

Result<std::string> Alteration::SetDefault(duckdb::SetDefaultInfo& info) {
  if (info.expression) delta::EnableFeature(definition_.protocol, "allowColumnDefaults");
  SMELT_TRY(ChangeField(definition_, info.column_name, [&](delta::Field& field) -> Status {
    if (info.expression) {
      field.metadata["CURRENT_DEFAULT"] = ToSparkSql(info.expression->ToString());
    } else {
      field.metadata.erase("CURRENT_DEFAULT");
    }
    return {};
  }));
  return "CHANGE COLUMN";
}

Result<std::string> Alteration::SetNullable(const std::string& column, bool nullable) {
  if (!nullable) {
    SMELT_TRY(RequireRows(QuoteIdentifier(column) + " is not null", fmt::format("NOT NULL of column '{}'", column)));
  }
  SMELT_TRY(ChangeField(definition_, column, [&](delta::Field& field) -> Status {
    field.nullable = nullable;
    return {};
  }));
  return "CHANGE COLUMN";
}

/// The files that are there stay as they are until OPTIMIZE.
Result<std::string> Alteration::SetClustering(duckdb::SetSortedByInfo& info) {
  std::vector<const duckdb::ParsedExpression*> keys;
  for (const duckdb::OrderByNode& order : info.orders) {
    if (order.type == duckdb::OrderType::DESCENDING || order.null_order == duckdb::OrderByNullType::NULLS_LAST) {
      return Fail(ErrorCode::kSqlUnsupported, "SORTED BY keeps alike values together; it has no direction");
    }
    keys.push_back(order.expression.get());
  }
  const bool is_clustered = state_->snapshot->domains().contains(delta::kClusteringDomain);
  if (keys.empty() && !is_clustered) return std::string();
  SMELT_TRY(ClusterBy(definition_, keys));
  return "CLUSTER BY";
}

Result<bool> Alteration::IsClusteredBy(const std::string& column) const {
  SMELT_ASSIGN(const auto columns, delta::ClusteringColumns(*state_->snapshot));
  const auto position = state_->shape.Find(column);
  if (!position) return false;
  const std::string& stored = state_->shape.stored_names[*position];
  return std::ranges::any_of(columns, [&](const delta::PhysicalPath& path) { return path.front() == stored; });
}

Result<std::string> Alteration::Comment(const duckdb::Value& comment) {
  definition_.metadata.description = comment.IsNull() ? "" : comment.ToString();
  return "SET TBLPROPERTIES";
}

Result<std::string> Alteration::CommentColumn(const duckdb::SetColumnCommentInfo& info) {
  SMELT_TRY(ChangeField(definition_, info.column_name, [&](delta::Field& field) -> Status {
    if (info.comment_value.IsNull()) {
      field.metadata.erase("comment");
    } else {
      field.metadata["comment"] = info.comment_value.ToString();
    }
    return {};
  }));
  return "CHANGE COLUMN";
}

/// Refuses when rows are there for which `predicate` is not true.
Status Alteration::RequireRows(const std::string& predicate, const std::string& what) {
  std::string handle = lake_.Lend(state_);
  duckdb::Connection connection(lake_.database());
  auto result = AwaitQuery(connection, fmt::format("select count(*) from smelt_lent({}) where ({}) is not true",
                                                   QuoteLiteral(handle), predicate));
  lake_.TakeBack(handle);
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  auto broken = result->GetValue(0, 0).GetValue<std::int64_t>();
  if (broken == 0) return {};
  return Fail(ErrorCode::kSqlConstraint, fmt::format("{} rows of {} break {}", broken, key_.Text(), what));
}

}  // namespace

void LakeSchema::Alter(Txn transaction, duckdb::AlterInfo& info) {
  LakeTransaction& own = transaction.transaction->Cast<LakeTransaction>();
  TableKey key = FindKey(own, info.name);
  TableStatePtr state = own.View(key);
  if (!state) {
    Throw(Error(ErrorCode::kSqlUnsupported, fmt::format("ALTER is not supported on {}, which is no table", key.Text()))
              .Hint("create the view anew with CREATE OR REPLACE VIEW"));
  }
  Alteration alteration(lake_, key, state);
  std::string operation;
  switch (info.type) {
    case duckdb::AlterType::ALTER_TABLE:
      operation = Unwrap(alteration.Apply(info.Cast<duckdb::AlterTableInfo>()));
      break;
    case duckdb::AlterType::SET_COMMENT:
      operation = Unwrap(alteration.Comment(info.Cast<duckdb::SetCommentInfo>().comment_value));
      break;
    case duckdb::AlterType::SET_COLUMN_COMMENT:
      operation = Unwrap(alteration.CommentColumn(info.Cast<duckdb::SetColumnCommentInfo>()));
      break;
    default: Refuse("this form of ALTER");
  }
  if (operation.empty()) return;
  TableDefinition& definition = alteration.definition();
  own.Redefine(key, std::move(definition.protocol), std::move(definition.metadata), std::move(operation));
  if (definition.cluster_by) own.ClusterBy(key, *definition.cluster_by);
}

}  // namespace smelt::engine
