#include "engine/internal/row_rules.h"

#include <fmt/format.h>

#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/planner/binder.hpp>
#include <duckdb/planner/expression_binder/check_binder.hpp>

#include "engine/internal/error_bridge.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

constexpr std::size_t kShownValueBytes = 80;

/// The expression of a column's `delta.invariants`: JSON within JSON.
Result<std::string> InvariantSql(const delta::Field& field, const Json& text) {
  Json parsed = text.is_string() ? JsonOrDiscarded(text.get<std::string>()) : Json();
  Json outer = parsed.is_object() ? parsed.value("expression", Json()) : Json();
  Json inner = outer.is_object() ? outer.value("expression", Json()) : Json();
  if (!inner.is_string()) {
    return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the invariant of column '{}' is not readable", field.name));
  }
  return inner.get<std::string>();
}

Result<std::int64_t> IdentityNumber(const delta::Field& field, const char* key) {
  const Json& value = field.metadata.at(key);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return Fail(ErrorCode::kDeltaCorrupt, fmt::format("{} of column '{}' is not a whole number", key, field.name));
}

Result<std::optional<IdentityColumn>> IdentityOf(const delta::Field& field, std::size_t column) {
  if (!field.metadata.contains("delta.identity.start")) return std::optional<IdentityColumn>();
  IdentityColumn identity;
  identity.column = column;
  SMELT_ASSIGN(identity.start, IdentityNumber(field, "delta.identity.start"));
  if (field.metadata.contains("delta.identity.step")) {
    SMELT_ASSIGN(identity.step, IdentityNumber(field, "delta.identity.step"));
  }
  if (field.metadata.contains("delta.identity.highWaterMark")) {
    SMELT_ASSIGN(identity.high_water_mark, IdentityNumber(field, "delta.identity.highWaterMark"));
  }
  auto allowed = field.metadata.find("delta.identity.allowExplicitInsert");
  identity.explicit_allowed = allowed != field.metadata.end() && *allowed == true;
  return std::optional(identity);
}

/// Invariants of a column and of the fields within it.
Status ReadInvariants(const delta::Field& field, RowRules& rules) {
  if (auto invariant = field.metadata.find("delta.invariants"); invariant != field.metadata.end()) {
    SMELT_ASSIGN(std::string sql, InvariantSql(field, *invariant));
    rules.checks.push_back({field.name, FromSparkSql(sql)});
  }
  for (const delta::Field& child : field.type.fields) SMELT_TRY(ReadInvariants(child, rules));
  return {};
}

Status ReadColumnRules(const delta::Field& field, std::size_t column, RowRules& rules) {
  SMELT_TRY(ReadInvariants(field, rules));
  auto generation = field.metadata.find("delta.generationExpression");
  if (generation != field.metadata.end() && generation->is_string()) {
    rules.generated.push_back({column, FromSparkSql(generation->get<std::string>())});
  }
  auto fallback = field.metadata.find("CURRENT_DEFAULT");
  if (fallback != field.metadata.end() && fallback->is_string()) {
    rules.defaults.push_back({column, FromSparkSql(fallback->get<std::string>())});
  }
  SMELT_ASSIGN(auto identity, IdentityOf(field, column));
  if (identity) rules.identities.push_back(*identity);
  return {};
}

duckdb::ColumnList ColumnsOf(const TableShape& shape) {
  duckdb::ColumnList columns;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    columns.AddColumn(duckdb::ColumnDefinition(shape.names[i], shape.types[i]));
  }
  return columns;
}

/// Writes "s.x", which the binder of constraints takes for a column of a table s, as what it is where s is a column.
void NameFields(duckdb::unique_ptr<duckdb::ParsedExpression>& expression, const duckdb::ColumnList& columns) {
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
    const auto names = expression->Cast<duckdb::ColumnRefExpression>().column_names;
    if (names.size() < 2 || !columns.ColumnExists(names[0])) return;
    expression = duckdb::make_uniq<duckdb::ColumnRefExpression>(names[0]);
    for (std::size_t i = 1; i < names.size(); ++i) {
      duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
      arguments.push_back(std::move(expression));
      arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(names[i])));
      expression = duckdb::make_uniq<duckdb::FunctionExpression>("struct_extract", std::move(arguments));
    }
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      *expression, [&](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { NameFields(child, columns); });
}

}  // namespace

