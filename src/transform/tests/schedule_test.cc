#include "transform/internal/run/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace smelt::transform {
namespace {

using Ids = std::vector<std::string>;

/// A manifest of "name: what it depends on", given in an order in which each comes after its inputs. A name that begins
/// with "t" is a test.
Manifest ManifestOf(const std::vector<std::pair<std::string, Ids>>& nodes) {
  Manifest manifest;
  for (const auto& [id, inputs] : nodes) {
    Node node;
    node.type = id.starts_with('t') ? ResourceType::kGenericTest : ResourceType::kModel;
    node.unique_id = id;
    node.depends_on = inputs;
    manifest.nodes[id] = node;
    manifest.order.push_back(id);
  }
  return manifest;
}

/// Runs one node at a time and returns them in the order in which they were handed out.
Ids RunAll(Schedule& schedule) {
  Ids order;
  while (auto id = schedule.Next()) {
    order.push_back(*id);
    EXPECT_TRUE(schedule.Finish(*id, false).empty());
  }
  return order;
}

TEST(Schedule, TheLongestChainGoesFirst) {
  const Manifest manifest = ManifestOf({{"alone", {}}, {"a", {}}, {"b", {"a"}}, {"c", {"b"}}});
  Schedule schedule(manifest, manifest.order, true);
  EXPECT_EQ(RunAll(schedule), (Ids{"a", "b", "alone", "c"}));
}

TEST(Schedule, TestsStandBeforeWhatIsBuiltOnTheTested) {
  const Manifest manifest = ManifestOf({{"a", {}}, {"b", {"a"}}, {"t_a", {"a"}}});
  Schedule blocking(manifest, manifest.order, true);
  EXPECT_EQ(RunAll(blocking), (Ids{"a", "t_a", "b"}));
  Schedule free(manifest, manifest.order, false);
  EXPECT_EQ(RunAll(free), (Ids{"a", "b", "t_a"}));
}

TEST(Schedule, OrderHoldsThroughNodesThatAreNotSelected) {
  const Manifest manifest = ManifestOf({{"a", {}}, {"b", {"a"}}, {"c", {"b"}}});
  Schedule schedule(manifest, {"c", "a"}, true);
  EXPECT_EQ(RunAll(schedule), (Ids{"a", "c"}));
}

TEST(Schedule, WhatDependsOnAFailureIsTakenOutAndTheRestGoesOn) {
  const Manifest manifest = ManifestOf({{"a", {}}, {"b", {"a"}}, {"c", {"b"}}, {"other", {}}});
  Schedule schedule(manifest, manifest.order, true);
  EXPECT_EQ(schedule.Next(), "a");
  Ids skipped = schedule.Finish("a", true);
  std::ranges::sort(skipped);
  EXPECT_EQ(skipped, (Ids{"b", "c"}));
  EXPECT_EQ(RunAll(schedule), Ids{"other"});
}

TEST(Schedule, StopHandsOutNoMore) {
  const Manifest manifest = ManifestOf({{"a", {}}, {"b", {"a"}}, {"c", {}}});
  Schedule schedule(manifest, manifest.order, true);
  EXPECT_EQ(schedule.Next(), "a");
  Ids left = schedule.Stop();
  std::ranges::sort(left);
  EXPECT_EQ(left, (Ids{"b", "c"}));
  EXPECT_EQ(schedule.Next(), std::nullopt);
  EXPECT_TRUE(schedule.Finish("a", false).empty());
}

/// What has to be done before a node, worked out the long way: the selected ones among all that it depends on, and the
/// selected tests of what it depends on.
std::map<std::string, std::set<std::string>> AllBefore(const Manifest& manifest,
                                                       const std::set<std::string>& selected) {
  std::map<std::string, std::set<std::string>> ancestors, before;
  for (const std::string& id : manifest.order) {
    for (const std::string& input : manifest.nodes.at(id).depends_on) {
      ancestors[id].insert(input);
      ancestors[id].insert(ancestors[input].begin(), ancestors[input].end());
    }
  }
  for (const std::string& id : selected) {
    std::ranges::set_intersection(ancestors[id], selected, std::inserter(before[id], before[id].end()));
    if (IsDataTest(manifest.nodes.at(id).type)) continue;
    for (const std::string& test : selected) {
      const Node& node = manifest.nodes.at(test);
      const bool tests_all_before = std::ranges::all_of(
          node.depends_on, [&](const std::string& tested) { return ancestors[id].contains(tested); });
      if (IsDataTest(node.type) && !node.depends_on.empty() && tests_all_before) before[id].insert(test);
    }
  }
  return before;
}

/// Models that depend on some before them, and tests of one to three of them.
Manifest RandomManifest(std::mt19937& random) {
  std::vector<std::pair<std::string, Ids>> nodes;
  const int models = std::uniform_int_distribution(1, 12)(random), tests = std::uniform_int_distribution(0, 8)(random);
  const auto name = [](int number) { return std::string(1, static_cast<char>('A' + number)); };
  for (int model = 0; model < models; ++model) {
    Ids inputs;
    for (int other = 0; other < model; ++other) {
      if (std::uniform_int_distribution(0, 3)(random) == 0) inputs.push_back(name(other));
    }
    nodes.emplace_back(name(model), inputs);
  }
  for (int test = 0; test < tests; ++test) {
    std::set<std::string> inputs;
    for (int i = std::uniform_int_distribution(1, 3)(random); i > 0; --i) {
      inputs.insert(name(std::uniform_int_distribution(0, models - 1)(random)));
    }
    nodes.emplace_back("t" + std::to_string(test), Ids(inputs.begin(), inputs.end()));
  }
  return ManifestOf(nodes);
}

TEST(Schedule, RandomRunsKeepEveryOrderAndTakeOutWhatFailuresReach) {
  std::mt19937 random(11);
  for (int run = 0; run < 500; ++run) {
    const Manifest manifest = RandomManifest(random);
    std::set<std::string> selected;
    for (const auto& [id, node] : manifest.nodes) {
      if (std::uniform_int_distribution(0, 4)(random) > 0) selected.insert(id);
    }
    const auto before = AllBefore(manifest, selected);
    Schedule schedule(manifest, {selected.begin(), selected.end()}, true);
    std::set<std::string> done, lost;  // lost: failed, or taken out
    while (auto id = schedule.Next()) {
      for (const std::string& earlier : before.at(*id)) EXPECT_TRUE(done.contains(earlier)) << earlier << " " << *id;
      const bool fails = std::uniform_int_distribution(0, 9)(random) == 0;
      (fails ? lost : done).insert(*id);
      for (const std::string& skipped : schedule.Finish(*id, fails)) EXPECT_TRUE(lost.insert(skipped).second);
    }
    for (const std::string& id : selected) {
      const bool is_cut_off =
          std::ranges::any_of(before.at(id), [&](const auto& other) { return lost.contains(other); });
      EXPECT_NE(done.contains(id), lost.contains(id)) << id;
      EXPECT_TRUE(!is_cut_off || lost.contains(id)) << id;
    }
  }
}

}  // namespace
}  // namespace smelt::transform
