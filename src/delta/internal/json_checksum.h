#pragma once

#include <string>

#include "base/json.h"

namespace smelt::delta {

/// The checksum of a JSON object that `_last_checkpoint` carries of itself ("JSON checksum" of the protocol): the MD5
/// of its leaves with their paths, sorted, in hexadecimal. The member "checksum" does not count.
std::string JsonChecksum(const Json& object);

}  // namespace smelt::delta
