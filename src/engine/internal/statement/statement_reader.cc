#include "engine/internal/statement/statement_reader.h"

#include <fmt/format.h>

#include <duckdb/function/scalar_macro_function.hpp>
#include <duckdb/function/table_macro_function.hpp>
#include <duckdb/main/client_data.hpp>
#include <duckdb/main/prepared_statement_data.hpp>
#include <duckdb/parser/constraints/check_constraint.hpp>
#include <duckdb/parser/parsed_data/alter_info.hpp>
#include <duckdb/parser/parsed_data/create_macro_info.hpp>
#include <duckdb/parser/parsed_data/create_type_info.hpp>
#include <duckdb/parser/parsed_data/pragma_info.hpp>
#include <duckdb/parser/statement/list.hpp>
#include <duckdb/parser/statement/multi_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <utility>

#include "engine/internal/statement/function_reach.h"

namespace smelt::engine {
namespace {

using duckdb::CatalogType;
using duckdb::StatementType;

StatementKind KindOf(StatementType type) {
  switch (type) {
    case StatementType::SELECT_STATEMENT: return StatementKind::kSelect;
    case StatementType::INSERT_STATEMENT: return StatementKind::kInsert;
    case StatementType::UPDATE_STATEMENT: return StatementKind::kUpdate;
    case StatementType::DELETE_STATEMENT: return StatementKind::kDelete;
    case StatementType::MERGE_INTO_STATEMENT: return StatementKind::kMerge;
    case StatementType::CREATE_STATEMENT:
    case StatementType::ALTER_STATEMENT:
    case StatementType::DROP_STATEMENT: return StatementKind::kDefinition;
    case StatementType::COPY_STATEMENT: return StatementKind::kCopy;
    case StatementType::CALL_STATEMENT: return StatementKind::kCall;
    case StatementType::SET_STATEMENT:
    case StatementType::VARIABLE_SET_STATEMENT: return StatementKind::kSet;
    case StatementType::TRANSACTION_STATEMENT: return StatementKind::kTransaction;
    case StatementType::PREPARE_STATEMENT:
    case StatementType::EXECUTE_STATEMENT: return StatementKind::kPrepare;
    case StatementType::EXPLAIN_STATEMENT: return StatementKind::kExplain;
    default: return StatementKind::kOther;
  }
}

}  // namespace

void StatementReader::Refuse(std::string what) {
  info_.kind = StatementKind::kOther;
  references_.Outside(std::move(what));
}

void StatementReader::Read(duckdb::SQLStatement& statement) {
  info_.kind = KindOf(statement.type);
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT: return references_.ReadQuery(*statement.Cast<duckdb::SelectStatement>().node);
    case StatementType::INSERT_STATEMENT: return ReadInsert(statement);
    case StatementType::UPDATE_STATEMENT: return ReadUpdate(statement);
    case StatementType::DELETE_STATEMENT: return ReadDelete(statement);
    case StatementType::MERGE_INTO_STATEMENT: return ReadMerge(statement);
    case StatementType::CREATE_STATEMENT: return ReadCreate(statement);
    case StatementType::ALTER_STATEMENT: return ReadAlter(statement);
    case StatementType::DROP_STATEMENT: return ReadDrop(statement);
    case StatementType::COPY_STATEMENT: return ReadCopy(statement);
    case StatementType::CALL_STATEMENT:
      return references_.ReadTableFunction(*statement.Cast<duckdb::CallStatement>().function);
    case StatementType::SET_STATEMENT:
    case StatementType::VARIABLE_SET_STATEMENT: return ReadSet(statement);
    case StatementType::TRANSACTION_STATEMENT: info_.changes_session = true; return;
    case StatementType::PRAGMA_STATEMENT: return ReadPragma(statement);
    case StatementType::PREPARE_STATEMENT:
      Read(*statement.Cast<duckdb::PrepareStatement>().statement);
      info_.kind = StatementKind::kPrepare;
      info_.changes_session = true;
      return;
    case StatementType::EXECUTE_STATEMENT: return ReadExecute(statement);
    case StatementType::EXPLAIN_STATEMENT:
      Read(*statement.Cast<duckdb::ExplainStatement>().stmt);
      info_.kind = StatementKind::kExplain;
      return;
    case StatementType::MULTI_STATEMENT: return ReadMany(statement);
    default: {
      std::string type = duckdb::StatementTypeToString(statement.type);
      return Refuse(std::move(type));
    }
  }
}

