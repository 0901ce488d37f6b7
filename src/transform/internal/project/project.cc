#include "transform/internal/project/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>

#include "transform/internal/project/definition_hash.h"
#include "transform/internal/project/materialization.h"
#include "transform/internal/project/project_loader.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/warnings.h"
#include "transform/internal/selection/deferral.h"
#include "transform/internal/selection/selection.h"

namespace smelt::transform {

namespace {

/// The invocation's word against that of dbt_project.yml.
Status OverrideIndirectSelection(ProjectState& state) {
  const std::string& text = state.options.indirect_selection;
  if (text.empty()) return {};
  constexpr std::array<std::string_view, 4> kNames = {"eager", "cautious", "buildable", "empty"};
  const auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) return Fail(ErrorCode::kUsage, fmt::format("there is no indirect selection '{}'", text));
  state.packages.front().file.indirect_selection = static_cast<IndirectSelection>(found - kNames.begin());
  return {};
}

/// Warnings go to who asked for them, or are errors when that was asked for.
Status TellWarnings(const ProjectState& state) {
  for (const Error& warning : state.warnings) SMELT_TRY(TellWarning(state.options, warning, ""));
  return {};
}

}  // namespace

struct Project::Impl {
  ProjectState state;
};

Project::Project(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Project::~Project() = default;

Result<std::unique_ptr<Project>> Project::Load(const InvokeOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->state.options = options;
  SMELT_TRY(LoadProject(impl->state));
  SMELT_TRY(OverrideIndirectSelection(impl->state));
  SMELT_TRY(TellWarnings(impl->state));
  return std::unique_ptr<Project>(new Project(std::move(impl)));
}

const std::vector<Error>& Project::warnings() const {
  return impl_->state.warnings;
}

const Manifest& Project::manifest() const {
  return impl_->state.manifest;
}

const ProjectState& Project::state() const {
  return impl_->state;
}

Result<std::vector<std::string>> Project::Select(const std::vector<std::string>& select,
                                                 const std::vector<std::string>& exclude) const {
  SMELT_ASSIGN(const std::vector<std::string> picked, SelectMembers(impl_->state, select, exclude));
  return NodesAmong(picked);
}

std::vector<std::string> Project::NodesAmong(const std::vector<std::string>& picked) const {
  const std::set<std::string_view> ids(picked.begin(), picked.end());
  std::vector<std::string> nodes;
  for (const std::string& id : impl_->state.manifest.order) {
    const Node& node = impl_->state.manifest.nodes.at(id);
    // A file without text is a model that nobody builds.
    const bool is_empty = node.sql != nullptr && node.raw_sql.find_first_not_of(" \t\r\n") == std::string::npos;
    if (ids.contains(id) && !is_empty) nodes.push_back(id);
  }
  return nodes;
}

Status Project::Defer(engine::Engine& engine, const std::vector<std::string>& selected,
                      const std::vector<std::string>& also_read) {
  return DeferInputs(impl_->state, engine, selected, also_read);
}

Result<std::vector<std::string>> Project::SelectSources(const std::vector<std::string>& select,
                                                        const std::vector<std::string>& exclude) const {
  SMELT_ASSIGN(std::vector<std::string> ids, SelectMembers(impl_->state, select, exclude));
  std::erase_if(ids, [this](const std::string& id) { return !manifest().sources.contains(id); });
  return ids;
}

Result<std::string> Project::Compile(const Node& node, const CompileContext& context) const {
  return CompileNode(impl_->state, node, context);
}

Result<Materialization> Project::Materialize(const Node& node, const MaterializeContext& context) const {
  return RunMaterialization(impl_->state, node, context);
}

void Project::HashDefinitions() {
  transform::HashDefinitions(impl_->state);
}

void Project::SetSelected(const std::vector<std::string>& ids) {
  impl_->state.selected = ids;
}

bool Project::IsBuiltInTest(const Node& node, std::string_view name) const {
  const MacroSet& macros = impl_->state.macros;
  const std::string macro = fmt::format("test_{}", name);
  if (node.test_name != name || !node.test_namespace.empty()) return false;
  const MacroEntry* body = macros.FindDispatched(macro, {macros.root(), std::string(kBuiltInPackage)});
  return macros.Find(macro, node.package) == macros.FindIn(kBuiltInPackage, macro) && body != nullptr &&
         body->package == kBuiltInPackage;
}

std::string Project::SeedPath(const Node& node) const {
  return (std::filesystem::path(impl_->state.PackageOf(node.package).file.directory) / node.original_file).string();
}

}  // namespace smelt::transform
