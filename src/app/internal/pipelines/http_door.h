#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "app/internal/command.h"
#include "base/error.h"
#include "pipeline/definition.h"
#include "serve/http_server.h"
#include "state/schedule_store.h"

namespace smelt::app {

/// The HTTP server of a scheduler: it takes calls that begin runs, and answers those who watch it. It has a connection
/// of its own to the state, so that neither waits for the other.
class HttpDoor {
 public:
  struct Place {
    const CommandContext& context;
    const ProjectConfig& project;
    engine::Engine& engine;
    std::function<Status(const pipeline::Pipeline&)> check{};  ///< thread-safe
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
  };

  /// Opens it. What `place` names outlives it. When `place.context.stop` is requested, it closes by itself.
  /// Errors: kUsage for an address or token that will not do; kConfigValueInvalid, with file and line, for a secret of
  /// a pipeline that cannot be read; those of RunStore.
  static Result<std::unique_ptr<HttpDoor>> Open(const Place& place);
  /// Closes it: what runs is given a few seconds.
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
  std::jthread closer_;
};

}  // namespace smelt::app
