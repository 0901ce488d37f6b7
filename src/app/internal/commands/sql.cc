#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "app/internal/command.h"
#include "app/internal/lake_of_project.h"
#include "app/internal/result_writer.h"
#include "app/internal/shell.h"
#include "app/internal/sql_runner.h"
#include "base/file.h"

namespace smelt::app {
namespace {

struct SqlOptions {
  std::string command;
  std::string file;
  std::string format = "table";
  std::int64_t rows_max = 200;
};

/// What a shell reports of a program whose reader left: 128 + SIGPIPE.
constexpr int kReaderLeft = 141;

Result<int> RunSql(CommandContext& context, const SqlOptions& options) {
  std::string format_name = context.json ? "ndjson" : options.format;
  SMELT_ASSIGN(OutputFormat format, ParseOutputFormat(format_name));
  SMELT_TRY(AdoptLakeOfProject(context));
  // Without a lake, SQL still reads files and tables by their path.
  SMELT_ASSIGN(auto engine, context.lake.empty()
                                ? engine::Engine::OpenWithoutLake(context.threads, context.memory_limit)
                                : OpenLake(context, engine::MissingLake::kAwaitWrite));
  SMELT_ASSIGN(auto session, engine->Connect());
  session->ObserveStop(context.stop);
  std::string script = options.command;
  if (script.empty() && !options.file.empty()) {
    SMELT_ASSIGN(script, ReadWholeFile(options.file));
  } else if (script.empty()) {
    if (isatty(STDIN_FILENO) != 0) return RunShell(context, *engine, *session);
    script.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  auto status = RunScript(*session, script, {.format = format, .rows_max = options.rows_max});
  if (!status) {
    if (!std::cout && ReaderHasLeft()) return kReaderLeft;
    Error error = std::move(status.error());
    const bool of_file = !options.file.empty() && error.file() == "SQL";
    const std::int64_t line = error.line();
    const std::int64_t column = error.column();
    return Fail(of_file ? std::move(error).At(options.file, line, column) : std::move(error));
  }
  return 0;
}

}  // namespace

void AddSqlCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("sql", "Run SQL on the lake: one-shot, from a file, or interactively");
  command->footer(
      "Without -c and FILE: a shell on a terminal, else the statements on standard input.\n"
      "Example: smelt sql --lake lake -c \"select * from gold.monthly_revenue\" --format csv");
  auto options = std::make_shared<SqlOptions>();
  auto* statements = command->add_option("-c,--command", options->command, "The statements to run, separated by ';'");
  statements->type_name("SQL");
  command->add_option("-f,--file,file", options->file, "A file with statements; '-' reads standard input")
      ->type_name("FILE")
      ->excludes(statements);
  command->add_option("--format", options->format, "table, csv, json or ndjson")->capture_default_str();
  command->add_option("--max-rows", options->rows_max, "Rows that a table shows")->capture_default_str();
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, options] {
    if (options->file == "-") options->file.clear();
    context.action = [&context, options] { return RunSql(context, *options); };
  });
}

}  // namespace smelt::app
