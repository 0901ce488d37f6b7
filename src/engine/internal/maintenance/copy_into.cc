// copy_into('table', 'files' [, format => 'parquet' | 'csv' | 'json', force => true]): loads files, each of them once.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/id.h"
#include "delta/features.h"
#include "engine/internal/maintenance/command_transaction.h"
#include "engine/internal/maintenance/maintenance.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

CommandColumns CopyColumns(const CommandCall&) {
  return {{"version", LogicalType::BIGINT},
          {"files_loaded", LogicalType::BIGINT},
          {"files_skipped", LogicalType::BIGINT},
          {"rows", LogicalType::BIGINT}};
}

/// The application id under which the table's log remembers that a file was loaded.
std::string MarkOf(const std::string& file) {
  return "smelt.copy_into." + ContentHash(file);
}

Result<std::string> ReaderOf(const CommandCall& call, const std::string& pattern) {
  const std::size_t dot = pattern.rfind('.');
  std::string format = dot == std::string::npos ? "" : duckdb::StringUtil::Lower(pattern.substr(dot + 1));
  if (const auto asked = call.Option("format")) format = duckdb::StringUtil::Lower(asked->ToString());
  if (format == "parquet") return "read_parquet";
  if (format == "csv" || format == "tsv") return "read_csv";
  if (format == "json" || format == "ndjson" || format == "jsonl") return "read_json";
  return Fail(Error(ErrorCode::kSqlBinding, fmt::format("copy_into cannot tell the format of '{}'", pattern))
                  .Hint("name it: format => 'parquet', 'csv' or 'json'"));
}

/// Files to load, and how many of those that the pattern names are left out.
struct Choice {
  std::vector<std::string> files;
  std::int64_t skipped = 0;
};

Result<Choice> ChooseFiles(const CommandCall& call, CommandTransaction& transaction, const delta::Snapshot& snapshot) {
  SMELT_ASSIGN(const auto listed,
               transaction.Query(fmt::format("select file from glob({}) order by file", QuoteLiteral(call.Text(1)))));
  Choice choice;
  for (auto chunk = listed->Fetch(); chunk && chunk->size() > 0; chunk = listed->Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
      std::string file = chunk->GetValue(0, row).ToString();
      if (!call.Flag("force", false) && snapshot.txns().contains(MarkOf(file))) {
        ++choice.skipped;
      } else {
        choice.files.push_back(std::move(file));
      }
    }
  }
  if (choice.files.empty() && choice.skipped == 0) {
    return Fail(ErrorCode::kStoreNotFound, fmt::format("no file matches '{}'", call.Text(1)));
  }
  return choice;
}

std::vector<TxnMark> MarksOf(const std::vector<std::string>& files, const delta::Snapshot& snapshot) {
  std::vector<TxnMark> marks;
  for (const std::string& file : files) {
    const auto known = snapshot.txns().find(MarkOf(file));
    marks.push_back({MarkOf(file), known == snapshot.txns().end() ? 1 : known->second.version + 1});
  }
  return marks;
}

CommandRows Outcome(std::optional<std::int64_t> version, std::int64_t loaded, std::int64_t skipped, std::int64_t rows) {
  return {{version ? Value::BIGINT(*version) : Value(LogicalType::BIGINT), Value::BIGINT(loaded),
           Value::BIGINT(skipped), Value::BIGINT(rows)}};
}

Result<CommandRows> RunCopyInto(const CommandCall& call) {
  const TableKey key = call.Table();
  SMELT_TRY(call.CheckMayChange("copy_into", key));
  SMELT_ASSIGN(const TableStatePtr state, call.State(key));
  SMELT_TRY(delta::CheckWritable(state->protocol, state->metadata));
  SMELT_ASSIGN(const std::string reader, ReaderOf(call, call.Text(1)));
  CommandTransaction transaction(call);
  SMELT_TRY(transaction.Begin());
  SMELT_ASSIGN(const Choice choice, ChooseFiles(call, transaction, *state->snapshot));
  const auto loaded = static_cast<std::int64_t>(choice.files.size());
  if (loaded == 0) return Outcome(std::nullopt, 0, choice.skipped, 0);
  std::vector<std::string> quoted;
  for (const std::string& file : choice.files) quoted.push_back(QuoteLiteral(file));
  const std::string insert = fmt::format("insert into {} by name select * from {}([{}], union_by_name = true)",
                                         QualifiedName(key), reader, fmt::join(quoted, ", "));
  SMELT_TRY(transaction.Evolve(insert));
  SMELT_ASSIGN(const std::int64_t rows, transaction.Change(insert));
  transaction.Mark(key, MarksOf(choice.files, *state->snapshot));
  transaction.Describe(key, "COPY INTO", {{"source", call.Text(1)}});
  SMELT_ASSIGN(const auto version, transaction.Commit());
  return version ? Outcome(version, loaded, choice.skipped, rows) : Outcome(version, 0, choice.skipped + loaded, 0);
}

}  // namespace

Command CopyIntoCommand() {
  return {"copy_into",
          {LogicalType::VARCHAR, LogicalType::VARCHAR},
          {{"format", LogicalType::VARCHAR}, {"force", LogicalType::BOOLEAN}},
          CopyColumns,
          RunCopyInto};
}

}  // namespace smelt::engine
