#include "app/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "app/internal/command.h"
#include "app/internal/terminal/text.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/version.h"

namespace smelt::app {
namespace {

constexpr std::array<AddCommand, 28> kCommands = {
    AddDemoCommand,     AddInitCommand,       AddGenerateCommand,       AddIngestCommand,    AddDbtCommands,
    AddValidateCommand, AddProfileCommand,    AddDiffCommand,           AddReconcileCommand, AddAnomaliesCommand,
    AddContractCommand, AddQuarantineCommand, AddPipelineCommand,       AddSchedulerCommand, AddServeCommand,
    AddUsersCommand,    AddTokensCommand,     AddStatusCommand,         AddCostsCommand,     AddAlertsCommand,
    AddMetricsCommand,  AddReportCommand,     AddWorkbookExportCommand, AddSqlCommand,       AddTableCommand,
    AddReleaseCommand,  AddDoctorCommand,     AddVersionCommand,
};

constexpr const char* kFooter = R"(Exit codes: 0 done, 1 the data failed a check, 2 wrong usage or configuration,
3 a source, store or engine failed, 130 interrupted (nothing is half-written;
dbt's commands that run nodes end with 2 then, as with dbt).)";

constexpr const char* kWelcome = R"(smelt {}: from raw files to trusted tables in one program

  smelt demo                    a marketplace, from nine CSV files to gold tables, in seconds
  smelt init shop               a small project of your own that runs as it is
  smelt sql --lake demo-lake    a SQL shell on a lake
  smelt --help                  all commands; `smelt COMMAND --help` shows the options and an example
)";

/// What is wrong with a word of the command line, with the nearest word that is known; nothing if all are.
std::optional<Error> FindUnknownWord(const CLI::App& program, int argc, char** argv) {
  const CLI::App* app = &program;
  std::string path = "smelt";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::vector<std::string_view> known;
    if (word == "--") break;
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      if (const CLI::Option* option = app->get_option_no_throw(name)) {
        const bool has_value = option->get_items_expected_max() > 0 && word.find('=') == std::string::npos;
        if (has_value) ++i;
        continue;
      }
      std::vector<std::string> names;
      for (const CLI::Option* option : app->get_options()) {
        for (const std::string& text : option->get_lnames()) names.push_back("--" + text);
      }
      known.assign(names.begin(), names.end());
      const std::string nearest = NearestWord(name, known);
      return Error(ErrorCode::kUsage, fmt::format("`{}` has no option {}", path, name))
          .Hint(nearest.empty() ? fmt::format("`{} --help` lists them", path)
                                : fmt::format("did you mean {}? `{} --help` lists all", nearest, path));
    }
    const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty() || word.starts_with('-')) continue;
    const auto next =
        std::ranges::find_if(commands, [&](const CLI::App* command) { return command->get_name() == word; });
    if (next != commands.end()) {
      app = *next;
      path += " " + word;
      continue;
    }
    for (const CLI::App* command : commands) known.push_back(command->get_name());
    const std::string nearest = NearestWord(word, known);
    return Error(ErrorCode::kUsage, fmt::format("`{}` has no command '{}'", path, word))
        .Hint(nearest.empty() ? fmt::format("`{} --help` lists them", path)
                              : fmt::format("did you mean '{}'? `{} --help` lists all", nearest, path));
  }
  return std::nullopt;
}

/// Prints what CLI11 has to say: help and version on standard output, mistakes as an error of smelt's.
int ReportParse(const CommandContext& context, const CLI::App& program, const CLI::ParseError& error, int argc,
                char** argv) {
  if (error.get_exit_code() == 0) return program.exit(error);
  if (auto unknown = FindUnknownWord(program, argc, argv)) return ReportError(context, *unknown);
  return ReportError(context, Error(ErrorCode::kUsage, error.what()).Hint("add --help for the options and an example"));
}

bool UseColour() {
  return isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

int ReportError(const CommandContext& context, const Error& error) {
  if (context.json_log && !context.json) {
    Log(LogLevel::kError, "command.failed", {{"error", CodeText(error.code())}, {"message", error.ToString()}});
  } else if (context.json) {
    Json object = {{"error", CodeText(error.code())}, {"message", error.message()}};
    if (!error.file().empty()) object["file"] = error.file();
    if (error.line() > 0) object["line"] = error.line();
    if (error.column() > 0) object["column"] = error.column();
    if (!error.hint().empty()) object["hint"] = error.hint();
    std::cout << JsonText(object) << "\n";
  } else {
    const char* begin = UseColour() ? "\033[1;31m" : "";
    const char* end = UseColour() ? "\033[0m" : "";
    // A message quotes file names and data, which must not steer the terminal: only its line ends stay.
    std::string text;
    for (const std::string& line : Wrap(error.ToString(), std::numeric_limits<int>::max())) {
      text += (text.empty() ? "" : "\n") + line;
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
  program.set_version_flag("-V,-v,--version", std::string(kSmeltVersion));
  for (AddCommand add : kCommands) add(program, context);
  if (argc <= 1) {
    std::cout << fmt::format(kWelcome, kSmeltVersion);
    return 0;
  }
  context.command_line = "smelt";
  for (int i = 1; i < argc; ++i) context.command_line += fmt::format(" {}", argv[i]);
  // `smelt help sql` is `smelt sql --help`.
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words[0] == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  std::ranges::reverse(words);  // as CLI11 wants them
  try {
    program.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return ReportParse(context, program, error, argc, argv);
  }
  if (!context.action) return Describe(ErrorCode::kUsage).exit_code;
  Result<int> code = context.action();
  std::cout.flush();
  if (!code) return ReportError(context, code.error());
  return *code;
}

}  // namespace smelt::app
