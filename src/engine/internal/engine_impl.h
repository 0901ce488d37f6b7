#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/internal/lake.h"
#include "engine/session.h"

namespace smelt::engine {

struct Engine::Impl {
  LakeOptions options;
  std::unique_ptr<duckdb::DuckDB> database;
  std::shared_ptr<Lake> lake;
};

struct Session::Impl {
  Impl(std::shared_ptr<Lake> lake_p, std::unique_ptr<duckdb::Connection> connection_p)
      : lake(std::move(lake_p)), connection(std::move(connection_p)) {}

  std::shared_ptr<Lake> lake;
  std::unique_ptr<duckdb::Connection> connection;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  std::atomic<bool> stopped = false;

  ConnectionState& state() { return ConnectionState::Of(*connection->context); }
};

}  // namespace smelt::engine
