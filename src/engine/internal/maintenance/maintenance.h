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
Command OverwriteCommand();
Command CopyIntoCommand();

/// Registers all of them.
void RegisterMaintenance(duckdb::DatabaseInstance& db, const std::shared_ptr<Lake>& lake);

}  // namespace smelt::engine
