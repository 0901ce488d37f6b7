#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <vector>

#include "transform/internal/run/node_run.h"

namespace smelt::transform {
namespace {

/// A type and what all texts of a column match that has it. dbt finds types with agate: these are its rules.
struct TypeRule {
  std::string_view type;
  std::string_view pattern;
};

constexpr std::array kRules = {
    TypeRule{"INTEGER", R"(\s*[-+]?\d+(_\d+)*\s*)"},
    TypeRule{"INTEGER", R"(\s*[-+]?\d+\.?\s*)"},
    TypeRule{"DOUBLE", R"(\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*)"},
    TypeRule{"DATE", R"(\d{4}-\d{1,2}-\d{1,2})"},
    TypeRule{"TIMESTAMP", R"(\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2})"},
    TypeRule{"TIMESTAMP", R"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[-+]\d{2}(:?\d{2})?)?)"},
    TypeRule{"BOOLEAN", R"((?i:true|false))"},
};

std::string ReadCsv(const NodeRun& run, const std::string& options) {
  return fmt::format("read_csv({}, header = true, delim = {}, {})",
                     engine::QuoteLiteral(run.run.project.SeedPath(run.node)),
                     engine::QuoteLiteral(run.node.config.delimiter), options);
}

/// Asks for the number of the first rule that all texts of a column, given as SQL, match.
std::string RuleQuestion(const std::string& column) {
  const std::string given = fmt::format("lower(trim({0})) not in ('', 'null')", column);
  std::string question = "case";
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    question += fmt::format(" when coalesce(bool_and(regexp_full_match({}, {})) filter ({}), true) then {}", column,
                            engine::QuoteLiteral(kRules[i].pattern), given, i);
  }
  return question + " else -1 end";
}

/// The types of the columns whose types nobody named.
Result<std::vector<std::string>> FindTypes(NodeRun& run, const std::vector<std::string>& columns) {
  std::vector<std::string> questions;
  for (const std::string& column : columns) questions.push_back(RuleQuestion(engine::QuoteIdentifier(column)));
  SMELT_ASSIGN(auto answer, run.session.Query(fmt::format("select {} from {}", fmt::join(questions, ", "),
                                                          ReadCsv(run, "all_varchar = true"))));
  std::vector<std::string> types;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::int64_t rule = answer.Int(0, i).value_or(-1);
    types.emplace_back(rule < 0 ? "VARCHAR" : kRules.at(static_cast<std::size_t>(rule)).type);
  }
  return types;
}

}  // namespace

Result<std::string> SeedRows(NodeRun& run) {
  SMELT_ASSIGN(auto header,
               run.session.Query(fmt::format("select * from {} limit 0", ReadCsv(run, "all_varchar = true"))));
  std::vector<std::string> columns;
  for (const engine::ResultColumn& column : header.columns) columns.push_back(column.name);
  SMELT_ASSIGN(std::vector<std::string> types, FindTypes(run, columns));
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto named = run.node.config.column_types.find(columns[i]);
    const std::string& type = named == run.node.config.column_types.end() ? types[i] : named->second;
    list += fmt::format("{}{}: {}", i == 0 ? "" : ", ", engine::QuoteLiteral(columns[i]), engine::QuoteLiteral(type));
  }
  return ReadCsv(run, fmt::format("auto_detect = false, quote = '\"', escape = '\"', columns = {{{}}}", list));
}

}  // namespace smelt::transform
