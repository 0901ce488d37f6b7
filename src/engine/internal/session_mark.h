#pragma once

#include <optional>
#include <string>

#include "delta/snapshot.h"
#include "engine/internal/duck.h"
#include "engine/session.h"

/// Writes of SQL that can be repeated without harm: the settings `smelt_txn_app` and `smelt_txn_version` put a mark
/// ("Transaction Identifiers" of the protocol) into each commit; a write whose mark the table has already does nothing.
namespace smelt::engine {

void RegisterMarkSettings(duckdb::DBConfig& config);

/// The mark that the session's settings ask for; nothing without them.
/// Errors: kSqlBinding (one of the two is missing, or the version is negative).
Result<std::optional<TxnMark>> MarkOfSession(duckdb::ClientContext& context);

/// Whether the table has the mark, or a later one of the same application.
bool HasMark(const delta::Snapshot& snapshot, const TxnMark& mark);

}  // namespace smelt::engine
