#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/internal/command.h"
#include "app/internal/result_writer.h"
#include "app/internal/terminal/terminal.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kRowsMax = 1'000;

Result<int> ShowHistory(const CommandContext& context, const std::string& table) {
  SMELT_ASSIGN(auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(auto session, engine->Connect());
  session->ObserveStop(context.stop);
  const char* columns =
      context.json ? "*" : "version, timestamp, operation, rows_added, files_added, files_removed, engine";
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  auto writer =
      MakeResultWriter(context.json ? OutputFormat::kNdjson : OutputFormat::kTable, std::cout,
                       TerminalWidth(STDOUT_FILENO), kRowsMax, {.unicode = terminal.unicode, .color = terminal.color});
  SMELT_TRY(session->Stream(
      fmt::format("select {} from table_history({}) order by version desc", columns, engine::QuoteLiteral(table)),
      *writer));
  SMELT_TRY(writer->Finish());
  return 0;
}

}  // namespace

void AddTableCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("table", "Look at one table");
  command->require_subcommand(1);
  command->footer("Example: smelt table history silver.orders --lake lake");
  auto* history = command->add_subcommand("history", "The commits of a table, newest first");
  history->footer("Example: smelt table history silver.orders --lake lake");
  auto table = std::make_shared<std::string>();
  history->add_option("table", *table, "schema.table")->required();
  AddLakeOptions(*history, context);
  AddJsonOption(*history, context);
  history->callback([&context, table] { context.action = [&context, table] { return ShowHistory(context, *table); }; });
}

}  // namespace smelt::app
