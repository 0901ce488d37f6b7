// Where rows come from and come together: tables, joins, set operations, common table expressions.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/internal/lineage/plan_trace.h"

namespace smelt::engine {
namespace {

/// Table functions that make rows out of their arguments and read nothing.
bool MakesItsRows(const std::string& function) {
  constexpr std::array<std::string_view, 6> kNames = {"range",  "generate_series", "unnest",
                                                      "repeat", "repeat_row",      "summary"};
  return std::ranges::find(kNames, function) != kNames.end();
}

/// "read_csv('orders.csv')".
std::string CallText(const duckdb::LogicalGet& op) {
  std::string text = op.function.name + "(";
  for (const duckdb::Value& value : op.parameters) {
    text += (text.ends_with('(') ? "" : ", ") + value.ToSQLString();
  }
  return text + ")";
}

std::string NameOf(const duckdb::LogicalGet& op, const duckdb::ColumnIndex& index) {
  const auto position = index.GetPrimaryIndex();
  if (position < op.names.size()) return op.names[position];
  const auto found = op.virtual_columns.find(position);
  return found == op.virtual_columns.end() ? "rowid" : found->second.name;
}

}  // namespace

SourceSet PlanTrace::VisitGet(duckdb::LogicalGet& op) {
  if (!op.children.empty()) return VisitFunctionOfRows(op);
  OriginColumn column;
  if (const auto table = op.GetTable()) {
    column.schema = table->schema.name;
    column.table = table->name;
  } else {
    column.table = CallText(op);
  }
  const bool is_made = column.schema.empty() && MakesItsRows(op.function.name);
  const auto& ids = op.GetColumnIds();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Dependence value;
    column.column = NameOf(op, ids[i]);
    if (!is_made) value.values.emplace(sources_.Add(column), Derivation::kCopy);
    Set(op.table_index, i, std::move(value));
  }
  if (ids.empty()) Set(op.table_index, 0, {});
  return {};
}

SourceSet PlanTrace::VisitFunctionOfRows(duckdb::LogicalGet& op) {
  SourceSet rows = VisitChildren(op);
  Dependence input;
  for (const auto& binding : op.children[0]->GetColumnBindings()) input.Add(At(binding), Derivation::kComputed);
  input.CollectInto(rows);
  for (std::size_t i = 0; i < op.GetColumnIds().size(); ++i) Set(op.table_index, i, input);
  return rows;
}

SourceSet PlanTrace::VisitComparisonJoin(duckdb::LogicalComparisonJoin& op) {
  SourceSet left = Visit(*op.children[0]);
  const bool is_delim = op.type == duckdb::LogicalOperatorType::LOGICAL_DELIM_JOIN;
  if (is_delim) {
    std::vector<Dependence> handed;
    for (const auto& column : op.duplicate_eliminated_columns) handed.push_back(Of(*column));
    delim_.push_back(std::move(handed));
  }
  const SourceSet right = Visit(*op.children[1]);
  if (is_delim) delim_.pop_back();
  Dependence condition;
  for (const auto& part : op.conditions) {
    condition.Add(Of(*part.left), Derivation::kComputed);
    condition.Add(Of(*part.right), Derivation::kComputed);
  }
  if (op.predicate) condition.Add(Of(*op.predicate), Derivation::kComputed);
  return Join(op, std::move(left), right, condition);
}

SourceSet PlanTrace::VisitAnyJoin(duckdb::LogicalAnyJoin& op) {
  SourceSet left = Visit(*op.children[0]);
  const SourceSet right = Visit(*op.children[1]);
  Dependence condition;
  condition.Add(Of(*op.condition), Derivation::kComputed);
  return Join(op, std::move(left), right, condition);
}

