#include "pipeline/watcher.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/file.h"

namespace smelt::pipeline {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

/// A file is there when its writer has closed it or has moved it in; a folder's own end counts, too.
constexpr std::uint32_t kChanges =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;

Error SystemError(std::string_view what) {
  return Error(ErrorCode::kStoreIo, fmt::format("cannot {}: {}", what, std::strerror(errno)))
      .Hint("raise the limit on open files (ulimit -n)");
}

}  // namespace

Result<Watcher> Watcher::Make() {
  Watcher watcher;
  watcher.timer_ = FileDescriptor(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!watcher.timer_.valid()) return Fail(SystemError("make a timer"));
  watcher.changes_ = FileDescriptor(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watcher.changes_.valid()) return Fail(SystemError("watch files"));
  watcher.pokes_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!watcher.pokes_.valid()) return Fail(SystemError("make an event"));
  return watcher;
}

Status Watcher::Watch(const std::string& path) {
  const std::filesystem::path whole(path);
  std::filesystem::path nearest = whole;
  std::filesystem::path missing_below;
  while (true) {
    const int watch = inotify_add_watch(changes_.get(), nearest.c_str(), kChanges);
    if (watch >= 0) {
      paths_of_[watch].insert(path);
      // What was missing may have been made before the folder above it was watched: no event tells of that.
      std::error_code ignored;
      if (nearest == whole || !std::filesystem::exists(missing_below, ignored)) return {};
      nearest = whole;
      continue;
    }
    const int error = errno;
    if (error == ENOSPC) {
      return Fail(Error(ErrorCode::kStoreFull, fmt::format("cannot watch {}: the limit of watches is reached", path))
                      .Hint("raise fs.inotify.max_user_watches (sysctl)"));
    }
    const bool missing = error == ENOENT || error == ENOTDIR;
    if (!missing || !nearest.has_parent_path() || nearest == nearest.parent_path()) {
      return Fail(FileError(error, "watch", path));
    }
    missing_below = nearest;
    nearest = nearest.parent_path();
  }
}

Status Watcher::Clear() {
  changes_ = FileDescriptor(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!changes_.valid()) return Fail(SystemError("watch files"));
  paths_of_.clear();
  return {};
}

Result<bool> Watcher::SetTimer(std::int64_t until_us) {
  itimerspec when{};
  const std::int64_t at = until_us > 1 ? until_us : 1;  // an all-zero time would switch the timer off
  when.it_value.tv_sec = at / kMicrosPerSecond;
  when.it_value.tv_nsec = at % kMicrosPerSecond * 1000;
  if (timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr) == 0) return false;
  if (errno == ECANCELED) return true;
  return Fail(SystemError("set a timer"));
}

Result<Wakeup> Watcher::Wait(std::int64_t until_us) {
  SMELT_ASSIGN(const bool was_set, SetTimer(until_us));
  if (was_set) return Wakeup{.clock_set = true};
  std::array<pollfd, 4> waits = {pollfd{timer_.get(), POLLIN, 0}, pollfd{changes_.get(), POLLIN, 0},
                                 pollfd{pokes_.get(), POLLIN, 0}, pollfd{followed_, POLLIN, 0}};
  while (poll(waits.data(), waits.size(), -1) < 0) {
    if (errno != EINTR) return Fail(SystemError("wait"));
  }
  Wakeup wakeup;
  std::uint64_t count = 0;
  if (waits[0].revents != 0) {
    wakeup.clock_set = read(timer_.get(), &count, sizeof count) < 0 && errno == ECANCELED;
    wakeup.timer = !wakeup.clock_set;
  }
  if (waits[1].revents != 0) ReadChanges(wakeup);
  if (waits[2].revents != 0) wakeup.poked = read(pokes_.get(), &count, sizeof count) > 0;
  wakeup.signalled = waits[3].revents != 0;
  return wakeup;
}

void Watcher::ReadChanges(Wakeup& wakeup) {
  alignas(inotify_event) std::array<char, 16'384> buffer{};
  while (true) {
    const ssize_t size = read(changes_.get(), buffer.data(), buffer.size());
    if (size <= 0) return;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {  // too much at once: anything may have changed
        for (const auto& [watch, paths] : paths_of_) wakeup.changed.insert(paths.begin(), paths.end());
        continue;
      }
      const auto paths = paths_of_.find(event.wd);
      if (paths == paths_of_.end()) continue;
      wakeup.changed.insert(paths->second.begin(), paths->second.end());
      if ((event.mask & IN_IGNORED) != 0) paths_of_.erase(paths);
    }
  }
}

void Watcher::Poke() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(pokes_.get(), &one, sizeof one));
}

}  // namespace smelt::pipeline
