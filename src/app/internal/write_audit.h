#pragma once

#include <memory>
#include <string>

#include "app/internal/project.h"
#include "engine/session.h"
#include "quality/audit.h"
#include "quality/contract_gate.h"
#include "transform/write_audit.h"

namespace smelt::app {

/// The suites and contracts of a project as the auditors of what its models write: suites first, which may take rows
/// out, then the contracts on what is left.
class ProjectAudit final : public transform::WriteAudit {
 public:
  /// Reads both; `skip_unchanged` as in quality::Audit. Errors: those of LoadSuites and LoadContracts.
  static Result<std::unique_ptr<ProjectAudit>> Make(engine::Engine& engine, const ProjectConfig& project,
                                                    const Json& vars, const std::string& run_id, bool skip_unchanged);

  Result<std::string> Judge(engine::Session& session, std::string_view schema, std::string_view table,
                            transform::WriteKind kind) override;
  void Committed(std::string_view schema, std::string_view table, std::int64_t version) override;
  /// See quality::Audit::Store.
  Status Store();

 private:
  ProjectAudit(engine::Engine& engine, std::vector<quality::Suite> suites, quality::ContractGate contracts,
               const Json& vars, const std::string& run_id, bool skip_unchanged);
  engine::Engine& engine_;
  quality::Audit audit_;
  quality::ContractGate contracts_;
};

}  // namespace smelt::app
