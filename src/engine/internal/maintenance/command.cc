#include "engine/internal/maintenance/command.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <thread>

#include "base/retry.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/extra_worker.h"
#include "engine/internal/functions.h"
#include "engine/internal/lake_transaction.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::LogicalType;
using duckdb::TableFunction;
using duckdb::TableFunctionBindInput;
using duckdb::unique_ptr;
using duckdb::Value;

/// How long a thread sleeps that has no task of the command's statement to do.
constexpr std::int64_t kIdlePauseMs = 1;
/// What is done within this time needs no other thread.
constexpr std::chrono::milliseconds kShortRun{5};

struct CommandInfo : public duckdb::TableFunctionInfo {
  CommandInfo(std::shared_ptr<Lake> lake_p, Command command_p)
      : lake(std::move(lake_p)), command(std::move(command_p)) {}
  std::shared_ptr<Lake> lake;
  Command command;
};

struct CommandBind : public duckdb::TableFunctionData {
  CommandBind(const CommandInfo& info, CommandCall call_p) : run(info.command.run), call(std::move(call_p)) {}
  Result<CommandRows> (*run)(const CommandCall& call);
  CommandCall call;
};

/// The rows of a command that has run, and how many of them were handed out.
struct CommandProgress : public duckdb::GlobalTableFunctionState {
  std::optional<CommandRows> rows;
  std::size_t next = 0;
};

unique_ptr<duckdb::FunctionData> BindCommand(ClientContext& context, TableFunctionBindInput& input,
                                             duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  const auto& info = input.info->Cast<CommandInfo>();
  CommandCall call(context, info.lake, input.inputs, input.named_parameters);
  for (auto& [name, type] : info.command.columns(call)) {
    names.push_back(name);
    types.push_back(type);
  }
  return duckdb::make_uniq<CommandBind>(info, std::move(call));
}

unique_ptr<duckdb::GlobalTableFunctionState> InitCommand(ClientContext&, duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<CommandProgress>();
}

void RunCommand(ClientContext& context, duckdb::TableFunctionInput& input, DataChunk& output) {
  auto& progress = input.global_state->Cast<CommandProgress>();
  if (!progress.rows) {
    const auto& bind = input.bind_data->Cast<CommandBind>();
    CommandCall call = bind.call;
    call.SetContext(context);
    progress.rows = Unwrap(bind.run(call));
  }
  duckdb::idx_t row = 0;
  for (; row < STANDARD_VECTOR_SIZE && progress.next < progress.rows->size(); ++row, ++progress.next) {
    const auto& values = (*progress.rows)[progress.next];
    for (duckdb::idx_t column = 0; column < values.size(); ++column) output.SetValue(column, row, values[column]);
  }
  output.SetCardinality(row);
}

}  // namespace

TableKey CommandCall::Table(std::size_t i) const {
  return ParseTableName(inputs_[i].ToString());
}

std::optional<Value> CommandCall::Option(const std::string& name) const {
  const auto found = options_.find(name);
  return found == options_.end() || found->second.IsNull() ? std::nullopt : std::optional(found->second);
}

bool CommandCall::Flag(const std::string& name, bool fallback) const {
  const std::optional<Value> value = Option(name);
  return value ? value->GetValue<bool>() : fallback;
}

std::vector<std::string> CommandCall::TextList(const std::string& name) const {
  std::vector<std::string> texts;
  const std::optional<Value> list = Option(name);
  if (!list) return texts;
  for (const Value& item : duckdb::ListValue::GetChildren(*list)) texts.push_back(item.ToString());
  return texts;
}

std::optional<std::int64_t> CommandCall::TimestampMs() const {
  const std::optional<Value> value = Option("timestamp");
  return value ? std::optional(EpochMillis(*value)) : std::nullopt;
}

Result<TableStatePtr> CommandCall::State(const TableKey& key) const {
  SMELT_ASSIGN(TableStatePtr state, lake().Latest(key));
  if (!state) return Fail(ErrorCode::kDeltaNotATable, fmt::format("there is no table {}", key.Text()));
  return state;
}

