#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/internal/lake.h"
#include "engine/session.h"
#include "engine/typed_result.h"

namespace smelt::engine {

struct Engine::Impl {
  LakeOptions options;
  std::unique_ptr<duckdb::DuckDB> database;
  std::shared_ptr<Lake> lake;
};

/// The error of a local lake whose folder does not exist.
Error NoLake(const std::string& folder);

struct Session::Impl {
  Impl(std::shared_ptr<Lake> lake_p, std::unique_ptr<duckdb::Connection> connection_p)
      : lake(std::move(lake_p)), connection(std::move(connection_p)) {}

  std::shared_ptr<Lake> lake;
  std::unique_ptr<duckdb::Connection> connection;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  std::atomic<bool> stopped = false;
  bool without_lake = false;
  std::string awaited_lake;  ///< the local folder that the first write makes; empty once it is there

  TypedRows* open_rows = nullptr;  ///< the result that is being taken from the connection

  /// Makes room for another statement: the connection has one result at a time.
  Status DetachRows() { return open_rows == nullptr ? Status() : open_rows->Detach(); }
  ConnectionState& state() { return ConnectionState::Of(*connection->context); }
};

}  // namespace smelt::engine
