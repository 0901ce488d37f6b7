#include "quality/validate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/file.h"
#include "base/id.h"
#include "quality/checkpoint.h"

namespace smelt::app {
namespace {

struct ValidateRequest {
  std::string suite;
  std::string checkpoint;
  std::string table;
  std::string data;
  std::string out;
  std::string result_format;
  bool store = false;
  bool full = false;
};

/// The column or columns that an expectation is about; empty for one on the whole table.
std::string ColumnOf(const quality::ExpectationResult& one) {
  const Json& kwargs = one.config.kwargs;
  if (kwargs.contains("column_list") && kwargs["column_list"].is_array()) {
    std::string names;
    for (const Json& name : kwargs["column_list"])
      names += (names.empty() ? "" : ", ") + (name.is_string() ? name.get<std::string>() : JsonText(name));
    return OneLine(names);
  }
  return OneLine(kwargs.value("column", std::string()));
}

/// Why it failed.
std::string DetailOf(const quality::ExpectationResult& one) {
  if (one.success || !one.exception.empty()) return one.exception;
  if (one.result.contains("unexpected_count")) return JsonText(one.result["unexpected_count"]) + " unexpected";
  if (one.result.contains("observed_value")) return "observed " + JsonText(one.result["observed_value"]);
  return {};
}

void PrintResult(const CommandContext& context, const quality::SuiteResult& result) {
  if (context.json) {
    for (const auto& one : result.results) {
      std::cout << JsonText(quality::ResultToJson(one, result.legacy_keys)) << "\n";
    }
    std::cout << JsonText(Json({{"suite", result.suite},
                                {"verdict", quality::VerdictText(result.verdict())},
                                {"summary", result.Headline()}}))
              << "\n";
    return;
  }
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  int width = 0;
  for (const auto& one : result.results) width = std::max(width, DisplayWidth(ColumnOf(one)));
  for (const auto& one : result.results) {
    const bool hard = one.config.severity == quality::Severity::kError && result.gate == quality::Gate::kHard;
    const Tone tone = one.success ? Tone::kGood : hard ? Tone::kBad : Tone::kWarn;
    std::string_view sign = one.success ? "✔" : hard ? "✖" : "▲";
    if (!terminal.unicode) sign = one.success ? "+" : hard ? "x" : "!";
    const std::string detail = DetailOf(one);
    std::cout << " " << Paint(sign, tone, terminal.color) << " " << PadRight(ColumnOf(one), width) << "  "
              << one.config.type << (detail.empty() ? "" : ": ") << Paint(OneLine(detail), tone, terminal.color)
              << (one.added ? " (added rows)" : "") << "\n";
  }
  const quality::Verdict verdict = result.verdict();
  std::cout << "\n"
            << Paint(fmt::format("{}: {}", quality::VerdictText(verdict), result.Headline()),
                     verdict == quality::Verdict::kPass   ? Tone::kGood
                     : verdict == quality::Verdict::kFail ? Tone::kBad
                                                          : Tone::kWarn,
                     terminal.color)
            << "\n";
}
Status WriteJson(const std::string& path, const Json& json) {
  return WriteWholeFile(path, JsonText(json, 2) + "\n");
}

int ExitCode(quality::Verdict verdict) {
  return verdict == quality::Verdict::kFail ? Describe(ErrorCode::kQualityGateFailed).exit_code : 0;
}

/// The lake, or for files alone an engine without one.
Result<std::unique_ptr<engine::Engine>> OpenEngine(CommandContext& context, bool files_only) {
  if (files_only && context.lake.empty()) {
    return engine::Engine::OpenWithoutLake(context.threads, context.memory_limit);
  }
  return OpenLake(context, engine::MissingLake::kRefuse);
}

Result<std::optional<quality::ResultOptions>> OwnFormat(const ValidateRequest& request) {
  if (request.result_format.empty()) return std::optional<quality::ResultOptions>();
  const Json given =
      request.result_format.starts_with('{') ? JsonOrDiscarded(request.result_format) : Json(request.result_format);
  SMELT_ASSIGN(auto options, quality::ParseResultOptions(given));
  return std::optional(std::move(options));
}

/// The version of the target that is the newest now; it stays without one when it is a view or a file.
Status FindVersion(engine::Engine& engine, quality::Target& target) {
  const std::size_t dot = target.table.find('.');
  if (dot == std::string::npos) return {};
  SMELT_ASSIGN(target.version, engine.TableVersion(std::string_view(target.table).substr(0, dot),
                                                   std::string_view(target.table).substr(dot + 1)));
  return {};
}

Result<int> ValidateSuite(CommandContext& context, const ValidateRequest& request) {
  SMELT_ASSIGN(quality::Suite suite, quality::LoadSuite(request.suite));
  quality::Target target{request.table, {}, request.data};
  if (target.table.empty() && target.file.empty()) target.table = suite.table;
  if (target.table.empty() == target.file.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "what is to be checked?").Hint("pass either --table or --data"));
  }
  quality::ValidateOptions options;
  options.store = request.store;
  options.run_id = NewRunId();
  SMELT_ASSIGN(options.result_format, OwnFormat(request));
  SMELT_ASSIGN(const auto engine, OpenEngine(context, !target.file.empty()));
  SMELT_ASSIGN(auto session, engine->Connect());
  options.engine = engine.get();
  options.full = request.full;
  SMELT_TRY(FindVersion(*engine, target));
  SMELT_ASSIGN(auto result, quality::Validate(*session, suite, target, options, context.stop));
  if (!request.out.empty()) SMELT_TRY(WriteJson(request.out, result.ToJson()));
  PrintResult(context, result);
  return ExitCode(result.verdict());
}

