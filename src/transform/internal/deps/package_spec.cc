#include "transform/internal/deps/package_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "base/config.h"
#include "base/digest.h"
#include "transform/internal/profile/yaml_renderer.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;

struct SourceKey {
  std::string_view key;
  PackageSpec::Kind kind;
};
constexpr std::array kSources = {
    SourceKey{"local", PackageSpec::Kind::kLocal},
    SourceKey{"git", PackageSpec::Kind::kGit},
    SourceKey{"package", PackageSpec::Kind::kHub},
    SourceKey{"tarball", PackageSpec::Kind::kTarball},
};

Result<std::string> OptionalText(const YamlRenderer& renderer, const ConfigNode& node, std::string_view key) {
  const auto value = node.Find(key);
  if (!value || value->is_null()) return std::string();
  return renderer.RenderText(*value);
}

/// JSON as Python's json.dumps writes it with sorted keys.
std::string PythonJson(const Json& value) {
  if (!value.is_structured()) return value.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::vector<std::string> parts;
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) parts.push_back(PythonJson(key) + ": " + PythonJson(part));
    std::ranges::sort(parts);
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  for (const Json& part : value) parts.push_back(PythonJson(part));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

/// The entry with what dbt fills in, and as it is written.
Result<std::string> IdentityOf(const YamlRenderer& renderer, const ConfigNode& node, PackageSpec::Kind kind) {
  SMELT_ASSIGN(Json entry, renderer.Render(node));
  const auto fill = [&entry](const char* key, const Json& value) {
    if (!entry.contains(key)) entry[key] = value;
  };
  if (kind == PackageSpec::Kind::kGit) {
    for (const char* key : {"revision", "subdirectory", "warn-unpinned"}) fill(key, nullptr);
  }
  if (kind == PackageSpec::Kind::kHub) fill("install_prerelease", false);
  entry["unrendered"] = node.ToJson();
  return PythonJson(entry);
}

Status ReadVersions(const YamlRenderer& renderer, const ConfigNode& node, PackageSpec& spec) {
  const auto version = node.Find("version");
  if (!version || version->is_null()) return {};
  if (!version->is_list()) {
    SMELT_ASSIGN(std::string text, renderer.RenderText(*version));
    spec.versions.push_back(std::move(text));
  }
  for (const ConfigNode& item : version->items()) {
    SMELT_ASSIGN(std::string text, renderer.RenderText(item));
    spec.versions.push_back(std::move(text));
  }
  return {};
}

Result<PackageSpec> ReadSpec(const YamlRenderer& renderer, const ConfigNode& node) {
  if (!node.is_map()) return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a package wants a map"));
  if (node.Find("private")) {
    return Fail(node.ErrorHere(ErrorCode::kDbtUnsupported, "private packages are those of dbt's own platform")
                    .Hint("name the repository with `git:` and give git its keys"));
  }
  PackageSpec spec;
  spec.file = node.file();
  spec.line = node.line();
  const auto source =
      std::ranges::find_if(kSources, [&](const SourceKey& one) { return node.Find(one.key).has_value(); });
  if (source == kSources.end()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, "a package wants one of: package, git, local, tarball"));
  }
  spec.kind = source->kind;
  SMELT_ASSIGN(spec.identity, IdentityOf(renderer, node, spec.kind));
  SMELT_ASSIGN(spec.source, OptionalText(renderer, node, source->key));
  SMELT_ASSIGN(spec.written, node.Require(source->key)->AsString());
  SMELT_ASSIGN(spec.revision, OptionalText(renderer, node, "revision"));
  SMELT_ASSIGN(spec.subdirectory, OptionalText(renderer, node, "subdirectory"));
  SMELT_TRY(ReadVersions(renderer, node, spec));
  SMELT_ASSIGN(spec.takes_prereleases, node.BoolOr("install_prerelease", node.Find("install-prerelease").has_value()));
  return spec;
}

Result<std::vector<PackageSpec>> ReadList(const fs::path& file, const Json& vars) {
  SMELT_ASSIGN(ConfigNode root, ConfigNode::ReadFile(file.string()));
  std::vector<PackageSpec> specs;
  const auto list = root.Find("packages");
  if (!list) return specs;
  const YamlRenderer renderer(vars);
  for (const ConfigNode& node : list->items()) {
    SMELT_ASSIGN(PackageSpec spec, ReadSpec(renderer, node));
    specs.push_back(std::move(spec));
  }
  return specs;
}

/// {1, 3, 0} of "1.3.0-rc1".
std::array<int, 3> Numbers(std::string_view version) {
  std::array<int, 3> numbers{};
  for (int& number : numbers) {
    const auto [end, failure] = std::from_chars(version.data(), version.data() + version.size(), number);
    if (failure != std::errc()) break;
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.starts_with('.')) break;
    version.remove_prefix(1);
  }
  return numbers;
}

std::string_view Suffix(std::string_view version) {
  const std::size_t at = version.find_first_not_of("0123456789.");
  return at == std::string_view::npos ? std::string_view() : version.substr(at);
}

}  // namespace

Result<std::vector<PackageSpec>> ReadPackageSpecs(const std::string& project_dir, const Json& vars) {
  std::error_code ignored;
  for (const char* name : {"packages.yml", "dependencies.yml"}) {
    const fs::path file = fs::path(project_dir) / name;
    if (fs::exists(file, ignored)) return ReadList(file, vars);
  }
  return std::vector<PackageSpec>();
}

Result<LockFile> ReadLockFile(const std::string& project_dir) {
  std::error_code ignored;
  LockFile lock;
  const fs::path file = fs::path(project_dir) / "package-lock.yml";
  if (!fs::exists(file, ignored)) return lock;
  SMELT_ASSIGN(lock.packages, ReadList(file, Json::object()));
  SMELT_ASSIGN(ConfigNode root, ConfigNode::ReadFile(file.string()));
  SMELT_ASSIGN(lock.hash, root.StringOr("sha1_hash", ""));
  return lock;
}

std::string HashOf(const std::vector<PackageSpec>& specs) {
  std::vector<std::string> identities;
  for (const PackageSpec& spec : specs) identities.push_back(spec.identity);
  std::ranges::sort(identities);
  return Sha1Hex(fmt::to_string(fmt::join(identities, "\n")));
}

bool IsPrerelease(const std::string& version) {
  return !Suffix(version).empty();
}

bool IsOlder(const std::string& version, const std::string& other) {
  if (Numbers(version) != Numbers(other)) return Numbers(version) < Numbers(other);
  const std::string_view suffix = Suffix(version);
  const std::string_view other_suffix = Suffix(other);
  // A release comes after what leads to it.
  if (suffix.empty() || other_suffix.empty()) return !suffix.empty() && other_suffix.empty();
  return suffix < other_suffix;
}

bool FitsVersions(const std::string& version, const std::vector<std::string>& wanted) {
  return std::ranges::all_of(wanted, [&](std::string bound) {
    std::erase(bound, ' ');
    const std::size_t at = std::min(bound.find_first_not_of("<>=v"), bound.size());
    const std::string sign = bound.substr(0, at);
    const std::string limit = bound.substr(at);
    const bool is_same = !IsOlder(version, limit) && !IsOlder(limit, version);
    if (sign.starts_with(">=")) return !IsOlder(version, limit);
    if (sign.starts_with("<=")) return !IsOlder(limit, version);
    if (sign.starts_with('>')) return IsOlder(limit, version);
    if (sign.starts_with('<')) return IsOlder(version, limit);
    return is_same;
  });
}

}  // namespace smelt::transform
