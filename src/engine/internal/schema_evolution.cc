#include "engine/internal/schema_evolution.h"

#include <fmt/format.h>

#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/insert_statement.hpp>
#include <duckdb/parser/statement/merge_into_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <optional>

#include "delta/type_widening.h"
#include "engine/internal/lake_catalog.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

constexpr const char* kSetting = "smelt_schema_evolution";

struct Column {
  std::string name;
  LogicalType type;
};

/// The columns of a query; nothing when it cannot be bound.
std::optional<std::vector<Column>> ColumnsOf(duckdb::Connection& connection,
                                             duckdb::unique_ptr<duckdb::SelectStatement> query,
                                             const duckdb::CommonTableExpressionMap& ctes) {
  for (const auto& cte : ctes.map) {
    auto& map = query->node->cte_map.map;
    if (!map.contains(cte.first)) map.insert(cte.first, cte.second->Copy());
  }
  auto prepared = connection.Prepare(std::move(query));
  if (prepared->HasError()) return std::nullopt;
  std::vector<Column> columns;
  for (duckdb::idx_t i = 0; i < prepared->ColumnCount(); ++i) {
    columns.push_back({prepared->GetNames()[i], prepared->GetTypes()[i]});
  }
  return columns;
}

/// Whether a type may take the place of a narrower one by itself: never from whole numbers to fractions.
bool WidensByItself(const LogicalType& from, const LogicalType& to) {
  const auto narrow = ToDeltaType(from);
  const auto wide = ToDeltaType(to);
  if (!narrow || !wide || !delta::IsWidening(*narrow, *wide)) return false;
  const bool is_fraction = to.id() == LogicalTypeId::DECIMAL || to.id() == LogicalTypeId::DOUBLE;
  return !(from.IsIntegral() && is_fraction);
}

/// Finds what a table lacks, and says it as ALTER statements.
class Evolution {
 public:
  explicit Evolution(const LakeTable& table)
      : state_(*table.state()),
        table_(fmt::format("lake.{}.{}", QuoteIdentifier(table.key().schema), QuoteIdentifier(table.key().table))),
        may_widen_(delta::AllowsTypeWidening(state_.protocol, state_.metadata)) {}

  void Bring(const std::string& name, const LogicalType& type) {
    const auto column = state_.shape.Find(name);
    if (!column) return Add(QuoteIdentifier(name), type);
    Compare(QuoteIdentifier(state_.shape.names[*column]), state_.shape.types[*column], type);
  }

  /// Values for the columns of the table in their order, then for new ones.
  void BringInOrder(const std::vector<Column>& columns) {
    const TableShape& shape = state_.shape;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i < shape.names.size()) {
        Compare(QuoteIdentifier(shape.names[i]), shape.types[i], columns[i].type);
      } else if (!shape.Find(columns[i].name)) {
        Add(QuoteIdentifier(columns[i].name), columns[i].type);
      }
    }
  }

  std::vector<std::string> Finish() && { return std::move(statements_); }

 private:
  void Add(const std::string& path, const LogicalType& type) {
    const LogicalType stored = type.id() == LogicalTypeId::SQLNULL ? LogicalType::INTEGER : type;
    statements_.push_back(fmt::format("alter table {} add column {} {}", table_, path, stored.ToString()));
  }

  void Compare(const std::string& path, const LogicalType& has, const LogicalType& wanted) {
    if (has.id() == LogicalTypeId::STRUCT && wanted.id() == LogicalTypeId::STRUCT) {
      for (const auto& [name, type] : duckdb::StructType::GetChildTypes(wanted)) CompareField(path, has, name, type);
    } else if (may_widen_ && !path.contains('.') && WidensByItself(has, wanted)) {
      statements_.push_back(fmt::format("alter table {} alter column {} type {}", table_, path, wanted.ToString()));
    }
  }

  void CompareField(const std::string& path, const LogicalType& has, const std::string& name, const LogicalType& type) {
    for (const auto& [field, field_type] : duckdb::StructType::GetChildTypes(has)) {
      if (!duckdb::StringUtil::CIEquals(field, name)) continue;
      return Compare(path + "." + QuoteIdentifier(field), field_type, type);
    }
    if (!name.empty()) Add(path + "." + QuoteIdentifier(name), type);
  }

  const TableState& state_;
  std::string table_;
  bool may_widen_;
  std::vector<std::string> statements_;
};

/// The lake's table of that name, as the session sees it now; null when there is none.
const LakeTable* FindTable(duckdb::ClientContext& context, const std::string& catalog, const std::string& schema,
                           const std::string& table) {
  auto entry = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(context, catalog, schema, table,
                                                                    duckdb::OnEntryNotFound::RETURN_NULL);
  return dynamic_cast<const LakeTable*>(entry.get());
}

