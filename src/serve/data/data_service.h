#pragma once

#include <memory>
#include <string_view>

#include "engine/session.h"
#include "engine/statement_info.h"
#include "serve/access/authority.h"
#include "serve/data/data_limits.h"
#include "serve/data/kept_results.h"
#include "serve/data/replayed_calls.h"
#include "serve/data/statement_gate.h"
#include "serve/http_message.h"
#include "serve/route_table.h"

namespace smelt::serve {

/// What the routes of the data API share. Thread-safe.
struct DataService {
  engine::Engine& engine;
  const Authority& authority;
  const DataLimits limits;
  StatementGate gate;
  ReplayedCalls calls;
  KeptResults results;  ///< last: what it runs has places of the gate

  /// What a statement of a caller's is about to do, if the caller may. Errors: kAccess…, kSql….
  Result<engine::StatementInfo> Allow(const Identity& identity, engine::Session& session, std::string_view sql) const;
  /// Whether a caller may read a table.
  bool MayRead(const Identity& identity, std::string_view schema, std::string_view table) const;
};

void AddSqlRoutes(RouteTable& routes, DataService& service);
void AddKeptResultRoutes(RouteTable& routes, DataService& service);
void AddTableRoutes(RouteTable& routes, DataService& service);

/// The JSON Schema of rows with their columns, as answers have them.
Json RowsSchema();
/// The answers of a route that gives rows.
std::vector<RouteAnswer> RowsAnswers();

}  // namespace smelt::serve