/// Says what becomes of the actions, and whether results are to be stored: asked for by one of them, with a lake.
bool Actions(const CommandContext& context, const quality::Checkpoint& checkpoint) {
  bool stores = false;
  for (const quality::CheckpointAction& action : checkpoint.actions) {
    std::string note = action.note;
    if (action.stores && context.lake.empty()) note = "without --lake there is no quality.results";
    stores = stores || (action.stores && note.empty());
    if (note.empty() || context.json) continue;
    std::cerr << "action " << OneLine(action.name) << " is left out: " << note << "\n";
  }
  return stores;
}

/// Runs every validation of a checkpoint; the worst verdict is that of the command.
Result<int> ValidateCheckpoint(CommandContext& context, const ValidateRequest& request) {
  SMELT_ASSIGN(const quality::Checkpoint checkpoint, quality::LoadCheckpoint(request.checkpoint));
  SMELT_ASSIGN(const auto format, OwnFormat(request));
  const bool files_only = std::ranges::all_of(checkpoint.validations,
                                              [](const auto& validation) { return !validation.target.file.empty(); });
  SMELT_ASSIGN(const auto engine, OpenEngine(context, files_only));
  SMELT_ASSIGN(auto session, engine->Connect());
  const bool store = Actions(context, checkpoint) || request.store;
  const std::string run_id = NewRunId();
  std::vector<quality::SuiteResult> results;
  quality::Verdict verdict = quality::Verdict::kPass;
  for (const quality::CheckpointValidation& validation : checkpoint.validations) {
    const quality::ValidateOptions options{.result_format = format ? format : validation.result_format,
                                           .variables = validation.variables,
                                           .store = false,
                                           .run_id = run_id,
                                           .engine = engine.get(),
                                           .full = request.full};
    quality::Target target = validation.target;
    SMELT_TRY(FindVersion(*engine, target));
    SMELT_ASSIGN(auto result, quality::Validate(*session, validation.suite, target, options, context.stop));
    if (!context.json) std::cout << OneLine(validation.name) << " on " << OneLine(result.table) << "\n";
    PrintResult(context, result);
    verdict = std::max(verdict, result.verdict());
    results.push_back(std::move(result));
  }
  if (store) SMELT_TRY(quality::StoreResults(*session, results));
  if (!request.out.empty()) SMELT_TRY(WriteJson(request.out, quality::CheckpointJson(checkpoint, results)));
  return ExitCode(verdict);
}

Result<int> Validate(CommandContext& context, const ValidateRequest& request) {
  if (request.suite.empty() == request.checkpoint.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "what is to be checked with what?")
                               .Hint("pass either --suite, with --table or --data, or --checkpoint"));
  }
  if (request.checkpoint.empty()) return ValidateSuite(context, request);
  if (!request.table.empty() || !request.data.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "a checkpoint says itself what is checked")
                               .Hint("leave out --table and --data, or pass --suite instead of --checkpoint"));
  }
  return ValidateCheckpoint(context, request);
}

}  // namespace

void AddValidateCommand(CLI::App& program, CommandContext& context) {
  auto* command =
      program.add_subcommand("validate", "Check a table or a file by an expectation suite, or run a checkpoint");
  command->footer("Example: smelt validate --suite suites/orders_silver.json --table silver.orders --lake lake");
  auto request = std::make_shared<ValidateRequest>();
  command->add_option("--suite", request->suite, "A Great Expectations suite, JSON or YAML")->type_name("FILE");
  command->add_option("--checkpoint", request->checkpoint, "A Great Expectations checkpoint instead of a suite")
      ->type_name("FILE");
  command->add_option("--table", request->table, "The table, schema.table; by default the one the suite names");
  command->add_option("--data", request->data, "A Parquet, CSV or JSON file instead of a table")->type_name("FILE");
  command->add_option("--out", request->out, "Write the validation result here, as Great Expectations does")
      ->type_name("FILE");
  command->add_option("--result-format", request->result_format,
                      "BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE, or an object with\npartial_unexpected_count, "
                      "unexpected_index_column_names …");
  command->add_flag("--store", request->store, "Append the results to quality.results");
  command->add_flag("--full", request->full,
                    "Read all rows, also where stored results and the rows added\nsince would do");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return Validate(context, *request); }; });
}

}  // namespace smelt::app
