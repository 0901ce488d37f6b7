#include "transform/internal/run/contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_context.h"
#include "transform/internal/run/input_columns.h"

namespace smelt::transform {
namespace {

std::vector<std::string> TextsOf(const Json& map, const char* key) {
  std::vector<std::string> texts;
  const auto found = map.find(key);
  if (found == map.end() || !found->is_array()) return texts;
  for (const Json& text : *found) texts.push_back(text.is_string() ? text.get<std::string>() : JsonText(text));
  return texts;
}

/// A constraint of a column or of the whole table.
struct Constraint {
  std::string type;  ///< "not_null", "check", "primary_key", "unique", "foreign_key"
  std::vector<std::string> columns;
  Json text;
};

std::vector<Constraint> ConstraintsOf(const Node& node) {
  std::vector<Constraint> constraints;
  for (const Column& column : node.columns) {
    for (const Json& text : column.constraints) {
      if (text.is_object()) constraints.push_back({TextAt(text, "type"), {column.name}, text});
    }
  }
  for (const Json& text : node.constraints) {
    if (text.is_object()) constraints.push_back({TextAt(text, "type"), TextsOf(text, "columns"), text});
  }
  return constraints;
}

bool IsRequired(const Node& node, const std::string& column) {
  return std::ranges::any_of(ConstraintsOf(node), [&](const Constraint& constraint) {
    const bool requires_value = constraint.type == "not_null" || constraint.type == "primary_key";
    return requires_value && std::ranges::find(constraint.columns, column) != constraint.columns.end();
  });
}

/// A column of a contract or of a query.
struct Typed {
  std::string name, type;
};

/// The types of a contract as the engine calls them.
Result<std::vector<Typed>> PromisedColumns(NodeRun& run) {
  const Node& node = run.node;
  const auto refuse = [&node](std::string what, std::string cure) {
    return Fail(Error(ErrorCode::kDbtConfigInvalid, std::move(what)).Hint(std::move(cure)).At(node.file, node.line));
  };
  if (node.columns.empty()) {
    return refuse(fmt::format("the model '{}' has an enforced contract and no columns in it", node.name),
                  "describe every column of the model, with its data_type");
  }
  std::string list;
  for (const Column& column : node.columns) {
    if (column.data_type.empty()) {
      return refuse(
          fmt::format("the contract of '{}' does not say the type of the column '{}'", node.name, column.name),
          "add data_type to it");
    }
    list += fmt::format("{}cast(null as {}) as {}", list.empty() ? "" : ", ", column.data_type,
                        engine::QuoteIdentifier(column.name));
  }
  auto found = ColumnsOfQuery(run.session, "select " + list);
  if (!found) {
    return refuse(fmt::format("the types in the contract of '{}': {}", node.name, found.error().message()),
                  found.error().hint());
  }
  std::vector<Typed> columns;
  for (std::size_t i = 0; i < found->size(); ++i) columns.push_back({node.columns[i].name, (*found)[i].type});
  return columns;
}

/// What does not fit between a contract and a query, as rows of a table: name, type in the query, type in the contract,
/// reason.
std::vector<std::array<std::string, 4>> Mismatches(const std::vector<Typed>& promised, const NamedTypes& made) {
  std::vector<std::array<std::string, 4>> rows;
  for (const engine::ResultColumn& column : made) {
    const auto match = std::ranges::find(promised, column.name, &Typed::name);
    if (match == promised.end()) {
      rows.push_back({column.name, column.type, "", "missing in contract"});
    } else if (match->type != column.type) {
      rows.push_back({column.name, column.type, match->type, "data type mismatch"});
    }
  }
  for (const Typed& column : promised) {
    const bool is_made = std::ranges::find(made, column.name, &engine::ResultColumn::name) != made.end();
    if (!is_made) rows.push_back({column.name, "", column.type, "missing in definition"});
  }
  std::ranges::sort(rows);
  return rows;
}

std::string DrawTable(std::vector<std::array<std::string, 4>> rows) {
  rows.insert(rows.begin(), {"column_name", "definition_type", "contract_type", "mismatch_reason"});
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths.at(i) = std::max(widths.at(i), row.at(i).size());
  }
  std::string text;
  const auto add = [&](const std::array<std::string, 4>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) text += fmt::format("| {:<{}} ", row.at(i), widths.at(i));
    text += "|\n";
  };
  add(rows.front());
  std::array<std::string, 4> rule;
  for (std::size_t i = 0; i < rule.size(); ++i) rule.at(i) = std::string(widths.at(i), '-');
  add(rule);
  for (std::size_t i = 1; i < rows.size(); ++i) add(rows[i]);
  return text;
}

std::string ColumnList(const std::vector<std::string>& columns, std::string_view prefix = {}) {
  std::string list;
  for (const std::string& column : columns) {
    list += fmt::format("{}{}{}", list.empty() ? "" : ", ", prefix, engine::QuoteIdentifier(column));
  }
  return list;
}

