#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "app/internal/command.h"
#include "app/internal/serving/doors.h"
#include "app/internal/serving/grace.h"
#include "base/error.h"
#include "pipeline/definition.h"
#include "serve/http_server.h"
#include "serve/route_table.h"
#include "state/schedule_store.h"

namespace smelt::app {

/// The HTTP port of a process: it takes calls that begin runs of the project's pipelines, answers those who watch it,
/// and what else `add_routes` brings. It has a connection of its own to the state, so that nobody waits for the
/// scheduler.
class HttpDoor {
 public:
  struct Place {
    const CommandContext& context;
    const std::optional<ProjectConfig>& project;  ///< nothing: no pipelines
    engine::Engine& engine;
    std::function<Status(const pipeline::Pipeline&)> check{};  ///< thread-safe
    Doors doors;
    std::uint16_t port = 0;
    Ending ending{};                                       ///< when it closes
    std::int64_t grace_ms = 0;                             ///< that requests at work have then
    std::function<void(serve::RouteTable&)> add_routes{};  ///< further routes; may be empty
    std::function<std::string()> more_metrics{};           ///< in Prometheus' text format; thread-safe; may be empty
    bool for_calls_alone = true;  ///< a secret of a pipeline that cannot be read is an error, and not only a warning
    std::shared_ptr<serve::DoorCounters> counters = std::make_shared<serve::DoorCounters>();
  };

  /// Opens it. What `place` names outlives it. When it is to end, it closes by itself.
  /// Errors: kUsage for an address that will not do; kConfigValueInvalid, with file and line, for a secret of
  /// a pipeline that cannot be read (see Place); those of RunStore.
  static Result<std::unique_ptr<HttpDoor>> Open(const Place& place);
  /// Closes it: what runs is given its grace.
  ~HttpDoor();

  std::string url() const;

 private:
  explicit HttpDoor(const Place& place) : place_(place) {}
  Status CheckSecrets() const;
  Status Begin();

  const Place place_;
  std::unique_ptr<state::RunStore> runs_;
  std::unique_ptr<state::ScheduleStore> store_;
  std::unique_ptr<serve::HttpServer> server_;
  std::optional<AtStop> closer_;
};

}  // namespace smelt::app
