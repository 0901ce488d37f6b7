#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "ingest/run.h"

namespace smelt::ingest {

struct InputReport {
  std::int64_t tables = 0;  ///< tables of the sources
  std::int64_t files = 0;   ///< files that belong to them
  std::int64_t bytes = 0;
  std::vector<std::string> files_unclaimed;  ///< files beside them that no table's globs match
};

/// Checks, without reading any file, that every required table has a file to load or is in the lake already.
/// Errors: kConfig… (definitions), kIngestSourceUnknown, kIngestFileMissing, kStore…, kCancelled.
Result<InputReport> CheckInputs(engine::Engine& engine, const IngestOptions& options, std::stop_token stop = {});

}  // namespace smelt::ingest
