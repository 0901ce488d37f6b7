#include "pipeline/tasks.h"

#include <gtest/gtest.h>

#include <signal.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/retry.h"
#include "state/tests/scratch_folder.h"

namespace smelt::pipeline {
namespace {

class NoSteps : public RunObserver {
 public:
  void StepStarted(std::string_view, std::string_view) override {}
  void StepProgress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
  void StepFinished(const StepResult&) override {}
};

class GeneralTasks : public testing::Test {
 protected:
  GeneralTasks() {
    runs_ = std::move(state::RunStore::Open(folder_ / "state.db").value());
    store_ = std::make_unique<state::ScheduleStore>(*runs_);
    RegisterGeneralTasks(registry_, {.project_dir = folder_ / "", .log_dir = folder_ / "logs", .store = store_.get()});
  }

  Result<TaskOutcome> Run(const std::string& type, const std::string& with) {
    const TaskContext context{.run_id = "r1",
                              .task = "a",
                              .attempt = 1,
                              .with = ConfigNode::ParseYaml(with, "p.yml").value(),
                              .vars = vars_,
                              .observer = observer_,
                              .stop = stop_.get_token()};
    return registry_.Find(type)->run(context);
  }

  const state::ScratchFolder folder_;
  std::unique_ptr<state::RunStore> runs_;
  std::unique_ptr<state::ScheduleStore> store_;
  TaskRegistry registry_;
  Json vars_ = {{"day", "friday"}};
  NoSteps observer_;
  std::stop_source stop_;
};

TEST_F(GeneralTasks, ACommandLearnsOfItsRunAndTellsWhatItFound) {
  const auto outcome = Run("shell",
                           "{command: 'echo $SMELT_RUN_ID $SMELT_VARS $WORD; echo \"{\\\"rows\\\": 3}\" > "
                           "$SMELT_OUTPUT', env: {WORD: hello}}");
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->details.at("output"), (Json{{"rows", 3}}));
  EXPECT_EQ(ReadWholeFile(folder_ / "logs/r1/a.1.log"), "r1 {\"day\":\"friday\"} hello\n");
}

TEST_F(GeneralTasks, ACommandThatFailsSaysHow) {
  const auto failed = Run("shell", "{command: 'echo first; echo reason >&2; exit 3'}");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find("exit code 3: reason"), std::string::npos) << failed.error().message();
  EXPECT_NE(failed.error().hint().find("a.1.log"), std::string::npos);
  const auto killed = Run("shell", "{command: 'kill -9 $$'}");
  EXPECT_NE(killed.error().message().find("signal 9"), std::string::npos) << killed.error().message();
  EXPECT_EQ(Run("python", "{script: x.py, python: no-such-python}").error().code(), ErrorCode::kStoreNotFound);
}

TEST_F(GeneralTasks, LimitsHold) {
  const auto loud = Run("shell", "{command: 'yes', output_max: 10kB}");
  ASSERT_FALSE(loud);
  EXPECT_NE(loud.error().message().find("more than the 10000 bytes"), std::string::npos) << loud.error().message();
  EXPECT_FALSE(Run("python", "{script: /dev/null, memory: lots}"));
  ASSERT_TRUE(WriteWholeFile(folder_ / "big.py", "x = bytearray(400_000_000)\n"));
  const auto big = Run("python", "{script: big.py, memory: 200MB}");
  ASSERT_FALSE(big);
  EXPECT_NE(big.error().message().find("MemoryError"), std::string::npos) << big.error().message();
}

TEST_F(GeneralTasks, AStopEndsTheWholeGroup) {
  std::jthread stopper([this] {
    while (!ReadWholeFile(folder_ / "pid")) SleepFor(5, {});
    stop_.request_stop();
  });
  const auto stopped = Run("shell", "{command: 'sleep 600 & echo $! > pid.tmp; mv pid.tmp pid; wait'}");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
  const int child = static_cast<int>(Json::parse(ReadWholeFile(folder_ / "pid").value()));
  for (int i = 0; i < 1000 && kill(child, 0) == 0; ++i) SleepFor(5, {});
  EXPECT_NE(kill(child, 0), 0);
}

TEST_F(GeneralTasks, AnApprovalIsWaitedFor) {
  std::jthread person([this] {
    SleepFor(50, {});
    EXPECT_TRUE(store_->Approve("r1", "a", {.approved = true, .by = "ana", .comment = "fine", .at_us = 1}));
  });
  const auto outcome = Run("approval", "{message: publish}");
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->details.at("approved_by"), "ana");
  ASSERT_TRUE(store_->Approve("r1", "a", {.approved = false, .by = "bo", .comment = "wrong", .at_us = 2}));
  EXPECT_NE(Run("approval", "{}").error().message().find("rejected by bo: wrong"), std::string::npos);
  stop_.request_stop();
}

}  // namespace
}  // namespace smelt::pipeline
