#include "quality/internal/data_asset.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <re2/re2.h>

#include "quality/internal/python_regex.h"

namespace smelt::quality {
namespace {

namespace fs = std::filesystem;

/// The child of a map by its key, or of a list by its `name`.
std::optional<ConfigNode> Named(const std::optional<ConfigNode>& holder, const std::string& name) {
  if (!holder) return std::nullopt;
  if (holder->is_map()) return holder->Find(name);
  for (const ConfigNode& entry : holder->items()) {
    const auto own = entry.Find("name");
    if (own && own->AsString().value_or("") == name) return entry;
  }
  return std::nullopt;
}

bool IsDataFile(const std::string& name) {
  static constexpr std::array<std::string_view, 6> kExtensions = {".parquet", ".csv",    ".tsv",
                                                                  ".json",    ".ndjson", ".jsonl"};
  return std::ranges::any_of(kExtensions, [&](std::string_view extension) { return name.ends_with(extension); });
}

/// The asset of great_expectations.yml with the folder of its files.
struct Configured {
  ConfigNode asset;
  fs::path folder;
};

Result<std::optional<Configured>> FindConfigured(const DataAsset& asset, const fs::path& project) {
  const fs::path path = project / "great_expectations.yml";
  std::error_code problem;
  if (!fs::is_regular_file(path, problem)) return std::optional<Configured>();
  SMELT_ASSIGN(const ConfigNode root, ConfigNode::ReadFile(path.string()));
  const auto source = Named(root.Find("fluent_datasources"), asset.data_source);
  const auto found = source ? Named(source->Find("assets"), asset.name) : std::nullopt;
  if (!found) return std::optional<Configured>();
  SMELT_ASSIGN(const std::string folder, source->StringOr("base_directory", "."));
  return std::optional<Configured>({*found, project / folder});
}

/// The one file that an asset's batch definition, or its own batching_regex, matches.
Result<Target> FileOf(const Configured& configured, const DataAsset& asset) {
  const auto definition = Named(configured.asset.Find("batch_definitions"), asset.batch_definition);
  const auto partitioner = definition ? definition->Find("partitioner") : std::nullopt;
  std::string regex;
  for (const auto& [holder, key] :
       {std::pair(partitioner, "regex"), std::pair(std::optional(configured.asset), "batching_regex")}) {
    if (!holder || !regex.empty()) continue;
    SMELT_ASSIGN(regex, holder->StringOr(key, ""));
  }
  SMELT_ASSIGN(const std::string translated, Re2Pattern(regex));
  const re2::RE2 pattern(translated, re2::RE2::Quiet);
  std::vector<std::string> matches;
  std::error_code problem;
  for (auto entry = fs::recursive_directory_iterator(configured.folder, problem);
       !problem && entry != fs::recursive_directory_iterator(); entry.increment(problem)) {
    const std::string relative = fs::relative(entry->path(), configured.folder).string();
    re2::StringPiece text(relative);
    if (entry->is_regular_file() && pattern.ok() && re2::RE2::Consume(&text, pattern))
      matches.push_back(entry->path().string());
  }
  if (matches.size() == 1) return Target{.table = {}, .version = {}, .file = matches.front()};
  return Fail(configured.asset
                  .ErrorHere(ErrorCode::kConfigValueInvalid,
                             fmt::format("the asset \"{}\" stands for {} files of {}", asset.name, matches.size(),
                                         configured.folder.string()))
                  .Hint("use a batch definition by path, or name the table in the suite: meta.smelt.table"));
}

Result<Target> FromConfigured(const Configured& configured, const DataAsset& asset) {
  if (!configured.asset.Find("table_name")) return FileOf(configured, asset);
  SMELT_ASSIGN(const std::string table, configured.asset.StringOr("table_name", ""));
  SMELT_ASSIGN(const std::string schema, configured.asset.StringOr("schema_name", "main"));
  return Target{
      .table = table.find('.') == std::string::npos ? schema + "." + table : table, .version = {}, .file = {}};
}

}  // namespace

Result<Target> TargetOf(const DataAsset& asset, const Suite& suite, const std::string& project,
                        const ConfigNode& place) {
  if (!suite.table.empty()) return Target{.table = suite.table, .version = {}, .file = {}};
  const auto in_project = [&](const std::string& file) {
    return (fs::path(project) / file).lexically_normal().string();
  };
  if (!asset.path.empty()) return Target{.table = {}, .version = {}, .file = in_project(asset.path)};
  SMELT_ASSIGN(const auto configured, FindConfigured(asset, project));
  if (configured) return FromConfigured(*configured, asset);
  if (IsDataFile(asset.name)) return Target{.table = {}, .version = {}, .file = in_project(asset.name)};
  if (asset.name.find('.') != std::string::npos) return Target{.table = asset.name, .version = {}, .file = {}};
  return Fail(place
                  .ErrorHere(ErrorCode::kConfigKeyMissing,
                             fmt::format("nothing says which table the suite \"{}\" is checked against", suite.name))
                  .Hint("name it in the suite: meta.smelt.table, like silver.orders"));
}

}  // namespace smelt::quality
