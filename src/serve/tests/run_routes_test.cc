#include "serve/run_routes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

class RunRoutesTest : public testing::Test {
 protected:
  RunRoutesTest() : folder_(fs::temp_directory_path() / NewUuid()) {
    fs::create_directories(folder_ / "pipelines");
    fs::create_directories(folder_ / "logs");
    Define("daily",
           "schedule: '@daily'\ndescription: All of it.\n"
           "tasks:\n  - {name: a, type: t}\n  - {name: b, type: t, needs: [a]}\n");
    Define("byhand", "tasks: [{name: a, type: t}]\n");
    auto runs = state::RunStore::Open(state::StoreAddress((folder_ / "state.db").string()));
    EXPECT_TRUE(runs) << runs.error().ToString();
    runs_ = std::move(*runs);
    store_ = std::make_unique<state::ScheduleStore>(*runs_);
    AddRunRoutes(routes_,
                 {.pipelines = {.store = *store_, .project = "shop", .folder = (folder_ / "pipelines").string()},
                  .log_folder = (folder_ / "logs").string()});
  }
  ~RunRoutesTest() override { fs::remove_all(folder_); }

  void Define(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteWholeFile((folder_ / "pipelines" / (name + ".yml")).string(), "name: " + name + "\n" + text));
  }

  HttpResponse Call(const std::string& method, const std::string& path, const std::string& body = "",
                    std::map<std::string, std::string> query = {}) {
    const RouteMatch match = routes_.Find(method, path);
    EXPECT_NE(match.route, nullptr) << path;
    HttpRequest request{.method = method, .path = path, .path_values = match.values, .query = std::move(query)};
    request.body = body;
    request.headers.emplace_back("content-type", "application/json");
    return match.route->handler(request);
  }
  Json Ask(const std::string& path, std::map<std::string, std::string> query = {}) {
    return Json::parse(Call("GET", path, "", std::move(query)).body);
  }
  std::string Record(const std::string& pipeline, state::RunStatus status) {
    const state::RunRecord run{.id = NewRunId(),
                               .pipeline = pipeline,
                               .project = "shop",
                               .started_us = NowMicros(),
                               .triggered_by = "http",
                               .error = {},
                               .resumed_from = {},
                               .host = {},
                               .definition = {},
                               .parent = {}};
    EXPECT_TRUE(runs_->StartRun(run));
    EXPECT_TRUE(runs_->FinishRun(run.id, status, status == state::RunStatus::kFailed ? "task a: no" : ""));
    return run.id;
  }

  fs::path folder_;
  std::unique_ptr<state::RunStore> runs_;
  std::unique_ptr<state::ScheduleStore> store_;
  RouteTable routes_;
};

TEST_F(RunRoutesTest, PipelinesAreListedWithTheirTasksAndRuns) {
  Record("daily", state::RunStatus::kSucceeded);
  const std::string newest = Record("daily", state::RunStatus::kFailed);
  const Json list = Ask("/api/v1/pipelines");
  ASSERT_EQ(list["pipelines"].size(), 2U) << list;
  const Json& daily = list["pipelines"][1];
  EXPECT_EQ(daily["name"], "daily");
  EXPECT_EQ(daily["description"], "All of it.");
  EXPECT_EQ(daily["tasks"][1]["needs"], Json::array({"a"}));
  EXPECT_EQ(daily["takes_calls"], false);
  ASSERT_EQ(daily["last_runs"].size(), 2U);
  EXPECT_EQ(daily["last_runs"][0]["run_id"], newest);
  EXPECT_EQ(daily["last_runs"][0]["error"], "task a: no");
  EXPECT_FALSE(list["pipelines"][0].contains("schedule"));
}

TEST_F(RunRoutesTest, AFileWithAMistakeHidesNoOther) {
  Define("broken", "tasks: [{name: a}]\n");
  const Json list = Ask("/api/v1/pipelines");
  EXPECT_EQ(list["pipelines"].size(), 2U);
  ASSERT_EQ(list["faults"].size(), 1U);
  EXPECT_EQ(list["faults"][0]["file"], "broken.yml");
}

TEST_F(RunRoutesTest, RunsAreListedAndTold) {
  const std::string one = Record("daily", state::RunStatus::kSucceeded);
  Record("byhand", state::RunStatus::kFailed);
  EXPECT_EQ(Ask("/api/v1/runs")["runs"].size(), 2U);
  EXPECT_EQ(Ask("/api/v1/runs", {{"pipeline", "daily"}})["runs"].size(), 1U);
  EXPECT_EQ(Ask("/api/v1/runs", {{"limit", "1"}})["runs"].size(), 1U);
  EXPECT_EQ(Call("GET", "/api/v1/runs", "", {{"limit", "0"}}).status, 400);
  EXPECT_EQ(Call("GET", "/api/v1/runs", "", {{"limit", "1x"}}).status, 400);
  EXPECT_EQ(Ask("/api/v1/runs/" + one)["status"], "succeeded");
  EXPECT_EQ(Call("GET", "/api/v1/runs/none").status, 404);
}

