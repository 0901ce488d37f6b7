#pragma once

#include <string>

#include "app/internal/serving/server_parts.h"
#include "serve/door_counters.h"

namespace smelt::app {

/// What a server did since it began, in Prometheus' text format.
std::string ServerMetricsText(const ServerParts& parts, const serve::DoorCounts& http,
                              const serve::DoorCounts& postgres);

}  // namespace smelt::app
