#include "app/internal/alert_pump.h"

#include <algorithm>
#include <chrono>
#include <stop_token>

#include "app/internal/alerting.h"
#include "base/clock.h"
#include "base/log.h"
#include "state/alert_store.h"

namespace smelt::app {

AlertPump::AlertPump(const CommandContext& context, const ProjectConfig& project, engine::Engine& engine)
    : context_(context), project_(project), engine_(engine) {
  if (!project_.notifications.routes.empty()) thread_ = std::jthread([this] { Work(); });
}

AlertPump::~AlertPump() {
  {
    const std::lock_guard guard(mutex_);
    ended_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AlertPump::Wake() {
  {
    const std::lock_guard guard(mutex_);
    wanted_ = true;
  }
  woken_.notify_all();
}

void AlertPump::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool last = ended_;
    wanted_ = false;
    lock.unlock();
    // What was recorded last is sent although the command is to end.
    const auto report = TellOfRuns(context_, project_, &engine_, last ? std::stop_token() : context_.stop);
    if (!report) Log(LogLevel::kError, "alert.failed", {{"error", report.error().ToString()}});
    const std::int64_t due_us = NextDue();
    lock.lock();
    if (last) return;
    const auto changed = [this] { return wanted_ || ended_; };
    if (due_us == 0) {
      woken_.wait(lock, changed);
    } else {
      // A second at least: what is due and could not be taken must not spin.
      constexpr std::int64_t kLeastUs = 1'000'000;
      woken_.wait_for(lock, std::chrono::microseconds(std::max(due_us - NowMicros(), kLeastUs)), changed);
    }
  }
}

std::int64_t AlertPump::NextDue() const {
  const auto address = StateAddress(context_);
  if (!address) return 0;
  const auto alerts = state::AlertStore::Open(*address);
  if (!alerts) return 0;
  const auto pending = (*alerts)->Deliveries({.statuses = {state::DeliveryStatus::kPending}, .limit = -1});
  if (!pending || pending->empty()) return 0;
  return std::ranges::min(*pending, {}, [](const auto& one) { return one.delivery.due_us; }).delivery.due_us;
}

}  // namespace smelt::app
