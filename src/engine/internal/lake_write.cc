#include "engine/internal/lake_write.h"

#include <fmt/format.h>

#include "base/id.h"
#include "engine/internal/await.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/file_rewrite.h"
#include "engine/internal/parquet_writer.h"
#include "engine/internal/partition_writer.h"

namespace smelt::engine {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::ExecutionContext;
using duckdb::idx_t;

void DeletedRowSet::Add(DataChunk& chunk, idx_t column, bool once, RowFate fate) {
  duckdb::UnifiedVectorFormat files, rows;
  chunk.data[column].ToUnifiedFormat(chunk.size(), files);
  chunk.data[column + 1].ToUnifiedFormat(chunk.size(), rows);
  const auto* file_ids = duckdb::UnifiedVectorFormat::GetData<std::uint64_t>(files);
  const auto* numbers = duckdb::UnifiedVectorFormat::GetData<std::int64_t>(rows);
  std::lock_guard guard(lock_);
  for (idx_t i = 0; i < chunk.size(); ++i) {
    std::uint64_t file = file_ids[files.sel->get_index(i)];
    auto row = static_cast<std::uint64_t>(numbers[rows.sel->get_index(i)]);
    if (rows_[file].Set(row)) {
      ++count_;
      if (fate == RowFate::kReplaced) replaced_[file].Set(row);
    } else if (once) {
      Throw(Error(ErrorCode::kSqlRuntime, "two source rows change the same row of the target")
                .Hint("make the source unique by the key of the ON clause, for instance with "
                      "QUALIFY row_number() OVER (PARTITION BY key ORDER BY …) = 1"));
    }
  }
}

void DeletedRowSet::Flush(LakeTransaction& transaction, const LakeTable& table) {
  std::lock_guard guard(lock_);
  for (const auto& [file, mask] : rows_) {
    transaction.DeleteRows(table.key(), table.state()->files[file].file, mask, replaced_[file]);
  }
}

TableStatePtr DeletedRowSet::Restrict(const TableState& state) {
  std::lock_guard guard(lock_);
  auto restricted = std::make_shared<TableState>(state);
  restricted->files.clear();
  for (const auto& [file, rows] : rows_) {
    restricted->files.push_back({state.files[file].file, nullptr, std::make_shared<const delta::RowSet>(rows)});
  }
  return restricted;
}

/// How far the rows for RETURNING were handed out.
struct ReturnedScan : public duckdb::GlobalSourceState {
  duckdb::ColumnDataScanState scan;
};

duckdb::unique_ptr<duckdb::ColumnDataCollection> LakeSink::MakeReturned(ClientContext& context) const {
  return returns_rows_ ? duckdb::make_uniq<duckdb::ColumnDataCollection>(context, types) : nullptr;
}

duckdb::unique_ptr<duckdb::GlobalSourceState> LakeSink::GetGlobalSourceState(ClientContext&) const {
  auto state = duckdb::make_uniq<ReturnedScan>();
  if (returns_rows_) sink_state->Cast<Returned>().rows->InitializeScan(state->scan);
  return state;
}

duckdb::SourceResultType LakeSink::GetDataInternal(ExecutionContext&, DataChunk& chunk,
                                                   duckdb::OperatorSourceInput& input) const {
  if (returns_rows_) {
    sink_state->Cast<Returned>().rows->Scan(input.global_state.Cast<ReturnedScan>().scan, chunk);
    return chunk.size() == 0 ? duckdb::SourceResultType::FINISHED : duckdb::SourceResultType::HAVE_MORE_OUTPUT;
  }
  chunk.SetCardinality(1);
  chunk.SetValue(0, 0, duckdb::Value::BIGINT(Count()));
  return duckdb::SourceResultType::FINISHED;
}

struct LakeWrite::Global : public Returned {
  std::atomic<std::int64_t> count = 0;
  std::string mark;                           ///< part of the names of all files of this write, and of no others
  std::optional<PartitionWriter> partitions;  ///< where rows may be of several
};

struct LakeWrite::Local : public duckdb::LocalSinkState {
  duckdb::unique_ptr<duckdb::LocalSinkState> copy;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> returned;  ///< for RETURNING, else null
  duckdb::unique_ptr<duckdb::ExpressionExecutor> executor;
  DataChunk new_rows;
  std::optional<RuleExecutor> rules;
  DataChunk filled;  ///< refers to the rows at hand and to the columns that the table fills
  std::optional<PartitionWriter::Rows> partitions;  ///< where rows may be of several
  DataChunk stored;  ///< the same without partition columns, where the folder says them; or with row ids
};

void LakeWrite::SetUpdate(LakeTable& table, duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> expressions,
                          duckdb::optional_idx row_id, std::shared_ptr<DeletedRowSet> deleted,
                          std::shared_ptr<RowIdLookup> ids) {
  updated_ = &table;
  expressions_ = std::move(expressions);
  row_id_ = row_id;
  deleted_ = std::move(deleted);
  ids_ = std::move(ids);
}

duckdb::unique_ptr<duckdb::GlobalSinkState> LakeWrite::GetGlobalSinkState(ClientContext& context) const {
  if (create_) {
    create_->schema.Cast<LakeSchema>().CreateAs(catalog_.GetCatalogTransaction(context), create_->Base(), definition_);
  }
  auto global = duckdb::make_uniq<Global>();
  global->mark = NewUuid();
  global->rows = MakeReturned(context);
  copy_.filename_pattern = MarkedFileNames(global->mark);
  LakeTransaction::Get(context, catalog_).BeginWrite(target_.key, global->mark);
  if (copy_.partition_output) {
    global->partitions.emplace(context, copy_, target_.stored, global->mark);
  } else {
    copy_.sink_state = copy_.GetGlobalSinkState(context);
  }
  return global;
}

duckdb::unique_ptr<duckdb::LocalSinkState> LakeWrite::GetLocalSinkState(ExecutionContext& context) const {
  auto local = duckdb::make_uniq<Local>();
  if (!copy_.partition_output) local->copy = copy_.GetLocalSinkState(context);
  local->returned = MakeReturned(context.client);
  if (!expressions_.empty()) {
    local->executor = duckdb::make_uniq<duckdb::ExpressionExecutor>(context.client, expressions_);
    local->new_rows.Initialize(context.client, target_.shape.types);
  }
  if (rules_) local->rules.emplace(context.client, *rules_);
  local->filled.InitializeEmpty(target_.shape.types);
  if (target_.partition || ids_) local->stored.InitializeEmpty(copy_.expected_types);
  return local;
}

void LakeWrite::FillColumns(ClientContext& context, Local& local, DataChunk& rows) const {
  for (const IdentityColumn& identity : numbered_) {
    auto first = LakeTransaction::Get(context, catalog_)
                     .TakeNumbers(target_.key, identity.column, static_cast<std::int64_t>(rows.size()));
    duckdb::Vector numbers(duckdb::LogicalType::BIGINT, rows.size());
    auto* data = duckdb::FlatVector::GetData<std::int64_t>(numbers);
    for (idx_t i = 0; i < rows.size(); ++i) data[i] = first + static_cast<std::int64_t>(i) * identity.step;
    rows.data[identity.column].Reference(numbers);
  }
  if (local.rules) local.rules->Compute(rows);
}

void LakeWrite::CheckNotNull(DataChunk& chunk) const {
  for (std::size_t i = 0; i < target_.shape.nullable.size(); ++i) {
    if (target_.shape.nullable[i]) continue;
    if (!duckdb::VectorOperations::HasNull(chunk.data[i], chunk.size())) continue;
    Throw(
        Error(ErrorCode::kSqlConstraint, fmt::format("a row has NULL in column '{}' of {}, which is declared NOT NULL",
                                                     target_.shape.names[i], target_.key.Text())));
  }
}

duckdb::SinkResultType LakeWrite::Sink(ExecutionContext& context, DataChunk& chunk,
                                       duckdb::OperatorSinkInput& input) const {
  auto& local = input.local_state.Cast<Local>();
  DataChunk* rows = &chunk;
  if (local.executor) {
    const idx_t row_id = row_id_.IsValid() ? row_id_.GetIndex() : chunk.ColumnCount() - 2;
    deleted_->Add(chunk, row_id, true, RowFate::kReplaced);
    if (ids_) local.stored.data.back().Reference(ids_->Find(chunk, row_id));
    local.new_rows.Reset();
    local.executor->Execute(chunk, local.new_rows);
    rows = &local.new_rows;
  }
  if (rules_ || !numbered_.empty()) {
    local.filled.Reference(*rows);
    rows = &local.filled;
    FillColumns(context.client, local, *rows);
  }
  CheckNotNull(*rows);
  if (local.rules) local.rules->Check(*rows);
  input.global_state.Cast<Global>().count += static_cast<std::int64_t>(rows->size());
  if (local.returned) local.returned->Append(*rows);
  return Write(context, AsStored(local, *rows), input);
}

duckdb::SinkResultType LakeWrite::Write(ExecutionContext& context, DataChunk& rows,
                                        duckdb::OperatorSinkInput& input) const {
  auto& local = input.local_state.Cast<Local>();
  if (!copy_.partition_output) {
    duckdb::OperatorSinkInput to_copy{*copy_.sink_state, *local.copy, input.interrupt_state};
    return copy_.Sink(context, rows, to_copy);
  }
  if (!local.partitions) local.partitions.emplace(*input.global_state.Cast<Global>().partitions);
  local.partitions->Add(rows);
  return duckdb::SinkResultType::NEED_MORE_INPUT;
}

DataChunk& LakeWrite::AsStored(Local& local, DataChunk& rows) const {
  if (ids_) {
    for (idx_t i = 0; i < rows.ColumnCount(); ++i) local.stored.data[i].Reference(rows.data[i]);
    local.stored.SetCardinality(rows.size());
    return local.stored;
  }
  if (!target_.partition) return rows;
  duckdb::vector<duckdb::column_t> columns;
  for (std::size_t i = 0; i < target_.shape.names.size(); ++i) {
    if (!target_.shape.IsPartition(i)) columns.push_back(i);
  }
  local.stored.ReferenceColumns(rows, columns);
  return local.stored;
}

duckdb::SinkCombineResultType LakeWrite::Combine(ExecutionContext& context,
                                                 duckdb::OperatorSinkCombineInput& input) const {
  auto& local = input.local_state.Cast<Local>();
  if (local.returned) {
    auto& global = input.global_state.Cast<Global>();
    std::lock_guard guard(global.lock);
    global.rows->Combine(*local.returned);
    local.returned.reset();
  }
  if (copy_.partition_output) {
    if (local.partitions) local.partitions->Finish();
    return duckdb::SinkCombineResultType::FINISHED;
  }
  duckdb::OperatorSinkCombineInput to_copy{*copy_.sink_state, *local.copy, input.interrupt_state};
  return copy_.Combine(context, to_copy);
}

std::vector<WrittenFile> LakeWrite::CloseFiles(duckdb::Pipeline& pipeline, duckdb::Event& event, ClientContext& context,
                                               duckdb::OperatorSinkFinalizeInput& input) const {
  if (auto& partitions = input.global_state.Cast<Global>().partitions) return partitions->Finish();
  duckdb::OperatorSinkFinalizeInput to_copy{*copy_.sink_state, input.interrupt_state};
  copy_.Finalize(pipeline, event, context, to_copy);
  // The writer is drained as a source, by hand.
  duckdb::ThreadContext thread(context);
  ExecutionContext execution(context, thread, nullptr);
  auto global = copy_.GetGlobalSourceState(context);
  auto local = copy_.GetLocalSourceState(execution, *global);
  duckdb::OperatorSourceInput source{*global, *local, input.interrupt_state};
  DataChunk report;
  report.Initialize(context, copy_.types);
  std::vector<WrittenFile> files;
  auto more = duckdb::SourceResultType::HAVE_MORE_OUTPUT;
  while (more == duckdb::SourceResultType::HAVE_MORE_OUTPUT) {
    report.Reset();
    more = copy_.GetData(execution, report, source);
    for (idx_t row = 0; row < report.size(); ++row) {
      WrittenFile file = FileFromReport(report, row, target_.folder_address, target_.stored);
      if (target_.partition) file.add.partition_values = *target_.partition;
      files.push_back(std::move(file));
    }
  }
  return files;
}

duckdb::SinkFinalizeType LakeWrite::Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event, ClientContext& context,
                                             duckdb::OperatorSinkFinalizeInput& input) const {
  const bool is_update = updated_ != nullptr;
  auto& transaction = LakeTransaction::Get(context, catalog_);
  for (WrittenFile& file : CloseFiles(pipeline, event, context, input)) {
    transaction.AddFile(target_.key, std::move(file.add), file.address, is_update);
  }
  const auto& global_state = input.global_state.Cast<Global>();
  transaction.EndWrite(target_.key, global_state.mark);
  transaction.CountRows(target_.key, is_update ? 0 : global_state.count.load(),
                        is_update ? global_state.count.load() : 0);
  if (is_update) deleted_->Flush(transaction, *updated_);
  return duckdb::SinkFinalizeType::READY;
}

