#include "delta/clustering.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/id.h"
#include "base/json.h"
#include "delta/features.h"

namespace smelt::delta {
namespace {

constexpr const char* kProvider = "liquid";
constexpr const char* kCubeTag = "ZCUBE_ID";
constexpr const char* kCubeColumnsTag = "ZCUBE_ZORDER_BY";
constexpr const char* kCubeCurveTag = "ZCUBE_ZORDER_CURVE";
constexpr const char* kColumns = "clusteringColumns";

std::string TagOf(const Add& file, const char* tag) {
  const auto found = file.tags.find(tag);
  return found == file.tags.end() ? "" : found->second;
}

bool IsOurs(const Add& file) {
  return file.clustering_provider == kProvider;
}

/// The cubes that may still grow: their ids.
std::set<std::string> OpenCubes(const Snapshot& snapshot, const std::string& columns, std::int64_t cube_bytes_min) {
  std::map<std::string, std::int64_t> bytes;
  for (const auto& file : snapshot.files()) {
    if (IsOurs(*file) && TagOf(*file, kCubeColumnsTag) == columns) bytes[TagOf(*file, kCubeTag)] += file->size_bytes;
  }
  std::set<std::string> open;
  for (const auto& [cube, size] : bytes) {
    if (size < cube_bytes_min) open.insert(cube);
  }
  return open;
}

bool HasUnclusteredFiles(const Snapshot& snapshot) {
  for (const auto& file : snapshot.files()) {
    if (!file->clustering_provider) return true;
  }
  return false;
}

Result<PhysicalPath> PathOf(const Json& json) {
  PhysicalPath path;
  for (const Json& name : json.is_array() ? json : Json::array()) {
    if (name.is_string()) path.push_back(name.get<std::string>());
  }
  if (json.is_array() && !path.empty() && path.size() == json.size()) return path;
  return Fail(ErrorCode::kDeltaCorrupt,
              fmt::format("the metadata domain {} names no column: {}", kClusteringDomain, JsonText(json)));
}

}  // namespace

Result<std::vector<PhysicalPath>> ClusteringColumns(const Snapshot& snapshot) {
  std::vector<PhysicalPath> columns;
  const auto domain = snapshot.domains().find(kClusteringDomain);
  if (domain == snapshot.domains().end() || !HasFeature(snapshot.protocol(), "clustering")) return columns;
  const Json json = JsonOrDiscarded(domain->second.configuration);
  const auto found = json.is_object() ? json.find(kColumns) : json.end();
  if (!json.is_object() || found == json.end() || !found->is_array()) {
    return Fail(ErrorCode::kDeltaCorrupt,
                fmt::format("the metadata domain {} does not say by which columns", kClusteringDomain));
  }
  for (const Json& column : *found) {
    SMELT_ASSIGN(PhysicalPath path, PathOf(column));
    columns.push_back(std::move(path));
  }
  return columns;
}

DomainMetadata ClusteringDomain(const std::vector<PhysicalPath>& columns) {
  const Json json = {{kColumns, columns}, {"domainName", kClusteringDomain}};
  return {kClusteringDomain, JsonText(json), false};
}

DomainMetadata NoClusteringDomain() {
  return {kClusteringDomain, "", true};
}

void EnableClustering(Protocol& protocol) {
  EnableFeature(protocol, "clustering");
  EnableFeature(protocol, "domainMetadata");
}

std::function<bool(const Add&)> FilesToCluster(const Snapshot& snapshot, const std::vector<std::string>& columns,
                                               bool full, std::int64_t cube_bytes_min) {
  if (full) return [](const Add& file) { return !file.clustering_provider || IsOurs(file); };
  const std::string text = JsonText(Json(columns));
  std::set<std::string> open = OpenCubes(snapshot, text, cube_bytes_min);
  // One open cube and nothing to add to it: it is as good as it gets.
  if (!HasUnclusteredFiles(snapshot) && open.size() < 2) return [](const Add&) { return false; };
  return [open = std::move(open), text](const Add& file) {
    if (!file.clustering_provider) return true;
    return IsOurs(file) && TagOf(file, kCubeColumnsTag) == text && open.contains(TagOf(file, kCubeTag));
  };
}

void MarkClustered(std::vector<Add>& files, const std::vector<std::string>& columns) {
  const std::string cube = NewUuid();
  for (Add& file : files) {
    file.clustering_provider = kProvider;
    file.tags[kCubeTag] = cube;
    file.tags[kCubeColumnsTag] = JsonText(Json(columns));
    file.tags[kCubeCurveTag] = "hilbert";
  }
}

}  // namespace smelt::delta
