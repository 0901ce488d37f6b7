#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// What those who watch a server ask it for.
struct OperationsService {
  /// Whether it can do its work now; an error says why not. Thread-safe.
  std::function<Status()> ready{};
  /// All metrics in Prometheus' text format. Called by one thread at a time.
  std::function<Result<std::string>()> metrics{};
};

/// Adds `GET /healthz`, `/readyz` and `/metrics`.
void AddOperationsRoutes(RouteTable& routes, const OperationsService& service);

}  // namespace smelt::serve
