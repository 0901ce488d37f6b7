#include "engine/internal/parquet/copy_format.h"

#include <map>
#include <mutex>
#include <utility>

#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet/file_writer.h"

namespace smelt::engine::parquet {
namespace {

using duckdb::ClientContext;
using duckdb::FunctionData;
using duckdb::GlobalFunctionData;
using duckdb::LocalFunctionData;
using duckdb::Value;

constexpr const char* kFormat = "smelt_parquet";
constexpr const char* kDuckDbFormat = "parquet";
constexpr std::size_t kRowGroupRowsDefault = 122880;

struct Settings : public FunctionData {
  std::vector<FileColumn> columns;
  duckdb::vector<duckdb::LogicalType> types;
  PageCodec codec = PageCodec::kSnappy;
  std::size_t row_group_rows = kRowGroupRowsDefault;

  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<Settings>(*this); }
  bool Equals(const FunctionData& other) const override { return this == &other; }
};

/// A file that is written, and what threads leave that have less than a row group.
struct File : public GlobalFunctionData {
  File(ClientContext& context, const Settings& settings, const std::string& address)
      : writer(context, settings.columns, address) {}

  FileWriter writer;
  duckdb::CopyFunctionFileStatistics* statistics = nullptr;
  std::mutex lock;
  std::unique_ptr<RowGroupEncoder> leavings;
};

struct Thread : public LocalFunctionData {
  explicit Thread(const Settings& settings) : rows(std::make_unique<RowGroupEncoder>(settings.types, settings.codec)) {}

