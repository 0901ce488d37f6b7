#pragma once

#include "engine/internal/duck.h"
#include "engine/internal/engine_impl.h"

/// How statements of sessions are run.
namespace smelt::engine {

/// Values of a statement's parameters, by name: "1", "2" ….
using NamedValues = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;

/// Forgets what an unfinished statement has announced.
void DropNotes(ConnectionState& state);

/// The error that `error` tells of, as users are to see it.
Error TakeError(Session::Impl& impl, const duckdb::ErrorData& error);

/// The error that is being handled, with what helps where the lake is not there at all. `text` is the statement's: with
/// it, the error has line and column where they are known.
Error TakeException(Session::Impl& impl, const std::string& text);

/// Gives an error the place in `text` that the engine found, if it found one.
Error PlacedIn(const std::string& text, const duckdb::ErrorData& data, Error error);

/// Judges the columns of a statement that was planned, before anything of it is done. May be empty.
using PlanCheck = std::function<Status(const duckdb::PendingQueryResult& planned)>;

/// Runs one statement to a result; conflicts of statements outside BEGIN … COMMIT are retried. With `stream`, rows of
/// queries are made while they are fetched.
Result<duckdb::unique_ptr<duckdb::QueryResult>> RunStatement(Session::Impl& impl, const duckdb::SQLStatement& statement,
                                                             const NamedValues& values, bool stream,
                                                             const PlanCheck& check = {});

}  // namespace smelt::engine
