#include "transform/internal/selection/previous_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/file.h"

namespace smelt::transform {
namespace {

/// The first version of dbt's manifest whose nodes have all that is compared.
constexpr int kManifestVersionMin = 7;

using Texts = std::map<std::string, std::string, std::less<>>;

Error Invalid(ErrorCode code, std::string message) {
  return Error(code, std::move(message))
      .Hint("name the folder with the manifest.json of an earlier run with --state or DBT_STATE");
}

Result<std::string> ReadArtefact(const std::string& path) {
  auto text = ReadWholeFile(path);
  if (text) return *std::move(text);
  if (text.error().code() == ErrorCode::kStoreNotFound)
    return Fail(Invalid(ErrorCode::kUsage, fmt::format("there is no '{}'", path)));
  return Fail(std::move(text).error());
}

/// What comparisons never look at: most of a large manifest.
bool IsLeftOut(int depth, std::string_view key) {
  constexpr std::array<std::string_view, 6> kTop = {"docs",      "parent_map", "child_map",
                                                    "group_map", "selectors",  "groups"};
  constexpr std::array<std::string_view, 6> kOfNode = {"compiled_code", "compiled_path", "extra_ctes",
                                                       "doc_blocks",    "created_at",    "root_path"};
  if (depth == 1) return std::ranges::find(kTop, key) != kTop.end();
  return depth == 3 && std::ranges::find(kOfNode, key) != kOfNode.end();
}

/// The version in "https://schemas.getdbt.com/dbt/manifest/v12.json"; 0: it is no manifest.
int ManifestVersion(const Json& document) {
  if (!document.is_object() || !document.contains("metadata") || !document["metadata"].is_object()) return 0;
  const std::string schema = document["metadata"].value("dbt_schema_version", "");
  const std::size_t at = schema.find("manifest/v");
  if (at == std::string::npos) return 0;
  int version = 0;
  const std::string_view digits = std::string_view(schema).substr(at + 10);
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return version;
}

/// One text of each result of an artefact by unique id; results without it are left out.
Result<Texts> ReadResults(const std::string& path, const char* key) {
  SMELT_ASSIGN(const std::string text, ReadArtefact(path));
  SMELT_ASSIGN(const Json document, ParseJson(text, path));
  if (!document.is_object() || !document.contains("results") || !document["results"].is_array()) {
    return Fail(Invalid(ErrorCode::kConfigValueInvalid, fmt::format("'{}' does not hold the results of a run", path)));
  }
  Texts found;
  for (const Json& result : document["results"]) {
    if (!result.is_object() || !result.contains(key) || !result[key].is_string()) continue;
    found[result.value("unique_id", "")] = result[key].get<std::string>();
  }
  return found;
}

}  // namespace

Result<PreviousManifest> PreviousManifest::Read(const std::string& path) {
  SMELT_ASSIGN(const std::string text, ReadArtefact(path));
  const auto keep = [](int depth, Json::parse_event_t event, Json& parsed) {
    return event != Json::parse_event_t::key || !IsLeftOut(depth, parsed.get_ref<const std::string&>());
  };
  auto document = std::make_unique<Json>(Json::parse(text, keep, /*allow_exceptions=*/false));
  if (document->is_discarded()) {
    SMELT_ASSIGN(*document, ParseJson(text, path));  // says where it is broken
  }
  const int version = ManifestVersion(*document);
  if (version == 0)
    return Fail(Invalid(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no manifest of dbt", path)));
  if (version < kManifestVersionMin) {
    return Fail(
        Error(ErrorCode::kConfigValueInvalid,
              fmt::format("'{}' is a manifest of version {}, too old to compare with", path, version))
            .Hint(fmt::format("write it anew with dbt 1.3 or later (version {} or later)", kManifestVersionMin)));
  }
  PreviousManifest manifest;
  manifest.document_ = std::move(document);
  manifest.Index();
  return manifest;
}

void PreviousManifest::Index() {
  for (const char* kind :
       {"nodes", "sources", "exposures", "metrics", "semantic_models", "unit_tests", "saved_queries"}) {
    const auto entries = document_->find(kind);
    if (entries == document_->end() || !entries->is_object()) continue;
    for (const auto& [id, entry] : entries->items()) {
      if (entry.is_object()) entries_.emplace(id, &entry);
    }
  }
  const auto macros = document_->find("macros");
  if (macros == document_->end() || !macros->is_object()) return;
  for (const auto& [id, macro] : macros->items()) {
    const auto text = macro.find("macro_sql");
    if (text != macro.end() && text->is_string()) macros_.emplace(id, text->get_ref<const std::string&>());
  }
}

const Json* PreviousManifest::Find(std::string_view unique_id) const {
  const auto found = entries_.find(unique_id);
  return found == entries_.end() ? nullptr : found->second;
}

std::optional<std::string_view> PreviousManifest::MacroText(std::string_view unique_id) const {
  const auto found = macros_.find(unique_id);
  return found == macros_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::string> PreviousState::Path(std::string_view file) const {
  if (directory_.empty()) return Fail(Invalid(ErrorCode::kUsage, "there is no earlier run to compare with"));
  return (std::filesystem::path(directory_) / file).string();
}

Result<const PreviousManifest*> PreviousState::Manifest() const {
  if (!manifest_) {
    SMELT_ASSIGN(const std::string path, Path("manifest.json"));
    SMELT_ASSIGN(PreviousManifest manifest, PreviousManifest::Read(path));
    manifest_ = std::make_unique<PreviousManifest>(std::move(manifest));
  }
  return manifest_.get();
}

Result<Texts> PreviousState::Statuses() const {
  SMELT_ASSIGN(const std::string path, Path("run_results.json"));
  return ReadResults(path, "status");
}

Result<Texts> PreviousState::Loads() const {
  SMELT_ASSIGN(const std::string path, Path("sources.json"));
  return ReadResults(path, "max_loaded_at");
}

Result<Texts> PreviousState::CurrentLoads() const {
  return ReadResults((std::filesystem::path(target_directory_) / "sources.json").string(), "max_loaded_at");
}

}  // namespace smelt::transform