  std::unique_ptr<RowGroupEncoder> rows;
};

/// The row groups of a batch, in order.
struct Batch : public duckdb::PreparedBatchData {
  std::vector<EncodedRowGroup> groups;
};

const Value& OnlyValue(const std::string& option, const duckdb::vector<Value>& values) {
  if (values.size() != 1) throw duckdb::BinderException("the option %s takes one value", option);
  return values[0];
}

void SetFieldIds(const Value& ids, Settings& settings) {
  const auto& children = duckdb::StructType::GetChildTypes(ids.type());
  for (std::size_t i = 0; i < children.size(); ++i) {
    for (FileColumn& column : settings.columns) {
      if (column.name != children[i].first) continue;
      column.field_id = duckdb::StructValue::GetChildren(ids)[i].GetValue<std::int32_t>();
    }
  }
}

void SetOption(const std::string& option, const duckdb::vector<Value>& values, Settings& settings) {
  const std::string name = duckdb::StringUtil::Lower(option);
  if (name == "compression") {
    const auto codec = FindPageCodec(duckdb::StringUtil::Lower(OnlyValue(name, values).ToString()));
    if (!codec) throw duckdb::BinderException("the format %s does not have this compression", kFormat);
    settings.codec = *codec;
  } else if (name == "row_group_size") {
    settings.row_group_rows = std::max<std::uint64_t>(1, OnlyValue(name, values).GetValue<std::uint64_t>());
  } else if (name == "field_ids") {
    SetFieldIds(OnlyValue(name, values), settings);
  } else {
    throw duckdb::BinderException("the format %s does not have the option %s", kFormat, option);
  }
}

duckdb::unique_ptr<FunctionData> Bind(ClientContext&, duckdb::CopyFunctionBindInput& input,
                                      const duckdb::vector<std::string>& names,
                                      const duckdb::vector<duckdb::LogicalType>& types) {
  if (!RowGroupEncoder::CanEncode(types)) {
    throw duckdb::BinderException("the format %s does not have all of these types", kFormat);
  }
  auto settings = duckdb::make_uniq<Settings>();
  settings->types = types;
  for (std::size_t i = 0; i < names.size(); ++i) settings->columns.push_back({names[i], types[i], std::nullopt});
  for (const auto& [option, values] : input.info.options) SetOption(option, values, *settings);
  return settings;
}

duckdb::unique_ptr<GlobalFunctionData> BeginFile(ClientContext& context, FunctionData& settings,
                                                 const std::string& address) {
  return duckdb::make_uniq<File>(context, settings.Cast<Settings>(), address);
}

duckdb::unique_ptr<LocalFunctionData> BeginThread(duckdb::ExecutionContext&, FunctionData& settings) {
  return duckdb::make_uniq<Thread>(settings.Cast<Settings>());
}

void RememberStatistics(ClientContext&, FunctionData&, GlobalFunctionData& file,
                        duckdb::CopyFunctionFileStatistics& statistics) {
  file.Cast<File>().statistics = &statistics;
}

void SinkRows(duckdb::ExecutionContext&, FunctionData& settings, GlobalFunctionData& file, LocalFunctionData& thread,
              duckdb::DataChunk& rows) {
  RowGroupEncoder& encoder = *thread.Cast<Thread>().rows;
  encoder.Append(rows);
  if (encoder.IsFull(settings.Cast<Settings>().row_group_rows)) file.Cast<File>().writer.Append(encoder.Finish());
}

/// What is less than half a row group is put together with what other threads leave.
void EndThread(duckdb::ExecutionContext&, FunctionData& settings, GlobalFunctionData& global,
               LocalFunctionData& local) {
  auto& file = global.Cast<File>();
  auto rows = std::move(local.Cast<Thread>().rows);
  const std::size_t row_group_rows = settings.Cast<Settings>().row_group_rows;
  if (rows->rows() == 0) return;
  if (rows->IsFull(row_group_rows / 2)) return file.writer.Append(rows->Finish());
  const std::lock_guard guard(file.lock);
  if (!file.leavings) {
    file.leavings = std::move(rows);
    return;
  }
  file.leavings->Append(*rows);
  if (file.leavings->IsFull(row_group_rows)) file.writer.Append(file.leavings->Finish());
}

void EndFile(ClientContext&, FunctionData&, GlobalFunctionData& global) {
  auto& file = global.Cast<File>();
  if (file.leavings && file.leavings->rows() > 0) file.writer.Append(file.leavings->Finish());
  file.writer.Close(file.statistics);
}

duckdb::unique_ptr<duckdb::PreparedBatchData> Encode(ClientContext&, FunctionData& data, GlobalFunctionData&,
                                                     duckdb::unique_ptr<duckdb::ColumnDataCollection> rows) {
  const auto& settings = data.Cast<Settings>();
  auto batch = duckdb::make_uniq<Batch>();
  RowGroupEncoder encoder(settings.types, settings.codec);
  for (duckdb::DataChunk& chunk : rows->Chunks()) {
    encoder.Append(chunk);
    if (encoder.IsFull(rows->Count())) batch->groups.push_back(encoder.Finish());
  }
  if (encoder.rows() > 0) batch->groups.push_back(encoder.Finish());
  return batch;
}

void AppendBatch(ClientContext&, FunctionData&, GlobalFunctionData& file, duckdb::PreparedBatchData& batch) {
  for (EncodedRowGroup& group : batch.Cast<Batch>().groups) file.Cast<File>().writer.Append(std::move(group));
}

duckdb::idx_t RowsOfBatch(ClientContext&, FunctionData& settings) {
  return settings.Cast<Settings>().row_group_rows;
}

duckdb::CopyFunctionExecutionMode ModeOf(bool preserves_order, bool has_batches) {
  if (!preserves_order) return duckdb::CopyFunctionExecutionMode::PARALLEL_COPY_TO_FILE;
  return has_batches ? duckdb::CopyFunctionExecutionMode::BATCH_COPY_TO_FILE
                     : duckdb::CopyFunctionExecutionMode::REGULAR_COPY_TO_FILE;
}

bool IsRotated(FunctionData&, const duckdb::optional_idx& file_bytes) {
  return file_bytes.IsValid();
}

bool IsFileFull(GlobalFunctionData& file, FunctionData&, const duckdb::optional_idx& file_bytes) {
  return file_bytes.IsValid() && file.Cast<File>().writer.size() > file_bytes.GetIndex();
}

}  // namespace

const char* FormatFor(const duckdb::vector<duckdb::LogicalType>& types, const std::string& compression) {
  return FindPageCodec(compression) && RowGroupEncoder::CanEncode(types) ? kFormat : kDuckDbFormat;
}

void RegisterFormat(duckdb::DatabaseInstance& db) {
  duckdb::CopyFunction function(kFormat);
  function.copy_to_bind = Bind;
  function.copy_to_initialize_global = BeginFile;
  function.copy_to_initialize_local = BeginThread;
  function.copy_to_get_written_statistics = RememberStatistics;
  function.copy_to_sink = SinkRows;
  function.copy_to_combine = EndThread;
  function.copy_to_finalize = EndFile;
  function.execution_mode = ModeOf;
  function.prepare_batch = Encode;
  function.flush_batch = AppendBatch;
  function.desired_batch_size = RowsOfBatch;
  function.rotate_files = IsRotated;
  function.rotate_next_file = IsFileFull;
  function.extension = "parquet";
  duckdb::ExtensionLoader(db, "smelt").RegisterFunction(function);
}

}  // namespace smelt::engine::parquet
