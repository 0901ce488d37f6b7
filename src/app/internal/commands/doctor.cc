#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/pipeline_runner.h"
#include "app/internal/project.h"
#include "app/internal/terminal/report_view.h"
#include "app/internal/terminal/text.h"
#include "base/id.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/version.h"
#include "state/run_store.h"
#include "storage/object_store.h"

namespace smelt::app {
namespace {

/// One finding: what was looked at, whether it is well, and what to do if not.
struct Finding {
  std::string subject;
  bool well = true;
  std::string text;
  std::string hint;
};

Finding FromStatus(std::string subject, const Status& status, std::string well) {
  if (status) return {std::move(subject), true, std::move(well), ""};
  return {std::move(subject), false, status.error().message(), status.error().hint()};
}

/// Writes, lists and deletes a small object, and checks that put-if-absent refuses the second writer.
Status ProbeStore(const std::string& lake) {
  SMELT_ASSIGN(auto store, storage::OpenStore(lake));
  std::string key = "_smelt/doctor/" + NewUuid();
  SMELT_ASSIGN(bool first, store->PutIfAbsent(key, "smelt"));
  SMELT_ASSIGN(bool second, store->PutIfAbsent(key, "smelt"));
  SMELT_TRY(store->Delete(key));
  SMELT_TRY(store->DeleteFolder("_smelt/doctor"));
  if (!first || second) {
    return std::unexpected(Error(ErrorCode::kStoreIo, "the store does not honour put-if-absent")
                               .Hint("concurrent writers could lose commits: use a store with conditional writes"));
  }
  return {};
}

Finding CheckTables(engine::Engine& engine) {
  auto tables = engine.Tables();
  if (!tables) return {"tables", false, tables.error().message(), tables.error().hint()};
  return {"tables", true, fmt::format("{} tables and views, every log is readable", tables->size()), ""};
}

Finding CheckSpace(const std::string& lake) {
  std::error_code error;
  auto space = std::filesystem::space(lake, error);
  if (error) return {"disk", false, error.message(), ""};
  constexpr std::uintmax_t kLow = 1ULL << 30;
  double gigabytes = static_cast<double>(space.available) / 1e9;
  if (space.available < kLow) return {"disk", false, fmt::format("{:.1f} GB free", gigabytes), "free some space"};
  return {"disk", true, fmt::format("{:.1f} GB free", gigabytes), ""};
}

std::vector<Finding> Examine(const CommandContext& context) {
  std::vector<Finding> findings;
  findings.push_back({"program", true, fmt::format("smelt {}, {} cores", kSmeltVersion, ProcessorCount()), ""});
  if (context.lake.empty()) {
    findings.push_back({"lake", true, "none named: pass --lake to look at one", ""});
    return findings;
  }
  auto engine = OpenLake(context, engine::MissingLake::kRefuse);
  if (!engine) {
    findings.push_back({"lake", false, engine.error().message(), engine.error().hint()});
    return findings;
  }
  findings.push_back({"lake", true, context.lake, ""});
  findings.push_back(FromStatus("store", ProbeStore(context.lake), "writes, and refuses a second commit of a version"));
  if (context.lake.find("://") == std::string::npos) findings.push_back(CheckSpace(context.lake));
  findings.push_back(CheckTables(**engine));
  const auto address = StateAddress(context);
  const auto state = address ? state::RunStore::Open(*address) : Fail(address.error());
  findings.push_back(state ? Finding{"state", true, (*state)->where(), ""}
                           : Finding{"state", false, state.error().message(), state.error().hint()});
  return findings;
}

Result<int> Doctor(const CommandContext& context) {
  bool well = true;
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  for (const Finding& finding : Examine(context)) {
    well = well && finding.well;
    if (context.json) {
      std::cout << JsonText(Json({{"subject", finding.subject},
                                  {"ok", finding.well},
                                  {"message", finding.text},
                                  {"hint", finding.hint}}))
                << "\n";
      continue;
    }
    std::string_view sign = finding.well ? "✔" : "✖";
    if (!terminal.unicode) sign = finding.well ? "+" : "x";
    std::cout << " " << Paint(sign, finding.well ? Tone::kGood : Tone::kBad, terminal.color)
              << fmt::format(" {:<8} {}\n", finding.subject, OneLine(finding.text));
    if (!finding.hint.empty()) std::cout << fmt::format("   {:<8} hint: {}\n", "", OneLine(finding.hint));
  }
  if (context.json) return well ? 0 : Describe(ErrorCode::kStoreIo).exit_code;
  std::string again = "smelt doctor";
  if (!context.lake.empty()) again += " --lake " + ShellWord(context.lake);
  std::cout << (well ? "All is well.\n" : "Repair what failed, then look again.\n")
            << RenderNext({!well                  ? again
                           : context.lake.empty() ? "smelt demo"
                                                  : "smelt sql --lake " + ShellWord(context.lake)},
                          terminal);
  return well ? 0 : Describe(ErrorCode::kStoreIo).exit_code;
}

}  // namespace

void AddDoctorCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("doctor", "Check the program, the lake, its store and its state");
  command->footer("Example: smelt doctor --lake lake");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context] { context.action = [&context] { return Doctor(context); }; });
}

}  // namespace smelt::app
