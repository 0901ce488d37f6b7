#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "state/internal/postgres_connection.h"
#include "state/store_address.h"

namespace smelt::state::internal {

/// The server's clock in microseconds since the epoch, as an expression.
inline constexpr std::string_view kServerNowSql = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// A statement that waits until no other transaction that has run it is at work, and keeps others out until the end of
/// this one: as SQLite's BEGIN IMMEDIATE does.
std::string LockSchemaSql(const StoreAddress& address);
/// The channel on which a schema's signals come.
std::string ChannelOf(const StoreAddress& address);

/// Makes the address's schema or brings it up to date, in one transaction that no other process's comes between.
/// Errors: kStateTooNew; kStateDamaged when the schema is another program's or another lake's; those of the connection.
Status PreparePostgresSchema(PostgresConnection& connection, const StoreAddress& address);

}  // namespace smelt::state::internal
