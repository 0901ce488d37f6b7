#include "engine/statement.h"

#include <fmt/format.h>

#include <utility>

#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/lookup/lookup.h"
#include "engine/internal/postgres_dialect/postgres_dialect.h"
#include "engine/internal/result_types.h"
#include "engine/internal/run_statement.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

std::vector<TypedColumnInfo> DescribeAll(const duckdb::vector<std::string>& names,
                                         const duckdb::vector<duckdb::LogicalType>& types,
                                         const TypedOptions& options) {
  std::vector<TypedColumnInfo> columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns.push_back({names[i], Describe(PresentedType(types[i], options), types[i])});
  }
  return columns;
}

bool HasRows(duckdb::StatementReturnType type) {
  return type == duckdb::StatementReturnType::QUERY_RESULT;
}

}  // namespace

struct TypedRows::Impl {
  Session::Impl& session;
  TypedRows* self = nullptr;
  std::string text{};
  duckdb::unique_ptr<duckdb::QueryResult> result{};  ///< while it is open
  duckdb::vector<duckdb::LogicalType> types{};       ///< as the engine has them
  duckdb::vector<duckdb::LogicalType> presented{};   ///< as they are handed out
  std::vector<TypedColumnInfo> columns{};
  std::optional<std::int64_t> changed{};
  duckdb::unique_ptr<duckdb::DataChunk> found{};            ///< of a lookup, until it is fetched
  duckdb::unique_ptr<duckdb::DataChunk> chunk{};            ///< that `batch` shows
  std::vector<duckdb::unique_ptr<duckdb::Vector>> casts{};  ///< columns of it that are cast
  duckdb::unique_ptr<duckdb::ColumnDataCollection> kept{};  ///< after Detach
  duckdb::ColumnDataScanState scan{};
  TypedBatch batch{};

  /// The next chunk of the engine's; nullptr at the end.
  Result<duckdb::DataChunk*> Fetch();
  void Close() {
    if (session.open_rows == self) session.open_rows = nullptr;
    result.reset();
  }
};

Result<duckdb::DataChunk*> TypedRows::Impl::Fetch() {
  if (kept) {
    if (!chunk) chunk = duckdb::make_uniq<duckdb::DataChunk>();
    if (chunk->ColumnCount() == 0) kept->InitializeScanChunk(scan, *chunk);
    chunk->Reset();
    if (!kept->Scan(scan, *chunk)) return nullptr;
    return chunk.get();
  }
  if (found) {
    chunk = std::move(found);
    return chunk.get();
  }
  if (!result) return nullptr;
  chunk.reset();
  duckdb::ErrorData error;
  if (!result->TryFetch(chunk, error)) {
    DropNotes(session.state());
    // One that streams keeps the error of what makes its rows to itself.
    const duckdb::ErrorData& told = error.HasError() ? error : result->GetErrorObject();
    Error taken = PlacedIn(text, told, TakeError(session, told));
    Close();
    return Fail(std::move(taken));
  }
  if (chunk && chunk->size() > 0) return chunk.get();
  Close();
  return nullptr;
}

TypedRows::TypedRows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->self = this;
}

TypedRows::~TypedRows() {
  impl_->Close();
}

const std::vector<TypedColumnInfo>& TypedRows::columns() const {
  return impl_->columns;
}

std::optional<std::int64_t> TypedRows::changed_rows() const {
  return impl_->changed;
}

Result<const TypedBatch*> TypedRows::Next() {
  try {
    SMELT_ASSIGN(duckdb::DataChunk* const chunk, impl_->Fetch());
    if (chunk == nullptr) return nullptr;
    const std::size_t rows = chunk->size();
    impl_->casts.clear();
    TypedBatch& batch = impl_->batch;
    batch.rows = rows;
    batch.columns.clear();
    for (std::size_t i = 0; i < chunk->ColumnCount(); ++i) {
      duckdb::Vector* vector = &chunk->data[i];
      if (impl_->presented[i] != impl_->types[i]) {
        auto& context = *impl_->session.connection->context;
        auto& target = impl_->casts.emplace_back(duckdb::make_uniq<duckdb::Vector>(impl_->presented[i], rows));
        duckdb::VectorOperations::Cast(context, *vector, *target, rows);
        vector = target.get();
      }
      vector->Flatten(rows);
      batch.columns.push_back(View(*vector, rows));
    }
    return &batch;
  } catch (const std::exception&) {
    DropNotes(impl_->session.state());
    return Fail(TakeException(impl_->session, impl_->text));
  }
}

