#include "app/internal/write_audit.h"

#include <filesystem>
#include <utility>

#include "app/internal/contract_door.h"

namespace smelt::app {

ProjectAudit::ProjectAudit(engine::Engine& engine, std::vector<quality::Suite> suites, quality::ContractGate contracts,
                           const Json& vars, const std::string& run_id, bool skip_unchanged)
    : engine_(engine),
      audit_(engine, std::move(suites), vars, run_id, skip_unchanged),
      contracts_(std::move(contracts)) {}

Result<std::unique_ptr<ProjectAudit>> ProjectAudit::Make(engine::Engine& engine, const ProjectConfig& project,
                                                         const Json& vars, const std::string& run_id,
                                                         bool skip_unchanged) {
  std::vector<quality::Suite> suites;
  std::error_code ignored;
  if (std::filesystem::is_directory(project.suites, ignored)) {
    SMELT_ASSIGN(suites, quality::LoadSuites(project.suites));
  }
  SMELT_ASSIGN(quality::ContractGate contracts, LoadContractGate(project));
  return std::unique_ptr<ProjectAudit>(
      new ProjectAudit(engine, std::move(suites), std::move(contracts), vars, run_id, skip_unchanged));
}

Result<std::string> ProjectAudit::Judge(engine::Session& session, std::string_view schema, std::string_view table,
                                        transform::WriteKind kind) {
  SMELT_ASSIGN(std::string warnings, audit_.Judge(session, schema, table,
                                                  kind == transform::WriteKind::kWhole ? quality::Staged::kWhole
                                                                                       : quality::Staged::kAddition));
  SMELT_ASSIGN(const std::string promised, contracts_.Judge(engine_, session, schema, table));
  if (!warnings.empty() && !promised.empty()) warnings += "; ";
  return warnings + promised;
}

void ProjectAudit::Committed(std::string_view schema, std::string_view table, std::int64_t version) {
  audit_.Committed(schema, table, version);
}

Status ProjectAudit::Store() {
  return audit_.Store();
}

}  // namespace smelt::app