std::int64_t LakeWrite::Count() const {
  return sink_state->Cast<Global>().count;
}

duckdb::unique_ptr<duckdb::GlobalSinkState> LakeDelete::GetGlobalSinkState(ClientContext& context) const {
  auto global = duckdb::make_uniq<Returned>();
  global->rows = MakeReturned(context);
  return global;
}

duckdb::SinkResultType LakeDelete::Sink(ExecutionContext&, DataChunk& chunk, duckdb::OperatorSinkInput&) const {
  deleted_->Add(chunk, row_id_, once_, RowFate::kDeleted);
  if (returns_rows()) own_.Add(chunk, row_id_, false, RowFate::kDeleted);
  return duckdb::SinkResultType::NEED_MORE_INPUT;
}

void LakeDelete::ReadDeleted(Returned& returned) const {
  Lake& lake = catalog_.Cast<LakeCatalog>().lake();
  const std::string handle = lake.Lend(own_.Restrict(*table_.state()));
  duckdb::Connection connection(lake.database());
  const auto result = AwaitQuery(connection, fmt::format("select * from smelt_lent({})", QuoteLiteral(handle)));
  lake.TakeBack(handle);
  if (result->HasError()) Throw(FromDuckDb(result->GetErrorObject()));
  for (auto chunk = result->Fetch(); chunk && chunk->size() > 0; chunk = result->Fetch()) returned.rows->Append(*chunk);
}

duckdb::SinkFinalizeType LakeDelete::Finalize(duckdb::Pipeline&, duckdb::Event&, ClientContext& context,
                                              duckdb::OperatorSinkFinalizeInput& input) const {
  if (returns_rows()) ReadDeleted(input.global_state.Cast<Returned>());
  deleted_->Flush(LakeTransaction::Get(context, catalog_), table_);
  return duckdb::SinkFinalizeType::READY;
}

}  // namespace smelt::engine
