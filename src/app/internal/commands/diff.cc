#include "quality/diff.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/diff_view.h"
#include "app/internal/terminal/terminal.h"
#include "quality/reconcile.h"

namespace smelt::app {
namespace {

/// What the options of `smelt diff` and `smelt reconcile` set.
struct CompareRequest {
  std::string a, b;
  std::string tolerance = "0";
  quality::DiffOptions options;
};

/// Names may stand in one word, with commas between them.
std::vector<std::string> SplitNames(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const std::string& word : words) {
    std::size_t begin = 0;
    for (std::size_t end = word.find(','); begin <= word.size(); end = word.find(',', begin)) {
      end = std::min(end, word.size());
      if (end > begin) names.push_back(word.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return names;
}

void Print(const CommandContext& context, const Json& json, const std::string& text) {
  std::cout << (context.json ? JsonText(json) + "\n" : text);
}

Result<int> RunCompare(CommandContext& context, CompareRequest request, bool by_rows) {
  SMELT_ASSIGN(request.options.tolerance, quality::ParseTolerance(request.tolerance));
  request.options.key = SplitNames(request.options.key);
  request.options.columns = SplitNames(request.options.columns);
  request.options.ignored = SplitNames(request.options.ignored);
  SMELT_ASSIGN(const auto engine, OpenForData(context, {request.a, request.b}));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  SMELT_ASSIGN(const quality::DataSource a, quality::FindData(*engine, *session, request.a));
  SMELT_ASSIGN(const quality::DataSource b, quality::FindData(*engine, *session, request.b));
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  const int differs = Describe(ErrorCode::kQualityGateFailed).exit_code;
  if (by_rows) {
    SMELT_ASSIGN(const quality::DataDiff diff, quality::Diff(*session, a, b, request.options, context.stop));
    Print(context, diff.ToJson(), RenderDiff(diff, terminal));
    return diff.same() ? 0 : differs;
  }
  const quality::ReconcileOptions options{request.options.columns, request.options.ignored, request.options.tolerance};
  SMELT_ASSIGN(const quality::Reconciliation result, quality::Reconcile(*session, a, b, options, context.stop));
  Print(context, result.ToJson(), RenderReconciliation(result, terminal));
  return result.holds() ? 0 : differs;
}

constexpr const char* kData =
    "A table (silver.orders, silver.orders@3, silver.orders@2018-05-24), a file, or the folder "
    "of a Delta table";

CLI::App* AddCompare(CLI::App& program, CommandContext& context, const char* name, const char* summary, bool by_rows) {
  auto* command = program.add_subcommand(name, summary);
  auto request = std::make_shared<CompareRequest>();
  command->add_option(by_rows ? "a" : "source", request->a, kData)->required()->type_name("TABLE|FILE");
  command->add_option(by_rows ? "b" : "landed", request->b, "What to compare it with")
      ->required()
      ->type_name("TABLE|FILE");
  if (by_rows) {
    command
        ->add_option("--key", request->options.key,
                     "The columns that tell rows apart; without, whole rows are compared")
        ->type_name("COLUMN,…");
    command->add_option("--samples", request->options.samples, "Rows to show of each kind of difference")
        ->check(CLI::Range(0, 10'000).description(""))
        ->type_name("N");
  }
  command->add_option("--columns", request->options.columns, "Compare only these")->type_name("COLUMN,…");
  command->add_option("--ignore", request->options.ignored, "Do not compare these")->type_name("COLUMN,…");
  command->add_option("--tolerance", request->tolerance, "How far numbers may lie apart: 0.01, or 0.5%")
      ->type_name("AMOUNT|SHARE%");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, request, by_rows] {
    context.action = [&context, request, by_rows] { return RunCompare(context, *request, by_rows); };
  });
  return command;
}

}  // namespace

void AddDiffCommand(CLI::App& program, CommandContext& context) {
  AddCompare(program, context, "diff", "Compare two tables, files or versions row by row; exit code 1 when they differ",
             true)
      ->footer("Example: smelt diff silver.orders@3 silver.orders --key order_id --lake lake");
}

void AddReconcileCommand(CLI::App& program, CommandContext& context) {
  AddCompare(program, context, "reconcile",
             "Compare counts, sums, bounds and hashes of a source with what landed; exit code 1 when they differ",
             false)
      ->footer("Example: smelt reconcile orders.csv bronze.orders --ignore source_file --tolerance 0.1% --lake lake");
}

}  // namespace smelt::app
