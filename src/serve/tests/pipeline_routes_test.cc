#include "serve/pipeline_routes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/id.h"
#include "serve/operations_routes.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

class PipelineRoutesTest : public testing::Test {
 protected:
  PipelineRoutesTest() : folder_(fs::temp_directory_path() / NewUuid()) {
    fs::create_directories(folder_ / "pipelines");
    Define("called", "on: [http: ]\n",
           "params:\n  day: {type: date}\n  count: {default: 1, choices: [1, 2]}\n"
           "vars: {region: BR}\n");
    Define("deaf", "schedule: '@daily'\n", "");
    OpenStore();
    AddPipelineRoutes(routes_, {.store = *store_, .project = "shop", .folder = (folder_ / "pipelines").string()});
    AddOperationsRoutes(routes_, {});
  }
  ~PipelineRoutesTest() override { fs::remove_all(folder_); }

  void Define(const std::string& name, const std::string& when, const std::string& more) {
    const std::string text = "name: " + name + "\n" + when + more + "tasks: [{name: a, type: t}]\n";
    ASSERT_TRUE(WriteWholeFile((folder_ / "pipelines" / (name + ".yml")).string(), text));
  }

  void OpenStore() {
    auto runs = state::RunStore::Open(state::StoreAddress((folder_ / "state.db").string()));
    ASSERT_TRUE(runs) << runs.error().ToString();
    runs_ = std::move(*runs);
    store_ = std::make_unique<state::ScheduleStore>(*runs_);
  }

  HttpResponse Call(const std::string& method, const std::string& path, const std::string& body = "",
                    std::vector<std::pair<std::string, std::string>> headers = {}) {
    RouteMatch match = routes_.Find(method, path);
    EXPECT_NE(match.route, nullptr) << path;
    HttpRequest request{.method = method, .path = path, .path_values = match.values, .query = {}};
    request.body = body;
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/json; charset=utf-8");
    request.caller = caller_;
    return match.route->handler(request);
  }
  HttpResponse Start(const std::string& body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return Call("POST", "/api/v1/pipelines/called/runs", body, std::move(headers));
  }
  std::size_t queued() { return store_->Queued().value().size(); }

  const fs::path folder_;
  std::string caller_ = "local";
  std::unique_ptr<state::RunStore> runs_;
  std::unique_ptr<state::ScheduleStore> store_;
  RouteTable routes_;
};

TEST_F(PipelineRoutesTest, QueuesARunWithItsParamsInTheirTypes) {
  const HttpResponse response =
      Start(R"({"params": {"day": "2018-05-24", "count": "2", "region": "PT"}, "note": "by hand"})");
  ASSERT_EQ(response.status, 202) << response.body;
  const Json answer = Json::parse(response.body);
  const auto run = runs_->FindRun(answer.at("run_id").get<std::string>()).value();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->status, state::RunStatus::kQueued);
  EXPECT_EQ(run->triggered_by, "http");
  EXPECT_EQ(run->project, "shop");
  EXPECT_EQ(run->parameters, (Json{{"day", "2018-05-24"}, {"count", 2}, {"region", "PT"}}));
  EXPECT_TRUE(store_->FindDefinition(run->definition).value());
  const HttpResponse standing = Call("GET", answer.at("url").get<std::string>());
  ASSERT_EQ(standing.status, 200) << standing.body;
  const Json told = Json::parse(standing.body);
  EXPECT_EQ(told.at("status"), "queued");
  EXPECT_EQ(told.at("note"), "by hand");
  EXPECT_EQ(told.at("caller"), "local");
  EXPECT_EQ(Call("GET", "/api/v1/pipelines/deaf/runs/" + run->id).status, 404);
  EXPECT_EQ(Call("GET", "/api/v1/pipelines/called/runs/none").status, 404);
}

