#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "ingest/internal/discovery.h"
#include "ingest/internal/drop_folder.h"
#include "ingest/run.h"
#include "ingest/source.h"

namespace smelt::ingest {

/// A table that is to be loaded, with all its files, known or new.
struct PlannedTable {
  const Source* source = nullptr;
  const SourceTable* table = nullptr;
  std::vector<FoundFile> files;
};

/// What a run would look at.
struct LoadPlan {
  std::vector<Source> sources;                                   ///< those that were asked for
  std::map<const Source*, std::unique_ptr<DropFolder>> folders;  ///< where their files lie
  std::vector<PlannedTable> tables;          ///< point into `sources`, in the order of the definitions
  std::vector<std::string> files_unclaimed;  ///< files that no table's globs match
  std::vector<std::string> files_waiting;    ///< files that are still being written
};

/// Reads the definitions, finds the files and gives each to its table. No file is opened.
/// Errors: kConfig… (definitions, a file that two tables claim), kIngestSourceUnknown, kIngestFileMissing (no file at
/// all, or none of a required table that is not in the lake yet), kStore…, kCancelled.
Result<LoadPlan> PlanLoad(engine::Engine& engine, const IngestOptions& options, const std::stop_token& stop);

}  // namespace smelt::ingest
