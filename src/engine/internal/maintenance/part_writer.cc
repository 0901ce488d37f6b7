#include "engine/internal/maintenance/part_writer.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

#include "base/id.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet_file.h"
#include "engine/internal/parquet_writer.h"
#include "engine/internal/partition_groups.h"
#include "engine/internal/row_ids.h"
#include "engine/internal/side_by_side.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::FunctionData;
using duckdb::idx_t;

constexpr const char* kFormat = "smelt_parts";

/// What a copy is to do and what it has done, kept with its connection.
class PartedCopy : public duckdb::ClientContextState {
 public:
  static constexpr const char* kName = "smelt-parted-copy";

  static PartedCopy& Of(ClientContext& context) {
    auto copy = context.registered_state->Get<PartedCopy>(kName);
    if (!copy) Throw(Error(ErrorCode::kInternal, "the format of parts is for smelt's own statements"));
    return *copy;  // the connection keeps it
  }

  PartTarget target;
  TableShape shape;
  std::size_t parts = 0;
  std::vector<WrittenFile> files;
};

/// The writer of Parquet files, which gets all columns but the last.
struct PartSettings : public FunctionData {
  duckdb::CopyFunction parquet{"parquet"};
  duckdb::unique_ptr<FunctionData> parquet_settings;
  duckdb::vector<duckdb::LogicalType> types;
  idx_t row_group_rows = 0;

  duckdb::unique_ptr<FunctionData> Copy() const override {
    auto copy = duckdb::make_uniq<PartSettings>();
    copy->parquet = parquet;
    copy->parquet_settings = parquet_settings->Copy();
    copy->types = types;
    copy->row_group_rows = row_group_rows;
    return copy;
  }
  bool Equals(const FunctionData& other) const override { return this == &other; }
  ParquetWriter Writer() const { return {parquet, *parquet_settings}; }
};

duckdb::unique_ptr<FunctionData> BindParts(ClientContext& context, duckdb::CopyFunctionBindInput& input,
                                           const duckdb::vector<std::string>& names,
                                           const duckdb::vector<duckdb::LogicalType>& types) {
  auto settings = duckdb::make_uniq<PartSettings>();
  settings->parquet = duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(
                          context, SYSTEM_CATALOG, DEFAULT_SCHEMA, ParquetFormat(PartedCopy::Of(context).shape))
                          .function;
  duckdb::vector<std::string> stored_names(names.begin(), names.end() - 1);
  settings->types.assign(types.begin(), types.end() - 1);
  settings->parquet_settings = settings->parquet.copy_to_bind(context, input, stored_names, settings->types);
  settings->row_group_rows = settings->Writer().RowGroupRows(context);
  return settings;
}

/// The rows of each part; none are as many as a row group or more.
using Parts = std::vector<std::vector<ParquetFile::Rows>>;

struct PartsOfAll : public duckdb::GlobalFunctionData {
  std::mutex lock;
  Parts parts;
};

/// The rows that one thread brings.
struct PartsOfThread : public duckdb::LocalFunctionData {
  PartsOfThread(ClientContext& context, const PartSettings& settings, std::size_t parts) : parts(parts) {
    duckdb::vector<duckdb::LogicalType> types = settings.types;
    types.push_back(duckdb::LogicalType::UINTEGER);
    groups.emplace(context, types, duckdb::vector<idx_t>{settings.types.size()});
    stored.InitializeEmpty(settings.types);
    for (idx_t column = 0; column < settings.types.size(); ++column) columns.push_back(column);
  }

  Parts parts;
  std::optional<PartitionGroups> groups;
  DataChunk stored;  ///< without the number of the part
  duckdb::vector<duckdb::column_t> columns;
};

duckdb::unique_ptr<duckdb::GlobalFunctionData> BeginParts(ClientContext& context, FunctionData&, const std::string&) {
  auto all = duckdb::make_uniq<PartsOfAll>();
  all->parts.resize(PartedCopy::Of(context).parts);
  return all;
}

duckdb::unique_ptr<duckdb::LocalFunctionData> BeginThread(duckdb::ExecutionContext& context, FunctionData& settings) {
  return duckdb::make_uniq<PartsOfThread>(context.client, settings.Cast<PartSettings>(),
                                          PartedCopy::Of(context.client).parts);
}

/// Adds rows of one part. Were another one's among them, as those of equal hashes could be, they would lie a little out
/// of order.
void AddToPart(ClientContext& context, const PartSettings& settings, PartsOfThread& thread, DataChunk& rows) {
  auto& part = thread.parts.at(rows.GetValue(thread.columns.size(), 0).GetValue<std::uint32_t>());
  const bool is_full = part.empty() || part.back()->Count() + rows.size() > settings.row_group_rows;
  if (is_full) part.push_back(duckdb::make_uniq<duckdb::ColumnDataCollection>(context, settings.types));
  thread.stored.ReferenceColumns(rows, thread.columns);
  part.back()->Append(thread.stored);
}

void SinkRows(duckdb::ExecutionContext& context, FunctionData& settings, duckdb::GlobalFunctionData&,
              duckdb::LocalFunctionData& local, DataChunk& rows) {
  auto& thread = local.Cast<PartsOfThread>();
  thread.groups->Add(
      rows, [&](DataChunk& group) { AddToPart(context.client, settings.Cast<PartSettings>(), thread, group); });
}

