#pragma once

#include <string>
#include <thread>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::app {

/// What the statements of a server may hold, all of them together. DuckDB bounds an engine, and no single statement.
struct EngineLimits {
  bool memory_is_given = false;       ///< --memory-limit; else a share of the machine
  std::string spill_limit = "20GiB";  ///< on disk, for want of memory
};

/// Sets them. Without a limit of memory, a server takes less than a program that runs alone: what connections, results
/// and tasks hold is beside it. Errors: kUsage for a size that is none.
Status LimitEngine(engine::Engine& engine, const EngineLimits& limits);

/// Gives the system back what ended statements have left: large blocks at once, the others every few seconds
/// (engine::ReturnMemory).
class HeapTrimmer {
 public:
  HeapTrimmer();

 private:
  std::jthread thread_;
};

/// Lets the process open as many files as the system allows it, for every connection is one.
void RaiseOpenFiles();

}  // namespace smelt::app
