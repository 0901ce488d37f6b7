#include "base/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/id.h"

namespace smelt {
namespace {

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override {
    ASSERT_TRUE(LogTo("", LogLevel::kInfo));
    std::filesystem::remove_all(folder_);
  }
  std::vector<Json> Lines() const {
    std::vector<Json> lines;
    std::istringstream text(*ReadWholeFile(path_));
    for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
    return lines;
  }
  const std::string folder_ = ::testing::TempDir() + "log_" + NewUuid();
  const std::string path_ = folder_ + "/logs/smelt.jsonl";
};

TEST_F(LogTest, WritesOneObjectPerLineFromItsLevelUp) {
  Log(LogLevel::kError, "before.log_to");
  ASSERT_TRUE(LogTo(path_, LogLevel::kInfo));
  Log(LogLevel::kDebug, "too.low");
  Log(LogLevel::kInfo, "ingest.file.loaded", {{"file", "a\nb.csv"}, {"rows", 12}});
  Log(LogLevel::kWarn, "bad.bytes", {{"text", "caf\xE9"}});
  ASSERT_TRUE(LogTo("", LogLevel::kInfo));
  Log(LogLevel::kError, "switched.off");
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["event"], "ingest.file.loaded");
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["rows"], 12);
  EXPECT_EQ(lines[0]["file"], "a\nb.csv");
  EXPECT_EQ(lines[0]["ts"].get<std::string>().size(), 27u);
  EXPECT_EQ(lines[1]["level"], "warn");
}

TEST_F(LogTest, LinesOfThreadsStayWhole) {
  ASSERT_TRUE(LogTo(path_, LogLevel::kDebug));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 250; ++i) Log(LogLevel::kInfo, "step", {{"thread", t}, {"pad", std::string(300, 'x')}});
      });
    }
  }
  EXPECT_EQ(Lines().size(), 1000u);
}

TEST_F(LogTest, ScopesAddTheirFields) {
  ASSERT_TRUE(LogTo(path_, LogLevel::kInfo));
  {
    const LogScope run({{"run_id", "r1"}, {"task", "a"}});
    Log(LogLevel::kInfo, "one", {{"task", "own"}});
    {
      const LogScope task({{"task", "b"}});
      std::jthread([fields = LogScope::Current()] {
        const LogScope scope(fields);
        Log(LogLevel::kInfo, "two");
      }).join();
    }
    Log(LogLevel::kInfo, "three");
  }
  Log(LogLevel::kInfo, "four");
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0]["run_id"], "r1");
  EXPECT_EQ(lines[0]["task"], "own");
  EXPECT_EQ(lines[1]["task"], "b");
  EXPECT_EQ(lines[2]["task"], "a");
  EXPECT_FALSE(lines[3].contains("run_id"));
}

TEST_F(LogTest, MirrorsWhatMatters) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  MirrorLog(fileno(file));
  Log(LogLevel::kDebug, "too.low");
  Log(LogLevel::kInfo, "shown");
  MirrorLog(-1);
  Log(LogLevel::kInfo, "not.shown");
  std::rewind(file);
  std::string text(1'000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  EXPECT_NE(text.find("shown"), std::string::npos);
  EXPECT_EQ(text.find("low"), std::string::npos);
  EXPECT_EQ(text.find("not.shown"), std::string::npos);
}

TEST_F(LogTest, AppendsAndReportsWhatItCannotOpen) {
  ASSERT_TRUE(LogTo(path_, LogLevel::kInfo));
  Log(LogLevel::kInfo, "one");
  ASSERT_TRUE(LogTo(path_, LogLevel::kInfo));
  Log(LogLevel::kInfo, "two");
  EXPECT_EQ(Lines().size(), 2u);
  EXPECT_FALSE(LogTo(folder_ + "/logs", LogLevel::kInfo));
}

}  // namespace
}  // namespace smelt
