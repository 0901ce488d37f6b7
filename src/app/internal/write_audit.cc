#include "app/internal/write_audit.h"

#include <filesystem>
#include <utility>

namespace smelt::app {

SuiteAudit::SuiteAudit(engine::Engine& engine, std::vector<quality::Suite> suites, const Json& vars,
                       const std::string& run_id)
    : audit_(engine, std::move(suites), vars, run_id) {}

Result<std::unique_ptr<SuiteAudit>> SuiteAudit::Make(engine::Engine& engine, const ProjectConfig& project,
                                                     const Json& vars, const std::string& run_id) {
  std::vector<quality::Suite> suites;
  std::error_code ignored;
  if (std::filesystem::is_directory(project.suites, ignored)) {
    SMELT_ASSIGN(suites, quality::LoadSuites(project.suites));
  }
  return std::unique_ptr<SuiteAudit>(new SuiteAudit(engine, std::move(suites), vars, run_id));
}

Result<std::string> SuiteAudit::Judge(engine::Session& session, std::string_view schema, std::string_view table,
                                      transform::WriteKind kind) {
  return audit_.Judge(session, schema, table,
                      kind == transform::WriteKind::kWhole ? quality::Staged::kWhole : quality::Staged::kAddition);
}

void SuiteAudit::Committed(std::string_view schema, std::string_view table, std::int64_t version) {
  audit_.Committed(schema, table, version);
}

Status SuiteAudit::Store() {
  return audit_.Store();
}

}  // namespace smelt::app
