#pragma once

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "engine/session.h"
#include "serve/access/authority.h"
#include "serve/data/data_limits.h"
#include "serve/route_table.h"

namespace smelt::serve {

struct DataService;

/// The data API over HTTP: SQL, tables, and what is known of them. Thread-safe.
class DataApi {
 public:
  /// Engine and authority must outlive it. Errors: kStoreIo when there is no place for results.
  static Result<std::unique_ptr<DataApi>> Make(engine::Engine& engine, const Authority& authority,
                                               const DataLimits& limits = {});
  /// Stops the statements at work.
  ~DataApi();

  /// Adds `/api/v1/sql…` and `/api/v1/tables…`. The routes must not be called after this is gone.
  void AddRoutes(RouteTable& routes);
  /// How many statements are at work.
  std::size_t at_work() const;

 private:
  explicit DataApi(std::unique_ptr<DataService> service);
  std::unique_ptr<DataService> service_;
};

}  // namespace smelt::serve
