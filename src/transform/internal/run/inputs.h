#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "transform/internal/run/node_run.h"

namespace smelt::transform {

/// The state that a node's result depends on. "Work follows change": equal fingerprints mean an equal result.
struct InputState {
  std::map<std::string, std::int64_t> versions;  ///< physical inputs, "schema.table" → version; -1: does not exist
  std::int64_t fingerprint = 0;                  ///< of definitions and versions; never negative
  std::int64_t definition = 0;                   ///< of definitions alone; never negative
  std::int64_t rows = -1;                        ///< of the physical inputs together, -1 when not known
};

/// Reads the versions of all tables that a node reads, through views and ephemeral models, and hashes them with its
/// definition and theirs. Costs one look at each table's log. Errors: kStore…, kDelta….
Result<InputState> ReadInputs(const RunContext& run, const Node& node);

}  // namespace smelt::transform
