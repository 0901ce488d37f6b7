#pragma once

#include <string>
#include <string_view>

#include "engine/session.h"
#include "ingest/internal/rejects.h"

namespace smelt::ingest {

inline constexpr std::string_view kQuarantine = "quarantine";

/// "bronze.orders", each part quoted where it has to be.
std::string TableName(std::string_view schema, std::string_view table);

/// Creates the table if it is missing, with a column for the day of the load more. Errors: kSql…, kDelta…, kStore….
Status CreateForRows(engine::Session& session, std::string_view schema, std::string_view table,
                     const std::vector<engine::SourceColumn>& columns);

/// Creates the table if it is missing and inserts all rows of `source` into the partition of the load's day.
/// Errors: those of the source; kSql…, kDelta…, kStore….
Status InsertRows(engine::Session& session, std::string_view schema, std::string_view table, engine::RowSource& source,
                  const LoadStamp& stamp);

}  // namespace smelt::ingest
