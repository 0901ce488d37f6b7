#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::engine {

/// What a statement is. That of EXPLAIN is its own kind, whatever is explained.
enum class StatementKind : std::uint8_t {
  kSelect,       ///< also VALUES, FROM …, SHOW, DESCRIBE, SUMMARIZE and pragmas that only tell
  kInsert,       //
  kUpdate,       //
  kDelete,       ///< also TRUNCATE
  kMerge,        //
  kDefinition,   ///< CREATE, ALTER, DROP, COMMENT
  kCopy,         ///< COPY … FROM or TO a file; COPY of a client's stream is no statement of the engine
  kCall,         ///< CALL of a table function, as of the commands that maintain tables
  kSet,          ///< SET, RESET, USE
  kTransaction,  ///< BEGIN, COMMIT, ROLLBACK
  kPrepare,      ///< PREPARE, EXECUTE, DEALLOCATE
  kExplain,      //
  kOther,        ///< what is for the process itself: ATTACH, INSTALL, CHECKPOINT, EXPORT, other pragmas …
};

/// "SELECT", "INSERT" … for messages.
std::string_view StatementKindText(StatementKind kind);

/// A table or view of the lake. Both parts as the lake spells them; in lower case where there is none of that name.
struct RelationName {
  std::string schema;
  std::string name;
  std::string Text() const { return schema + "." + name; }
  auto operator<=>(const RelationName&) const = default;
};

/// What one statement is about to do, found before anything is run or any file is opened. Claims may be larger than the
/// truth (a table in a branch that is never reached), never smaller. A value type.
struct StatementInfo {
  StatementKind kind = StatementKind::kOther;
  std::vector<RelationName> reads{};    ///< tables of the lake, those behind views included; ordered, once each
  std::vector<RelationName> views{};    ///< views of the lake on the way to them
  std::vector<RelationName> writes{};   ///< tables and views of the lake that are made, changed or dropped. A schema
                                        ///< that is made or dropped is one with an empty name
  std::vector<std::string> outside{};   ///< what reaches out of the lake, in words: "read_csv", "file 'x.parquet'",
                                        ///< "COPY TO a file", "ATTACH", "getenv"; and what runs text as SQL: "query"
  std::vector<std::string> settings{};  ///< that SET and RESET change, in lower case; "global x" for every session
  std::vector<std::string> unknown{};   ///< relations that were not found: running the statement will say so
  bool changes_lake = false;            ///< writes to tables of the lake, even where `writes` cannot name them
  bool reads_catalog = false;  ///< tables or functions of the engine that tell of itself: duckdb_tables(), pg_catalog …
  bool reads_temporary = false;  ///< tables of the session
  bool changes_session = false;  ///< makes or changes temporary tables, settings, prepared statements, transactions
  bool repeatable = true;        ///< same tables at same versions, same result: no now(), no random(), no setting read
  int parameters = 0;            ///< $1, $2 …, ? or $name: how many different ones

  /// Whether it changes nothing but, at most, the session.
  bool reads_only() const { return !changes_lake && outside.empty() && kind != StatementKind::kOther; }
};

/// Finds out what a statement is about to do, by its text and the catalogue; nothing is run, bound or opened, so that
/// even a text of malice does no harm here. Names of relations are looked up as the session's transaction sees them.
/// Reads no data and no log of a table that is known already. Confined to the session's thread.
/// Errors: kSqlSyntax, also for no or several statements; kDelta… and kStore… when the catalogue cannot be read.
Result<StatementInfo> DescribeStatement(Session& session, std::string_view sql);

}  // namespace smelt::engine
