#pragma once

#include <functional>
#include <string>
#include <vector>

#include "delta/snapshot.h"

/// "Clustered Table" of the protocol: OPTIMIZE keeps rows that are alike in some columns in the same files. Which
/// columns is in a metadata domain; files that were clustered say by whom. Files clustered in one go form a cube (tags
/// ZCUBE_… of the reference implementation); a cube that is large enough is left alone from then on, so that the cost
/// of OPTIMIZE follows what is new.
namespace smelt::delta {

inline constexpr const char* kClusteringDomain = "delta.clustering";

/// A column by its physical names: within structs, one for each level.
using PhysicalPath = std::vector<std::string>;

/// The columns that a table is clustered by; none for a table that is not. Errors: kDeltaCorrupt.
Result<std::vector<PhysicalPath>> ClusteringColumns(const Snapshot& snapshot);

/// What says that a table is clustered by `columns`; by none: that it no longer is.
DomainMetadata ClusteringDomain(const std::vector<PhysicalPath>& columns);
/// What says that a table never was, as when it is replaced by another.
DomainMetadata NoClusteringDomain();

/// Adds the features that a clustered table has.
void EnableClustering(Protocol& protocol);

/// Whether OPTIMIZE is to cluster a file by `columns` (logical names): no file of other implementations; those that
/// nobody clustered, and with them those of cubes below `cube_bytes_min` by the same columns. With `full`, all others,
/// too. Refers to nothing of the snapshot.
std::function<bool(const Add&)> FilesToCluster(const Snapshot& snapshot, const std::vector<std::string>& columns,
                                               bool full, std::int64_t cube_bytes_min);

/// Says of new files that they form one cube.
void MarkClustered(std::vector<Add>& files, const std::vector<std::string>& columns);

}  // namespace smelt::delta
