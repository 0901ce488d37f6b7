#include "state/alert_store.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/id.h"
#include "state/run_store.h"
#include "state/tests/store_kinds.h"

namespace smelt::state {
namespace {

AlertBatch Batch(const std::string& run, std::initializer_list<std::string> channels, std::int64_t due_us = 0) {
  AlertBatch batch;
  batch.judged_run = run;
  IncidentRecord incident;
  incident.id = NewUuid();
  incident.grouping = "all|daily|" + run;
  incident.pipeline = "daily";
  incident.details = {{"problems", {{"a/x", "error"}}}};
  AlertRecord alert{.id = NewUuid(), .incident_id = incident.id, .action = "trigger", .run_id = run};
  alert.body = {{"title", "Größe \xff"}};
  for (const std::string& channel : channels) {
    batch.deliveries.push_back({.alert_id = alert.id, .channel = channel, .due_us = due_us});
  }
  batch.incidents.push_back(incident);
  batch.alerts.push_back(alert);
  return batch;
}

class AlertStoreTest : public EachStore {};
SMELT_ON_EACH_STORE(AlertStoreTest);

TEST_P(AlertStoreTest, ARunIsJudgedOnce) {
  const auto store = AlertStore::Open(address_);
  ASSERT_TRUE(store) << store.error().ToString();
  EXPECT_FALSE(*(*store)->IsJudged("r1"));
  EXPECT_TRUE(*(*store)->Record(Batch("r1", {"team"})));
  EXPECT_TRUE(*(*store)->IsJudged("r1"));
  EXPECT_FALSE(*(*store)->Record(Batch("r1", {"team"})));
  EXPECT_EQ((*store)->Deliveries({})->size(), 1U);
  EXPECT_EQ((*store)->Unresolved("daily")->at(0).details["problems"]["a/x"], "error");
  EXPECT_TRUE((*store)->Unresolved("hourly")->empty());
  EXPECT_TRUE(RunStore::Open(address_)) << "one store for both";
}

TEST_P(AlertStoreTest, ADeliveryIsTakenByOneProcess) {
  constexpr int kDeliveries = 40;
  {
    const auto store = AlertStore::Open(address_);
    for (int i = 0; i < kDeliveries; ++i) ASSERT_TRUE((*store)->Record(Batch(std::to_string(i), {"team"})));
  }
  std::mutex mutex;
  std::multiset<std::int64_t> taken;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        // A connection of its own, as another process has.
        const auto store = AlertStore::Open(address_);
        while (const auto claimed = (*store)->Claim(1, 1'000).value_or(std::nullopt)) {
          const std::lock_guard guard(mutex);
          taken.insert(claimed->delivery.id);
        }
      });
    }
  }
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(kDeliveries));
  EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), taken.size());
}

TEST_P(AlertStoreTest, ClaimsOfTheDeadAreTakenOver) {
  const auto store = AlertStore::Open(address_);
  ASSERT_TRUE((*store)->Record(Batch("r1", {"team"}, 100)));
  EXPECT_FALSE(*(*store)->Claim(99, 50)) << "it is not due";
  const auto first = (*store)->Claim(100, 50);
  ASSERT_TRUE(*first);
  EXPECT_EQ((*first)->alert.body["title"], "Größe \uFFFD");
  EXPECT_FALSE(*(*store)->Claim(149, 50)) << "somebody is at it";
  const auto second = (*store)->Claim(151, 50);
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->delivery.attempts, 2);
}

TEST_P(AlertStoreTest, DeadLettersAreRevivedAndWithdrawnOnesAreNot) {
  const auto store = AlertStore::Open(address_);
  ASSERT_TRUE((*store)->Record(Batch("r1", {"mail", "team"})));
  auto claimed = **(*store)->Claim(1, 50);
  claimed.delivery.status = DeliveryStatus::kDead;
  claimed.delivery.error = "gone";
  ASSERT_TRUE((*store)->Finish(claimed.delivery));
  EXPECT_EQ((*store)->Deliveries({.statuses = {DeliveryStatus::kDead}})->at(0).delivery.error, "gone");
  EXPECT_TRUE((*store)->ChannelsTold(claimed.alert.incident_id)->empty());
  ASSERT_TRUE((*store)->Record({.withdrawn = {claimed.alert.incident_id}}));
  EXPECT_FALSE(*(*store)->Claim(1, 50)) << "the other one was dropped";
  EXPECT_TRUE(*(*store)->Revive(claimed.delivery.id, 1));
  EXPECT_FALSE(*(*store)->Revive(claimed.delivery.id, 1));
  claimed = **(*store)->Claim(1, 50);
  claimed.delivery.status = DeliveryStatus::kSent;
  ASSERT_TRUE((*store)->Finish(claimed.delivery));
  EXPECT_EQ((*store)->ChannelsTold(claimed.alert.incident_id), std::vector<std::string>{"mail"});
}

}  // namespace
}  // namespace smelt::state
