#include "app/internal/diff_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/internal/terminal/folded_steps.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/table_view.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

/// A value of a sample as text; nothing for null.
std::optional<std::string> CellOf(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

/// A table of samples below a heading; nothing without rows. `total` is how many rows there are.
std::string Sampled(const std::string& heading, TableContent table, std::int64_t total, const Terminal& terminal) {
  if (table.rows.empty()) return {};
  table.rows_total = total;
  return "\n" + Paint(heading, Tone::kStrong, terminal.color) + "\n" +
         RenderTable(table, terminal.size.columns, {.unicode = terminal.unicode, .color = terminal.color});
}

std::string Rows(const std::string& heading, const Json& samples, std::int64_t total, const Terminal& terminal) {
  TableContent table;
  for (const Json& row : samples) {
    if (table.columns.empty()) {
      for (const auto& [name, value] : row.items()) table.columns.push_back({name, value.is_number()});
    }
    auto& cells = table.rows.emplace_back();
    for (const auto& [name, value] : row.items()) cells.push_back(CellOf(value));
  }
  return Sampled(heading, std::move(table), total, terminal);
}

std::string Changes(const quality::DataDiff& diff, const Terminal& terminal) {
  std::string text;
  for (const quality::ColumnDiff& column : diff.columns) {
    if (column.changed == 0) continue;
    TableContent table;
    for (const std::string& name : diff.key) table.columns.push_back({name});
    table.columns.push_back({diff.a == diff.b ? "a" : diff.a});
    table.columns.push_back({diff.a == diff.b ? "b" : diff.b});
    for (const Json& sample : column.samples) {
      auto& cells = table.rows.emplace_back();
      for (const auto& [name, value] : sample["key"].items()) cells.push_back(CellOf(value));
      cells.push_back(CellOf(sample["a"]));
      cells.push_back(CellOf(sample["b"]));
    }
    const std::string heading = fmt::format("{}: {} changed", OneLine(column.name), Counted(column.changed, "value"));
    text += table.rows.empty() ? "\n" + heading + "\n" : Sampled(heading, std::move(table), column.changed, terminal);
  }
  return text;
}

std::string Schema(const quality::SchemaDiff& schema, const Terminal& terminal) {
  TableContent table{.columns = {{"column"}, {"a"}, {"b"}}, .rows = {}, .rows_total = std::ssize(schema.columns)};
  const auto type = [](const std::string& text) { return text.empty() ? std::string("none") : text; };
  for (const auto& column : schema.columns)
    table.rows.push_back({column.name, type(column.type_a), type(column.type_b)});
  return Sampled("Columns that differ", std::move(table), std::ssize(schema.columns), terminal);
}

}  // namespace

std::string RenderDiff(const quality::DataDiff& diff, const Terminal& terminal) {
  std::vector<Figure> figures = {{"rows of a", FormatCount(diff.rows_a)},
                                 {"rows of b", FormatCount(diff.rows_b)},
                                 {"only in a", FormatCount(diff.removed)},
                                 {"only in b", FormatCount(diff.added)}};
  if (!diff.key.empty()) figures.push_back({"changed", FormatCount(diff.changed)});
  figures.push_back({"the same", FormatCount(diff.unchanged)});
  if (diff.repeated_a > 0) figures.push_back({"repeated keys of a", FormatCount(diff.repeated_a)});
  if (diff.repeated_b > 0) figures.push_back({"repeated keys of b", FormatCount(diff.repeated_b)});
  std::string text = fmt::format("a {}\nb {}\n\n", OneLine(diff.a), OneLine(diff.b)) + RenderFigures(figures, terminal);
  text += Schema(diff.schema, terminal) + Changes(diff, terminal);
  text += Rows("Only in a", diff.removed_samples, diff.removed, terminal);
  text += Rows("Only in b", diff.added_samples, diff.added, terminal);
  const std::string verdict = diff.same() ? "the same"
                              : diff.rows_a == diff.unchanged && diff.rows_b == diff.unchanged
                                  ? "the rows are the same, the columns differ"
                                  : "they differ";
  return text + "\n" +
         Paint(fmt::format("{} ({})", verdict, FormatSeconds(diff.seconds)), diff.same() ? Tone::kGood : Tone::kBad,
               terminal.color) +
         "\n";
}

std::string RenderReconciliation(const quality::Reconciliation& result, const Terminal& terminal) {
  TableContent table{.columns = {{"column"}, {"figure"}, {"source", true}, {"landed", true}}, .rows = {}};
  for (const auto& one : result.figures) {
    if (one.holds) continue;
    table.rows.push_back({one.column.empty() ? "all rows" : one.column, one.figure, one.source, one.landed});
  }
  const std::int64_t broken = std::ssize(table.rows);
  std::string text;
  if (broken > 0) {
    text += Sampled("Figures that differ", std::move(table), broken, terminal) + "\n";
  }
  const auto lone = [&](const std::vector<std::string>& columns, std::string_view side) {
    if (!columns.empty()) text += fmt::format("not compared, only in {}: {}\n", side, fmt::join(columns, ", "));
  };
  lone(result.only_source, "the source");
  lone(result.only_landed, "what landed");
  const std::int64_t all = std::ssize(result.figures);
  const std::string verdict = broken == 0 ? fmt::format("{} agree", Counted(all, "figure"))
                                          : fmt::format("{} of {} differ", broken, Counted(all, "figure"));
  return text +
         Paint(fmt::format("{} ({})", verdict, FormatSeconds(result.seconds)), broken == 0 ? Tone::kGood : Tone::kBad,
               terminal.color) +
         "\n";
}

}  // namespace smelt::app
