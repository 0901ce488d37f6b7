#include "app/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <ranges>

#include "app/internal/command.h"
#include "app/internal/terminal/text.h"
#include "base/json.h"
#include "base/version.h"

namespace smelt::app {
namespace {

constexpr std::array<AddCommand, 11> kCommands = {
    AddDemoCommand,     AddInitCommand, AddGenerateCommand, AddIngestCommand, AddBuildCommands,  AddValidateCommand,
    AddPipelineCommand, AddSqlCommand,  AddTableCommand,    AddDoctorCommand, AddVersionCommand,
};

constexpr const char* kFooter = R"(Exit codes: 0 done, 1 the data failed a check, 2 wrong usage or configuration,
3 a source, store or engine failed, 130 interrupted (nothing is half-written).)";

bool UseColour() {
  return isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

int ReportError(const CommandContext& context, const Error& error) {
  if (context.json) {
    Json object = {{"error", CodeText(error.code())}, {"message", error.message()}};
    if (!error.file().empty()) object["file"] = error.file();
    if (error.line() > 0) object["line"] = error.line();
    if (error.column() > 0) object["column"] = error.column();
    if (!error.hint().empty()) object["hint"] = error.hint();
    std::cout << object.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    const char* begin = UseColour() ? "\033[1;31m" : "";
    const char* end = UseColour() ? "\033[0m" : "";
    // A message quotes file names and data, which must not steer the terminal: only its line ends stay.
    std::string text;
    for (const auto line : std::views::split(error.ToString(), '\n')) {
      text += (text.empty() ? "" : "\n") + OneLine(std::string_view(line.begin(), line.end()));
    }
    std::cerr << fmt::format("{}error{} {}\n", begin, end, text);
  }
  return Describe(error.code()).exit_code;
}

int RunCommandLine(int argc, char** argv) {
  SignalStop signals;
  CommandContext context;
  context.program = argc > 0 ? argv[0] : "smelt";
  context.signals = &signals;
  context.stop = signals.token();
  CLI::App program("smelt: from raw files to trusted tables in one program", "smelt");
  program.require_subcommand(1);
  program.footer(kFooter);
  program.set_version_flag("--version", std::string(kSmeltVersion));
  for (AddCommand add : kCommands) add(program, context);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    int code = program.exit(error);
    return code == 0 ? 0 : Describe(ErrorCode::kUsage).exit_code;
  }
  if (!context.action) return Describe(ErrorCode::kUsage).exit_code;
  Result<int> code = context.action();
  std::cout.flush();
  if (!code) return ReportError(context, code.error());
  return *code;
}

}  // namespace smelt::app
