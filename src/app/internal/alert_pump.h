#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "app/internal/command.h"
#include "app/internal/project.h"
#include "engine/session.h"

namespace smelt::app {

/// Tells of runs while they are at work: on a thread of its own, so that a slow receiver holds up no run. Sleeps
/// until a run has ended or an alert is due. Does nothing where the project has no notifications. Thread-safe.
class AlertPump {
 public:
  /// The arguments outlive it. Looks first at what ended before.
  AlertPump(const CommandContext& context, const ProjectConfig& project, engine::Engine& engine);
  /// Waits until what is recorded was tried once more.
  ~AlertPump();

  /// A run has ended, or is late.
  void Wake();

 private:
  void Work();
  /// When the next alert is due that waits, in microseconds since the epoch; 0: none does.
  std::int64_t NextDue() const;

  const CommandContext& context_;
  const ProjectConfig& project_;
  engine::Engine& engine_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wanted_ = true;
  bool ended_ = false;
  std::jthread thread_;
};

}  // namespace smelt::app
