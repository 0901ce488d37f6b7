#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "transform/internal/artefacts/node_text.h"

namespace smelt::transform {

inline constexpr std::string_view kManifestFile = "manifest.json";

/// A part of a file, in bytes.
struct TextSpan {
  std::int64_t begin = 0, size = 0;
  std::int64_t end() const { return begin + size; }
};

/// Where the parts of a manifest stand that change most.
struct ManifestLayout {
  std::uint64_t inode = 0;  ///< of the file; see FileWriter::Inode
  TextSpan metadata;        ///< from the file's beginning up to the end of what "metadata" says
  std::vector<std::pair<const Node*, TextSpan>> nodes;  ///< what "nodes" says of each
};

/// Writes <target>/manifest.json (dbt's manifest, version 12) and semantic_manifest.json; where its parts stand goes to
/// `layout`, if that is given. Errors: kStore….
Status WriteManifest(const ProjectState& project, const CompiledTexts& compiled, ManifestLayout* layout = nullptr);

/// Writes <target>/manifest.json as an earlier one with other metadata and with other texts for some nodes. `copy` is
/// the earlier one, of `size` bytes, with the metadata and nodes at the places that `layout` tells; it has the nodes
/// that change only, in any order. Errors: kStore….
Status RewriteManifest(const ProjectState& project, const std::string& copy, std::int64_t size, ManifestLayout layout);

}  // namespace smelt::transform
