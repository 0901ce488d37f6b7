#include "quality/profile.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/profile_page.h"
#include "app/internal/profile_view.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/terminal.h"
#include "base/file.h"
#include "quality/profile_history.h"

namespace smelt::app {
namespace {

struct ProfileRequest {
  std::string source;
  std::string html;
  std::string suite;
  bool record = false;
};

std::string SuiteName(const ProfileRequest& request) {
  return std::filesystem::path(request.suite).stem().string();
}

Result<int> RunProfile(CommandContext& context, const ProfileRequest& request) {
  SMELT_ASSIGN(const auto engine, OpenForData(context, {request.source}));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  SMELT_ASSIGN(const quality::DataSource source, quality::FindData(*engine, *session, request.source));
  SMELT_ASSIGN(const quality::TableProfile profile, quality::Profile(*session, source, context.stop));
  std::vector<std::string> next;
  const std::string lake = context.lake.empty() ? "" : " --lake " + ShellWord(context.lake);
  if (request.record) SMELT_TRY(quality::StoreProfile(*session, profile));
  if (!request.html.empty()) SMELT_TRY(WriteWholeFile(request.html, ProfilePage(profile)));
  if (!request.suite.empty()) {
    SMELT_ASSIGN(const Json suite, quality::SuggestSuite(*session, profile, source, SuiteName(request), context.stop));
    SMELT_TRY(WriteWholeFile(request.suite, JsonText(suite, 2) + "\n"));
    next.push_back(fmt::format("smelt validate --suite {} {} {}{}", ShellWord(request.suite),
                               source.table.empty() ? "--data" : "--table",
                               ShellWord(source.table.empty() ? source.label : source.table), lake));
  } else {
    next.push_back(fmt::format("smelt profile {} --suggest-suite suite.json{}", ShellWord(request.source), lake));
  }
  if (context.json) {
    std::cout << JsonText(quality::ProfileToJson(profile)) << "\n";
    return 0;
  }
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  std::cout << RenderProfile(profile, terminal) << RenderNext(next, terminal);
  return 0;
}

}  // namespace

void AddProfileCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("profile", "Show what a table or file holds: ranges, keys, formats, oddities");
  command->footer("Example: smelt profile silver.orders --lake lake --html orders.html");
  auto request = std::make_shared<ProfileRequest>();
  command
      ->add_option(
          "data", request->source,
          "A table (silver.orders, silver.orders@3, silver.orders@2018-05-24), a Parquet, CSV or JSON file, or "
          "the folder of a Delta table")
      ->required()
      ->type_name("TABLE|FILE");
  command->add_option("--html", request->html, "Write the profile as one page here")->type_name("FILE");
  command
      ->add_option("--suggest-suite", request->suite,
                   "Write a suite here, for Great Expectations or `smelt validate`, of what the profile found")
      ->type_name("FILE");
  command->add_flag("--record", request->record, "Keep the figures in quality.profiles, for `smelt anomalies`");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request] { context.action = [&context, request] { return RunProfile(context, *request); }; });
}

}  // namespace smelt::app
