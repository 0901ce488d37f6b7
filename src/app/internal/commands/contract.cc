#include "quality/contract.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/terminal/folded_steps.h"
#include "app/internal/terminal/terminal.h"
#include "app/internal/terminal/text.h"
#include "base/process.h"
#include "quality/contract_check.h"
#include "quality/contract_diff.h"

namespace smelt::app {
namespace {

struct ContractRequest {
  std::vector<std::string> files;
  std::string before, after, revision;
  bool loose = false;
  bool strict = false;
};

int ChecksFailed() {
  return Describe(ErrorCode::kQualityGateFailed).exit_code;
}

struct VerdictSign {
  std::string_view unicode, ascii;
  Tone tone;
};

void PrintVerdict(const VerdictSign& sign, const std::string& text, const Terminal& terminal) {
  std::cout << " " << Paint(terminal.unicode ? sign.unicode : sign.ascii, sign.tone, terminal.color) << " "
            << OneLine(text) << "\n";
}

constexpr VerdictSign kGood = {"✔", "+", Tone::kGood};
constexpr VerdictSign kBad = {"✖", "x", Tone::kBad};
constexpr VerdictSign kWarn = {"▲", "!", Tone::kWarn};
constexpr VerdictSign kNone = {"·", "-", Tone::kDim};

const VerdictSign& SignOf(quality::ContractVerdict verdict) {
  switch (verdict) {
    case quality::ContractVerdict::kHolds: return kGood;
    case quality::ContractVerdict::kBroken: return kBad;
    case quality::ContractVerdict::kWarning: return kWarn;
    case quality::ContractVerdict::kUnjudged: return kNone;
  }
  return kNone;
}

void Print(const CommandContext& context, const quality::ContractReport& report) {
  if (context.json) {
    std::cout << JsonText(report.ToJson()) << "\n";
    return;
  }
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  for (const quality::ContractCheck& check : report.checks) {
    std::string subject = check.object;
    if (!check.property.empty()) subject += (subject.empty() ? "" : ".") + check.property;
    const std::string place = check.verdict == quality::ContractVerdict::kBroken
                                  ? fmt::format(" ({}:{})", report.file, check.line)
                                  : std::string();
    PrintVerdict(SignOf(check.verdict), fmt::format("{}  {}: {}{}", subject, check.check, check.message, place),
                 terminal);
  }
  const std::int64_t broken = report.count(quality::ContractVerdict::kBroken);
  const std::int64_t holding = report.count(quality::ContractVerdict::kHolds);
  const std::int64_t warnings = report.count(quality::ContractVerdict::kWarning);
  std::string summary = fmt::format("{} {}: ", report.contract, report.version);
  summary += broken == 0 ? fmt::format("{} hold", Counted(holding, "promise"))
                         : fmt::format("{} of {} broken", broken, Counted(broken + holding + warnings, "promise"));
  if (warnings > 0) summary += ", " + Counted(warnings, "warning");
  if (const auto unjudged = report.count(quality::ContractVerdict::kUnjudged); unjudged > 0) {
    summary += fmt::format(", {} not for data to tell", unjudged);
  }
  std::cout << "\n"
            << Paint(OneLine(summary),
                     broken > 0     ? Tone::kBad
                     : warnings > 0 ? Tone::kWarn
                                    : Tone::kGood,
                     terminal.color)
            << "\n";
}

Result<int> Check(CommandContext& context, const ContractRequest& request) {
  std::vector<quality::DataContract> contracts;
  for (const std::string& file : request.files) {
    SMELT_ASSIGN(quality::DataContract contract, quality::LoadContract(file));
    contracts.push_back(std::move(contract));
  }
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(context.stop);
  const auto strictness = request.loose ? quality::ContractStrictness::kLoose : quality::ContractStrictness::kStrict;
  bool holds = true;
  for (const quality::DataContract& contract : contracts) {
    SMELT_ASSIGN(const quality::ContractReport report,
                 quality::CheckContract(*engine, *session, contract, strictness, context.stop));
    Print(context, report);
    holds = holds && report.holds();
  }
  return holds ? 0 : ChecksFailed();
}

/// The contract as git keeps it at a revision.
Result<quality::DataContract> AtRevision(const std::string& file, const std::string& revision,
                                         const std::stop_token& stop) {
  const std::filesystem::path path(file);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const std::string name = "./" + path.filename().string();
  auto text = RunProgram({"git", "show", revision + ":" + name}, folder, stop);
  if (!text) {
    return std::unexpected(
        Error(ErrorCode::kUsage, fmt::format("git has no {} at {}: {}", file, revision, text.error().message()))
            .Hint("name a revision at which the file was committed, like HEAD~1 or main"));
  }
  return quality::ParseContract(*text, fmt::format("{}:{}", revision, file));
}

const VerdictSign& SignOf(quality::ChangeKind kind) {
  switch (kind) {
    case quality::ChangeKind::kBreaking: return kBad;
    case quality::ChangeKind::kCompatible: return kGood;
    case quality::ChangeKind::kNote: return kNone;
  }
  return kNone;
}

void Print(const CommandContext& context, const quality::ContractDiff& diff) {
  if (context.json) {
    std::cout << JsonText(diff.ToJson()) << "\n";
    return;
  }
  const Terminal terminal = DescribeTerminal(STDOUT_FILENO);
  for (const quality::ContractChange& change : diff.changes) {
    PrintVerdict(SignOf(change.kind),
                 fmt::format("{:<10}  {}{}{}", quality::ChangeKindText(change.kind), change.path,
                             change.path.empty() ? "" : ": ", change.change),
                 terminal);
  }
  const std::int64_t breaking = diff.count(quality::ChangeKind::kBreaking);
  std::string summary = fmt::format("{} to {}: ", diff.old_version, diff.new_version);
  if (diff.changes.empty()) {
    summary += "no change";
  } else if (breaking == 0) {
    summary += "no breaking change";
  } else {
    summary += Counted(breaking, "breaking change");
    summary +=
        diff.announced() ? ", announced by the new major version" : ", which a new major version has to announce";
  }
  const bool fine = breaking == 0 || diff.announced();
  std::cout << (diff.changes.empty() ? "" : "\n")
            << Paint(OneLine(summary), fine ? Tone::kGood : Tone::kBad, terminal.color) << "\n";
}

Result<int> Diff(CommandContext& context, const ContractRequest& request) {
  if (request.after.empty() == request.revision.empty()) {
    return std::unexpected(Error(ErrorCode::kUsage, "what is the contract to be compared with?")
                               .Hint("name a second file, or a git revision: --against HEAD~1"));
  }
  // With a revision, the one file named is the new contract.
  const std::string& newer = request.after.empty() ? request.before : request.after;
  SMELT_ASSIGN(const quality::DataContract before, request.after.empty()
                                                       ? AtRevision(request.before, request.revision, context.stop)
                                                       : quality::LoadContract(request.before));
  SMELT_ASSIGN(const quality::DataContract after, quality::LoadContract(newer));
  const quality::ContractDiff diff = quality::DiffContracts(before, after);
  Print(context, diff);
  const bool breaks = diff.count(quality::ChangeKind::kBreaking) > 0 && (request.strict || !diff.announced());
  return breaks ? ChecksFailed() : 0;
}

void AddCheck(CLI::App& parent, CommandContext& context) {
  auto* command =
      parent.add_subcommand("check", "Hold the tables of a lake against contracts; exit code 1 when one is broken");
  command->footer("Example: smelt contract check contracts/orders.yml --lake lake");
  auto request = std::make_shared<ContractRequest>();
  command->add_option("contracts", request->files, "Contracts of the Open Data Contract Standard 3, YAML or JSON")
      ->required()
      ->type_name("FILE");
  command->add_flag("--loose", request->loose,
                    "Allow columns that the contract does not know, and other types of the same family");
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback([&context, request] { context.action = [&context, request] { return Check(context, *request); }; });
}

void AddDiff(CLI::App& parent, CommandContext& context) {
  auto* command = parent.add_subcommand(
      "diff",
      "Tell breaking changes of a contract from others; exit code 1 for breaking ones that no major version announces");
  command->footer("Example: smelt contract diff contracts/orders.yml --against main");
  auto request = std::make_shared<ContractRequest>();
  command->add_option("contract", request->before, "The contract; with a second file, the old one")
      ->required()
      ->type_name("FILE");
  command->add_option("new", request->after, "The new contract")->type_name("FILE");
  command->add_option("--against", request->revision, "A git revision that holds the old contract")
      ->type_name("REVISION");
  command->add_flag("--strict", request->strict, "Announced breaking changes count, too");
  AddJsonOption(*command, context);
  command->callback([&context, request] { context.action = [&context, request] { return Diff(context, *request); }; });
}

}  // namespace

void AddContractCommand(CLI::App& program, CommandContext& context) {
  auto* command = program.add_subcommand("contract", "Check data contracts, and what changes in them");
  command->footer("Example: smelt contract check contracts/orders.yml --lake lake");
  command->require_subcommand(1);
  AddCheck(*command, context);
  AddDiff(*command, context);
}

}  // namespace smelt::app
