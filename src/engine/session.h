#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/usage.h"
#include "engine/commit_notes.h"
#include "engine/row_source.h"
#include "engine/table_info.h"

namespace smelt::storage {
class ObjectStore;
}

namespace smelt::engine {

/// The families of types, as far as formatting and clients care.
enum class TypeKind {
  kBoolean,
  kInteger,
  kDecimal,
  kFloat,
  kText,
  kBinary,
  kDate,
  kTime,
  kTimestamp,
  kInterval,
  kNested,
  kOther
};

struct ResultColumn {
  std::string name;
  std::string type;  ///< SQL name, e.g. "DECIMAL(10,2)"
  TypeKind kind = TypeKind::kOther;
};

/// A value in text form; nothing is NULL.
using Cell = std::optional<std::string>;

/// What a statement answers with.
enum class ResultKind {
  kRows,         ///< a query: rows
  kChangedRows,  ///< a change: one row with the number of rows changed
  kNothing,      ///< anything else
};

/// A whole result in memory: for small answers.
struct ResultTable {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<Cell>> rows;
  ResultKind kind = ResultKind::kRows;

  /// The single value of a one-row result, as text or number; nothing for NULL or no rows.
  std::optional<std::string> Text(std::size_t row = 0, std::size_t column = 0) const;
  std::optional<std::int64_t> Int(std::size_t row = 0, std::size_t column = 0) const;
  std::optional<double> Real(std::size_t row = 0, std::size_t column = 0) const;
};

/// What a name in FROM can stand for.
enum class RelationKind { kTable, kView };

/// Receives a result in pieces. `Columns` comes once before the first rows.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual Status Columns(const std::vector<ResultColumn>& columns, ResultKind kind) = 0;
  /// Rows of one batch, at most 2,048. The cells are only valid during the call.
  virtual Status Rows(const std::vector<std::vector<Cell>>& rows) = 0;
};

/// What opening a lake does when its local folder is not there. A place in a bucket needs no making.
enum class MissingLake {
  kRefuse,      ///< fail
  kMake,        ///< make the folder
  kAwaitWrite,  ///< let the first write make it; a statement that misses a table before says that there is no lake
};

struct LakeOptions {
  std::string lake;  ///< local folder or "s3://bucket/prefix"
  bool read_only = false;
  int threads = 0;             ///< 0: one per core
  std::string memory_limit;    ///< e.g. "2GiB"; empty: DuckDB's default
  std::string temp_directory;  ///< for spilling; empty: under the system's temporary folder
  MissingLake missing = MissingLake::kMake;
};

/// Whose meaning a statement's operators and functions have.
enum class Dialect : std::uint8_t {
  kLake,      ///< the engine's, which the lake's views and models have, too
  kPostgres,  ///< PostgreSQL's: 7 / 2 is 3, 1 / 0 an error (docs/reference/postgresql.md)
};

class Releases;
class Session;
class Statement;
struct NamedType;
struct QueryLineage;
struct Release;
using ReleasePtr = std::shared_ptr<const Release>;
struct TablePin;
struct TablePoint;
struct StatementInfo;
enum class ViewTracing : std::uint8_t;

/// The embedded engine over one lake. Thread-safe; sessions run side by side.
class Engine {
 public:
  /// Opens the lake. Errors: kStoreNotFound, kStoreDenied, kStoreIo, kConfigValueInvalid (also for an address that is
  /// not UTF-8, which SQL could not quote).
  static Result<std::unique_ptr<Engine>> Open(const LakeOptions& options);
  /// Opens a lake in a store that is open already, at whose addresses its data files are read and written: with
  /// something of the caller's in between, as tests have. `options.lake` is the store's root. Errors: as Open.
  static Result<std::unique_ptr<Engine>> OpenOn(const LakeOptions& options,
                                                std::unique_ptr<storage::ObjectStore> store);
  /// An engine without a lake, for work on plain files. Errors: kSql….
  static Result<std::unique_ptr<Engine>> OpenWithoutLake(int threads, const std::string& memory_limit);
  ~Engine();

  /// A new session: its own transaction state, temporary tables and settings. The Engine must outlive it.
  Result<std::unique_ptr<Session>> Connect();

  /// The tables and views of one schema, or of all (empty name), ordered by schema and name.
  Result<std::vector<TableInfo>> Tables(std::string_view schema = {});
  /// One table or view; nothing when it does not exist.
  Result<std::optional<TableInfo>> FindTable(std::string_view schema, std::string_view table);
  /// The version of a table as the log says, cheap (no data, no statistics); nothing when it does not exist.
  Result<std::optional<std::int64_t>> TableVersion(std::string_view schema, std::string_view table);
  /// The newest version that changed the table's rows or its definition, not counting maintenance: what was made from
  /// it is as good at every later version. Never earlier than the truth; later where the log does not reach back.
  /// Reads one commit per version of maintenance. Nothing when the table does not exist.
  Result<std::optional<std::int64_t>> DataVersion(std::string_view schema, std::string_view table);
  /// The rows of a table as the log says, cheap; nothing when it does not exist or a file does not tell.
  Result<std::optional<std::int64_t>> TableRows(std::string_view schema, std::string_view table);
  /// How many rows have NULL in a column, as the log's statistics say; nothing when table or column do not exist, or
  /// when a file does not tell exactly. Cheap: reads no data.
  Result<std::optional<std::int64_t>> NullCount(std::string_view schema, std::string_view table,
                                                std::string_view column);
  /// The mark of one application id in a table's log, nothing when table or mark does not exist. Cheap.
  Result<std::optional<std::int64_t>> TxnVersion(std::string_view schema, std::string_view table,
                                                 std::string_view app_id);

