#include "app/internal/lake_of_project.h"

#include <filesystem>

namespace smelt::app {

Status AdoptLakeOfProject(CommandContext& context) {
  std::error_code ignored;
  const auto file = std::filesystem::path(context.project_dir) / "smelt.yml";
  if (!context.lake.empty() || !std::filesystem::exists(file, ignored)) return {};
  SMELT_ASSIGN(const ProjectConfig project, LoadProject(context.project_dir));
  Adopt(context, project);
  return {};
}

}  // namespace smelt::app
