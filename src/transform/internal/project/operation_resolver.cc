#include "transform/internal/project/operation_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/digest.h"
#include "transform/internal/project/config_layers.h"
#include "transform/internal/project/node_config.h"
#include "transform/internal/project/render_node.h"

namespace smelt::transform {
namespace {

constexpr const char* kFileName = "dbt_project.yml";

Status AddHooks(ProjectState& project, const ProjectFile& file, std::string_view when,
                const std::vector<std::string>& hooks) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::string name = fmt::format("{}-{}-{}", file.name, when, i);
    SMELT_ASSIGN(Node node, MakeOperation(project, file.name, name, hooks[i], file.shown + kFileName));
    node.original_file = fmt::format("./{}", kFileName);
    node.path = fmt::format("hooks/{}.sql", name);
    node.fqn = {file.name, "hooks", name};
    node.tags = {std::string(when)};
    LayeredConfig layered;
    SMELT_TRY(ConfigLayers(project).ApplyTrees(TreeKey(node.type), node.fqn, node.type, layered));
    SMELT_ASSIGN(node.config, ResolveConfig(node.type, std::move(layered.config)));
    // Nothing is built before or after which a model's hooks could run.
    node.config.pre_hook.clear();
    node.config.post_hook.clear();
    SMELT_TRY(FindDependenciesOf(project, node));
    project.manifest.operations.push_back(std::move(node));
  }
  return {};
}

}  // namespace

Result<Node> MakeOperation(const ProjectState& project, std::string package, std::string name, std::string text,
                           std::string file) {
  Node node;
  node.type = ResourceType::kOperation;
  node.unique_id = fmt::format("operation.{}.{}", package, name);
  node.package = std::move(package);
  node.relation = {project.options.target.schema, name};
  node.name = std::move(name);
  node.file = std::move(file);
  node.line = 0;
  node.checksum = Sha256Hex(text);
  SMELT_ASSIGN(node.sql, jinja::ParseTemplate(text, node.file));
  node.raw_sql = std::move(text);
  return node;
}

Status AddOperations(ProjectState& project) {
  std::vector<const ProjectFile*> files;
  for (const Package& package : project.packages) files.push_back(&package.file);
  std::ranges::rotate(files, files.begin() + 1);  // the root project stands first, the others by name
  for (const ProjectFile* file : files) SMELT_TRY(AddHooks(project, *file, "on-run-start", file->on_run_start));
  for (const ProjectFile* file : files) SMELT_TRY(AddHooks(project, *file, "on-run-end", file->on_run_end));
  return {};
}

}  // namespace smelt::transform