  /// A committed state of a table, for sessions to read (table_pin.h); nothing when there is no such table.
  /// Cheap for the newest. Errors: kDeltaVersionMissing, kDelta…, kStore….
  /// The newest is that of `release`, without one of the current release, where the lake has releases (release.h):
  /// tables that belong together are pinned with one and the same.
  Result<std::optional<TablePin>> Pin(std::string_view schema, std::string_view table, const TablePoint& at,
                                      ReleasePtr release = nullptr);

  const LakeOptions& options() const;

  struct Impl;

 private:
  friend class EmptyLake;
  friend class Releases;
  friend Status NameTypes(Engine& engine, std::span<const NamedType> types);
  explicit Engine(std::unique_ptr<Impl> impl);
  static Result<std::unique_ptr<Engine>> Start(const LakeOptions& options, std::unique_ptr<storage::ObjectStore> store);
  std::unique_ptr<Impl> impl_;
};

/// A connection. Confined to one thread at a time, except Interrupt.
/// Lake tables are `schema.table` (the lake is the default database, its schema `main` the default schema).
/// A statement outside BEGIN … COMMIT is its own transaction; when it loses against a concurrent writer it is run again
/// on the new state, up to `conflict_retries_max` times (default 20).
class Session {
 public:
  ~Session();

  /// Runs one or several statements separated by ';' and returns the result of the last one.
  /// Errors: kSql…, kDelta…, kStore…, kCancelled. Syntax errors carry line and column within `sql`.
  Result<ResultTable> Query(std::string_view sql);
  /// Like Query, for the effect only.
  Status Execute(std::string_view sql);
  /// Runs one statement and streams its result: memory stays bounded whatever its size.
  Status Stream(std::string_view sql, ResultSink& sink);
  /// Prepares one statement to be run with parameters, and to a result of types: see engine/statement.h. Nothing is run
  /// or bound. Errors: kSqlSyntax, also for no or several statements.
  Result<std::unique_ptr<Statement>> Prepare(std::string_view sql, Dialect dialect = Dialect::kLake);
  /// Splits a script into its statements without running them. Errors: kSqlSyntax.
  Result<std::vector<std::string>> Split(std::string_view script);
  /// What `database.schema.name` stands for, as the session's transaction sees it; nothing when there is no such table
  /// or view. Empty parts are looked for as in SQL: temporary tables first, then the lake. Cheap.
  Result<std::optional<RelationKind>> FindRelation(std::string_view database, std::string_view schema,
                                                   std::string_view name);
  /// Whether BEGIN was run and neither COMMIT nor ROLLBACK since.
  bool in_transaction() const;
  /// Runs `body` between BEGIN and COMMIT; rolls back when it fails. Commits are atomic per table. No retry.
  Status Transaction(const std::function<Status()>& body);

  /// Records notes in the next commit that this session makes to `schema.table`; dropped by rollback.
  void Annotate(std::string_view schema, std::string_view table, CommitNotes notes);
  /// The commits since the last call, in order.
  std::vector<CommitReport> TakeCommits();

  /// From the next transaction on, statements see these tables as they are pinned, through views, too, and all others
  /// as they are in the release that was pinned with them, or in `release`; `{}` ends that. For statements that read.
  void ReadAt(const std::vector<TablePin>& pins, ReleasePtr release = nullptr);

  /// From the next statement on, CPU seconds are counted, too, which takes a tenth of a short statement's time.
  void CountCpu();
  /// What the statements since the last call took, failed ones included: CPU seconds of their operators on all threads
  /// (0 without CountCpu), bytes of the files that they read and wrote.
  Usage TakeUsage();

  /// Makes the rows of `source` available as the table function call `smelt_rows('<name>')` until Withdraw or the end
  /// of the session. The source must outlive that; it is read once, by one thread.
  void Offer(const std::string& name, RowSource& source);
  void Withdraw(const std::string& name);

  /// Stops what the session is doing, from any thread; it then returns kCancelled.
  void Interrupt();
  /// Interrupts whatever runs when `stop` is requested, for the rest of the session's life.
  void ObserveStop(std::stop_token stop);

  struct Impl;

 private:
  friend class Engine;
  friend class RowStream;
  friend Result<QueryLineage> TraceColumns(Session& session, std::string_view sql, ViewTracing views);
  friend Result<StatementInfo> DescribeStatement(Session& session, std::string_view sql);
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Writes an identifier for SQL: quoted when it needs to be. `silver`, `"my col"`.
std::string QuoteIdentifier(std::string_view name);
/// Writes a string literal for SQL: 'it''s'.
std::string QuoteLiteral(std::string_view text);

}  // namespace smelt::engine