Status TypedRows::Detach() {
  Impl& impl = *impl_;
  if (!impl.result) return {};
  try {
    auto& context = *impl.session.connection->context;
    auto kept =
        duckdb::make_uniq<duckdb::ColumnDataCollection>(duckdb::BufferManager::GetBufferManager(context), impl.types);
    duckdb::ColumnDataAppendState state;
    kept->InitializeAppend(state);
    while (true) {
      SMELT_ASSIGN(duckdb::DataChunk* const chunk, impl.Fetch());
      if (chunk == nullptr) break;
      kept->Append(state, *chunk);
    }
    impl.chunk.reset();
    kept->InitializeScan(impl.scan);
    impl.kept = std::move(kept);
    return {};
  } catch (const std::exception&) {
    impl.Close();
    return Fail(FromCurrentException());
  }
}

struct Statement::Impl {
  Session::Impl& session;
  std::string text{};
  duckdb::unique_ptr<duckdb::SQLStatement> parsed{};
  std::size_t parameter_count = 0;
  std::optional<LookupQuestion> lookup{};  ///< when the statement is no more than that
  std::optional<StatementShape> shape{};

  /// What the statement has, when it is a lookup whose parameters all are keys.
  std::optional<StatementShape> ShapeOfLookup(const TypedOptions& options) const;
};

std::optional<StatementShape> Statement::Impl::ShapeOfLookup(const TypedOptions& options) const {
  if (!lookup) return std::nullopt;
  const auto found = DescribeLookup(session, *lookup);
  if (!found || found->parameters.size() != parameter_count) return std::nullopt;
  StatementShape shape{.columns = DescribeAll(found->names, found->types, options), .has_rows = true};
  for (const duckdb::LogicalType& type : found->parameters) {
    if (type == duckdb::LogicalType::INVALID) return std::nullopt;
    shape.parameters.push_back(engine::Describe(PresentedType(type, {}), type));
  }
  return shape;
}

Statement::Statement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Statement::~Statement() = default;

const std::string& Statement::text() const {
  return impl_->text;
}

std::size_t Statement::parameter_count() const {
  return impl_->parameter_count;
}

Result<const StatementShape*> Statement::Describe(const TypedOptions& options) {
  if (impl_->shape) return &*impl_->shape;
  SMELT_TRY(impl_->session.DetachRows());
  impl_->shape = impl_->ShapeOfLookup(options);
  if (impl_->shape) return &*impl_->shape;
  SMELT_TRY(impl_->session.lake->remote_files().ReadyFor(impl_->text));
  try {
    auto prepared = impl_->session.connection->Prepare(impl_->parsed->Copy());
    if (prepared->HasError()) {
      const duckdb::ErrorData& data = prepared->GetErrorObject();
      return Fail(PlacedIn(impl_->text, data, TakeError(impl_->session, data)));
    }
    StatementShape shape;
    shape.parameters.resize(impl_->parameter_count);
    for (const auto& [name, type] : prepared->GetExpectedParameterTypes()) {
      const auto found = impl_->parsed->named_param_map.find(name);
      if (found == impl_->parsed->named_param_map.end() || found->second > impl_->parameter_count) continue;
      shape.parameters[found->second - 1] = engine::Describe(PresentedType(type, {}), type);
    }
    shape.has_rows = HasRows(prepared->GetStatementProperties().return_type);
    if (shape.has_rows) shape.columns = DescribeAll(prepared->GetNames(), prepared->GetTypes(), options);
    impl_->shape = std::move(shape);
    return &*impl_->shape;
  } catch (const std::exception&) {
    return Fail(TakeException(impl_->session, impl_->text));
  }
}

