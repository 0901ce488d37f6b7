#include "transform/internal/project/project_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "base/parallel.h"
#include "base/yaml_1_1.h"
#include "transform/internal/project/context_functions.h"
#include "transform/internal/project/described_resolver.h"
#include "transform/internal/project/graph.h"
#include "transform/internal/project/node_files.h"
#include "transform/internal/project/node_resolver.h"
#include "transform/internal/project/operation_resolver.h"
#include "transform/internal/project/properties.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/source_files.h"
#include "transform/internal/project/source_resolver.h"
#include "transform/internal/project/test_resolver.h"
#include "transform/internal/project/unit_test_resolver.h"

namespace smelt::transform {
namespace {

Status ReadPropertiesOf(const ProjectFile& package, std::vector<Error>& warnings, std::vector<LocatedProperties>& all) {
  SMELT_ASSIGN(auto files, FindSourceFiles(package.directory, PropertiesFolders(package), {".yml", ".yaml"}));
  std::vector<PropertiesFile> read(files.size());
  std::vector<std::vector<Error>> warnings_of(files.size());
  SMELT_TRY(ForEachParallel(files.size(), ProcessorCount(), [&](std::size_t i) -> Status {
    SMELT_ASSIGN(read[i], ReadPropertiesFile(package, files[i].path, warnings_of[i]));
    return {};
  }));
  for (std::size_t i = 0; i < files.size(); ++i) {
    all.push_back({&package, std::move(files[i]), std::move(read[i])});
    std::ranges::move(warnings_of[i], std::back_inserter(warnings));
  }
  return {};
}

/// Two nodes that write the same table would undo each other's work.
Status CheckRelations(const Manifest& manifest) {
  std::map<RelationName, const Node*> writers;
  for (const auto& [id, node] : manifest.nodes) {
    if (!IsRefable(node.type) || node.config.materialized == "ephemeral") continue;
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

std::vector<std::string> PropertiesFolders(const ProjectFile& package) {
  std::vector<std::string> folders;
  for (const auto* paths : {&package.model_paths, &package.snapshot_paths, &package.seed_paths, &package.macro_paths,
                            &package.test_paths, &package.analysis_paths}) {
    folders.insert(folders.end(), paths->begin(), paths->end());
  }
  return folders;
}

Result<PropertiesFile> ReadPropertiesFile(const ProjectFile& package, const std::string& path,
                                          std::vector<Error>& warnings) {
  SMELT_ASSIGN(const std::string text, ReadPackageFile(package, path));
  SMELT_ASSIGN(const ConfigNode root, ParseYaml11(text, package.shown + path, &warnings));
  return ReadProperties(root, warnings);
}

Status LoadSurroundings(ProjectState& project) {
  SMELT_ASSIGN(project.packages, FindPackages(project.options.project_dir, project.options.vars, project.warnings));
  project.started_micros = NowMicros();
  if (!project.options.sample.empty()) {
    SMELT_ASSIGN(project.sample, ParseSample(project.options.sample, project.started_micros));
  }
  SMELT_TRY(ParseEventTimes(project.options.event_time_start, project.options.event_time_end));
  project.manifest.project_name = project.file().name;
  project.manifest.project_dir = project.file().directory;
  SMELT_TRY(ReadMacros(project));
  SMELT_TRY(ReadDocs(project));
  AddContextFunctions(project);
  return {};
}

Status LoadProject(ProjectState& project) {
  SMELT_TRY(LoadSurroundings(project));
  project.macros.Connect();
  SMELT_ASSIGN(project.selectors, ReadSelectors(project));
  SMELT_ASSIGN(NodeDrafts drafts, ReadNodes(project));
  std::vector<LocatedProperties> properties;
  for (const Package& package : project.packages) {
    SMELT_TRY(ReadPropertiesOf(package.file, project.warnings, properties));
  }
  SMELT_TRY(AddGroupsAndMacros(project, properties));
  SMELT_TRY(AddSources(project, properties));
  SMELT_TRY(NodeResolver(project).AddNodes(std::move(drafts), properties));
  SMELT_TRY(AddGenericTests(project, properties));
  SMELT_TRY(CheckRelations(project.manifest));
  SMELT_TRY(FindDependencies(project));
  SMELT_TRY(AddUnitTests(project, properties));
  SMELT_TRY(AddOperations(project));
  SMELT_TRY(AddDescribed(project, properties));
  SMELT_ASSIGN(project.manifest.order, OrderNodes(project.manifest.nodes));
  return {};
}

}  // namespace smelt::transform