SourceSet PlanTrace::Join(duckdb::LogicalJoin& op, SourceSet left, const SourceSet& right,
                          const Dependence& condition) {
  // The joins that subqueries become give each row of the left side exactly once.
  if (op.join_type == duckdb::JoinType::MARK) {
    Dependence mark = condition;
    mark.Influence(right);
    Set(op.mark_index, 0, std::move(mark));
    return left;
  }
  if (op.join_type == duckdb::JoinType::SINGLE) {
    for (const auto& binding : op.children[1]->GetColumnBindings()) {
      Dependence value = At(binding);
      value.AddAsInfluence(condition);
      value.Influence(right);
      for (auto& [name, part] : value.fields) {
        part.AddAsInfluence(condition);
        part.Influence(right);
      }
      Set(binding.table_index, binding.column_index, std::move(value));
    }
    return left;
  }
  left.insert(right.begin(), right.end());
  condition.CollectInto(left);
  return left;
}

SourceSet PlanTrace::VisitDelimGet(duckdb::LogicalDelimGet& op) {
  const auto fits = [&op](const std::vector<Dependence>& handed) { return handed.size() == op.chunk_types.size(); };
  const auto found = std::find_if(delim_.rbegin(), delim_.rend(), fits);
  if (found == delim_.rend()) return VisitUnknown(op);
  SourceSet rows;
  for (std::size_t i = 0; i < op.chunk_types.size(); ++i) {
    (*found)[i].CollectInto(rows);  // each combination of them once
    Set(op.table_index, i, (*found)[i]);
  }
  return rows;
}

SourceSet PlanTrace::VisitSetOperation(duckdb::LogicalSetOperation& op) {
  SourceSet rows = VisitChildren(op);
  const bool is_union = op.type == duckdb::LogicalOperatorType::LOGICAL_UNION;
  std::vector<Dependence> columns(op.column_count);
  for (std::size_t child = 0; child < op.children.size(); ++child) {
    const auto bindings = op.children[child]->GetColumnBindings();
    for (std::size_t i = 0; i < columns.size() && i < bindings.size(); ++i) {
      const Dependence value = At(bindings[i]);
      // Which rows are the same depends on all columns.
      if (!is_union || !op.setop_all) value.CollectInto(rows);
      if (child == 0 || is_union) columns[i].Add(value, Derivation::kCopy);
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) Set(op.table_index, i, std::move(columns[i]));
  return rows;
}

PlanTrace::CommonTable PlanTrace::TableOf(duckdb::LogicalOperator& op, SourceSet rows) {
  CommonTable table;
  for (const auto& binding : op.GetColumnBindings()) table.columns.push_back(At(binding));
  table.rows = std::move(rows);
  return table;
}

SourceSet PlanTrace::VisitRecursiveCte(duckdb::LogicalRecursiveCTE& op) {
  CommonTable table = TableOf(*op.children[0], Visit(*op.children[0]));
  // Until nothing is new: every round can only add, and there are only so many columns to read.
  while (true) {
    common_tables_[op.table_index] = table;
    const CommonTable step = TableOf(*op.children[1], Visit(*op.children[1]));
    CommonTable next = table;
    next.rows.insert(step.rows.begin(), step.rows.end());
    for (std::size_t i = 0; i < next.columns.size() && i < step.columns.size(); ++i) {
      next.columns[i].fields.clear();
      next.columns[i].Add(step.columns[i], Derivation::kCopy);
    }
    // Rows of the step exist where there are rows before it; without ALL, where they are new.
    if (!op.union_all || !op.key_targets.empty()) {
      for (const Dependence& column : next.columns) column.CollectInto(next.rows);
    }
    if (next == table) break;
    table = std::move(next);
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) Set(op.table_index, i, table.columns[i]);
  return table.rows;
}

SourceSet PlanTrace::VisitMaterializedCte(duckdb::LogicalMaterializedCTE& op) {
  SourceSet rows = Visit(*op.children[0]);
  common_tables_[op.table_index] = TableOf(*op.children[0], std::move(rows));
  return Visit(*op.children[1]);
}

SourceSet PlanTrace::VisitCteRef(duckdb::LogicalCTERef& op) {
  const auto found = common_tables_.find(op.cte_index);
  if (found == common_tables_.end() || found->second.columns.size() < op.chunk_types.size()) return VisitUnknown(op);
  for (std::size_t i = 0; i < op.chunk_types.size(); ++i) Set(op.table_index, i, found->second.columns[i]);
  return found->second.rows;
}

}  // namespace smelt::engine