TEST_F(PipelineRoutesTest, NamesEveryFieldThatIsWrong) {
  for (const auto& [body, pointer] : {
           std::pair{R"({"params": {"count": 1}})", "/params/day"},
           std::pair{R"({"params": {"day": "soon"}})", "/params/day"},
           std::pair{R"({"params": {"day": "2018-05-24", "count": 3}})", "/params/count"},
           std::pair{R"({"params": {"day": "2018-05-24", "dya": 3}})", "/params/dya"},
           std::pair{R"({"params": {"day": "2018-05-24", "a/b~": 3}})", "/params/a~1b~0"},
           std::pair{R"({"params": []})", "/params"},
           std::pair{R"({"params": {"day": "2018-05-24"}, "note": 1})", "/note"},
           std::pair{R"({"params": {"day": "2018-05-24"}, "vars": {}})", "/vars"},
           std::pair{R"([])", ""},
       }) {
    const HttpResponse response = Start(body);
    EXPECT_EQ(response.status, 422) << body;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(Json::parse(response.body).at("errors").at(0).at("pointer"), pointer) << response.body;
  }
  EXPECT_EQ(Start("{").status, 400);
  EXPECT_EQ(Start(std::string(100'000, '[')).status, 400);
  EXPECT_EQ(queued(), 0);
}

TEST_F(PipelineRoutesTest, ARepeatStartsNothingOverRestartsToo) {
  const std::string body = R"({"params": {"day": "2018-05-24"}})";
  const HttpResponse first = Start(body, {{"idempotency-key", "k1"}});
  ASSERT_EQ(first.status, 202);
  const HttpResponse again = Start(body, {{"idempotency-key", "k1"}});
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.back().first, "Idempotency-Replayed");
  EXPECT_EQ(Start(R"({"params": {"day": "2018-05-25"}})", {{"idempotency-key", "k1"}}).status, 422);
  EXPECT_EQ(Start(body, {{"idempotency-key", ""}}).status, 400);
  EXPECT_EQ(Start(body, {{"idempotency-key", std::string(256, 'k')}}).status, 400);
  EXPECT_EQ(queued(), 1);
  store_.reset();
  runs_.reset();
  OpenStore();
  RouteTable fresh;
  AddPipelineRoutes(fresh, {.store = *store_, .project = "shop", .folder = (folder_ / "pipelines").string()});
  routes_ = std::move(fresh);
  EXPECT_EQ(Start(body, {{"idempotency-key", "k1"}}).body, first.body);
  EXPECT_EQ(Start(body, {{"idempotency-key", "k2"}}).status, 202);
  EXPECT_EQ(Start(body).status, 202);
  EXPECT_EQ(queued(), 3);
}

TEST_F(PipelineRoutesTest, ASignedCallIsKnownByItsSignedId) {
  caller_ = "signature";
  const std::string body = R"({"params": {"day": "2018-05-24"}})";
  const HttpResponse first = Start(body, {{"webhook-id", "m1"}, {"idempotency-key", "k1"}});
  const HttpResponse again = Start(body, {{"webhook-id", "m1"}, {"idempotency-key", "k2"}});
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(queued(), 1);
}

TEST_F(PipelineRoutesTest, BeginsOnlyWhatTakesCalls) {
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/deaf/runs").status, 403);
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/none/runs").status, 404);
  EXPECT_EQ(Call("POST", "/api/v1/pipelines/..%2Fpipelines%2Fcalled/runs").status, 404);
  Define("called", "on: [http: ]\n", "nonsense: 1\n");
  const HttpResponse broken = Start("{}");
  EXPECT_EQ(broken.status, 503);
  EXPECT_EQ(broken.body.find("nonsense"), std::string::npos) << broken.body;
  EXPECT_EQ(queued(), 0);
}

TEST_F(PipelineRoutesTest, NotificationsOfAnObjectStoreShareTheRunThatWaits) {
  Define("called", "on: [http: ]\n", "");
  const auto notification = [](const std::string& key) {
    return R"({"EventName": "s3:ObjectCreated:Put", "Key": "drops/raw/x.csv", "Records": [{"eventName": )"
           R"("s3:ObjectCreated:Put", "s3": {"bucket": {"name": "drops"}, "object": {"key": ")" +
           key + R"("}}}]})";
  };
  const HttpResponse first = Start(notification("raw/orders_1.csv"));
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(Json::parse(Start(notification("raw/orders_2.csv")).body).at("run_id"),
            Json::parse(first.body).at("run_id"));
  EXPECT_EQ(queued(), 1);
  const std::string id = Json::parse(first.body).at("run_id").get<std::string>();
  EXPECT_EQ(store_->FindCall(id).value()->note, "s3:ObjectCreated:Put drops/raw/orders_1.csv");
  // What has begun may have missed what arrives now.
  ASSERT_TRUE(runs_->StartRun(*runs_->FindRun(id).value()));
  EXPECT_EQ(Start(notification("raw/orders_3.csv")).status, 202);
  EXPECT_EQ(queued(), 1);
  for (const char* odd :
       {R"({"Records": []})", R"({"Records": [1, {"s3": []}]})", R"({"Records": [{"s3": {"object": 7}}]})"}) {
    EXPECT_EQ(Start(odd).status, 202) << odd;
  }
  EXPECT_EQ(Start(R"({"Records": {}})").status, 422);
  EXPECT_EQ(queued(), 1);
  // Other calls are runs of their own.
  EXPECT_EQ(Start("{}").status, 202);
  EXPECT_EQ(queued(), 2);
}

TEST_F(PipelineRoutesTest, RefusesABodyThatIsNotJson) {
  RouteMatch match = routes_.Find("POST", "/api/v1/pipelines/called/runs");
  HttpRequest request{.method = "POST", .path_values = match.values, .query = {}};
  request.body = R"({"params": {"day": "2018-05-24"}})";
  request.headers = {{"content-type", "text/plain"}};
  EXPECT_EQ(match.route->handler(request).status, 415);
}

TEST_F(PipelineRoutesTest, AFullQueueSaysSo) {
  const state::Call call;
  for (const std::string id : {"r1", "r2"}) {
    state::QueueEntry entry;
    entry.run.id = id;
    entry.run.pipeline = "called";
    ASSERT_EQ(store_->EnqueueCall(entry, call, 2).value().kind, state::CallOutcome::Kind::kQueued);
  }
  state::QueueEntry entry;
  entry.run.id = "r3";
  entry.run.pipeline = "called";
  EXPECT_EQ(store_->EnqueueCall(entry, call, 2).value().kind, state::CallOutcome::Kind::kFull);
  EXPECT_FALSE(runs_->FindRun("r3").value());
}

TEST_F(PipelineRoutesTest, EveryRouteIsInTheReference) {
  const auto page = ReadWholeFile(SMELT_SOURCE_DIR "/docs/reference/http-api.md");
  ASSERT_TRUE(page) << page.error().ToString();
  for (const Route& route : routes_.routes()) {
    EXPECT_NE(page->find(fmt::format("`{} {}`", route.method, route.pattern)), std::string::npos) << route.pattern;
    EXPECT_NE(page->find(route.summary), std::string::npos) << route.summary;
  }
}

}  // namespace
}  // namespace smelt::serve
