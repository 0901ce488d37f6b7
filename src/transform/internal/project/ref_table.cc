#include "transform/internal/project/ref_table.h"

namespace smelt::transform {

void RefTable::Add(const Node& node, bool is_disabled) {
  if (!IsRefable(node.type)) return;
  if (is_disabled) {
    ++disabled_[node.name];
  } else {
    targets_[node.name].push_back({node.package, node.version, node.latest_version, node.unique_id});
  }
}

const std::string* RefTable::Find(const RefCall& call, std::string_view package, std::string_view root) const {
  auto named = targets_.find(call.name);
  if (named == targets_.end()) return nullptr;
  auto fits = [&call](const Target& target) {
    return target.version == (call.version.empty() ? target.latest_version : call.version);
  };
  auto find_in = [&](std::string_view wanted) -> const std::string* {
    for (const Target& target : named->second) {
      if (target.package == wanted && fits(target)) return &target.id;
    }
    return nullptr;
  };
  if (!call.package.empty()) return find_in(call.package);
  for (std::string_view wanted : {package, root}) {
    if (const std::string* found = find_in(wanted)) return found;
  }
  for (const Target& target : named->second) {
    if (fits(target)) return &target.id;
  }
  return nullptr;
}

std::vector<std::string> RefTable::VersionsOf(std::string_view name, std::string_view package) const {
  std::vector<std::string> ids;
  const auto named = targets_.find(name);
  if (named == targets_.end()) return ids;
  for (const Target& target : named->second) {
    if (target.package == package) ids.push_back(target.id);
  }
  return ids;
}

bool RefTable::IsDisabled(std::string_view name) const {
  return disabled_.contains(name);
}

std::vector<std::string_view> RefTable::Names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, targets] : targets_) names.push_back(name);
  return names;
}

}  // namespace smelt::transform