using Target = std::vector<std::string>;  ///< catalogue, schema, table

/// Calls `plan` with the evolution of a table; the table's entry lives as long as the transaction around this.
std::vector<std::string> PlanFor(duckdb::Connection& connection, const Target& target,
                                 const std::function<void(Evolution&)>& plan) {
  std::vector<std::string> statements;
  connection.context->RunFunctionInTransaction([&] {
    const LakeTable* table = FindTable(*connection.context, target[0], target[1], target[2]);
    if (table == nullptr) return;
    Evolution evolution(*table);
    plan(evolution);
    statements = std::move(evolution).Finish();
  });
  return statements;
}

std::vector<std::string> PlanInsert(duckdb::Connection& connection, const duckdb::InsertStatement& insert) {
  if (insert.default_values || !insert.select_statement) return {};
  auto query = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(insert.select_statement->Copy());
  const auto columns = ColumnsOf(connection, std::move(query), insert.cte_map);
  if (!columns) return {};
  return PlanFor(connection, {insert.catalog, insert.schema, insert.table}, [&](Evolution& evolution) {
    const bool by_name = insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME;
    if (insert.columns.empty() && !by_name) return evolution.BringInOrder(*columns);
    for (std::size_t i = 0; i < columns->size(); ++i) {
      const bool is_named = !by_name && i < insert.columns.size();
      if (by_name || is_named) evolution.Bring(is_named ? insert.columns[i] : (*columns)[i].name, (*columns)[i].type);
    }
  });
}

/// The columns that a branch of a merge gives values for, which it takes from columns of the source of the same names.
void BringOf(const duckdb::MergeIntoAction& action, const std::vector<Column>& source, Evolution& evolution) {
  using duckdb::MergeActionType;
  const bool is_update = action.action_type == MergeActionType::MERGE_UPDATE;
  if (!is_update && action.action_type != MergeActionType::MERGE_INSERT) return;
  const bool takes_all = is_update ? !action.update_info : action.insert_columns.empty() && action.expressions.empty();
  if (action.default_values) return;
  for (const Column& column : source) {
    const auto is_it = [&](const std::string& name) { return duckdb::StringUtil::CIEquals(name, column.name); };
    const auto& named = is_update && action.update_info ? action.update_info->columns : action.insert_columns;
    if (takes_all || std::ranges::any_of(named, is_it)) evolution.Bring(column.name, column.type);
  }
}

std::vector<std::string> PlanMerge(duckdb::Connection& connection, const duckdb::MergeIntoStatement& merge) {
  if (merge.target->type != duckdb::TableReferenceType::BASE_TABLE) return {};
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = merge.source->Copy();
  auto query = duckdb::make_uniq<duckdb::SelectStatement>();
  query->node = std::move(node);
  const auto source = ColumnsOf(connection, std::move(query), merge.cte_map);
  if (!source) return {};
  const auto& target = merge.target->Cast<duckdb::BaseTableRef>();
  auto statements =
      PlanFor(connection, {target.catalog_name, target.schema_name, target.table_name}, [&](Evolution& evolution) {
        for (const auto& [condition, actions] : merge.actions) {
          for (const auto& action : actions) BringOf(*action, *source, evolution);
        }
      });
  // Several branches may bring the same column.
  std::vector<std::string> distinct;
  for (std::string& statement : statements) {
    if (std::ranges::find(distinct, statement) == distinct.end()) distinct.push_back(std::move(statement));
  }
  return distinct;
}

}  // namespace

void RegisterSchemaEvolution(duckdb::DatabaseInstance& db) {
  duckdb::DBConfig::GetConfig(db).AddExtensionOption(kSetting, "Writes of rows add the columns that a lake table lacks",
                                                     LogicalType::BOOLEAN, duckdb::Value::BOOLEAN(false));
}

std::vector<std::string> PlanEvolution(duckdb::Connection& connection, const duckdb::SQLStatement& statement) {
  const bool is_insert = statement.type == duckdb::StatementType::INSERT_STATEMENT;
  if (!is_insert && statement.type != duckdb::StatementType::MERGE_INTO_STATEMENT) return {};
  duckdb::Value asked;
  if (!connection.context->TryGetCurrentSetting(kSetting, asked) || asked.IsNull() || !asked.GetValue<bool>())
    return {};
  return is_insert ? PlanInsert(connection, statement.Cast<duckdb::InsertStatement>())
                   : PlanMerge(connection, statement.Cast<duckdb::MergeIntoStatement>());
}

}  // namespace smelt::engine
