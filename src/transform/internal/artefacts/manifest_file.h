#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/artefacts/manifest_copy.h"
#include "transform/internal/artefacts/node_text.h"

namespace smelt::transform {

inline constexpr std::string_view kManifestFile = "manifest.json";

/// Where the parts of a manifest stand that change most.
struct ManifestLayout {
  std::uint64_t inode = 0;  ///< of the file; see FileWriter::Inode
  TextSpan metadata;        ///< from the file's beginning up to the end of what "metadata" says
  std::vector<std::pair<const Node*, TextSpan>> nodes;  ///< what "nodes" says of each
};

/// Writes <target>/manifest.json (dbt's manifest, version 12) and semantic_manifest.json; where its parts stand goes to
/// `layout`, if that is given. Errors: kStore….
Status WriteManifest(const ProjectState& project, const CompiledTexts& compiled, ManifestLayout* layout = nullptr);

/// What a manifest says in the place of ManifestLayout::metadata, and of a node.
std::string MetadataText(const ProjectState& project);
std::string NodeText(const ProjectState& project, const Node& node);

}  // namespace smelt::transform
