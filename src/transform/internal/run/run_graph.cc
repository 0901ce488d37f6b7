#include "transform/internal/run/run_graph.h"

#include <algorithm>
#include <ranges>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace smelt::transform {
namespace {

using Point = std::uint32_t;
using Points = std::vector<Point>;

/// How long nodes take, roughly and relative to each other.
constexpr int kTestWeight = 1;
constexpr int kBuildWeight = 10;

class GraphMaker {
 public:
  GraphMaker(const Manifest& manifest, const std::vector<std::string>& selected) {
    const std::size_t count = manifest.nodes.size();
    graph_.ids.reserve(count);
    for (const auto& [id, node] : manifest.nodes) {
      places_.emplace(id, static_cast<Point>(nodes_.size()));
      graph_.ids.push_back(id);
      nodes_.push_back(&node);
    }
    graph_.selected.resize(count);
    graph_.dependents.resize(count);
    for (const std::string& id : selected) graph_.selected[places_.at(id)] = true;
  }

  RunGraph Make(bool tests_block) {
    for (Point point = 0; point < nodes_.size(); ++point) {
      if (Counts(point)) AddInputs(point);
    }
    if (tests_block) BlockByTests();
    for (Points& dependents : graph_.dependents) {
      std::ranges::sort(dependents);
      dependents.erase(std::ranges::unique(dependents).begin(), dependents.end());
    }
    WeighChains();
    return std::move(graph_);
  }

 private:
  /// Nothing waits for a test that is not selected.
  bool Counts(Point point) const {
    const bool is_test = IsDataTest(nodes_[point]->type) || nodes_[point]->type == ResourceType::kUnitTest;
    return graph_.selected[point] || !is_test;
  }

  void AddInputs(Point point) {
    const Node& node = *nodes_[point];
    const bool is_unit_test = node.type == ResourceType::kUnitTest;
    const Node& needy = is_unit_test ? *nodes_[places_.at(node.attached_to)] : node;
    for (const std::string& input : needy.depends_on) graph_.dependents[places_.at(input)].push_back(point);
  }

  /// Tests of data come before what depends on all that they test, unit tests before their models.
  void BlockByTests() {
    // The walks must see the dependencies only, not the edges that come of other tests.
    std::vector<std::pair<Point, Point>> edges;
    for (Point point = 0; point < nodes_.size(); ++point) {
      const Node& node = *nodes_[point];
      if (!graph_.selected[point]) continue;
      if (node.type == ResourceType::kUnitTest) edges.emplace_back(point, places_.at(node.attached_to));
      if (!IsDataTest(node.type) || node.depends_on.empty()) continue;
      for (const Point blocked : FirstBehind(node.depends_on)) edges.emplace_back(point, blocked);
    }
    for (const auto& [test, blocked] : edges) graph_.dependents[test].push_back(blocked);
  }

  /// The nodes that depend on all of `inputs`, but for those that depend on another of them.
  Points FirstBehind(const std::vector<std::string>& inputs) {
    if (inputs.size() == 1) return Untested(graph_.dependents[places_.at(inputs[0])]);
    reached_.assign(nodes_.size(), 0);
    for (std::size_t i = 0; i < inputs.size(); ++i) CountBehind(places_.at(inputs[i]), i);
    const auto behind_all = [&](Point point) { return reached_[point] == inputs.size(); };
    std::vector<bool> is_later(nodes_.size());
    for (Point point = 0; point < nodes_.size(); ++point) {
      if (!behind_all(point)) continue;
      for (const Point later : graph_.dependents[point]) is_later[later] = true;
    }
    Points first;
    for (Point point = 0; point < nodes_.size(); ++point) {
      if (behind_all(point) && !is_later[point]) first.push_back(point);
    }
    return Untested(first);
  }

  /// Counts the input with this number for everything behind it that all inputs before it have reached.
  void CountBehind(Point input, std::size_t number) {
    Points open = {input};
    while (!open.empty()) {
      const Point point = open.back();
      open.pop_back();
      for (const Point later : graph_.dependents[point]) {
        if (walked_.size() < nodes_.size()) walked_.resize(nodes_.size());
        if (walked_[later] == walk_) continue;
        walked_[later] = walk_;
        if (reached_[later] == number) ++reached_[later];
        open.push_back(later);
      }
    }
    ++walk_;
  }

  Points Untested(Points points) const {
    std::erase_if(points, [this](Point point) { return IsDataTest(nodes_[point]->type); });
    return points;
  }

  int WeightOf(Point point) const {
    if (!graph_.selected[point]) return 0;
    const ResourceType type = nodes_[point]->type;
    return IsDataTest(type) || type == ResourceType::kUnitTest ? kTestWeight : kBuildWeight;
  }

  void WeighChains() {
    graph_.chain.resize(nodes_.size());
    const Points order = Ordered();
    for (const Point point : std::views::reverse(order)) {
      int longest = 0;
      for (const Point later : graph_.dependents[point]) longest = std::max(longest, graph_.chain[later]);
      graph_.chain[point] = longest + WeightOf(point);
    }
  }

  /// All points, each after what it waits for.
  Points Ordered() const {
    std::vector<std::size_t> waiting(nodes_.size());
    for (const Points& dependents : graph_.dependents) {
      for (const Point later : dependents) ++waiting[later];
    }
    Points order;
    for (Point point = 0; point < nodes_.size(); ++point) {
      if (waiting[point] == 0) order.push_back(point);
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (const Point later : graph_.dependents[order[i]]) {
        if (--waiting[later] == 0) order.push_back(later);
      }
    }
    return order;
  }

  RunGraph graph_;
  std::vector<const Node*> nodes_;
  std::unordered_map<std::string_view, Point> places_;
  std::vector<std::size_t> reached_;  ///< by how many inputs of the test at hand
  std::vector<std::size_t> walked_;   ///< the last walk that came by
  std::size_t walk_ = 1;
};

}  // namespace

RunGraph MakeRunGraph(const Manifest& manifest, const std::vector<std::string>& selected, bool tests_block) {
  return GraphMaker(manifest, selected).Make(tests_block);
}

}  // namespace smelt::transform
