#include <fmt/format.h>

#include <filesystem>
#include <ranges>

#include "base/file.h"
#include "base/yaml_1_1.h"
#include "transform/internal/deps/package_spec.h"
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
  SMELT_ASSIGN(ConfigNode root, ParseYaml11(*text, path));
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
  if (const auto required = root.Find("require-dbt-version"); required && !required->is_null()) {
    const auto add = [&](const ConfigNode& node) -> Status {
      SMELT_ASSIGN(std::string bound, renderer.RenderText(node));
      head.dbt_versions.push_back(std::move(bound));
      return {};
    };
    if (!required->is_list()) SMELT_TRY(add(*required));
    for (const ConfigNode& bound : required->items()) SMELT_TRY(add(bound));
  }
  head.file = path;
  return head;
}

Status CheckDbtVersion(const ProjectHead& project) {
  // What only a later patch of the same release does is done here, too.
  const std::string newest_patch = fmt::format("{}.99", kDbtVersion.substr(0, kDbtVersion.rfind('.')));
  for (const std::string& text : project.dbt_versions) {
    for (const auto part : std::views::split(text, ',')) {
      const std::string bound{std::string_view(part)};
      if (FitsVersions(std::string(kDbtVersion), {bound}) || FitsVersions(newest_patch, {bound})) continue;
      return Fail(Error(ErrorCode::kDbtConfigInvalid,
                        fmt::format("the project wants dbt {}, and smelt does what dbt {} does", text, kDbtVersion))
                      .Hint("change require-dbt-version, or run with --no-version-check")
                      .At(project.file));
    }
  }
  return {};
}

}  // namespace smelt::transform
