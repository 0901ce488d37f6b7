#include "quality/contract_gate.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"

namespace smelt::quality {
namespace {

/// "orders 1.2.0: amount minimum: values below 0: 3, promised none (contracts/orders.yml:12) and 2 more".
std::string Told(const DataContract& contract, const std::vector<const ContractCheck*>& checks) {
  const ContractCheck& first = *checks.front();
  std::string text = fmt::format("{} {}: {}{}{}: {}", contract.name, contract.version, first.property,
                                 first.property.empty() ? "" : " ", first.check, first.message);
  text += fmt::format(" ({}:{})", contract.file, first.line);
  if (checks.size() > 1) text += fmt::format(" and {} more", checks.size() - 1);
  return text;
}

std::vector<const ContractCheck*> Of(const ContractReport& report, ContractVerdict verdict) {
  std::vector<const ContractCheck*> checks;
  for (const ContractCheck& check : report.checks) {
    if (check.verdict == verdict) checks.push_back(&check);
  }
  return checks;
}

}  // namespace

Result<std::vector<DataContract>> LoadContracts(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::filesystem::path extension = entry->path().extension();
    if (extension == ".yml" || extension == ".yaml" || extension == ".json") files.push_back(entry->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) return Fail(FileError(error.value(), "list", folder));
  std::ranges::sort(files);
  std::vector<DataContract> contracts;
  for (const std::filesystem::path& file : files) {
    SMELT_ASSIGN(DataContract contract, LoadContract(file.string()));
    contracts.push_back(std::move(contract));
  }
  return contracts;
}

ContractGate::ContractGate(std::vector<DataContract> contracts, ContractStrictness strictness)
    : contracts_(std::move(contracts)), strictness_(strictness) {
  std::erase_if(contracts_, [](const DataContract& contract) { return contract.status == "retired"; });
}

Result<std::string> ContractGate::Judge(engine::Engine& engine, engine::Session& session, std::string_view schema,
                                        std::string_view table) const {
  std::string warnings;
  const auto warn = [&warnings](const std::string& text) {
    warnings += (warnings.empty() ? "contract " : "; contract ") + text;
  };
  for (const DataContract& contract : contracts_) {
    SMELT_ASSIGN(const ContractReport report, CheckStagedTable(engine, session, contract, schema, table, strictness_));
    const auto broken = Of(report, ContractVerdict::kBroken);
    const bool binds = contract.status != "proposed" && contract.status != "draft";
    if (!broken.empty() && binds) {
      return Fail(
          Error(ErrorCode::kQualityGateFailed, fmt::format("{}.{} was not changed: it would break the contract {}",
                                                           schema, table, Told(contract, broken)))
              .At(contract.file, broken.front()->line)
              .Hint("repair what makes the table, or agree on another contract and raise its version"));
    }
    if (!broken.empty()) warn(Told(contract, broken));
    const auto mild = Of(report, ContractVerdict::kWarning);
    if (!mild.empty()) warn(Told(contract, mild));
  }
  return warnings;
}

}  // namespace smelt::quality
