#include "transform/internal/parsing/partial_parse.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/parallel.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/parsing/changed_models.h"
#include "transform/internal/parsing/parse_key.h"
#include "transform/internal/project/warnings.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRecordFile = "partial_parse.smelt";
constexpr std::string_view kManifestCopy = "partial_parse.json";
constexpr std::int64_t kNsPerMicro = 1000;
/// Beyond so many, the whole parse is as good.
constexpr std::size_t kChangesMax = 100;

bool IsWanted(const InvokeOptions& options) {
  const auto flag = options.flags.find("partial_parse");
  const bool is_off = flag != options.flags.end() && *flag == false;
  return options.write_artefacts && !is_off && !options.target_dir.empty();
}

std::string Path(const InvokeOptions& options, std::string_view file) {
  return (fs::path(options.target_dir) / file).string();
}

/// The stamp of the manifest's copy. Its second change time moves with the names that it has.
Result<FileStamp> StampOfCopy(const InvokeOptions& options) {
  SMELT_ASSIGN(std::vector<FileStamp> stamps, StampFiles({{}, {Path(options, kManifestCopy)}}));
  stamps[0].changed_ns = 0;
  return stamps[0];
}

/// Where the files of packages lie, and those that say which packages there are.
StampedPlaces PlacesOf(const std::vector<Package>& packages) {
  StampedPlaces places;
  for (const Package& package : packages) {
    const fs::path home = package.file.directory;
    const ProjectFile& file = package.file;
    std::set<std::string> folders;
    for (const auto* paths : {&file.model_paths, &file.macro_paths, &file.snapshot_paths, &file.seed_paths,
                              &file.test_paths, &file.analysis_paths, &file.docs_paths}) {
      for (const std::string& path : *paths) folders.insert((home / path).lexically_normal().string());
    }
    places.folders.insert(places.folders.end(), folders.begin(), folders.end());
    for (const char* name : {"dbt_project.yml", "packages.yml", "dependencies.yml", "selectors.yml"}) {
      places.files.push_back((home / name).string());
    }
    places.files.push_back((home / file.packages_path).string());
  }
  return places;
}

Status AddNodes(const Project& project, const ManifestLayout& layout, ParseRecord& record) {
  std::unordered_map<const Node*, TextSpan> texts;
  for (const auto& [node, span] : layout.nodes) texts.emplace(node, span);
  std::set<std::string_view> stamped;
  for (const FileStamp& stamp : record.files) stamped.insert(stamp.path);
  for (const auto& [id, node] : project.manifest().nodes) {
    if (!IsRefable(node.type)) continue;
    RecordedNode recorded = RecordNode(project.state(), node);
    recorded.text = texts.at(&node);
    if (!stamped.contains(recorded.file)) recorded.file.clear();
    record.nodes.push_back(std::move(recorded));
  }
  for (const auto& [id, source] : project.manifest().sources) {
    record.sources.push_back({id, source.package, source.source, source.table, source.relation});
  }
  return {};
}

/// Gives the manifest a second name, so that it outlives what other commands put in its place.
Status KeepManifest(const InvokeOptions& options) {
  const std::string copy = Path(options, kManifestCopy);
  unlink(copy.c_str());
  if (link(Path(options, kManifestFile).c_str(), copy.c_str()) == 0) return {};
  return Fail(FileError(errno, "link", copy));
}

Status Keep(const Project& project, const ManifestLayout& layout, const ProjectSummary& summary, ParseRecord& record) {
  const InvokeOptions& options = project.state().options;
  SMELT_TRY(AddNodes(project, layout, record));
  record.metadata = layout.metadata;
  record.counts = summary.counts;
  for (const Error& warning : project.warnings()) {
    record.warnings.push_back(
        {warning.code(), warning.message(), warning.hint(), warning.file(), warning.line(), warning.column()});
  }
  SMELT_TRY(KeepManifest(options));
  SMELT_ASSIGN(record.manifest, StampOfCopy(options));
  // Another parse may have put its own manifest there in between.
  if (record.manifest.inode != layout.inode) return Fail(ErrorCode::kStoreExists, "another parse was first");
  return WriteWholeFile(Path(options, kRecordFile), EncodeRecord(record));
}

/// The recorded models whose files have changed; nothing when something else has.
std::optional<std::vector<const RecordedNode*>> ChangedModels(const ParseRecord& record,
                                                              const std::vector<FileStamp>& now) {
  const std::vector<std::string> changed = ChangedPaths(record.files, now);
  if (changed.size() > kChangesMax) return std::nullopt;
  const std::set<std::string_view> paths(changed.begin(), changed.end());
  std::vector<const RecordedNode*> models;
  for (const RecordedNode& node : record.nodes) {
    if (!node.file.empty() && paths.contains(node.file)) models.push_back(&node);
  }
  if (models.size() != paths.size()) return std::nullopt;
  return models;
}

