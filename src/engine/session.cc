#include "engine/session.h"

#include <fmt/format.h>

#include <charconv>
#include <duckdb/parser/parser.hpp>

#include "engine/internal/delta_words.h"
#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/result_text.h"
#include "engine/internal/run_statement.h"
#include "engine/table_pin.h"

namespace smelt::engine {
namespace {

using StatementPtr = duckdb::unique_ptr<duckdb::SQLStatement>;

Result<std::vector<StatementPtr>> Parse(Session::Impl& impl, std::string_view sql) {
  try {
    std::vector<StatementPtr> statements;
    for (auto& statement : impl.connection->ExtractStatements(std::string(sql))) {
      statements.push_back(std::move(statement));
    }
    return statements;
  } catch (const std::exception&) {
    return Fail(SuggestForm(FromCurrentException(), sql));
  }
}

/// Hands all chunks of a result to `take`. Errors that appear while a result streams come out here.
Status ForEachChunk(Session::Impl& impl, duckdb::QueryResult& result,
                    const std::function<Status(duckdb::DataChunk&)>& take) {
  try {
    while (true) {
      duckdb::unique_ptr<duckdb::DataChunk> chunk;
      duckdb::ErrorData error;
      if (!result.TryFetch(chunk, error)) {
        DropNotes(impl.state());
        return Fail(TakeError(impl, error));
      }
      if (!chunk || chunk->size() == 0) return {};
      SMELT_TRY(take(*chunk));
    }
  } catch (const std::exception&) {
    DropNotes(impl.state());
    return Fail(FromCurrentException());
  }
}

ResultKind KindOf(const duckdb::QueryResult& result) {
  switch (result.properties.return_type) {
    case duckdb::StatementReturnType::QUERY_RESULT: return ResultKind::kRows;
    case duckdb::StatementReturnType::CHANGED_ROWS: return ResultKind::kChangedRows;
    default: return ResultKind::kNothing;
  }
}

std::string_view TextOf(const duckdb::SQLStatement& statement) {
  std::string_view text = statement.query;
  if (statement.stmt_location < text.size()) text.remove_prefix(statement.stmt_location);
  if (statement.stmt_length > 0) text = text.substr(0, statement.stmt_length);
  auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ';'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

template <typename T>
std::optional<T> Number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  T value{};
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> ResultTable::Text(std::size_t row, std::size_t column) const {
  if (row >= rows.size() || column >= rows[row].size()) return std::nullopt;
  return rows[row][column];
}

std::optional<std::int64_t> ResultTable::Int(std::size_t row, std::size_t column) const {
  return Number<std::int64_t>(Text(row, column));
}

std::optional<double> ResultTable::Real(std::size_t row, std::size_t column) const {
  return Number<double>(Text(row, column));
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<ResultTable> Session::Query(std::string_view sql) {
  SMELT_ASSIGN(auto statements, Parse(*impl_, sql));
  ResultTable table;
  for (auto& statement : statements) {
    const bool wanted = &statement == &statements.back();
    SMELT_ASSIGN(auto result, RunStatement(*impl_, *statement, {}, false));
    table = ResultTable{DescribeColumns(*result), {}, KindOf(*result)};
    ChunkText text(*impl_->connection->context, *result);
    SMELT_TRY(ForEachChunk(*impl_, *result, [&](duckdb::DataChunk& chunk) -> Status {
      if (wanted) text.Append(chunk, table.rows);
      return {};
    }));
  }
  return table;
}

Status Session::Execute(std::string_view sql) {
  SMELT_ASSIGN(auto statements, Parse(*impl_, sql));
  for (auto& statement : statements) {
    SMELT_TRY(RunStatement(*impl_, *statement, {}, false));
  }
  return {};
}

Status Session::Stream(std::string_view sql, ResultSink& sink) {
  SMELT_ASSIGN(auto statements, Parse(*impl_, sql));
  if (statements.size() != 1) {
    return Fail(ErrorCode::kSqlSyntax, fmt::format("expected one statement, found {}", statements.size()));
  }
  SMELT_ASSIGN(auto result, RunStatement(*impl_, *statements[0], {}, true));
  SMELT_TRY(sink.Columns(DescribeColumns(*result), KindOf(*result)));
  ChunkText text(*impl_->connection->context, *result);
  std::vector<std::vector<Cell>> rows;
  return ForEachChunk(*impl_, *result, [&](duckdb::DataChunk& chunk) -> Status {
    rows.clear();
    text.Append(chunk, rows);
    return sink.Rows(rows);
  });
}

Result<std::vector<std::string>> Session::Split(std::string_view script) {
  try {
    // Not ExtractStatements: it carries out some pragmas while it parses, and whoever splits has yet to decide.
    duckdb::Parser parser(impl_->connection->context->GetParserOptions());
    parser.ParseQuery(std::string(script));
    std::vector<std::string> texts;
    for (const auto& statement : parser.statements) texts.emplace_back(TextOf(*statement));
    return texts;
  } catch (const std::exception&) {
    return Fail(SuggestForm(FromCurrentException(), script));
  }
}

Result<std::optional<RelationKind>> Session::FindRelation(std::string_view database, std::string_view schema,
                                                          std::string_view name) {
  std::optional<RelationKind> kind;
  const std::string name_text(name);  // the lookup refers to it
  try {
    duckdb::ClientContext& context = *impl_->connection->context;
    context.RunFunctionInTransaction([&] {
      const duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, name_text);
      auto entry = duckdb::Catalog::GetEntry(context, std::string(database), std::string(schema), lookup,
                                             duckdb::OnEntryNotFound::RETURN_NULL);
      if (!entry) return;
      kind = entry->type == duckdb::CatalogType::VIEW_ENTRY ? RelationKind::kView : RelationKind::kTable;
    });
  } catch (const std::exception&) {
    return Fail(FromCurrentException());
  }
  return kind;
}

bool Session::in_transaction() const {
  return !impl_->connection->IsAutoCommit();
}

Status Session::Transaction(const std::function<Status()>& body) {
  SMELT_TRY(Execute("begin"));
  Status status = body();
  if (status) status = Execute("commit");
  if (!status) {
    if (!impl_->connection->IsAutoCommit()) (void)Execute("rollback");
    DropNotes(impl_->state());
  }
  return status;
}

void Session::Annotate(std::string_view schema, std::string_view table, CommitNotes notes) {
  ConnectionState& state = impl_->state();
  std::lock_guard guard(state.lock);
  // Several parts of a program may have something to note of one commit.
  CommitNotes& all = state.notes[{std::string(schema), std::string(table)}];
  for (TxnMark& mark : notes.txns) {
    std::erase_if(all.txns, [&](const TxnMark& earlier) { return earlier.app_id == mark.app_id; });
    all.txns.push_back(std::move(mark));
  }
  all.info.update(notes.info);
  all.marks_must_be_new = all.marks_must_be_new || notes.marks_must_be_new;
}

std::vector<CommitReport> Session::TakeCommits() {
  ConnectionState& state = impl_->state();
  std::lock_guard guard(state.lock);
  return std::exchange(state.reports, {});
}

void Session::ReadAt(const std::vector<TablePin>& pins, ReleasePtr release) {
  auto states = std::make_shared<std::map<TableKey, TableStatePtr>>();
  for (const TablePin& pin : pins) states->emplace(TableKey{pin.schema, pin.table}, pin.state);
  ConnectionState& state = impl_->state();
  std::lock_guard guard(state.lock);
  state.pinned = std::move(states);
  if (!release && !pins.empty()) release = pins.front().release;
  state.pinned_release = std::move(release);
}

void Session::CountCpu() {
  ConnectionState::CountCpu(*impl_->connection->context);
}

Usage Session::TakeUsage() {
  ConnectionState& state = impl_->state();
  std::lock_guard guard(state.lock);
  return std::exchange(state.usage, {});
}

void Session::Offer(const std::string& name, RowSource& source) {
  ConnectionState& state = impl_->state();
  std::lock_guard guard(state.lock);
  state.sources[name] = &source;
}

void Session::Withdraw(const std::string& name) {
  ConnectionState& state = impl_->state();
  std::lock_guard guard(state.lock);
  state.sources.erase(name);
}

void Session::Interrupt() {
  impl_->connection->Interrupt();
}

void Session::ObserveStop(std::stop_token stop) {
  impl_->on_stop.emplace(std::move(stop), [impl = impl_.get()] {
    impl->stopped = true;
    impl->connection->Interrupt();
  });
}

std::string QuoteIdentifier(std::string_view name) {
  return duckdb::KeywordHelper::WriteOptionallyQuoted(std::string(name));
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace smelt::engine
