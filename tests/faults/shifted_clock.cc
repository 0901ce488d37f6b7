// A wall clock of a test's own, put in front of the system's with LD_PRELOAD: it can be set while a program runs, and
// it can run faster. $SHIFTED_CLOCK is a file of four 64-bit numbers, which the test writes (tests/shifted_clock.py): a
// count that is odd while the others change, the wall time at the anchor, the anchor on the monotonic clock (both in
// nanoseconds), and the rate. Durations and waits of the monotonic clock stay what they are. Timers that wait for a
// wall time (timerfd) follow it, and one that asks for it learns that the clock was set, as Linux has it.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>

namespace {

constexpr std::int64_t kBillion = 1'000'000'000;

struct Setting {
  std::atomic<std::int64_t> count, wall_ns, anchor_ns, rate;
};
static_assert(sizeof(Setting) == 32);

struct Reading {
  std::int64_t count = 0, wall_ns = 0, anchor_ns = 0, rate = 1;
};

/// A timer of the wall clock.
struct Timer {
  bool armed = false;
  bool is_told = false;   ///< learns that the clock was set
  std::int64_t seen = 0;  ///< the setting of the clock for which it was last told or armed
  itimerspec wanted{};    ///< as the program asked, absolute
};

template <typename Function>
Function* System(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

timespec Span(std::int64_t nanoseconds) {
  return {.tv_sec = nanoseconds / kBillion, .tv_nsec = nanoseconds % kBillion};
}

std::int64_t Monotonic() {
  static auto* const kReal = System<decltype(clock_gettime)>("clock_gettime");
  timespec now{};
  kReal(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kBillion + now.tv_nsec;
}

const Setting* TheSetting() {
  static const Setting* const kSetting = []() -> const Setting* {
    const char* path = std::getenv("SHIFTED_CLOCK");
    const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void* mapped = mmap(nullptr, sizeof(Setting), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) return static_cast<const Setting*>(mapped);
    std::fputs("SHIFTED_CLOCK names no file with a clock\n", stderr);
    _exit(2);
  }();
  return kSetting;
}

Reading Read() {
  const Setting& setting = *TheSetting();
  while (true) {
    const Reading reading{setting.count, setting.wall_ns, setting.anchor_ns, setting.rate};
    if (reading.count % 2 == 0 && setting.count == reading.count) return reading;
  }
}

std::int64_t Wall(const Reading& reading) {
  return reading.wall_ns + (Monotonic() - reading.anchor_ns) * reading.rate;
}

std::mutex g_mutex;
std::map<int, Timer>& Timers() {
  static auto* const kTimers = new std::map<int, Timer>;
  return *kTimers;
}

/// Arms the system's timer for what is left until the wanted time.
int Arm(int fd, const Timer& timer, const Reading& reading) {
  static auto* const kReal = System<decltype(timerfd_settime)>("timerfd_settime");
  const std::int64_t wanted = timer.wanted.it_value.tv_sec * kBillion + timer.wanted.it_value.tv_nsec;
  const std::int64_t left = (wanted - Wall(reading)) / reading.rate;
  itimerspec when{};
  when.it_value = Span(left > 1 ? left : 1);
  return kReal(fd, 0, &when, nullptr);
}

/// Lets timers follow the clock. Those that are told of it end their wait at once.
void FollowTheClock() {
  static auto* const kSettime = System<decltype(timerfd_settime)>("timerfd_settime");
  for (std::int64_t count = Read().count;; std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
    const Reading reading = Read();
    if (reading.count == count) continue;
    count = reading.count;
    const std::lock_guard guard(g_mutex);
    for (auto& [fd, timer] : Timers()) {
      if (!timer.armed) continue;
      const itimerspec at_once{.it_interval = {}, .it_value = Span(1)};
      if (timer.is_told) {
        kSettime(fd, 0, &at_once, nullptr);
      } else {
        Arm(fd, timer, reading);
      }
    }
  }
}

/// Once. What follows lives as long as the program, whose end waits for nobody.
void BeginToFollow() {
  static const auto* const kFollower = new std::jthread(FollowTheClock);
  static_cast<void>(kFollower);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static auto* const kReal = System<decltype(clock_gettime)>("clock_gettime");
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return kReal(clock, now);
  *now = Span(Wall(Read()));
  return 0;
}

int gettimeofday(timeval* now, void*) noexcept {
  const std::int64_t wall = Wall(Read());
  now->tv_sec = wall / kBillion;
  now->tv_usec = wall % kBillion / 1000;
  return 0;
}

time_t time(time_t* now) noexcept {
  const std::int64_t seconds = Wall(Read()) / kBillion;
  if (now != nullptr) *now = seconds;
  return seconds;
}

int timerfd_create(int clock, int flags) noexcept {
  static auto* const kReal = System<decltype(timerfd_create)>("timerfd_create");
  if (clock != CLOCK_REALTIME) return kReal(clock, flags);
  const int fd = kReal(CLOCK_MONOTONIC, flags);
  if (fd < 0) return fd;
  const std::lock_guard guard(g_mutex);
  Timers()[fd] = {};
  BeginToFollow();
  return fd;
}

int timerfd_settime(int fd, int flags, const itimerspec* wanted, itimerspec* before) noexcept {
  static auto* const kReal = System<decltype(timerfd_settime)>("timerfd_settime");
  const std::lock_guard guard(g_mutex);
  const auto timer = Timers().find(fd);
  if (timer == Timers().end() || (flags & TFD_TIMER_ABSTIME) == 0) return kReal(fd, flags, wanted, before);
  const Reading reading = Read();
  Timer& one = timer->second;
  // A clock that was set since the last time is told of here, too; the timer is armed all the same.
  const bool was_set = one.armed && one.is_told && one.seen != reading.count;
  one = {.armed = true, .is_told = (flags & TFD_TIMER_CANCEL_ON_SET) != 0, .seen = reading.count, .wanted = *wanted};
  const int armed = Arm(fd, one, reading);
  if (!was_set || armed != 0) return armed;
  errno = ECANCELED;
  return -1;
}

ssize_t read(int fd, void* buffer, size_t size) {
  static auto* const kReal = System<decltype(read)>("read");
  {
    const std::lock_guard guard(g_mutex);
    const auto timer = Timers().find(fd);
    if (timer != Timers().end() && timer->second.armed && timer->second.is_told) {
      const std::int64_t count = Read().count;
      if (timer->second.seen != count) {
        timer->second.seen = count;
        static_cast<void>(kReal(fd, buffer, size));
        errno = ECANCELED;
        return -1;
      }
    }
  }
  return kReal(fd, buffer, size);
}

int close(int fd) {
  static auto* const kReal = System<decltype(close)>("close");
  {
    const std::lock_guard guard(g_mutex);
    Timers().erase(fd);
  }
  return kReal(fd);
}
}
