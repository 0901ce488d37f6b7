#pragma once

#include <string>

#include "base/config.h"

namespace smelt::pipeline {

/// Something that brings a run about: a file that lands, a commit to a table, the end of another pipeline's run.
struct Event {
  enum class Kind { kFile, kTable, kPipeline };
  Kind kind = Kind::kFile;
  std::string target{};        ///< a path whose last part may hold `*`, `?` and `[…]`; "schema.table"; a pipeline
  bool after_success = true;   ///< of a pipeline: its runs that succeed
  bool after_failure = false;  ///< and those that fail
  ConfigNode place;            ///< where it stands, for errors

  /// What it is called in the records, the same as long as it means the same: "file landing/*.csv".
  std::string Name() const;
};

}  // namespace smelt::pipeline