Result<std::int64_t> IdentityColumn::Next() const {
  if (!high_water_mark) return start;
  std::int64_t next = 0;
  if (__builtin_add_overflow(*high_water_mark, step, &next)) {
    return Fail(ErrorCode::kSqlRuntime, "the identity column has run out of numbers");
  }
  return next;
}

const RowRules::Generated* RowRules::GeneratedAt(std::size_t column) const {
  auto found = std::ranges::find(generated, column, &Generated::column);
  return found == generated.end() ? nullptr : &*found;
}

const IdentityColumn* RowRules::IdentityAt(std::size_t column) const {
  auto found = std::ranges::find(identities, column, &IdentityColumn::column);
  return found == identities.end() ? nullptr : &*found;
}

Result<RowRules> ReadRules(const delta::Metadata& metadata, std::span<const delta::Field> columns) {
  RowRules rules;
  for (const auto& [key, value] : metadata.configuration) {
    if (!key.starts_with(kConstraintPrefix)) continue;
    rules.checks.push_back({key.substr(kConstraintPrefix.size()), FromSparkSql(value)});
  }
  for (std::size_t i = 0; i < columns.size(); ++i) SMELT_TRY(ReadColumnRules(columns[i], i, rules));
  return rules;
}

Result<RowRules> ReadRules(const delta::Metadata& metadata) {
  SMELT_ASSIGN(const delta::Schema schema, delta::ParseSchema(metadata.schema_string));
  std::vector<delta::Field> columns;
  for (const delta::Field* column : schema.Columns()) columns.push_back(*column);
  return ReadRules(metadata, columns);
}

duckdb::unique_ptr<duckdb::ParsedExpression> ParseDefault(const RowRules::Default& rule) {
  try {
    auto parsed = duckdb::Parser::ParseExpressionList(rule.sql);
    return parsed.size() == 1 ? std::move(parsed[0]) : nullptr;
  } catch (const std::exception&) {
    return nullptr;
  }
}

std::string FromSparkSql(std::string_view sql) {
  std::string result;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char quote = sql[i];
    if (quote != '`' && quote != '"' && quote != '\'') {
      result += quote;
      continue;
    }
    // Spark: `name`, "text" and 'text'; DuckDB: "name" and 'text'. A doubled quote stands for itself in both.
    const char other = quote == '`' ? '"' : '\'';
    result += other;
    for (++i; i < sql.size(); ++i) {
      const bool doubled = sql[i] == quote && i + 1 < sql.size() && sql[i + 1] == quote;
      if (sql[i] == quote && !doubled) break;
      if (doubled) ++i;
      result += sql[i];
      if (sql[i] == other) result += other;
    }
    result += other;
  }
  return result;
}

std::string ToSparkSql(std::string_view sql) {
  constexpr std::string_view kTextType = "AS VARCHAR)";
  std::string result;
  char quote = 0;  // that the text at hand stands within; a doubled one ends it and begins it again
  for (std::size_t i = 0; i < sql.size(); ++i) {
    char c = sql[i];
    if (quote == 0 && sql.substr(i).starts_with(kTextType)) {
      result += "AS STRING)";
      i += kTextType.size() - 1;
      continue;
    }
    const bool is_quote = (c == '"' || c == '\'') && (quote == 0 || quote == c);
    if (is_quote) quote = quote == 0 ? c : 0;
    result += is_quote && c == '"' ? '`' : c;
  }
  return result;
}

BoundRules::BoundRules(duckdb::ClientContext& context, const std::string& table, const TableShape& shape,
                       const RowRules& rules, const std::vector<bool>& given)
    : table_(table), shape_(shape), columns_(ColumnsOf(shape)) {
  for (const RowRules::Check& check : rules.checks) AddCheck(context, check.name, check.sql);
  for (const RowRules::Generated& generated : rules.generated) {
    const std::string& name = shape.names[generated.column];
    if (given[generated.column]) {
      AddCheck(context, name, fmt::format("{} is not distinct from ({})", QuoteIdentifier(name), generated.sql));
    } else {
      duckdb::physical_index_set_t unused;
      computed_.push_back(generated.column);
      computed_expressions_.push_back(Bind(context, generated.sql, shape.types[generated.column], unused));
    }
  }
}