Result<std::optional<delta::Version>> CommandCall::AskedVersion(const TableKey& key) const {
  const std::optional<Value> version = Option("version");
  const std::optional<std::int64_t> time_ms = TimestampMs();
  if (version && time_ms) return Fail(ErrorCode::kSqlBinding, "give a version or a timestamp, not both");
  if (version) return std::optional(delta::Version{version->GetValue<std::int64_t>()});
  if (!time_ms) return std::nullopt;
  auto at = lake().LogOf(key.Folder()).VersionAt(*time_ms);
  if (!at) return Fail(std::move(at.error()).Context(key.Text()));
  return std::optional(*at);
}

Status CommandCall::CheckMayCommit(const std::string& command) const {
  if (!context().transaction.IsAutoCommit()) {
    return Fail(Error(ErrorCode::kSqlUnsupported,
                      fmt::format("{} commits by itself and cannot be part of a transaction", command))
                    .Hint("call it outside of BEGIN … COMMIT"));
  }
  if (duckdb::Catalog::GetCatalog(context(), "lake").GetAttached().IsReadOnly()) {
    return Fail(ErrorCode::kStoreDenied, fmt::format("the lake is open for reading only: {} would change it", command));
  }
  return {};
}

Status CommandCall::CheckMayChange(const std::string& command, const TableKey& key) const {
  SMELT_TRY(CheckMayCommit(command));
  return lake().CheckNotReleased(key);
}

Status CommandCall::CheckNotInterrupted() const {
  if (context().IsInterrupted()) return Fail(ErrorCode::kCancelled, "the statement was interrupted");
  return {};
}

Result<unique_ptr<duckdb::QueryResult>> CommandCall::Run(duckdb::Connection& connection, const std::string& sql) const {
  using duckdb::PendingExecutionResult;
  try {
    auto pending = connection.PendingQuery(sql, /*allow_stream_result=*/false);
    const auto begin = std::chrono::steady_clock::now();
    std::optional<ExtraWorker> worker;
    while (!pending->HasError()) {
      if (context().IsInterrupted()) connection.Interrupt();
      if (!worker && std::chrono::steady_clock::now() - begin > kShortRun) worker.emplace(lake().database());
      const PendingExecutionResult state = pending->ExecuteTask();
      if (state == PendingExecutionResult::EXECUTION_ERROR) break;
      if (duckdb::PendingQueryResult::IsResultReady(state)) {
        auto result = pending->Execute();
        if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
        return result;
      }
      const bool is_idle =
          state == PendingExecutionResult::NO_TASKS_AVAILABLE || state == PendingExecutionResult::BLOCKED;
      if (is_idle) SleepFor(kIdlePauseMs, {});
    }
    return Fail(FromDuckDb(pending->GetErrorObject()));
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
}

Result<delta::Committed> CommandCall::Commit(const TableKey& key, delta::Proposal proposal) const {
  CommitReport report = ReportOf(key, proposal);
  auto committed = delta::Commit(lake().LogOf(key.Folder()), std::move(proposal));
  if (!committed) return Fail(std::move(committed.error()).Context(key.Text()));
  report.version = committed->version.value;
  if (!lake().Remember(key, committed->snapshot)) lake().Forget(key);
  if (committed->attempts > 0) {
    ConnectionState& connection = ConnectionState::Of(context());
    std::lock_guard guard(connection.lock);
    connection.reports.push_back(std::move(report));
  }
  return committed;
}

void RegisterCommand(duckdb::DatabaseInstance& db, const std::shared_ptr<Lake>& lake, Command command) {
  TableFunction function(command.name, command.arguments, RunCommand, BindCommand, InitCommand);
  function.named_parameters = command.options;
  function.function_info = duckdb::make_shared_ptr<CommandInfo>(lake, std::move(command));
  duckdb::ExtensionLoader(db, "smelt").RegisterFunction(function);
}

}  // namespace smelt::engine
