#include "app/internal/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

#include "app/internal/terminal/progress_view.h"
#include "base/error.h"

namespace smelt::app {
namespace {

/// Sent to the waiting thread when the program ends by itself.
constexpr int kWakeSignal = SIGUSR2;

sigset_t Signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, kWakeSignal);
  return set;
}

}  // namespace

SignalStop::SignalStop() {
  sigset_t set = Signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  waiter_ = std::jthread([this](const std::stop_token& ended) {
    sigset_t waited = Signals();
    while (!ended.stop_requested()) {
      int signal = 0;
      if (sigwait(&waited, &signal) != 0 || signal == kWakeSignal) continue;
      Handle(signal);
    }
  });
}

void SignalStop::Handle(int signal) {
  std::lock_guard guard(lock_);
  if (signal == SIGINT && on_interrupt_) return on_interrupt_();
  if (second_taken_ && source_.stop_requested() && !second_.stop_requested()) {
    second_.request_stop();
    return;
  }
  if (source_.stop_requested()) {
    // No progress display comes back to give the terminal its cursor.
    if (isatty(STDOUT_FILENO) != 0) (void)!write(STDOUT_FILENO, kShowCursor.data(), kShowCursor.size());
    _exit(Describe(ErrorCode::kCancelled).exit_code);
  }
  source_.request_stop();
}

std::stop_token SignalStop::TakeSecond() {
  std::lock_guard guard(lock_);
  second_taken_ = true;
  return second_.get_token();
}

void SignalStop::OnInterrupt(std::function<void()> handler) {
  std::lock_guard guard(lock_);
  on_interrupt_ = std::move(handler);
}

SignalStop::~SignalStop() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), kWakeSignal);
}

}  // namespace smelt::app