TEST_F(RunRoutesTest, TheOutputOfATaskIsThatOfItsLastAttempt) {
  const std::string id = Record("daily", state::RunStatus::kFailed);
  for (const int attempt : {1, 2}) {
    const state::TaskRecord task{.run_id = id,
                                 .name = "a",
                                 .type = "shell",
                                 .attempt = attempt,
                                 .started_us = 1,
                                 .error = {},
                                 .fingerprint = {},
                                 .reused_from = {}};
    ASSERT_TRUE(runs_->AddTask(task));
    const std::string file = "a." + std::to_string(attempt) + ".log";
    fs::create_directories(folder_ / "logs" / id);
    ASSERT_TRUE(WriteWholeFile((folder_ / "logs" / id / file).string(), "attempt " + std::to_string(attempt)));
  }
  EXPECT_EQ(Call("GET", "/api/v1/runs/" + id + "/tasks/a/log").body, "attempt 2");
  EXPECT_EQ(Ask("/api/v1/runs/" + id)["tasks"][1]["has_log"], true);
  ASSERT_TRUE(WriteWholeFile((folder_ / "secret.log").string(), "no"));
  EXPECT_EQ(Call("GET", "/api/v1/runs/" + id + "/tasks/..%2Fsecret/log").status, 404);
}

TEST_F(RunRoutesTest, ARunAtWorkIsMarkedToEndUnlessNoSchedulerHasIt) {
  std::vector<state::PipelineLock> locks;  // without its own, a run is taken for dead
  const auto cancel = [&](const std::string& id, const std::string& trigger, const std::string& parent) {
    const state::RunRecord run{.id = id,
                               .pipeline = "of " + id,
                               .project = "shop",
                               .started_us = NowMicros(),
                               .triggered_by = trigger,
                               .error = {},
                               .resumed_from = {},
                               .host = "here",
                               .pid = 17,
                               .definition = {},
                               .parent = parent};
    auto lock = runs_->LockPipeline(run.pipeline, id);
    EXPECT_TRUE(lock);
    if (lock) locks.push_back(std::move(*lock));
    EXPECT_TRUE(runs_->StartRun(run));
    return Call("POST", "/api/v1/runs/" + id + "/cancel");
  };
  EXPECT_EQ(cancel("r1", "schedule", "").status, 202);
  EXPECT_EQ(Ask("/api/v1/runs/r1")["cancelled_by"], "");
  EXPECT_NE(cancel("r2", "manual", "").body.find("the process 17 on here"), std::string::npos);
  EXPECT_NE(cancel("r3", "pipeline", "r1/a").body.find("part of the run r1"), std::string::npos);
}

TEST_F(RunRoutesTest, OnlyARunThatWaitsIsWithdrawn) {
  const HttpResponse queued = Call("POST", "/api/v1/pipelines/daily/backfill",
                                   R"({"from": "2018-05-01T00:00:00Z", "to": "2018-05-04T00:00:00Z"})");
  ASSERT_EQ(queued.status, 202) << queued.body;
  EXPECT_EQ(Json::parse(queued.body)["queued"], 3);
  const auto waiting = store_->Queued().value();
  ASSERT_EQ(waiting.size(), 3U);
  EXPECT_EQ(Call("POST", "/api/v1/runs/" + waiting[0].id + "/cancel").status, 200);
  EXPECT_EQ(store_->Queued().value().size(), 2U);
  EXPECT_EQ(Call("POST", "/api/v1/runs/" + Record("daily", state::RunStatus::kSucceeded) + "/cancel").status, 409);
  // What waits is not queued twice.
  const HttpResponse again = Call("POST", "/api/v1/pipelines/daily/backfill",
                                  R"({"from": "2018-05-01T00:00:00Z", "to": "2018-05-04T00:00:00Z"})");
  EXPECT_EQ(Json::parse(again.body)["queued"], 1);
}

TEST_F(RunRoutesTest, ABackfillThatCannotBeSaysWhy) {
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/none/backfill", "{}").status, 404);
  const HttpResponse wrong = Call("POST", "/api/v1/pipelines/daily/backfill", R"({"from": "soon", "all": 1, "x": 2})");
  ASSERT_EQ(wrong.status, 422);
  EXPECT_EQ(Json::parse(wrong.body)["errors"].size(), 4U) << wrong.body;
  const std::string span = R"({"from": "2018-05-04T00:00:00Z", "to": "2018-05-01T00:00:00Z"})";
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/daily/backfill", span).status, 422);
  const HttpResponse byhand = Call("POST", "/api/v1/pipelines/byhand/backfill", span);
  EXPECT_EQ(byhand.status, 422);
  EXPECT_NE(byhand.body.find("no schedule"), std::string::npos);
}

TEST_F(RunRoutesTest, ASchedulePausesAndGoesOn) {
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/daily/pause").status, 200);
  EXPECT_EQ(Ask("/api/v1/pipelines")["pipelines"][1]["paused"], true);
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/daily/resume").status, 200);
  EXPECT_EQ(Ask("/api/v1/pipelines")["pipelines"][1]["paused"], false);
}

TEST_F(RunRoutesTest, EveryRouteIsInTheReference) {
  const auto page = ReadWholeFile(SMELT_SOURCE_DIR "/docs/reference/http-api.md");
  ASSERT_TRUE(page) << page.error().ToString();
  for (const Route& route : routes_.routes()) {
    EXPECT_NE(page->find("`" + route.method + " " + route.pattern + "`"), std::string::npos) << route.pattern;
    EXPECT_NE(page->find(route.summary), std::string::npos) << route.summary;
  }
}

}  // namespace
}  // namespace smelt::serve