void EndThread(duckdb::ExecutionContext& context, FunctionData& settings, duckdb::GlobalFunctionData& global,
               duckdb::LocalFunctionData& local) {
  auto& thread = local.Cast<PartsOfThread>();
  thread.groups->Flush(
      [&](DataChunk& group) { AddToPart(context.client, settings.Cast<PartSettings>(), thread, group); });
  auto& all = global.Cast<PartsOfAll>();
  const std::lock_guard guard(all.lock);
  for (std::size_t part = 0; part < thread.parts.size(); ++part) {
    for (ParquetFile::Rows& rows : thread.parts[part]) all.parts[part].push_back(std::move(rows));
  }
}

/// Rows in the order of their parts, in collections that become a row group each.
std::vector<ParquetFile::Rows> RowGroupsOf(Parts parts, idx_t rows_max) {
  std::vector<ParquetFile::Rows> groups;
  for (auto& part : parts) {
    for (ParquetFile::Rows& rows : part) {
      if (groups.empty() || groups.back()->Count() + rows->Count() > rows_max) {
        groups.push_back(std::move(rows));
      } else {
        groups.back()->Combine(*rows);
      }
    }
  }
  return groups;
}

/// Appends row groups to a file in their order, whenever those before them are there. Thread-safe.
class InOrder {
 public:
  explicit InOrder(const ParquetFile& file) : file_(file) {}

  void Append(std::size_t number, ParquetFile::RowGroup rows) {
    const std::lock_guard guard(lock_);
    waiting_.emplace(number, std::move(rows));
    for (auto next = waiting_.begin(); next != waiting_.end() && next->first == next_;) {
      file_.Append(next->second);
      next = waiting_.erase(next);
      ++next_;
    }
  }

 private:
  const ParquetFile& file_;
  std::mutex lock_;
  std::map<std::size_t, ParquetFile::RowGroup> waiting_;
  std::size_t next_ = 0;
};

WrittenFile WriteFile(ClientContext& context, const ParquetWriter& writer, const PartedCopy& copy,
                      std::span<ParquetFile::Rows> groups) {
  const std::string& folder = copy.target.folder_address;
  ParquetFile file(context, writer, fmt::format("{}/part-{}-{}.parquet", folder, NewUuid(), copy.target.mark));
  InOrder in_order(file);
  SideBySide(context, groups.size(), [&](std::size_t i) { in_order.Append(i, file.Encode(std::move(groups[i]))); });
  return file.Close(folder, copy.shape);
}

void WriteParts(ClientContext& context, FunctionData& settings, duckdb::GlobalFunctionData& global) {
  const auto& bound = settings.Cast<PartSettings>();
  PartedCopy& copy = PartedCopy::Of(context);
  const ParquetWriter writer = bound.Writer();
  auto groups = RowGroupsOf(std::move(global.Cast<PartsOfAll>().parts), bound.row_group_rows);
  for (auto begin = groups.begin(); begin != groups.end();) {
    std::int64_t rows = 0;
    auto end = begin;
    while (end != groups.end() && rows < copy.target.file_rows) rows += static_cast<std::int64_t>((*end++)->Count());
    copy.files.push_back(WriteFile(context, writer, copy, {begin, end}));
    begin = end;
  }
}

duckdb::CopyFunctionExecutionMode InParallel(bool, bool) {
  return duckdb::CopyFunctionExecutionMode::PARALLEL_COPY_TO_FILE;
}

}  // namespace

Result<std::vector<WrittenFile>> CopyInParts(const CommandCall& call, duckdb::Connection& connection,
                                             const TableShape& shape, const std::string& handle,
                                             const std::string& part, std::size_t parts, const PartTarget& target) {
  auto copy = duckdb::make_shared_ptr<PartedCopy>();
  copy->target = target;
  copy->shape = shape;
  copy->parts = parts;
  connection.context->registered_state->Insert(PartedCopy::kName, copy);
  // The writer makes its own files; the address only has to be one.
  SMELT_TRY(
      call.Run(connection,
               fmt::format("copy (select {}{}, {} from smelt_lent({})) to {} (format {}, {}, use_tmp_file false)",
                           StoredColumnList(shape), RowIdColumns(shape), part, QuoteLiteral(handle),
                           QuoteLiteral(target.folder_address + "/" + kFormat), kFormat, ParquetCopyOptions(shape))));
  return std::move(copy->files);
}

void RegisterPartWriter(duckdb::DatabaseInstance& db) {
  duckdb::CopyFunction function(kFormat);
  function.copy_to_bind = BindParts;
  function.copy_to_initialize_global = BeginParts;
  function.copy_to_initialize_local = BeginThread;
  function.copy_to_sink = SinkRows;
  function.copy_to_combine = EndThread;
  function.copy_to_finalize = WriteParts;
  function.execution_mode = InParallel;
  function.extension = "parquet";
  duckdb::ExtensionLoader(db, "smelt").RegisterFunction(function);
}

}  // namespace smelt::engine