void StatementReader::ReadMany(duckdb::SQLStatement& statement) {
  // PIVOT without a list of values makes a type of the values first.
  StatementKind kind = StatementKind::kOther;
  for (auto& part : statement.Cast<duckdb::MultiStatement>().statements) {
    Read(*part);
    if (part->type == StatementType::SELECT_STATEMENT) kind = StatementKind::kSelect;
  }
  info_.kind = kind;
}

void StatementReader::ReadInsert(duckdb::SQLStatement& statement) {
  auto& insert = statement.Cast<duckdb::InsertStatement>();
  references_.ReadTableExpressions(insert.cte_map);
  if (insert.select_statement) references_.ReadQuery(*insert.select_statement->node);
  references_.ReadExpressions(insert.returning_list);
  if (insert.on_conflict_info) {
    ReadSetInfo(insert.on_conflict_info->set_info.get());
    if (insert.on_conflict_info->condition) references_.ReadExpression(*insert.on_conflict_info->condition);
  }
  references_.Write({insert.catalog, insert.schema, insert.table}, false);
}

void StatementReader::ReadSetInfo(duckdb::UpdateSetInfo* info) {
  if (info == nullptr) return;
  if (info->condition) references_.ReadExpression(*info->condition);
  references_.ReadExpressions(info->expressions);
}

void StatementReader::ReadUpdate(duckdb::SQLStatement& statement) {
  auto& update = statement.Cast<duckdb::UpdateStatement>();
  references_.ReadTableExpressions(update.cte_map);
  references_.WriteRef(*update.table);
  if (update.from_table) references_.ReadRef(*update.from_table);
  ReadSetInfo(update.set_info.get());
  references_.ReadExpressions(update.returning_list);
}

void StatementReader::ReadDelete(duckdb::SQLStatement& statement) {
  auto& deletion = statement.Cast<duckdb::DeleteStatement>();
  references_.ReadTableExpressions(deletion.cte_map);
  references_.WriteRef(*deletion.table);
  for (auto& ref : deletion.using_clauses) references_.ReadRef(*ref);
  if (deletion.condition) references_.ReadExpression(*deletion.condition);
  references_.ReadExpressions(deletion.returning_list);
}

void StatementReader::ReadMerge(duckdb::SQLStatement& statement) {
  auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
  references_.ReadTableExpressions(merge.cte_map);
  references_.WriteRef(*merge.target);
  references_.ReadRef(*merge.source);
  if (merge.join_condition) references_.ReadExpression(*merge.join_condition);
  for (auto& [when, actions] : merge.actions) {
    for (auto& action : actions) {
      if (action->condition) references_.ReadExpression(*action->condition);
      ReadSetInfo(action->update_info.get());
      references_.ReadExpressions(action->expressions);
    }
  }
  references_.ReadExpressions(merge.returning_list);
}

void StatementReader::ReadCreate(duckdb::SQLStatement& statement) {
  duckdb::CreateInfo& info = *statement.Cast<duckdb::CreateStatement>().info;
  switch (info.type) {
    case CatalogType::TABLE_ENTRY: return ReadCreateTable(info);
    case CatalogType::VIEW_ENTRY: {
      auto& view = info.Cast<duckdb::CreateViewInfo>();
      if (view.query) references_.ReadQuery(*view.query->node);
      return references_.Write({info.catalog, info.schema, view.view_name}, info.temporary);
    }
    case CatalogType::MACRO_ENTRY:
    case CatalogType::TABLE_MACRO_ENTRY: return ReadCreateMacro(info);
    case CatalogType::TYPE_ENTRY: {
      auto& type = info.Cast<duckdb::CreateTypeInfo>();
      if (type.query && type.query->type == StatementType::SELECT_STATEMENT) {
        references_.ReadQuery(*type.query->Cast<duckdb::SelectStatement>().node);
      }
      return references_.Write({info.catalog, info.schema, ""}, info.temporary);
    }
    case CatalogType::SCHEMA_ENTRY:
    case CatalogType::SEQUENCE_ENTRY:
    case CatalogType::INDEX_ENTRY: return references_.Write({info.catalog, info.schema, ""}, info.temporary);
    default: return Refuse(fmt::format("CREATE {}", duckdb::CatalogTypeToString(info.type)));
  }
}

void StatementReader::ReadCreateTable(duckdb::CreateInfo& info) {
  auto& table = info.Cast<duckdb::CreateTableInfo>();
  if (table.query) references_.ReadQuery(*table.query->node);
  for (const auto& column : table.columns.Logical()) {
    if (column.Generated()) {
      references_.ReadExpression(column.GeneratedExpression());
    } else if (column.HasDefaultValue()) {
      references_.ReadExpression(column.DefaultValue());
    }
  }
  for (const auto& constraint : table.constraints) {
    if (constraint->type != duckdb::ConstraintType::CHECK) continue;
    references_.ReadExpression(*constraint->Cast<duckdb::CheckConstraint>().expression);
  }
  references_.Write({info.catalog, info.schema, table.table}, info.temporary);
}

