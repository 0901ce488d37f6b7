#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/file_descriptor.h"

extern char** environ;

namespace smelt {
namespace {

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Error SystemError(std::string_view what) {
  return Error(ErrorCode::kStoreIo, fmt::format("cannot {}: {}", what, std::strerror(errno)))
      .Hint("raise the limits on processes and open files (ulimit -u, ulimit -n)");
}

Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Fail(SystemError("make a pipe"));
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

/// Pointers to texts, as exec wants them. The texts must outlive them.
std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// This process's environment with the request's on top.
std::vector<std::string> Environment(const ProcessRequest& request) {
  std::vector<std::string> merged = request.environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('=') + 1);
    const bool replaced =
        std::ranges::any_of(request.environment, [&](const std::string& own) { return own.starts_with(name); });
    if (!replaced) merged.emplace_back(text);
  }
  return merged;
}

/// Lets a new process have its standard streams and nothing else that is open here: the socket on which a server
/// listens would go on taking connections when the server is gone.
void KeepFilesBack() {
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

/// Kills everything in a process group when this process has died, however it did: the program itself would hear of
/// that by its own means, but not what it started. A shell that waits for a pipe of ours to close, and leads the group.
class Guard {
 public:
  Guard() = default;
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Status Start() {
    SMELT_ASSIGN(Pipe life, MakePipe());
    std::array<const char*, 4> command = {"/bin/sh", "-c", "read -r _; kill -KILL 0", nullptr};
    pid_ = fork();
    if (pid_ < 0) return Fail(SystemError("start a process"));
    if (pid_ == 0) {
      setpgid(0, 0);
      // It outlives what the program is asked to end by.
      for (const int asked : {SIGTERM, SIGINT, SIGHUP}) signal(asked, SIG_IGN);
      dup2(life.read.get(), STDIN_FILENO);
      KeepFilesBack();
      execve(command[0], const_cast<char* const*>(command.data()), environ);
      _exit(127);
    }
    setpgid(pid_, pid_);  // whoever is first
    life_ = std::move(life.write);
    return {};
  }

  pid_t group() const { return pid_; }

 private:
  pid_t pid_ = -1;
  FileDescriptor life_;
};

/// What the new process does before it becomes the program. Only calls that are safe between fork and exec of a process
/// with threads.
[[noreturn]] void Become(const ProcessRequest& request, char** command, char** environment, int output, int failure,
                         pid_t parent, pid_t group) {
  setpgid(0, group);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died meanwhile
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (request.memory_bytes_max > 0) {
    const rlimit limit{static_cast<rlim_t>(request.memory_bytes_max), static_cast<rlim_t>(request.memory_bytes_max)};
    setrlimit(RLIMIT_AS, &limit);
  }
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  KeepFilesBack();
  if (request.folder.empty() || chdir(request.folder.c_str()) == 0) execvpe(command[0], command, environment);
  const int error = errno;
  static_cast<void>(!write(failure, &error, sizeof error));
  _exit(127);
}

/// Keeps the last `bytes` of a text.
void Shorten(std::string& text, std::size_t bytes) {
  if (text.size() > bytes) text.erase(0, text.size() - bytes);
}

/// A running program, its output and the request to stop it.
class Process {
 public:
  Process(const ProcessRequest& request, pid_t pid, pid_t group, FileDescriptor output)
      : request_(request), pid_(pid), group_(group), output_(std::move(output)) {
    end_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    stop_ = FileDescriptor(eventfd(0, EFD_CLOEXEC));
  }

  Status OpenLog() {
    if (request_.log_path.empty()) return {};
    SMELT_TRY(CreateFolders(std::filesystem::path(request_.log_path).parent_path().string()));
    log_ = FileDescriptor(open(request_.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!log_.valid()) return Fail(FileError(errno, "write the log", request_.log_path));
    return {};
  }

  /// Follows the program to its end. Returns whether it was asked to stop.
  bool Follow(ProcessResult& result) {
    const std::stop_callback wake(request_.stop, [this] {
      const std::uint64_t one = 1;
      static_cast<void>(!write(stop_.get(), &one, sizeof one));
    });
    bool stopping = false;
    double kill_at = 0;
    while (true) {
      std::array<pollfd, 3> waits = {pollfd{end_.get(), POLLIN, 0}, pollfd{output_.get(), POLLIN, 0},
                                     pollfd{stopping ? -1 : stop_.get(), POLLIN, 0}};
      const double left_ms = stopping ? std::max(0.0, (kill_at - MonotonicSeconds()) * 1000.0) : -1.0;
      poll(waits.data(), waits.size(), stopping ? static_cast<int>(left_ms) + 1 : -1);
      if (waits[1].revents != 0) Read(result);
      if (waits[0].revents != 0) break;
      if (result.output_exceeded) kill(-group_, SIGKILL);
      if (waits[2].revents != 0) {
        stopping = true;
        kill_at = MonotonicSeconds() + static_cast<double>(request_.grace_ms) / 1000.0;
        kill(-group_, SIGTERM);
      }
      if (stopping && MonotonicSeconds() >= kill_at) kill(-group_, SIGKILL);
    }
    Reap(result);
    return stopping;
  }

 private:
  /// Reads what is there; the output is closed when nothing more can come.
  void Read(ProcessResult& result) {
    std::array<char, 65'536> buffer{};
    const ssize_t size = read(output_.get(), buffer.data(), buffer.size());
    if (size <= 0) {
      if (size == 0 || (errno != EINTR && errno != EAGAIN)) output_.Close();
      return;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    result.output_bytes += size;
    if (request_.output_bytes_max > 0 && result.output_bytes > request_.output_bytes_max) result.output_exceeded = true;
    result.tail += bytes;
    if (result.tail.size() > 2 * request_.tail_bytes) Shorten(result.tail, request_.tail_bytes);
    if (log_.valid() && !result.output_exceeded) WriteAll(log_.get(), bytes);
  }

  void Reap(ProcessResult& result) {
    int status = 0;
    rusage usage{};
    while (wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    kill(-group_, SIGKILL);  // what it left behind
    fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    while (output_.valid() && !result.output_exceeded) {  // what it wrote last
      const std::int64_t before = result.output_bytes;
      Read(result);
      if (result.output_bytes == before) break;
    }
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    Shorten(result.tail, request_.tail_bytes);
    constexpr double kMicros = 1e6;
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicros;
    };
    result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    result.memory_bytes_peak = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  }

  const ProcessRequest& request_;
  pid_t pid_;
  pid_t group_;
  FileDescriptor output_;
  FileDescriptor end_;
  FileDescriptor stop_;
  FileDescriptor log_;
};

}  // namespace

Result<ProcessResult> RunProcess(const ProcessRequest& request) {
  SMELT_ASSERT(!request.command.empty());
  std::vector<std::string> words = request.command;
  std::vector<std::string> variables = Environment(request);
  std::vector<char*> command = Pointers(words);
  std::vector<char*> environment = Pointers(variables);
  SMELT_ASSIGN(Pipe output, MakePipe());
  SMELT_ASSIGN(Pipe failure, MakePipe());
  Guard guard;
  SMELT_TRY(guard.Start());
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Fail(SystemError("start a process"));
  if (pid == 0) {
    Become(request, command.data(), environment.data(), output.write.get(), failure.write.get(), parent, guard.group());
  }
  output.write.Close();
  failure.write.Close();
  int error = 0;
  Process process(request, pid, guard.group(), std::move(output.read));
  const bool failed = read(failure.read.get(), &error, sizeof error) == static_cast<ssize_t>(sizeof error);
  ProcessResult result;
  const Status logged = process.OpenLog();
  const bool stopped = process.Follow(result);
  if (failed) {
    const std::string what = request.folder.empty() || error != ENOTDIR ? request.command[0] : request.folder;
    return Fail(Error(ErrorCode::kStoreNotFound, fmt::format("cannot run {}: {}", what, std::strerror(error)))
                    .Hint(fmt::format("install {}, or put it on the path", request.command[0])));
  }
  if (stopped) return Fail(ErrorCode::kCancelled, fmt::format("{} was stopped", request.command[0]));
  SMELT_TRY(logged);
  return result;
}

Result<std::string> RunProgram(const std::vector<std::string>& words, const std::string& folder, std::stop_token stop) {
  constexpr std::size_t kTextMax = 64U << 20U;
  ProcessRequest request;
  request.command = words;
  request.environment = {"GIT_TERMINAL_PROMPT=0", "LC_ALL=C"};
  request.folder = folder;
  request.tail_bytes = kTextMax;
  request.stop = std::move(stop);
  SMELT_ASSIGN(ProcessResult result, RunProcess(request));
  if (result.exit_code == 0) return std::move(result.tail);
  constexpr std::size_t kShownMax = 600;
  std::string& text = result.tail;
  if (text.size() > kShownMax) text = "…" + text.substr(text.size() - kShownMax);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return Fail(ErrorCode::kStoreIo, fmt::format("{} failed: {}", words[0], text));
}

}  // namespace smelt
