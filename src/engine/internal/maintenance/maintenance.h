#pragma once

#include <memory>

#include "engine/internal/lake.h"
#include "engine/internal/maintenance/command.h"

namespace smelt::engine {

/// The commands, each described where it is defined.
Command OptimizeCommand();
Command VacuumCommand();
Command RestoreCommand();
Command DetailCommand();
Command CloneCommand();
Command ConvertCommand();
Command FsckCommand();
Command ComputeStatisticsCommand();
Command ReorgCommand();
Command OverwriteCommand();
Command CopyIntoCommand();

/// Compacts the partitions that the session's last commits wrote to, where the tables ask for it and enough small files
/// have gathered: by a commit of its own, after the session's. A failure is logged; the session's work stands.
void CompactAutomatically(duckdb::ClientContext& context, const std::shared_ptr<Lake>& lake);

/// Registers all of them.
void RegisterMaintenance(duckdb::DatabaseInstance& db, const std::shared_ptr<Lake>& lake);

}  // namespace smelt::engine
