#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/file_descriptor.h"

namespace smelt {
namespace {

/// The environment of the program, in which git asks nobody for passwords.
std::vector<std::string> QuietEnvironment() {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with("GIT_TERMINAL_PROMPT=") && !variable.starts_with("LC_ALL="))
      variables.emplace_back(variable);
  }
  variables.emplace_back("GIT_TERMINAL_PROMPT=0");
  variables.emplace_back("LC_ALL=C");
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Starts the program with its outputs going to `output`.
Result<pid_t> Spawn(std::vector<std::string> words, const std::string& folder, int output) {
  std::vector<std::string> variables = QuietEnvironment();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  // This program blocks the signals that it waits for; the other must not inherit that.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int failure =
      posix_spawnp(&pid, words[0].c_str(), &actions, &attributes, Pointers(words).data(), Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == 0) return pid;
  return Fail(Error(ErrorCode::kStoreNotFound, fmt::format("cannot run {}: {}", words[0], std::strerror(failure)))
                  .Hint(fmt::format("install {}, or put it on the path", words[0])));
}

std::string ReadAll(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<std::string> RunProgram(const std::vector<std::string>& words, const std::string& folder, std::stop_token stop) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Fail(FileError(errno, "make a pipe for", words[0]));
  const FileDescriptor input(ends[0]);
  std::string text;
  pid_t pid = 0;
  {
    const FileDescriptor output(ends[1]);
    SMELT_ASSIGN(pid, Spawn(words, folder, output.get()));
  }
  {
    const std::stop_callback on_stop(stop, [pid] { kill(pid, SIGTERM); });
    text = ReadAll(input.get());
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "interrupted");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  constexpr std::size_t kShownMax = 600;
  if (text.size() > kShownMax) text = "…" + text.substr(text.size() - kShownMax);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return Fail(ErrorCode::kStoreIo, fmt::format("{} failed: {}", words[0], text));
}

}  // namespace smelt
