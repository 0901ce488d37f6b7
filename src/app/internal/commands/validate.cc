#include "quality/validate.h"

#include <fmt/format.h>

#include <iostream>

#include "app/internal/command.h"
#include "base/file.h"
#include "base/id.h"

namespace smelt::app {
namespace {

struct ValidateRequest {
  std::string suite;
  std::string table;
  std::string data;
  std::string out;
  std::string result_format;
  bool store = false;
};

void PrintResult(const CommandContext& context, const quality::SuiteResult& result) {
  if (context.json) {
    for (const auto& one : result.results) {
      std::cout << quality::ResultToJson(one, result.legacy_keys).dump(-1, ' ', false, Json::error_handler_t::replace)
                << "\n";
    }
    return;
  }
  for (const auto& one : result.results) {
    std::string column = one.config.kwargs.value("column", std::string());
    std::string detail = one.exception;
    if (!one.success && one.result.contains("unexpected_count")) {
      detail = fmt::format("{} unexpected", one.result["unexpected_count"].dump());
    } else if (!one.success && one.result.contains("observed_value")) {
      detail = "observed " + one.result["observed_value"].dump();
    }
    std::cout << fmt::format("{} {}{}{}{}{}\n", one.success ? "✔" : "✘", column, column.empty() ? "" : " ",
                             one.config.type, detail.empty() ? "" : ": ", detail);
  }
  std::cout << fmt::format("{}: {}\n", quality::VerdictText(result.verdict()), result.Headline());
}

Result<int> Validate(CommandContext& context, const ValidateRequest& request) {
  SMELT_ASSIGN(quality::Suite suite, quality::LoadSuite(request.suite));
  quality::Target target{request.table, {}, request.data};
  if (target.table.empty() && target.file.empty()) target.table = suite.table;
  if (target.table.empty() == target.file.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "what is to be checked?").Hint("pass either --table or --data"));
  }
  quality::ValidateOptions options;
  options.store = request.store;
  options.run_id = NewRunId();
  if (!request.result_format.empty()) {
    SMELT_ASSIGN(options.result_format, quality::ParseResultFormat(request.result_format));
  }
  std::unique_ptr<engine::Engine> engine;
  if (target.file.empty() || !context.lake.empty()) {
    SMELT_ASSIGN(engine, OpenLake(context, false));
  } else {
    SMELT_ASSIGN(engine, engine::Engine::OpenWithoutLake(context.threads, context.memory_limit));
  }
  SMELT_ASSIGN(auto session, engine->Connect());
  SMELT_ASSIGN(auto result, quality::Validate(*session, suite, target, options, context.stop));
  if (!request.out.empty()) {
    std::string text = result.ToJson().dump(2, ' ', false, Json::error_handler_t::replace);
    SMELT_TRY(WriteWholeFile(request.out, text + "\n"));
  }
  PrintResult(context, result);
  return result.verdict() == quality::Verdict::kFail ? Describe(ErrorCode::kQualityGateFailed).exit_code : 0;
}

}  // namespace

void AddValidateCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("validate", "Check an expectation suite against a table or a file");
  command->footer("Example: smelt validate --suite suites/orders_silver.json --table silver.orders --lake lake");
  auto request = std::make_shared<ValidateRequest>();
  command->add_option("--suite", request->suite, "A Great Expectations suite, JSON or YAML")
      ->required()
      ->type_name("FILE");
  command->add_option("--table", request->table, "The table, schema.table; by default the one the suite names");
  command->add_option("--data", request->data, "A Parquet, CSV or JSON file instead of a table")->type_name("FILE");
  command->add_option("--out", request->out, "Write the validation result here, as Great Expectations does")
      ->type_name("FILE");
  command->add_option("--result-format", request->result_format, "BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE");
  command->add_flag("--store", request->store, "Append the results to quality.results");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return Validate(context, *request); }; });
}

}  // namespace smelt::app
