#pragma once

#include <nlohmann/json_fwd.hpp>

namespace smelt {

/// The JSON value of base/json.h, declared only: for headers that merely pass it on.
using Json = nlohmann::ordered_json;

}  // namespace smelt
