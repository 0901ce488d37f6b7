#include "transform/internal/project/project.h"

#include <filesystem>

#include "transform/internal/project/project_loader.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/selection.h"

namespace smelt::transform {

struct Project::Impl {
  ProjectState state;
};

Project::Project(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Project::~Project() = default;

Result<std::unique_ptr<Project>> Project::Load(const InvokeOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->state.options = options;
  SMELT_TRY(LoadProject(impl->state));
  return std::unique_ptr<Project>(new Project(std::move(impl)));
}

const Manifest& Project::manifest() const {
  return impl_->state.manifest;
}

Result<std::vector<std::string>> Project::Select(const std::vector<std::string>& select,
                                                 const std::vector<std::string>& exclude) const {
  return SelectNodes(impl_->state, select, exclude);
}

Result<std::string> Project::Compile(const Node& node, const CompileContext& context) const {
  return CompileNode(impl_->state, node, context);
}

Result<std::string> Project::RenderHook(const Node& node, const std::string& text,
                                        const CompileContext& context) const {
  return CompileHook(impl_->state, node, text, context);
}

bool Project::IsBuiltInTest(const Node& node, std::string_view name) const {
  return node.test_name == name && !impl_->state.macros.own().contains("test_" + std::string(name));
}

std::string Project::SeedPath(const Node& node) const {
  return (std::filesystem::path(impl_->state.file.directory) / node.file).string();
}

}  // namespace smelt::transform
