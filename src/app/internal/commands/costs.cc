#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "app/internal/command.h"
#include "app/internal/prices.h"
#include "app/internal/terminal/table_view.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "state/run_history.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

struct CostsRequest {
  int days = 30;
  std::string by = "pipeline";
};

/// A line of the answer: something that work was done for, or a table that is kept.
struct CostLine {
  std::string name = {}, kind = {};
  std::int64_t times = 0;
  Usage usage = {};
  std::int64_t stored_bytes = -1;  ///< -1: nothing is kept
  double cost = 0;
};

/// What a usage is counted for: the pipeline, the task, or the step, which is a model, a load or a suite.
std::pair<std::string, std::string> Bucket(const state::UsageTotal& total, const std::string& by) {
  if (by == "pipeline") return {total.pipeline, "pipeline"};
  if (by == "task" || total.step.empty()) return {total.pipeline + "." + total.task, "task"};
  return {total.step, total.kind};
}

Result<std::vector<CostLine>> OfWork(const state::StoreAddress& address, const CostsRequest& request,
                                     const Prices& prices) {
  SMELT_ASSIGN(const auto history, state::RunHistory::Open(address));
  SMELT_ASSIGN(const auto totals, history->UsageSince(NowMicros() - request.days * kDayUs));
  std::map<std::pair<std::string, std::string>, CostLine> lines;
  for (const state::UsageTotal& total : totals) {
    const auto key = Bucket(total, request.by);
    CostLine& line = lines[key];
    line.name = key.first;
    line.kind = key.second;
    line.times += total.times;
    line.usage += total.usage;
  }
  std::vector<CostLine> sorted;
  for (auto& [key, line] : lines) {
    line.cost = prices.Of(line.usage);
    sorted.push_back(std::move(line));
  }
  return sorted;
}

Result<std::vector<CostLine>> OfTables(engine::Engine& engine, const Prices& prices) {
  SMELT_ASSIGN(const auto tables, engine.Tables());
  std::vector<CostLine> lines;
  for (const engine::TableInfo& table : tables) {
    if (table.is_view) continue;
    CostLine line{.name = table.schema + "." + table.table, .kind = "table"};
    line.stored_bytes = table.bytes;
    line.cost = prices.OfStorage(table.bytes);
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The dearest first; without prices, what takes the most.
void Sort(std::vector<CostLine>& lines) {
  std::ranges::stable_sort(lines, [](const CostLine& a, const CostLine& b) {
    if (a.cost != b.cost) return a.cost > b.cost;
    if (a.usage.cpu_seconds != b.usage.cpu_seconds) return a.usage.cpu_seconds > b.usage.cpu_seconds;
    return a.stored_bytes > b.stored_bytes;
  });
}

void PrintJson(const std::vector<CostLine>& lines, const Prices& prices) {
  for (const CostLine& line : lines) {
    Json object = {{"name", line.name}, {"kind", line.kind}};
    if (line.stored_bytes >= 0) {
      object["stored_bytes"] = line.stored_bytes;
    } else {
      object["times"] = line.times;
      object["cpu_seconds"] = line.usage.cpu_seconds;
      object["bytes_read"] = line.usage.bytes_read;
      object["bytes_written"] = line.usage.bytes_written;
    }
    if (prices.known()) {
      object["cost"] = line.cost;
      object["currency"] = prices.currency;
    }
    std::cout << JsonText(object) << "\n";
  }
}

void PrintTable(const std::vector<CostLine>& lines, const CostsRequest& request, const Prices& prices) {
  const bool of_tables = request.by == "table";
  TableContent table{.columns = {{request.by}}, .rows = {}};
  if (request.by == "step") table.columns.push_back({"kind"});
  if (of_tables) {
    table.columns.push_back({"stored", true});
  } else {
    for (const char* name : {request.by == "step" ? "times" : "steps", "CPU", "read", "written"}) {
      table.columns.push_back({name, true});
    }
  }
  if (prices.known()) table.columns.push_back({of_tables ? "a month" : "cost", true});
  constexpr std::size_t kLinesShown = 30;
  constexpr int kNameWidth = 60;
  double sum = 0;
  for (const CostLine& line : lines) {
    sum += line.cost;
    if (table.rows.size() == kLinesShown) continue;
    std::vector<std::optional<std::string>> row = {TruncateMiddle(OneLine(line.name), kNameWidth)};
    if (request.by == "step") row.emplace_back(line.kind);
    if (of_tables) {
      row.emplace_back(FormatBytes(line.stored_bytes));
    } else {
      row.emplace_back(FormatCount(line.times));
      row.emplace_back(FormatSeconds(line.usage.cpu_seconds));
      row.emplace_back(FormatBytes(line.usage.bytes_read));
      row.emplace_back(FormatBytes(line.usage.bytes_written));
    }
    if (prices.known()) row.emplace_back(Money(line.cost, prices));
    table.rows.push_back(std::move(row));
  }
  table.rows_total = static_cast<std::int64_t>(lines.size());
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  std::cout << RenderTable(table, TerminalWidth(STDOUT_FILENO), {terminal.unicode, terminal.color});
  if (prices.known()) {
    std::cout << fmt::format(
        "{} {}\n", Money(sum, prices),
        of_tables ? "a month for the rows as they are now" : fmt::format("in the last {} days", request.days));
  } else {
    std::cout << "prices under `costs` in smelt.yml turn this into money\n";
  }
}

Result<int> ShowCosts(CommandContext& context, const CostsRequest& request) {
  SMELT_ASSIGN(const auto project, FindProject(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  const Prices prices = project ? project->prices : Prices();
  std::vector<CostLine> lines;
  if (request.by == "table") {
    SMELT_ASSIGN(lines, OfTables(*engine, prices));
  } else {
    SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
    SMELT_ASSIGN(lines, OfWork(address, request, prices));
  }
  Sort(lines);
  if (context.json) {
    PrintJson(lines, prices);
  } else {
    PrintTable(lines, request, prices);
  }
  return 0;
}

}  // namespace

void AddCostsCommand(CLI::App& program, CommandContext& context) {
  constexpr int kDaysMax = 3'660;
  auto* command = program.add_subcommand("costs", "What pipelines, models and tables take, and what that costs");
  command->footer(
      "CPU seconds are those of the engine's operators in runs of pipelines, on all threads; read and written are\n"
      "the sizes of the files that were opened and added. Tables are measured as they are now.\n"
      "Example: smelt costs --by step --days 7 --project-dir projects/olist --lake lake");
  auto request = std::make_shared<CostsRequest>();
  command->add_option("--by", request->by, "pipeline, task, step (a load, model or suite) or table")
      ->check(CLI::IsMember({"pipeline", "task", "step", "table"}))
      ->capture_default_str();
  command->add_option("--days", request->days, "Count runs of so many days")
      ->type_name("N")
      ->check(CLI::Range(1, kDaysMax).description(""))
      ->capture_default_str();
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return ShowCosts(context, *request); }; });
}

}  // namespace smelt::app
