#include "transform/internal/selection/members.h"

#include <algorithm>

namespace smelt::transform {
namespace {

Member Describe(const Node& node) {
  return {.id = node.unique_id,
          .type = ResourceTypeText(node.type),
          .package = node.package,
          .name = node.name,
          .original_file = node.original_file,
          .fqn = &node.fqn,
          .tags = &node.tags,
          .node = &node};
}

Member Describe(const SourceTable& source) {
  return {.id = source.unique_id,
          .type = "source",
          .package = source.package,
          .name = source.table,
          .original_file = source.original_file,
          .fqn = &source.fqn,
          .tags = &source.tags,
          .source = &source};
}

Member Describe(const Described& described) {
  return {.id = described.unique_id,
          .type = described.type,
          .package = described.package,
          .name = described.name,
          .original_file = described.original_file,
          .fqn = &described.fqn,
          .tags = &described.tags,
          .described = &described};
}

}  // namespace

bool Member::is_test() const {
  return node != nullptr && (IsDataTest(node->type) || node->type == ResourceType::kUnitTest);
}

MemberGraph::MemberGraph(const ProjectState& project) {
  const Manifest& manifest = project.manifest;
  members_.reserve(manifest.nodes.size() + manifest.sources.size() + manifest.described.size());
  for (const auto& [id, node] : manifest.nodes) members_.push_back(Describe(node));
  for (const auto& [id, source] : manifest.sources) members_.push_back(Describe(source));
  for (const auto& [id, described] : manifest.described) members_.push_back(Describe(described));
  std::ranges::sort(members_, {}, &Member::id);
  for (std::size_t i = 0; i < members_.size(); ++i) places_.emplace_hint(places_.end(), members_[i].id, i);
  inputs_.resize(members_.size());
  readers_.resize(members_.size());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (const Node* node = members_[i].node) {
      Connect(i, node->depends_on);
      Connect(i, node->sources);
    } else if (const Described* described = members_[i].described) {
      Connect(i, described->depends_on);
    }
  }
}

void MemberGraph::Connect(std::size_t member, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    const auto place = places_.find(input);
    if (place == places_.end()) continue;
    inputs_[member].push_back(place->second);
    readers_[place->second].push_back(member);
  }
}

MemberSet MemberGraph::Walk(const Edges& edges, const MemberSet& from, std::optional<int> levels) {
  MemberSet found(from.size(), false);
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i]) front.push_back(i);
  }
  for (int level = 0; !front.empty() && (!levels || level < *levels); ++level) {
    std::vector<std::size_t> next;
    for (const std::size_t member : front) {
      for (const std::size_t other : edges[member]) {
        if (found[other]) continue;
        found[other] = true;
        next.push_back(other);
      }
    }
    front = std::move(next);
  }
  return found;
}

}  // namespace smelt::transform
