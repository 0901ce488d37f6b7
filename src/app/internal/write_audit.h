#pragma once

#include <memory>
#include <string>

#include "app/internal/project.h"
#include "engine/session.h"
#include "quality/audit.h"
#include "transform/write_audit.h"

namespace smelt::app {

/// The suites of a project as the auditor of what its models write.
class SuiteAudit final : public transform::WriteAudit {
 public:
  /// Reads the suites. Errors: those of LoadSuites.
  static Result<std::unique_ptr<SuiteAudit>> Make(engine::Engine& engine, const ProjectConfig& project,
                                                  const Json& vars, const std::string& run_id);

  Result<std::string> Judge(engine::Session& session, std::string_view schema, std::string_view table,
                            transform::WriteKind kind) override;
  void Committed(std::string_view schema, std::string_view table, std::int64_t version) override;
  /// See quality::Audit::Store.
  Status Store();

 private:
  SuiteAudit(engine::Engine& engine, std::vector<quality::Suite> suites, const Json& vars, const std::string& run_id);
  quality::Audit audit_;
};

}  // namespace smelt::app
