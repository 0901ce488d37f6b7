#include "engine/row_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "engine/internal/arrow_ipc/ipc_rows.h"
#include "engine/internal/arrow_ipc/ipc_schema.h"
#include "engine/internal/await.h"
#include "engine/internal/bound_statement.h"
#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/missing_table.h"
#include "engine/internal/result_text.h"
#include "engine/internal/value_text.h"

namespace smelt::engine {
namespace {

/// Names that differ, whatever case a reader minds: "a", "a_1".
void MakeDistinct(std::vector<ResultColumn>& columns) {
  std::set<std::string> taken;
  for (ResultColumn& column : columns) {
    const std::string name = column.name;
    for (int number = 1; !taken.insert(duckdb::StringUtil::Lower(column.name)).second; ++number) {
      column.name = fmt::format("{}_{}", name, number);
    }
  }
}

Error Explain(Session::Impl& impl, const duckdb::ErrorData& error) {
  return SuggestTables(FromDuckDb(error), error, *impl.lake);
}

std::string Literal(const Json& value) {
  if (value.is_string()) return QuoteLiteral(value.get<std::string>());
  if (!value.is_array()) return JsonText(value);
  std::string list = "[";
  for (const Json& element : value) list += (list.size() > 1 ? ", " : "") + Literal(element);
  return list + "]";
}

/// The list of values for EXECUTE: in the order of $1, $2 … or by name.
std::string Arguments(const ParameterValues& parameters) {
  std::vector<std::string> values;
  for (std::size_t number = 1; parameters.contains(fmt::to_string(number)); ++number) {
    values.push_back(Literal(parameters.at(fmt::to_string(number))));
  }
  if (values.size() == parameters.size()) return fmt::format("{}", fmt::join(values, ", "));
  values.clear();
  for (const auto& [name, value] : parameters) {
    values.push_back(fmt::format("{} := {}", QuoteIdentifier(name), Literal(value)));
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

}  // namespace

struct RowStream::Impl {
  Impl(Session::Impl& session_p, const RowFormatOptions& options_p) : session(session_p), options(options_p) {}

  duckdb::ClientContext& context() const { return *session.connection->context; }
  /// Makes `chunk` one with rows left; whether there is one.
  Result<bool> Fetch();
  void AppendText(std::string& out, duckdb::idx_t until);
  void AppendRow(std::string& out, duckdb::idx_t row);

  Session::Impl& session;
  const RowFormatOptions options;
  duckdb::unique_ptr<duckdb::QueryResult> result;
  std::vector<ResultColumn> columns;
  std::vector<std::string> names;  ///< in JSON's quotation marks, with the colon
  std::unique_ptr<IpcRows> ipc;
  duckdb::unique_ptr<duckdb::DataChunk> chunk;
  std::vector<ColumnText> texts;  ///< of `chunk`
  duckdb::idx_t row = 0;          ///< the next of `chunk`
  std::int64_t rows = 0;
  bool at_end = false;
};

Result<bool> RowStream::Impl::Fetch() {
  while (!at_end && (!chunk || row >= chunk->size())) {
    if (session.stopped) return Fail(ErrorCode::kCancelled, "the statement was interrupted");
    texts.clear();
    duckdb::ErrorData error;
    if (!result->TryFetch(chunk, error)) return Fail(Explain(session, error));
    row = 0;
    at_end = !chunk || chunk->size() == 0;
    if (at_end || ipc) continue;
    for (duckdb::Vector& vector : chunk->data) {
      texts.emplace_back(context(), vector, chunk->size(), options.exact_numbers_as_text);
    }
  }
  return !at_end;
}

void RowStream::Impl::AppendRow(std::string& out, duckdb::idx_t at) {
  const bool is_csv = options.format == RowFormat::kCsv;
  const bool has_names = options.format == RowFormat::kJsonObjects || options.format == RowFormat::kNdjson;
  if (!is_csv) out += has_names ? '{' : '[';
  for (std::size_t column = 0; column < texts.size(); ++column) {
    if (column > 0) out += ',';
    if (has_names) out += names[column];
    texts[column].Append(out, at, is_csv ? TextForm::kCsv : TextForm::kJson);
  }
  if (!is_csv) out += has_names ? '}' : ']';
}

void RowStream::Impl::AppendText(std::string& out, duckdb::idx_t until) {
  const bool is_list = options.format == RowFormat::kJsonArrays || options.format == RowFormat::kJsonObjects;
  for (duckdb::idx_t at = row; at < until; ++at) {
    if (is_list && rows + static_cast<std::int64_t>(at - row) > 0) out += ",\n";
    AppendRow(out, at);
    if (!is_list) out += '\n';
  }
}

RowStream::RowStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowStream::~RowStream() = default;

Result<std::unique_ptr<RowStream>> RowStream::Open(Session& session, std::string_view sql,
                                                   const ParameterValues& parameters, const RowFormatOptions& options) {
  Session::Impl& owner = *session.impl_;
  if (owner.stopped) return Fail(ErrorCode::kCancelled, "the statement was interrupted");
  SMELT_TRY(owner.lake->remote_files().ReadyFor(sql));
  auto impl = std::make_unique<Impl>(owner, options);
  try {
    auto prepared = PrepareOne(*owner.connection, sql);
    auto values = BindValues(*prepared, parameters);
    impl->result = Await(*prepared->PendingQuery(values, true));
    if (impl->result->HasError()) return Fail(Explain(owner, impl->result->GetErrorObject()));
    impl->columns = DescribeColumns(*impl->result);
    MakeDistinct(impl->columns);
    duckdb::vector<std::string> names;
    for (const ResultColumn& column : impl->columns) {
      names.push_back(column.name);
      AppendJsonText(impl->names.emplace_back(), column.name);
      impl->names.back() += ':';
    }
    if (options.format == RowFormat::kArrow) {
      impl->ipc = std::make_unique<IpcRows>(impl->context(), impl->result->types, std::move(names));
    }
  } catch (const std::exception& error) {
    return Fail(Explain(owner, duckdb::ErrorData(error)));
  }
  return std::unique_ptr<RowStream>(new RowStream(std::move(impl)));
}

Result<std::vector<ResultColumn>> RowStream::Describe(Session& session, std::string_view sql) {
  Session::Impl& owner = *session.impl_;
  SMELT_TRY(owner.lake->remote_files().ReadyFor(sql));
  try {
    const auto prepared = PrepareOne(*owner.connection, sql);
    std::vector<ResultColumn> columns;
    const auto& types = prepared->GetTypes();
    for (std::size_t i = 0; i < types.size(); ++i)
      columns.push_back({prepared->GetNames()[i], types[i].ToString(), KindOf(types[i])});
    MakeDistinct(columns);
    return columns;
  } catch (const std::exception& error) {
    return Fail(Explain(owner, duckdb::ErrorData(error)));
  }
}

const std::vector<ResultColumn>& RowStream::columns() const {
  return impl_->columns;
}

std::string RowStream::Prologue() const {
  if (impl_->ipc) return impl_->ipc->Schema();
  if (impl_->options.format != RowFormat::kCsv) return "";
  std::string line;
  for (const ResultColumn& column : impl_->columns) {
    if (!line.empty()) line += ',';
    AppendCsvText(line, column.name);
  }
  return line + "\n";
}

std::string RowStream::Epilogue() const {
  return impl_->ipc ? IpcEnd() : "";
}

Result<std::string> RowStream::Next(std::int64_t rows_max, std::size_t bytes) {
  Impl& impl = *impl_;
  std::string out;
  std::int64_t left = rows_max;
  try {
    while (left > 0 && out.size() < bytes && (!impl.ipc || impl.ipc->bytes() < bytes)) {
      SMELT_ASSIGN(const bool has_rows, impl.Fetch());
      if (!has_rows) break;
      const auto until = std::min<duckdb::idx_t>(impl.chunk->size(), impl.row + static_cast<duckdb::idx_t>(left));
      if (impl.ipc) {
        impl.ipc->Append(*impl.chunk, impl.row, until);
      } else {
        impl.AppendText(out, until);
      }
      const auto count = static_cast<std::int64_t>(until - impl.row);
      impl.row = until;
      impl.rows += count;
      left -= count;
    }
    if (impl.ipc) out = impl.ipc->TakeBatch();
  } catch (const std::exception& error) {
    return Fail(Explain(impl.session, duckdb::ErrorData(error)));
  }
  return out;
}

Result<bool> RowStream::HasMore() {
  try {
    return impl_->Fetch();
  } catch (const std::exception& error) {
    return Fail(Explain(impl_->session, duckdb::ErrorData(error)));
  }
}

std::int64_t RowStream::rows() const {
  return impl_->rows;
}

Result<std::optional<std::int64_t>> ExecuteWith(Session& session, std::string_view sql,
                                                const ParameterValues& parameters) {
  const auto changed = [&](std::string_view statement) -> Result<std::optional<std::int64_t>> {
    SMELT_ASSIGN(const ResultTable table, session.Query(statement));
    return table.kind == ResultKind::kChangedRows ? table.Int() : std::nullopt;
  };
  if (parameters.empty()) return changed(sql);
  SMELT_TRY(session.Execute(fmt::format("prepare smelt_statement as {}", sql)));
  const std::string values = Arguments(parameters);
  auto result = changed(fmt::format("execute smelt_statement({})", values));
  if (Status dropped = session.Execute("deallocate smelt_statement"); !dropped && result) return Fail(dropped.error());
  return result;
}

}  // namespace smelt::engine
