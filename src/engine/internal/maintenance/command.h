#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "delta/transaction.h"
#include "engine/internal/lake.h"

/// Commands that maintain tables are table functions whose work is done when their rows are asked for: `call
/// vacuum(…)`. Each commits by itself, on connections of its own.
namespace smelt::engine {

/// One call of a command. Confined to the thread that runs it.
class CommandCall {
 public:
  CommandCall(duckdb::ClientContext& context, std::shared_ptr<Lake> lake, duckdb::vector<duckdb::Value> inputs,
              duckdb::named_parameter_map_t options)
      : context_(&context), lake_(std::move(lake)), inputs_(std::move(inputs)), options_(std::move(options)) {}

  Lake& lake() const { return *lake_; }
  /// The context of the statement; changes when a prepared statement runs again.
  duckdb::ClientContext& context() const { return *context_; }
  void SetContext(duckdb::ClientContext& context) { context_ = &context; }

  /// The table that the i-th argument names.
  TableKey Table(std::size_t i = 0) const;
  std::string Text(std::size_t i) const { return inputs_[i].ToString(); }
  /// A named argument; nothing when it is absent or NULL.
  std::optional<duckdb::Value> Option(const std::string& name) const;
  bool Flag(const std::string& name, bool fallback) const;
  std::vector<std::string> TextList(const std::string& name) const;
  /// The milliseconds of the named TIMESTAMP argument, "timestamp".
  std::optional<std::int64_t> TimestampMs() const;

  /// The table's newest state. Errors: kDeltaNotATable and those of Lake::Latest.
  Result<TableStatePtr> State(const TableKey& key) const;
  /// The version that the named arguments `version` or `timestamp` ask for; nothing when neither is there.
  /// Errors: kSqlBinding when both are, kDeltaVersionMissing.
  Result<std::optional<delta::Version>> AskedVersion(const TableKey& key) const;
  /// Refuses a call that must not change tables now: the lake is read-only, or a transaction is open, whose part the
  /// command's commit could not be. Errors: kSqlUnsupported, kStoreDenied.
  Status CheckMayCommit(const std::string& command) const;
  /// The same of a call that changes what readers see of a table. Errors: also kSqlUnsupported for one that belongs to
  /// a release.
  Status CheckMayChange(const std::string& command, const TableKey& key) const;

  /// Runs a statement on `connection`, which is not the call's own; an interruption of the call ends it.
  /// Errors: kSql…, kStore…, kCancelled.
  Result<duckdb::unique_ptr<duckdb::QueryResult>> Run(duckdb::Connection& connection, const std::string& sql) const;
  Status CheckNotInterrupted() const;

  /// Commits, tells the session of it and makes it the state that the lake knows.
  /// Errors: as delta::Commit.
  Result<delta::Committed> Commit(const TableKey& key, delta::Proposal proposal) const;

 private:
  duckdb::ClientContext* context_;
  std::shared_ptr<Lake> lake_;
  duckdb::vector<duckdb::Value> inputs_;
  duckdb::named_parameter_map_t options_;
};

using CommandColumns = std::vector<std::pair<std::string, duckdb::LogicalType>>;
using CommandRows = std::vector<duckdb::vector<duckdb::Value>>;

/// A command: its arguments, what its rows are, and the work.
struct Command {
  std::string name;
  duckdb::vector<duckdb::LogicalType> arguments;
  duckdb::named_parameter_type_map_t options;
  CommandColumns (*columns)(const CommandCall& call);
  Result<CommandRows> (*run)(const CommandCall& call);
};

/// Makes a command a table function of the database.
void RegisterCommand(duckdb::DatabaseInstance& db, const std::shared_ptr<Lake>& lake, Command command);

}  // namespace smelt::engine
