#include "transform/internal/project/project_state.h"

#include <algorithm>

namespace smelt::transform {

const Package& ProjectState::PackageOf(std::string_view name) const {
  auto found = std::ranges::find(packages, name, [](const Package& package) { return package.file.name; });
  return found == packages.end() ? packages.front() : *found;
}

const SourceTable* ProjectState::FindSource(const std::string& source, const std::string& table,
                                            std::string_view package) const {
  auto found = source_ids.find({source, table});
  if (found == source_ids.end()) return nullptr;
  const SourceTable* first = nullptr;
  for (std::string_view wanted : {package, std::string_view(file().name)}) {
    for (const std::string& id : found->second) {
      const SourceTable& candidate = manifest.sources.at(id);
      if (candidate.package == wanted) return &candidate;
      if (first == nullptr) first = &candidate;
    }
  }
  return first;
}

}  // namespace smelt::transform
