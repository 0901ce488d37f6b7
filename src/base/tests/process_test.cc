#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/id.h"
#include "base/retry.h"

namespace smelt {
namespace {

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() { std::filesystem::create_directories(folder_); }
  ~ProcessTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ / name; }

  /// The number in a file, when it has been written.
  pid_t AwaitNumber(const std::string& name) const {
    while (true) {
      const auto text = ReadWholeFile(Path(name));
      pid_t number = 0;
      if (text && text->ends_with('\n')) {
        std::from_chars(text->data(), text->data() + text->size(), number);
        return number;
      }
      SleepFor(5, {});
    }
  }

  /// Whether there is such a process; one that is dead and not yet buried is none.
  static bool Lives(pid_t pid) {
    const auto stat = ReadWholeFile("/proc/" + std::to_string(pid) + "/stat");
    return stat && stat->substr(stat->rfind(')') + 2, 1) != "Z";
  }
  static void AwaitDeath(pid_t pid) {
    while (Lives(pid)) SleepFor(5, {});
  }

  static ProcessRequest Shell(const std::string& script) {
    ProcessRequest request;
    request.command = {"/bin/sh", "-c", script};
    return request;
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("smelt-test-" + NewUuid());
};

TEST_F(ProcessTest, TellsHowAProgramEnded) {
  const auto good = RunProcess(Shell("echo out; echo err >&2"));
  ASSERT_TRUE(good) << good.error().ToString();
  EXPECT_EQ(good->exit_code, 0);
  EXPECT_EQ(good->tail, "out\nerr\n");
  EXPECT_EQ(RunProcess(Shell("exit 7"))->exit_code, 7);
  EXPECT_EQ(RunProcess(Shell("kill -USR1 $$"))->signal, SIGUSR1);
  ProcessRequest unknown;
  unknown.command = {"no-such-program"};
  const auto missing = RunProcess(unknown);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kStoreNotFound);
}

TEST_F(ProcessTest, EndsAProgramThatWritesTooMuch) {
  ProcessRequest request = Shell("while true; do echo 0123456789; done");
  request.output_bytes_max = 10'000;
  const auto result = RunProcess(request);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->output_exceeded);
  EXPECT_EQ(result->signal, SIGKILL);
}

TEST_F(ProcessTest, AStopEndsAProgramThatDoesNotListen) {
  ProcessRequest request =
      Shell("trap '' TERM; sleep 1000 & echo $! > " + Path("pid") + "; while true; do sleep 1; done");
  request.grace_ms = 50;
  std::stop_source stop;
  request.stop = stop.get_token();
  const std::jthread stopper([&] {
    AwaitNumber("pid");
    stop.request_stop();
  });
  const auto result = RunProcess(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
  AwaitDeath(AwaitNumber("pid"));
}

TEST_F(ProcessTest, NothingOutlivesTheCall) {
  ASSERT_TRUE(RunProcess(Shell("sleep 1000 > /dev/null 2>&1 & echo $! > " + Path("pid"))));
  AwaitDeath(AwaitNumber("pid"));
}

/// Also what the program has started, and did not wait for, ends with the process that runs it.
TEST_F(ProcessTest, NothingOutlivesTheDeathOfItsProcess) {
  const pid_t runner = fork();
  if (runner == 0) {
    static_cast<void>(RunProcess(Shell("(sleep 1000 & echo $! > " + Path("pid") + "; wait); true")));
    _exit(0);
  }
  const pid_t started = AwaitNumber("pid");
  EXPECT_TRUE(Lives(started));
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  AwaitDeath(started);
}

}  // namespace
}  // namespace smelt