namespace {

void TakeTypes(TypedRows::Impl& rows, const duckdb::vector<std::string>& names,
               const duckdb::vector<duckdb::LogicalType>& types, const TypedOptions& options) {
  rows.types = types;
  for (const auto& type : types) rows.presented.push_back(PresentedType(type, options));
  rows.columns = DescribeAll(names, types, options);
}

}  // namespace

Result<std::unique_ptr<TypedRows>> Statement::Run(std::span<const ParameterValue> values, const TypedOptions& options,
                                                  const ColumnCheck& check) {
  if (values.size() != impl_->parameter_count) {
    return Fail(ErrorCode::kUsage, fmt::format("the statement has {} parameters, and {} values came",
                                               impl_->parameter_count, values.size()));
  }
  std::vector<duckdb::Value> given;
  for (const ParameterValue& value : values) {
    SMELT_ASSIGN(duckdb::Value converted, ToDuckDb(value));
    given.push_back(std::move(converted));
  }
  auto rows = std::make_unique<TypedRows::Impl>(TypedRows::Impl{.session = impl_->session, .text = impl_->text});
  if (impl_->lookup && !impl_->session.stopped) {
    SMELT_TRY(impl_->session.DetachRows());
    if (auto answer = Lookup(impl_->session, *impl_->lookup, given)) {
      TakeTypes(*rows, answer->names, answer->types, options);
      if (check) SMELT_TRY(check(rows->columns));
      rows->found = std::move(answer->rows);
      return std::unique_ptr<TypedRows>(new TypedRows(std::move(rows)));
    }
  }
  NamedValues named;
  for (const auto& [name, index] : impl_->parsed->named_param_map) {
    named[name] = duckdb::BoundParameterData(given[index - 1]);
  }
  PlanCheck judges;
  if (check) {
    judges = [&](const duckdb::PendingQueryResult& planned) -> Status {
      return HasRows(planned.properties.return_type) ? check(DescribeAll(planned.names, planned.types, options))
                                                     : Status();
    };
  }
  SMELT_ASSIGN(auto result, RunStatement(impl_->session, *impl_->parsed, named, true, judges));
  const auto returns = result->properties.return_type;
  if (HasRows(returns)) {
    TakeTypes(*rows, result->names, result->types, options);
    rows->result = std::move(result);
  } else if (returns == duckdb::StatementReturnType::CHANGED_ROWS) {
    const auto chunk = result->Fetch();
    rows->changed = chunk && chunk->size() > 0 ? chunk->GetValue(0, 0).GetValue<std::int64_t>() : 0;
  }
  std::unique_ptr<TypedRows> made(new TypedRows(std::move(rows)));
  if (made->impl_->result) impl_->session.open_rows = made.get();
  return made;
}

Result<std::unique_ptr<Statement>> Session::Prepare(std::string_view sql, Dialect dialect) {
  try {
    auto statements = impl_->connection->ExtractStatements(std::string(sql));
    if (statements.size() != 1) {
      return Fail(ErrorCode::kSqlSyntax, fmt::format("expected one statement, found {}", statements.size()));
    }
    auto prepared = std::make_unique<Statement::Impl>(
        Statement::Impl{.session = *impl_, .text = std::string(sql), .parsed = std::move(statements[0])});
    prepared->parsed->query = prepared->text;
    for (const auto& [name, index] : prepared->parsed->named_param_map) {
      prepared->parameter_count = std::max<std::size_t>(prepared->parameter_count, index);
    }
    prepared->lookup = LookupQuestionOf(*prepared->parsed);
    if (dialect == Dialect::kPostgres) RewriteForPostgres(*prepared->parsed);
    return std::unique_ptr<Statement>(new Statement(std::move(prepared)));
  } catch (const std::exception&) {
    return Fail(TakeException(*impl_, std::string(sql)));
  }
}

}  // namespace smelt::engine
