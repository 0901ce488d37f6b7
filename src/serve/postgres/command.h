#pragma once

#include <cstdint>
#include <string>

#include "serve/postgres/sql_tokens.h"

namespace smelt::serve::postgres {

/// What a statement is for the door: most are the engine's, some it carries out itself.
enum class Command : std::uint8_t {
  kEngine,
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,  ///< SAVEPOINT, RELEASE, ROLLBACK TO
  kSet,
  kSetTransaction,  ///< SET TRANSACTION …, SET SESSION CHARACTERISTICS …
  kReset,
  kShow,
  kDiscard,
  kPrepare,
  kExecute,
  kDeallocate,
  kDeclare,
  kFetch,
  kClose,
  kListen,  ///< LISTEN, UNLISTEN: taken, and nothing ever comes
  kNotify,
  kCopyOut,  ///< COPY … TO STDOUT
  kCopyIn,   ///< COPY … FROM STDIN
};

/// Finds out which command a statement is.
Command CommandOf(const ScriptPart& part);
/// The tag of CommandComplete, without a count: "SELECT", "CREATE TABLE".
std::string TagOf(const ScriptPart& part);
/// Whether a tag is followed by the number of rows: SELECT, INSERT (after an oid), UPDATE …
bool TagHasRows(const std::string& tag);

}  // namespace smelt::serve::postgres