void StatementReader::ReadCreateMacro(duckdb::CreateInfo& info) {
  for (auto& macro : info.Cast<duckdb::CreateMacroInfo>().macros) {
    if (macro->type == duckdb::MacroType::SCALAR_MACRO) {
      references_.ReadExpression(*macro->Cast<duckdb::ScalarMacroFunction>().expression);
    } else {
      references_.ReadQuery(*macro->Cast<duckdb::TableMacroFunction>().query_node);
    }
  }
  references_.Write({info.catalog, info.schema, ""}, info.temporary);
}

void StatementReader::ReadAlter(duckdb::SQLStatement& statement) {
  const duckdb::AlterInfo& info = *statement.Cast<duckdb::AlterStatement>().info;
  if (info.type == duckdb::AlterType::ALTER_DATABASE) return Refuse("ALTER DATABASE");
  references_.Write({info.catalog, info.schema, info.name}, false);
}

void StatementReader::ReadDrop(duckdb::SQLStatement& statement) {
  const duckdb::DropInfo& info = *statement.Cast<duckdb::DropStatement>().info;
  switch (info.type) {
    case CatalogType::PREPARED_STATEMENT:
      info_.kind = StatementKind::kPrepare;
      info_.changes_session = true;
      return;
    case CatalogType::TABLE_ENTRY:
    case CatalogType::VIEW_ENTRY: return references_.Write({info.catalog, info.schema, info.name}, false);
    // Of a schema, the name is what stands where others have theirs.
    case CatalogType::SCHEMA_ENTRY: return references_.Write({info.catalog, info.name, ""}, false);
    case CatalogType::MACRO_ENTRY:
    case CatalogType::TABLE_MACRO_ENTRY:
    case CatalogType::TYPE_ENTRY:
    case CatalogType::SEQUENCE_ENTRY:
    case CatalogType::INDEX_ENTRY: return references_.Write({info.catalog, info.schema, ""}, false);
    default: return Refuse(fmt::format("DROP {}", duckdb::CatalogTypeToString(info.type)));
  }
}

void StatementReader::ReadCopy(duckdb::SQLStatement& statement) {
  duckdb::CopyInfo& info = *statement.Cast<duckdb::CopyStatement>().info;
  if (info.select_statement) references_.ReadQuery(*info.select_statement);
  if (!info.table.empty()) {
    if (info.is_from) {
      references_.Write({info.catalog, info.schema, info.table}, false);
    } else {
      duckdb::BaseTableRef ref;
      ref.catalog_name = info.catalog;
      ref.schema_name = info.schema;
      ref.table_name = info.table;
      references_.ReadRef(ref);
    }
  }
  references_.Outside(info.is_from ? "COPY FROM a file" : "COPY TO a file");
}

void StatementReader::ReadSet(duckdb::SQLStatement& statement) {
  const auto& set = statement.Cast<duckdb::SetStatement>();
  info_.changes_session = true;
  if (set.set_type == duckdb::SetType::SET) {
    const auto& value = statement.Cast<duckdb::SetVariableStatement>().value;
    if (value) references_.ReadExpression(*value);
  }
  if (set.scope == duckdb::SetScope::VARIABLE) return;
  const bool global = set.scope == duckdb::SetScope::GLOBAL;
  info_.settings.push_back((global ? "global " : "") + duckdb::StringUtil::Lower(set.name));
}

void StatementReader::ReadPragma(duckdb::SQLStatement& statement) {
  const std::string name = duckdb::StringUtil::Lower(statement.Cast<duckdb::PragmaStatement>().info->name);
  if (!IsTellingPragma(name)) return Refuse("PRAGMA " + name);
  info_.kind = StatementKind::kSelect;
  info_.reads_catalog = true;
  info_.repeatable = false;
}

void StatementReader::ReadExecute(duckdb::SQLStatement& statement) {
  auto& execute = statement.Cast<duckdb::ExecuteStatement>();
  for (const auto& [name, value] : execute.named_values) references_.ReadExpression(*value);
  const auto& prepared = duckdb::ClientData::Get(context_).prepared_statements;
  const auto found = prepared.find(execute.name);
  if (found != prepared.end() && found->second->unbound_statement) Read(*found->second->unbound_statement->Copy());
  info_.kind = StatementKind::kPrepare;
}

}  // namespace smelt::engine
