#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "app/internal/command.h"
#include "app/internal/result_writer.h"
#include "app/internal/shell.h"
#include "app/internal/terminal/terminal.h"
#include "base/file.h"

namespace smelt::app {
namespace {

struct SqlOptions {
  std::string command;
  std::string file;
  std::string format = "table";
  std::int64_t rows_max = 200;
};

/// Whether whoever read standard output has gone, as `head` does once it has enough.
bool ReaderHasGone() {
  pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

Status RunScript(engine::Session& session, const std::string& script, OutputFormat format, const SqlOptions& options) {
  SMELT_ASSIGN(auto statements, session.Split(script));
  for (const std::string& statement : statements) {
    auto writer = MakeResultWriter(format, std::cout, TerminalWidth(STDOUT_FILENO), options.rows_max);
    SMELT_TRY(session.Stream(statement, *writer));
    SMELT_TRY(writer->Finish());
    std::cout.flush();
    if (!std::cout) return Fail(ErrorCode::kStoreIo, "cannot write to standard output");
  }
  return {};
}

Result<int> RunSql(CommandContext& context, const SqlOptions& options) {
  std::string format_name = context.json ? "ndjson" : options.format;
  SMELT_ASSIGN(OutputFormat format, ParseOutputFormat(format_name));
  SMELT_ASSIGN(auto engine, OpenLake(context, true));
  SMELT_ASSIGN(auto session, engine->Connect());
  session->ObserveStop(context.stop);
  std::string script = options.command;
  if (script.empty() && !options.file.empty()) {
    SMELT_ASSIGN(script, ReadWholeFile(options.file));
  } else if (script.empty()) {
    if (isatty(STDIN_FILENO) != 0) return RunShell(context, *engine, *session);
    script.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  auto status = RunScript(*session, script, format, options);
  if (!status) {
    // Nothing to tell: the reader knows.
    if (!std::cout && ReaderHasGone()) return Describe(ErrorCode::kStoreIo).exit_code;
    Error& error = status.error();
    bool of_file = !options.file.empty() && error.file() == "SQL";
    if (of_file) return Fail(std::move(error).At(options.file, error.line(), error.column()));
    return Fail(std::move(error));
  }
  return 0;
}

}  // namespace

void AddSqlCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("sql", "Run SQL on the lake: one-shot, from a file, or interactively");
  command->footer("Example: smelt sql --lake lake -c \"select * from gold.monthly_revenue\" --format csv");
  auto options = std::make_shared<SqlOptions>();
  command->add_option("-c,--command", options->command, "The statements to run, separated by ';'");
  command->add_option("file", options->file, "A file with statements; '-' or nothing reads standard input")
      ->type_name("FILE");
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
