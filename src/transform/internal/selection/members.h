#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transform/internal/project/project_state.h"

namespace smelt::transform {

/// What a selection can pick: a node, a source table, or what is only described. One of the pointers is set.
struct Member {
  std::string_view id;
  std::string_view type;  ///< "model", "test", "source", "exposure", …
  std::string_view package, name;
  std::string_view original_file;
  const std::vector<std::string>* fqn = nullptr;
  const std::vector<std::string>* tags = nullptr;
  const Node* node = nullptr;
  const SourceTable* source = nullptr;
  const Described* described = nullptr;

  /// Whether it is a test that a selection brings along: a data test or a unit test.
  bool is_test() const;
};

/// Which members are picked, by their place in the graph.
using MemberSet = std::vector<bool>;

/// The members of a project and what depends on what. Immutable; thread-safe.
class MemberGraph {
 public:
  /// The project must outlive it.
  explicit MemberGraph(const ProjectState& project);

  const std::vector<Member>& members() const { return members_; }  ///< by id
  const std::vector<std::size_t>& inputs(std::size_t member) const { return inputs_[member]; }
  MemberSet Nobody() const { return MemberSet(members_.size(), false); }

  /// What members of `from` depend on, over up to `levels` steps (nothing: any number). Members of `from` are there
  /// when others of them depend on them.
  MemberSet Parents(const MemberSet& from, std::optional<int> levels) const { return Walk(inputs_, from, levels); }
  /// What depends on members of `from`.
  MemberSet Children(const MemberSet& from, std::optional<int> levels) const { return Walk(readers_, from, levels); }

 private:
  using Edges = std::vector<std::vector<std::size_t>>;

  void Connect(std::size_t member, const std::vector<std::string>& inputs);
  static MemberSet Walk(const Edges& edges, const MemberSet& from, std::optional<int> levels);

  std::vector<Member> members_;
  std::map<std::string_view, std::size_t> places_;
  Edges inputs_, readers_;
};

}  // namespace smelt::transform
