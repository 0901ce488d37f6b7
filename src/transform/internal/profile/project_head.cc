#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "transform/internal/profile/yaml_renderer.h"
#include "transform/profile.h"

namespace smelt::transform {
namespace {

Result<std::string> TextOr(const YamlRenderer& renderer, const ConfigNode& root, std::string_view key,
                           std::string fallback) {
  const auto node = root.Find(key);
  if (!node || node->is_null()) return fallback;
  return renderer.RenderText(*node);
}

}  // namespace

Result<ProjectHead> ReadProjectHead(const std::string& dir, const Json& vars) {
  const std::string path = (std::filesystem::path(dir) / "dbt_project.yml").string();
  auto text = ReadWholeFile(path);
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) {
    return Fail(Error(ErrorCode::kDbtProjectMissing, fmt::format("there is no dbt_project.yml in '{}'", dir))
                    .Hint("go to the folder of the dbt project, or name it with --project-dir"));
  }
  if (!text) return Fail(std::move(text).error());
  SMELT_ASSIGN(ConfigNode root, ConfigNode::ParseYaml(*text, path));
  const YamlRenderer renderer(vars);
  ProjectHead head;
  SMELT_ASSIGN(head.name, TextOr(renderer, root, "name", ""));
  SMELT_ASSIGN(head.profile, TextOr(renderer, root, "profile", ""));
  SMELT_ASSIGN(head.target_path, TextOr(renderer, root, "target-path", head.target_path));
  SMELT_ASSIGN(head.log_path, TextOr(renderer, root, "log-path", head.log_path));
  SMELT_ASSIGN(head.packages_path, TextOr(renderer, root, "packages-install-path", head.packages_path));
  if (const auto targets = root.Find("clean-targets"); targets && !targets->is_null()) {
    for (const ConfigNode& target : targets->items()) {
      SMELT_ASSIGN(std::string folder, renderer.RenderText(target));
      head.clean_targets.push_back(std::move(folder));
    }
  }
  if (const auto flags = root.Find("flags"); flags && !flags->is_null()) {
    if (!flags->is_map()) return Fail(flags->ErrorHere(ErrorCode::kConfigValueInvalid, "flags wants a map"));
    SMELT_ASSIGN(head.flags, renderer.Render(*flags));
  }
  return head;
}

}  // namespace smelt::transform
