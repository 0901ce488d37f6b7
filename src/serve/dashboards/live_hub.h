#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "serve/body_stream.h"
#include "serve/commit_watch.h"
#include "serve/dashboards/dashboard_service.h"

namespace smelt::serve {

struct LiveSettings {
  std::size_t viewers_max = 2'000;  ///< open streams; what comes beyond is refused with kServeBusy
  std::size_t threads = 2;          ///< that compute tiles
  CommitWatchSettings watch{};
};

/// What a hub does and did, for metrics and tests.
struct LiveCounts {
  std::size_t viewers = 0;
  std::size_t tiles = 0;       ///< distinct ones that are looked at now
  std::int64_t computed = 0;   ///< times that a tile's answer was asked for because something changed
  std::int64_t published = 0;  ///< events that were made, for however many viewers
  std::int64_t delivered = 0;  ///< events that went out to viewers
};

/// Keeps open pages up to date: a commit makes the tiles that read its tables be computed, once each however many look
/// at them, and their new rows go to all who do. A viewer who reads slowly gets the newest of each tile and misses what
/// was in between; memory does not grow with what waits. Thread-safe.
class LiveHub {
 public:
  /// Engine and dashboards must outlive it. Errors: those of CommitWatch.
  static Result<std::unique_ptr<LiveHub>> Start(engine::Engine& engine, DashboardService& dashboards,
                                                const LiveSettings& settings);
  /// Ends all streams.
  ~LiveHub();

  /// A body of server-sent events: each tile as it is now, then what changes. With the id of an event that was received
  /// from this hub, only what has changed since.
  /// Errors: what refuses a tile (DashboardService::Look); kServeBusy.
  Result<std::shared_ptr<BodyStream>> Open(const Identity& identity, const DashboardPtr& dashboard,
                                           const std::vector<const Tile*>& tiles, const Selection& selection,
                                           const std::string& last_event_id);

  LiveCounts counts() const;

 private:
  class Core;
  explicit LiveHub(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace smelt::serve
