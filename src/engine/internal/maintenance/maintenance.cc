#include "engine/internal/maintenance/maintenance.h"

#include "engine/internal/maintenance/clustering.h"
#include "engine/internal/maintenance/part_writer.h"

namespace smelt::engine {

void RegisterMaintenance(duckdb::DatabaseInstance& db, const std::shared_ptr<Lake>& lake) {
  RegisterClustering(db);
  RegisterPartWriter(db);
  for (auto* command : {OptimizeCommand, VacuumCommand, RestoreCommand, DetailCommand, CloneCommand, ConvertCommand,
                        FsckCommand, ComputeStatisticsCommand, ReorgCommand, OverwriteCommand, CopyIntoCommand}) {
    RegisterCommand(db, lake, command());
  }
}

}  // namespace smelt::engine