/// Tells what the whole parse warned of, but for what it said of files that have changed since, and what is new.
Status TellAllWarnings(const ParseRecord& record, const std::vector<const RecordedNode*>& changed,
                       const ProjectState& project) {
  std::set<std::string> told, anew;
  for (const RecordedNode* model : changed) anew.insert(project.manifest.nodes.at(model->unique_id).file);
  for (const RecordedWarning& known : record.warnings) {
    if (anew.contains(known.file)) continue;
    const Error warning = Error(known.code, known.message).Hint(known.hint).At(known.file, known.line, known.column);
    told.insert(warning.ToString());
    SMELT_TRY(TellWarning(project.options, warning, ""));
  }
  for (const Error& warning : project.warnings) {
    if (told.insert(warning.ToString()).second) SMELT_TRY(TellWarning(project.options, warning, ""));
  }
  return {};
}

/// What the manifest says now of itself and of the changed models, in the order of their places; nothing when one of
/// them is not to others what it was.
std::optional<std::vector<std::string>> TextsOf(const std::vector<const RecordedNode*>& changed,
                                                const ProjectState& project) {
  std::vector<std::string> texts = {MetadataText(project)};
  for (const RecordedNode* model : changed) {
    const auto node = project.manifest.nodes.find(model->unique_id);
    if (node == project.manifest.nodes.end() || FaceOf(node->second) != model->face) return std::nullopt;
    texts.push_back(NodeText(project, node->second));
  }
  return texts;
}

/// Nothing: as ParseChanges. Errors mean the same.
Result<std::optional<ProjectSummary>> TryChanges(const InvokeOptions& options) {
  SMELT_ASSIGN(const std::string bytes, ReadWholeFile(Path(options, kRecordFile)));
  SMELT_ASSIGN(const ParseRecord record, DecodeRecord(bytes));
  if (record.key != ParseKey(options)) return std::nullopt;
  SMELT_ASSIGN(const FileStamp copy, StampOfCopy(options));
  if (copy != record.manifest) return std::nullopt;

  SMELT_ASSIGN(const std::vector<FileStamp> now, StampFiles(record.places));
  auto changed = ChangedModels(record, now);
  if (!changed) return std::nullopt;
  std::ranges::sort(*changed, {}, [](const RecordedNode* model) { return model->text.begin; });

  ProjectState project;
  project.options = options;
  std::optional<ManifestCopy> manifest;
  const auto begin_copy = [&]() -> Status {
    std::vector<TextSpan> spans = {record.metadata};
    for (const RecordedNode* model : *changed) spans.push_back(model->text);
    SMELT_ASSIGN(ManifestCopy made,
                 ManifestCopy::Make(Path(options, kManifestFile), copy.path, copy.size, std::move(spans)));
    manifest.emplace(std::move(made));
    return {};
  };
  SMELT_TRY(RunBoth([&] { return LoadChangedModels(record, *changed, project); }, begin_copy));
  const auto texts = TextsOf(*changed, project);
  if (!texts) return std::nullopt;
  SMELT_TRY(std::move(*manifest).Finish(*texts));
  SMELT_TRY(TellAllWarnings(record, *changed, project));
  return ProjectSummary{.counts = record.counts, .seconds = 0};
}

}  // namespace

std::optional<ParseRecord> BeginRecord(const InvokeOptions& options, std::int64_t now_micros) {
  if (!IsWanted(options)) return std::nullopt;
  // A record of another parse would not fit the manifest that is about to be written.
  unlink(Path(options, kRecordFile).c_str());
  std::vector<Error> warnings;
  const auto packages = FindPackages(options.project_dir, options.vars, warnings);
  if (!packages) return std::nullopt;
  ParseRecord record;
  record.key = ParseKey(options);
  record.places = PlacesOf(*packages);
  auto stamps = StampFiles(record.places);
  if (!stamps) return std::nullopt;
  record.files = *std::move(stamps);
  DistrustFreshStamps(now_micros * kNsPerMicro, record.files);
  return record;
}

void KeepRecord(const Project& project, const ManifestLayout& layout, const ProjectSummary& summary,
                ParseRecord record) {
  (void)Keep(project, layout, summary, record);
}

std::optional<ProjectSummary> ParseChanges(const InvokeOptions& options) {
  if (!IsWanted(options)) return std::nullopt;
  const double begin = MonotonicSeconds();
  auto summary = TryChanges(options);
  if (!summary || !*summary) return std::nullopt;
  (*summary)->seconds = MonotonicSeconds() - begin;
  return *std::move(summary);
}

}  // namespace smelt::transform