/// A question for one example of rows that break a key; empty: the constraint is none that is asked for.
/// `to` is the table of a foreign key, as SQL.
std::string KeyQuestion(const Node& node, const Constraint& constraint, const std::string& to) {
  if (constraint.columns.empty()) return "";
  const std::string table = node.relation.Sql(), key = ColumnList(constraint.columns);
  std::string all_there;
  for (const std::string& column : constraint.columns) {
    all_there += fmt::format("{}{} is not null", all_there.empty() ? "" : " and ", engine::QuoteIdentifier(column));
  }
  if (constraint.type == "primary_key" || constraint.type == "unique") {
    return fmt::format("select {0} from {1} where {2} group by {0} having count(*) > 1 limit 1", key, table, all_there);
  }
  const std::vector<std::string> to_columns = TextsOf(constraint.text, "to_columns");
  if (constraint.type != "foreign_key" || to.empty() || to_columns.size() != constraint.columns.size()) return "";
  std::string matches;
  for (std::size_t i = 0; i < to_columns.size(); ++i) {
    matches += fmt::format("{}child.{} = parent.{}", matches.empty() ? "" : " and ",
                           engine::QuoteIdentifier(constraint.columns[i]), engine::QuoteIdentifier(to_columns[i]));
  }
  return fmt::format("select {} from {} as child anti join {} as parent on {} where {} limit 1",
                     ColumnList(constraint.columns, "child."), table, to, matches, all_there);
}

/// The table that a foreign key refers to: a name, or what a ref() or source() stands for.
Result<std::string> ForeignTable(const NodeRun& run, const Constraint& constraint) {
  std::string to = TextAt(constraint.text, "to");
  const bool is_call = to.starts_with("ref(") || to.starts_with("source(");
  if (!is_call) return to;
  SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate("{{ " + to + " }}", run.node.file));
  RenderFindings findings;
  RenderContext context(run.run.project.state(), &run.node, RenderPhase::kRun, findings);
  return RenderIn(context, parsed, nullptr);
}

}  // namespace

bool HasContract(const Node& node) {
  const auto contract = node.config.all.find("contract");
  return contract != node.config.all.end() && contract->is_object() && contract->value("enforced", false);
}

Status CheckContract(NodeRun& run, const std::string& sql) {
  if (!HasContract(run.node)) return {};
  SMELT_ASSIGN(const std::vector<Typed> promised, PromisedColumns(run));
  SMELT_ASSIGN(const NamedTypes made, ColumnsOfQuery(run.session, sql));
  const auto mismatches = Mismatches(promised, made);
  if (mismatches.empty()) return {};
  return Fail(Error(ErrorCode::kDbtConfigInvalid,
                    fmt::format("the query of '{}' does not have the columns that its contract promises:\n\n{}",
                                run.node.name, DrawTable(mismatches)))
                  .Hint("make names, types and number of the columns the same in the query and in the contract")
                  .At(run.node.file, run.node.line));
}

std::string ContractDefinition(const Node& node) {
  std::string list;
  for (const Column& column : node.columns) {
    list += fmt::format("{}{} {}{}", list.empty() ? "" : ", ", engine::QuoteIdentifier(column.name), column.data_type,
                        IsRequired(node, column.name) ? " not null" : "");
  }
  for (const Constraint& constraint : ConstraintsOf(node)) {
    const std::string expression = TextAt(constraint.text, "expression");
    if (constraint.type == "check" && !expression.empty()) list += fmt::format(", check ({})", expression);
  }
  return list;
}

std::string ContractColumns(const Node& node) {
  std::vector<std::string> columns;
  for (const Column& column : node.columns) columns.push_back(column.name);
  return ColumnList(columns);
}

Result<Json> KeyChecks(const NodeRun& run) {
  Json checks = Json::array();
  for (const Constraint& constraint : ConstraintsOf(run.node)) {
    SMELT_ASSIGN(const std::string to, ForeignTable(run, constraint));
    const std::string question = KeyQuestion(run.node, constraint, to);
    if (question.empty()) continue;
    checks.push_back({{"question", question},
                      {"complaint", fmt::format("rows of {} break the constraint {} ({}):", run.node.relation.Text(),
                                                constraint.type, fmt::join(constraint.columns, ", "))},
                      {"why", constraint.type == "foreign_key" ? "is not there" : "is there several times"}});
  }
  return checks;
}

Status AddContract(const NodeRun& run, std::map<std::string, std::string>& values) {
  if (!HasContract(run.node)) return {};
  SMELT_ASSIGN(const Json checks, KeyChecks(run));
  values["smelt_contract"] = ContractDefinition(run.node);
  values["smelt_contract_columns"] = ContractColumns(run.node);
  values["smelt_key_checks"] = JsonText(checks);
  return {};
}

}  // namespace smelt::transform