void BoundRules::AddCheck(duckdb::ClientContext& context, std::string name, std::string sql) {
  duckdb::physical_index_set_t columns;
  check_expressions_.push_back(Bind(context, sql, duckdb::LogicalType::BOOLEAN, columns));
  Check check{std::move(name), std::move(sql), {}};
  for (const duckdb::PhysicalIndex& column : columns) check.columns.push_back(column.index);
  std::ranges::sort(check.columns);
  checks_.push_back(std::move(check));
}

duckdb::unique_ptr<duckdb::Expression> BoundRules::Bind(duckdb::ClientContext& context, const std::string& sql,
                                                        const duckdb::LogicalType& type,
                                                        duckdb::physical_index_set_t& columns) {
  std::string cause;
  try {
    auto parsed = duckdb::Parser::ParseExpressionList(sql);
    if (parsed.size() == 1) {
      NameFields(parsed[0], columns_);
      auto binder = duckdb::Binder::CreateBinder(context);
      duckdb::CheckBinder checker(*binder, context, table_, columns_, columns);
      checker.target_type = type;
      return checker.Bind(parsed[0]);
    }
    cause = "it is not one expression";
  } catch (const std::exception&) {
    cause = FromCurrentException().message();
  }
  Throw(Error(ErrorCode::kDeltaUnsupported, fmt::format("smelt cannot evaluate the expression \"{}\" of {}, which its "
                                                        "rows must obey: {}",
                                                        sql, table_, cause))
            .Hint("write to this table with the engine that defined the expression"));
}

RuleExecutor::RuleExecutor(duckdb::ClientContext& context, const BoundRules& rules)
    : rules_(rules), computing_(context, rules.computed_expressions_), checking_(context, rules.check_expressions_) {
  duckdb::vector<duckdb::LogicalType> types;
  for (std::size_t column : rules.computed_) types.push_back(rules.shape_.types[column]);
  if (!types.empty()) computed_.Initialize(context, types);
  types.assign(rules.checks_.size(), duckdb::LogicalType::BOOLEAN);
  if (!types.empty()) verdicts_.Initialize(context, types);
}

void RuleExecutor::Compute(duckdb::DataChunk& rows) {
  if (rules_.computed_.empty()) return;
  computed_.Reset();
  computing_.Execute(rows, computed_);
  for (std::size_t i = 0; i < rules_.computed_.size(); ++i) {
    rows.data[rules_.computed_[i]].Reference(computed_.data[i]);
  }
}

void RuleExecutor::Check(duckdb::DataChunk& rows) {
  if (rules_.checks_.empty()) return;
  verdicts_.Reset();
  checking_.Execute(rows, verdicts_);
  for (std::size_t i = 0; i < rules_.checks_.size(); ++i) {
    duckdb::UnifiedVectorFormat verdict;
    verdicts_.data[i].ToUnifiedFormat(rows.size(), verdict);
    const bool* holds = duckdb::UnifiedVectorFormat::GetData<bool>(verdict);
    for (duckdb::idx_t row = 0; row < rows.size(); ++row) {
      duckdb::idx_t at = verdict.sel->get_index(row);
      if (!verdict.validity.RowIsValid(at) || !holds[at]) Refuse(rules_.checks_[i], rows, row);
    }
  }
}

void RuleExecutor::Refuse(const BoundRules::Check& check, const duckdb::DataChunk& rows, duckdb::idx_t row) const {
  std::string values;
  for (std::size_t column : check.columns) {
    std::string value = rows.data[column].GetValue(row).ToString();
    if (value.size() > kShownValueBytes) value = value.substr(0, kShownValueBytes) + "…";
    values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", rules_.shape_.names[column], value);
  }
  Throw(Error(ErrorCode::kSqlConstraint, fmt::format("a row breaks the constraint '{}' of {}, {}{}{}", check.name,
                                                     rules_.table_, check.sql, values.empty() ? "" : ": ", values)));
}

}  // namespace smelt::engine
