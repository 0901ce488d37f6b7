#include "transform/internal/run/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace smelt::transform
