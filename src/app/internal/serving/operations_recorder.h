#pragma once

#include <memory>
#include <thread>

#include "base/error.h"
#include "engine/session.h"
#include "state/run_store.h"

namespace smelt::app {

/// Keeps the lake's tables about its own operation (operations_tables.h) up to date while a server runs: at its start,
/// and within seconds of the end of a run. What goes wrong is logged and tried again. Thread-safe; ends with its
/// object.
class OperationsRecorder {
 public:
  /// The engine must outlive it. Errors: kState….
  static Result<std::unique_ptr<OperationsRecorder>> Start(engine::Engine& engine, const state::StoreAddress& address);
  ~OperationsRecorder();

 private:
  OperationsRecorder(engine::Engine& engine, std::unique_ptr<state::RunStore> store);
  void Work(const std::stop_token& stop);

  engine::Engine& engine_;
  std::unique_ptr<state::RunStore> store_;
  std::jthread thread_;  ///< last: it uses the others
};

}  // namespace smelt::app
