#include "pipeline/internal/trigger.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "pipeline/internal/definition_keys.h"

namespace smelt::pipeline::internal {
namespace {

/// 's', 'f' and 'k' are needs that succeeded, failed and were skipped; '.' has not ended.
NeedCounts Needs(const std::string& ends) {
  NeedCounts counts{.total = ends.size()};
  for (const char end : ends) {
    if (end == 's') ++counts.succeeded;
    if (end == 'f') ++counts.failed;
    if (end == 'k') ++counts.skipped;
  }
  return counts;
}

TriggerRule RuleOf(std::string_view name) {
  const auto* found = std::ranges::find(kTriggerRules, name);
  EXPECT_NE(found, kTriggerRules.end()) << name;
  return static_cast<TriggerRule>(found - kTriggerRules.begin());
}

class TriggerRules : public testing::TestWithParam<std::tuple<std::string, std::string, Verdict>> {};

TEST_P(TriggerRules, AreThoseOfAirflow) {
  const auto& [rule, ends, verdict] = GetParam();
  EXPECT_EQ(Judge(RuleOf(rule), Needs(ends)), verdict) << rule << " " << ends;
}

constexpr Verdict kWait = Verdict::kWait;
constexpr Verdict kRun = Verdict::kRun;
constexpr Verdict kSkip = Verdict::kSkip;
constexpr Verdict kOut = Verdict::kRuleOut;

INSTANTIATE_TEST_SUITE_P(
    Trigger, TriggerRules,
    testing::Values(std::tuple("all_success", "s.", kWait), std::tuple("all_success", "ss", kRun),
                    std::tuple("all_success", "f.", kOut), std::tuple("all_success", "k.", kSkip),
                    std::tuple("all_failed", "ff", kRun), std::tuple("all_failed", "f.", kWait),
                    std::tuple("all_failed", "fs", kSkip), std::tuple("all_done", "fk.", kWait),
                    std::tuple("all_done", "fks", kRun), std::tuple("all_skipped", "kk", kRun),
                    std::tuple("all_skipped", "kf", kSkip), std::tuple("all_done_min_one_success", "sf", kRun),
                    std::tuple("all_done_min_one_success", "ff", kOut),
                    std::tuple("all_done_min_one_success", "kk", kSkip), std::tuple("one_success", "s.", kRun),
                    std::tuple("one_success", "ff", kOut), std::tuple("one_success", "kk", kSkip),
                    std::tuple("one_failed", "f.", kRun), std::tuple("one_failed", "ss", kSkip),
                    std::tuple("one_done", "f.", kRun), std::tuple("one_done", "k.", kWait),
                    std::tuple("one_done", "kk", kSkip), std::tuple("none_failed", "sk", kRun),
                    std::tuple("none_failed", "f.", kOut), std::tuple("none_failed_min_one_success", "sk", kRun),
                    std::tuple("none_failed_min_one_success", "kk", kSkip),
                    std::tuple("none_failed_min_one_success", "sf", kOut), std::tuple("none_skipped", "sf", kRun),
                    std::tuple("none_skipped", "k.", kSkip), std::tuple("always", "..", kRun),
                    std::tuple("all_failed", "", kRun), std::tuple("one_failed", "", kRun)));

}  // namespace
}  // namespace smelt::pipeline::internal
