#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.h"
#include "base/id.h"
#include "base/testing/loopback_server.h"
#include "observe/lineage_event.h"
#include "observe/lineage_sender.h"
#include "observe/lineage_settings.h"
#include "observe/stable_uuid.h"

namespace smelt::observe {
namespace {

using smelt::testing::LoopbackServer;

/// A folder and variables of its own, gone with the test.
class LineageTest : public ::testing::Test {
 protected:
  LineageTest() : folder_(std::filesystem::temp_directory_path() / ("smelt-test-" + NewUuid())) {
    std::filesystem::create_directories(folder_);
    Set("HOME", folder_.string());
    for (const char* name : {"OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE_DISABLED", "OPENLINEAGE_ENDPOINT",
                             "OPENLINEAGE_API_KEY", "OPENLINEAGE_NAMESPACE"}) {
      Set(name, "");
    }
  }
  ~LineageTest() override {
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  void Set(const std::string& name, const std::string& value) {
    const char* old = std::getenv(name.c_str());
    before_.emplace(name, old == nullptr ? "" : old);
    setenv(name.c_str(), value.c_str(), 1);
  }
  void Write(const std::string& yaml) { std::ofstream(folder_ / "openlineage.yml") << yaml; }

  std::filesystem::path folder_;
  std::map<std::string, std::string> before_;
};

TEST_F(LineageTest, SettingsAreThoseOfOtherClients) {
  EXPECT_TRUE(FindLineageSettings(folder_.string())->targets.empty());
  Set("OPENLINEAGE_URL", "http://localhost:5000/");
  Set("OPENLINEAGE_API_KEY", "key");
  auto settings = FindLineageSettings(folder_.string());
  ASSERT_EQ(settings->targets.size(), 1U);
  EXPECT_EQ(settings->targets[0].url, "http://localhost:5000/api/v1/lineage");
  EXPECT_EQ(settings->targets[0].api_key.Reveal(), "key");
  Write(
      "transport:\n  type: composite\n  transports:\n    - {type: file, log_file_path: events.json, append: true}\n"
      "    - {type: http, url: \"https://l.example.com\", endpoint: /v2, timeout: 2.5, auth: {type: api_key, apiKey: "
      "k}}\n");
  settings = FindLineageSettings(folder_.string());
  ASSERT_TRUE(settings) << settings.error().ToString();
  ASSERT_EQ(settings->targets.size(), 2U) << "the file wins";
  EXPECT_EQ(settings->targets[0].path, (folder_ / "events.json").string());
  EXPECT_EQ(settings->targets[1].url, "https://l.example.com/v2");
  EXPECT_EQ(settings->targets[1].timeout_ms, 2'500);
  Set("OPENLINEAGE_DISABLED", "True");
  EXPECT_TRUE(FindLineageSettings(folder_.string())->targets.empty());
}

TEST_F(LineageTest, KafkaTakesPropertiesOfItsClient) {
  Write(
      "transport:\n  type: kafka\n  topic: lineage\n  messageKey: all\n  config:\n"
      "    bootstrap.servers: \"127.0.0.1:1\"\n    acks: all\n    key.serializer: org.example.Text\n");
  const auto settings = FindLineageSettings(folder_.string());
  ASSERT_TRUE(settings) << settings.error().ToString();
  ASSERT_EQ(settings->targets.size(), 1U);
  EXPECT_EQ(settings->targets[0].topic, "lineage");
  EXPECT_EQ(settings->targets[0].message_key, "all");
  EXPECT_EQ(settings->targets[0].properties.size(), 2U);
  Write(
      "transport:\n  type: kafka\n  topic: lineage\n  config:\n    bootstrap.servers: \"127.0.0.1:1\"\n"
      "    ackz: all\n");
  const auto refused = FindLineageSettings(folder_.string());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().line(), 6);
  EXPECT_NE(refused.error().message().find("'ackz'"), std::string::npos);
}

TEST_F(LineageTest, AClusterThatIsNotThereIsToldOf) {
  LineageTarget kafka{.transport = LineageTransport::kKafka, .topic = "lineage"};
  kafka.properties = {{"bootstrap.servers", "127.0.0.1:1"}, {"message.timeout.ms", "300"}};
  LineageSender sender({kafka});
  sender.Send({{"job", {{"namespace", "shop"}, {"name", "daily"}}}});
  sender.Stop();
  EXPECT_NE(sender.Complaint().find("1 lineage event was not delivered: Kafka's topic 'lineage'"), std::string::npos)
      << sender.Complaint();
}

TEST_F(LineageTest, MistakesInSettingsHaveAPlace) {
  Write("transport:\n  type: pigeon\n");
  const auto settings = FindLineageSettings(folder_.string());
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().line(), 2);
  EXPECT_NE(settings.error().hint().find("composite"), std::string::npos);
  Write("transport:\n  type: http\n");
  EXPECT_EQ(FindLineageSettings(folder_.string()).error().code(), ErrorCode::kConfigKeyMissing);
  Set("OPENLINEAGE_CONFIG", (folder_ / "none.yml").string());
  EXPECT_EQ(FindLineageSettings(folder_.string()).error().code(), ErrorCode::kStoreNotFound);
}

TEST_F(LineageTest, EventsArriveInOrder) {
  std::vector<std::string> seen;
  LoopbackServer server([&](const std::string& request) {
    seen.push_back(request);
    return "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
  });
  const std::string path = (folder_ / "logs/events.ndjson").string();
  LineageTarget http{.transport = LineageTransport::kHttp, .url = server.url() + "/api"};
  http.api_key = Secret("k3y");
  LineageSender sender({LineageTarget{.path = path}, http});
  for (int i = 0; i < 5; ++i) sender.Send({{"n", i}});
  sender.Stop();
  EXPECT_EQ(sender.Complaint(), "");
  EXPECT_EQ(*ReadWholeFile(path), "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n");
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_NE(seen[4].find("Authorization: Bearer k3y"), std::string::npos);
  EXPECT_TRUE(seen[4].ends_with("{\"n\":4}"));
}

TEST_F(LineageTest, AReceiverThatRefusesIsLeftAlone) {
  int requests = 0;
  LoopbackServer server([&](const std::string&) {
    ++requests;
    return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
  });
  LineageSender sender({LineageTarget{.transport = LineageTransport::kHttp, .url = server.url()}});
  for (int i = 0; i < 20; ++i) sender.Send({{"n", i}});
  sender.Stop();
  EXPECT_EQ(requests, 3);
  EXPECT_NE(sender.Complaint().find("20 lineage events were not delivered"), std::string::npos) << sender.Complaint();
}

TEST(LineageEvents, ParentsAndFacetsHaveTheirForm) {
  LineageEvent event{.type = LineageEventType::kFail, .time_us = 1, .run_id = StableUuid("r/t"), .job = "daily.t"};
  event.job_name_space = "shop";
  event.parent = {StableUuid("r"), "daily"};
  event.outputs.push_back(DatasetOfPath("s3://bucket/lake/silver/orders"));
  event.outputs[0].direction_facets["outputStatistics"] = Facet("outputStatistics", {{"rowCount", 3}});
  const Json json = ToJson(event);
  EXPECT_EQ(json["eventType"], "FAIL");
  EXPECT_EQ(json["run"]["facets"]["parent"]["root"]["job"]["name"], "daily");
  EXPECT_EQ(json["outputs"][0]["namespace"], "s3://bucket");
  EXPECT_EQ(json["outputs"][0]["name"], "lake/silver/orders");
  EXPECT_EQ(json["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"], 3);
  EXPECT_EQ(DatasetOfPath("/lake/silver/orders").name_space, "file");
}

TEST(StableUuids, AreWellFormedAndTheSameForTheSameName) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = StableUuid(std::to_string(i));
    ASSERT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '5');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_EQ(uuid, StableUuid(std::to_string(i)));
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace smelt::observe
