#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "transform/internal/project/manifest.h"

namespace smelt::transform {

/// Finds what ref() means. Filled by the loader, immutable then; thread-safe.
class RefTable {
 public:
  /// Adds a model, seed or snapshot; `is_disabled`: it is not there, and that is worth saying.
  void Add(const Node& node, bool is_disabled);

  /// The unique id of the node that a ref in a template of `package` means, or null: the one of the named package;
  /// else the one of the template's own package, of the root project, or of any other. Without a version it is the
  /// latest one.
  const std::string* Find(const RefCall& call, std::string_view package, std::string_view root) const;
  /// The unique ids of all versions of a package's node.
  std::vector<std::string> VersionsOf(std::string_view name, std::string_view package) const;
  /// Whether there is a disabled node of this name.
  bool IsDisabled(std::string_view name) const;
  std::vector<std::string_view> Names() const;

 private:
  struct Target {
    std::string package, version, latest_version, id;
  };

  std::map<std::string, std::vector<Target>, std::less<>> targets_;
  std::map<std::string, int, std::less<>> disabled_;
};

}  // namespace smelt::transform
