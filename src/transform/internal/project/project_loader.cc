#include "transform/internal/project/project_loader.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/graph.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/node_resolver.h"
#include "transform/internal/project/properties.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/source_files.h"

namespace smelt::transform {
namespace {

Result<std::vector<LocatedProperties>> ReadAllProperties(const ProjectState& project) {
  std::vector<std::string> folders;
  for (const auto* paths : {&project.file.model_paths, &project.file.snapshot_paths, &project.file.seed_paths,
                            &project.file.macro_paths, &project.file.test_paths, &project.file.analysis_paths}) {
    folders.insert(folders.end(), paths->begin(), paths->end());
  }
  SMELT_ASSIGN(auto files, FindSourceFiles(project.file.directory, folders, {".yml", ".yaml"}));
  std::vector<LocatedProperties> all;
  for (const SourceFile& file : files) {
    SMELT_ASSIGN(std::string text, ReadWholeFile((std::filesystem::path(project.file.directory) / file.path).string()));
    SMELT_ASSIGN(ConfigNode root, ConfigNode::ParseYaml(text, file.path));
    SMELT_ASSIGN(PropertiesFile properties, ReadProperties(root));
    all.push_back({file, std::move(properties)});
  }
  return all;
}

/// Two nodes that write the same table would undo each other's work.
Status CheckRelations(const Manifest& manifest) {
  std::map<RelationName, const Node*> writers;
  for (const auto& [id, node] : manifest.nodes) {
    if (ResourceTypeText(node.type) == "test" || node.config.materialized == "ephemeral") continue;
    auto [other, added] = writers.emplace(node.relation, &node);
    if (added) continue;
    return Fail(Error(ErrorCode::kDbtDuplicate, fmt::format("two nodes write the table {}: {} and {}",
                                                            node.relation.Text(), other->second->file, node.file))
                    .Hint("give one of them another alias or schema")
                    .At(node.file, node.line));
  }
  return {};
}

}  // namespace

Status LoadProject(ProjectState& project) {
  SMELT_ASSIGN(project.file, ReadProjectFile(project.options.project_dir, project.options.vars));
  project.started_micros = NowMicros();
  project.manifest.project_name = project.file.name;
  project.manifest.project_dir = project.file.directory;
  SMELT_TRY(ReadMacros(project));
  SMELT_TRY(ReadDocs(project));
  AddContextFunctions(project);
  SMELT_ASSIGN(NodeDrafts drafts, ReadNodes(project));
  SMELT_ASSIGN(auto properties, ReadAllProperties(project));
  NodeResolver resolver(project);
  SMELT_TRY(resolver.AddSources(properties));
  SMELT_TRY(resolver.AddNodes(std::move(drafts), properties));
  SMELT_TRY(resolver.AddGenericTests(properties));
  SMELT_TRY(CheckRelations(project.manifest));
  SMELT_TRY(FindDependencies(project));
  SMELT_ASSIGN(project.manifest.order, OrderNodes(project.manifest.nodes));
  HashDefinitions(project);
  return {};
}

}  // namespace smelt::transform
