#include "engine/internal/lake_scan.h"

#include <algorithm>

#include "base/parallel.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/file_columns.h"
#include "engine/internal/lake_catalog.h"

namespace smelt::engine {
namespace {

using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::ColumnIndex;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::MultiFileBindData;
using duckdb::MultiFileColumnDefinition;
using duckdb::MultiFileReader;
using duckdb::MultiFileReaderData;
using duckdb::optional_ptr;
using duckdb::TableFilterSet;
using duckdb::TableFunction;
using duckdb::unique_ptr;
using duckdb::Value;

constexpr const char* kFileIdOption = "file_id";
/// Files that one thread judges by their statistics before it looks for more: worth the start of a thread.
constexpr idx_t kFilesJudgedAtOnce = 1024;

/// What a scan reads; travels in TableFunction::function_info until it is bound.
struct ScanSource : public duckdb::TableFunctionInfo {
  ScanSource(TableStatePtr state_p, LakeTable* table_p) : state(std::move(state_p)), table(table_p) {}
  TableStatePtr state;
  LakeTable* table;
};

/// Leaves out the rows of a set, or all others.
class DeletedRows : public duckdb::DeleteFilter {
 public:
  explicit DeletedRows(std::shared_ptr<const delta::RowSet> mask, bool keeps_mask = false)
      : mask_(std::move(mask)), keeps_mask_(keeps_mask) {}

  /// What the log and the transaction delete of a file; null when nothing is.
  static unique_ptr<DeletedRows> Of(const LiveFile& live) {
    if (live.only) return make_uniq<DeletedRows>(live.only, true);
    auto deleted = Unwrap(live.file->DeletedRows());
    if (!deleted) return live.deleted ? make_uniq<DeletedRows>(live.deleted) : nullptr;
    if (!live.deleted) return make_uniq<DeletedRows>(std::move(deleted));
    auto both = std::make_shared<delta::RowSet>(*deleted);
    both->Merge(*live.deleted);
    return make_uniq<DeletedRows>(std::move(both));
  }

  idx_t Filter(duckdb::row_t start, idx_t count, duckdb::SelectionVector& selection) override {
    auto first = static_cast<std::uint64_t>(start);
    if (!keeps_mask_ && !mask_->AnyIn(first, count)) return count;
    selection.Initialize(STANDARD_VECTOR_SIZE);
    idx_t kept = 0;
    for (idx_t i = 0; i < count; ++i) {
      if (mask_->Test(first + i) == keeps_mask_) selection.set_index(kept++, i);
    }
    return kept;
  }

 private:
  std::shared_ptr<const delta::RowSet> mask_;
  bool keeps_mask_;
};

/// Whether a file has no rows for a second thread. DuckDB reads a single file with as many threads as it has groups of
/// rows, which it takes for one where no file was opened to plan, and several files with all.
bool IsForOneThread(const DataFile& file) {
  return file.rows() && *file.rows() <= std::int64_t{DEFAULT_ROW_GROUP_SIZE};
}

/// The files of a state that survived pruning. Immutable, hence thread-safe.
class LakeFileList : public duckdb::MultiFileList {
 public:
  /// Positions in the state's files, of which a list without a choice has all: large tables are opened often, and most
  /// statements choose.
  using Ids = std::shared_ptr<const std::vector<idx_t>>;

  explicit LakeFileList(TableStatePtr state, Ids ids = nullptr) : state_(std::move(state)), ids_(std::move(ids)) {}

  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<duckdb::OpenFileInfo> files;
    for (idx_t i = 0; i < size(); ++i) files.push_back(GetFile(i));
    return files;
  }
  duckdb::FileExpandResult GetExpandResult() const override {
    if (size() == 0) return duckdb::FileExpandResult::NO_FILES;
    return size() == 1 && IsForOneThread(*state_->files[IdAt(0)].file) ? duckdb::FileExpandResult::SINGLE_FILE
                                                                       : duckdb::FileExpandResult::MULTIPLE_FILES;
  }
  idx_t GetTotalFileCount() const override { return size(); }
  unique_ptr<duckdb::MultiFileList> Copy() const override { return make_uniq<LakeFileList>(state_, ids_); }

  unique_ptr<duckdb::NodeStatistics> GetCardinality(ClientContext&) const override {
    const auto rows = ids_ ? ChosenRows() : state_->rows();
    if (!rows) return nullptr;
    const auto count = static_cast<idx_t>(std::max<std::int64_t>(*rows, 0));
    return make_uniq<duckdb::NodeStatistics>(count, count);
  }

  duckdb::OpenFileInfo GetFile(idx_t i) const override {
    if (i >= size()) return duckdb::OpenFileInfo();
    const DataFile& data = *state_->files[IdAt(i)].file;
    duckdb::OpenFileInfo file(data.address());
    file.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    file.extended_info->options[kFileIdOption] = Value::UBIGINT(IdAt(i));
    // Data files never change: what is known of them saves a request each on remote stores.
    file.extended_info->options["file_size"] = Value::UBIGINT(static_cast<std::uint64_t>(data.add().size_bytes));
    return file;
  }

  /// At plan time: constant filters. They stay in the plan, because pruning by statistics is not exact.
  unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
      ClientContext& context, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<unique_ptr<duckdb::Expression>>& filters) const override {
    duckdb::FilterCombiner combiner(context);
    for (auto& filter : filters) {
      if (combiner.AddFilter(filter->Copy()) == duckdb::FilterResult::UNSATISFIABLE) {
        return make_uniq<LakeFileList>(state_, std::make_shared<const std::vector<idx_t>>());
      }
    }
    duckdb::vector<duckdb::FilterPushdownResult> unused;
    auto set = combiner.GenerateTableScanFilters(info.column_indexes, unused);
    auto pruned = Prune(set, nullptr);
    if (pruned) {
      info.extra_info.file_filters = "log statistics";
      info.extra_info.total_files = size();
      info.extra_info.filtered_files = pruned->Cast<LakeFileList>().size();
    }
    return pruned;
  }

  /// At the start of execution: the same filters and those that joins and top-n derive.
  unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(ClientContext&, const duckdb::MultiFileOptions&,
                                                          const duckdb::vector<std::string>&,
                                                          const duckdb::vector<LogicalType>&,
                                                          const duckdb::vector<column_t>& column_ids,
                                                          TableFilterSet& filters) const override {
    return Prune(filters, &column_ids);
  }

 private:
  idx_t size() const { return ids_ ? ids_->size() : state_->files.size(); }
  idx_t IdAt(idx_t i) const { return ids_ ? (*ids_)[i] : i; }

  std::optional<std::int64_t> ChosenRows() const {
    std::int64_t sum = 0;
    for (idx_t id : *ids_) {
      auto rows = state_->files[id].live_rows();
      if (!rows || __builtin_add_overflow(sum, *rows, &sum)) return std::nullopt;
    }
    return sum;
  }

  /// Whether a file may have rows that pass all of `filters`. Their keys are columns of the table or, with `columns`,
  /// positions within that list.
  bool MayMatch(idx_t id, const TableFilterSet& filters, const duckdb::vector<column_t>* columns) const {
    const DataFile& file = *state_->files[id].file;
    for (const auto& [key, filter] : filters.filters) {
      const column_t column = columns != nullptr ? (*columns)[key] : key;
      if (!duckdb::IsVirtualColumn(column) && !file.MayMatch(state_->shape, column, *filter)) return false;
    }
    return true;
  }

  /// The list without the files that cannot match; null when all may.
  unique_ptr<duckdb::MultiFileList> Prune(const TableFilterSet& filters,
                                          const duckdb::vector<column_t>* columns) const {
    if (filters.filters.empty()) return nullptr;
    std::vector<std::uint8_t> may_match(size());  // by place; several threads write side by side
    const idx_t blocks = (size() + kFilesJudgedAtOnce - 1) / kFilesJudgedAtOnce;
    Unwrap(ForEachParallel(blocks, ProcessorCount(), [&](std::size_t block) -> Status {
      const idx_t end = std::min<idx_t>(size(), (block + 1) * kFilesJudgedAtOnce);
      try {
        for (idx_t i = block * kFilesJudgedAtOnce; i < end; ++i)
          may_match[i] = MayMatch(IdAt(i), filters, columns) ? 1 : 0;
      } catch (const std::exception&) {
        return Fail(FromCurrentException());
      }
      return {};
    }));
    std::vector<idx_t> kept;
    for (idx_t i = 0; i < size(); ++i) {
      if (may_match[i] != 0) kept.push_back(IdAt(i));
    }
    if (kept.size() == size()) return nullptr;
    return make_uniq<LakeFileList>(state_, std::make_shared<const std::vector<idx_t>>(std::move(kept)));
  }

  TableStatePtr state_;
  Ids ids_;
};

idx_t FileId(const duckdb::OpenFileInfo& file) {
  return file.extended_info->options.at(kFileIdOption).GetValue<std::uint64_t>();
}

class LakeReader : public MultiFileReader {
 public:
  LakeReader(TableStatePtr state, LakeTable* table) : state_(std::move(state)), table_(table) {}

  static unique_ptr<MultiFileReader> Create(const TableFunction& function) {
    auto& source = function.function_info->Cast<ScanSource>();
    return make_uniq<LakeReader>(source.state, source.table);
  }

  const TableState& state() const { return *state_; }
  LakeTable* table() const { return table_; }

  unique_ptr<MultiFileReader> Copy() const override { return make_uniq<LakeReader>(state_, table_); }

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(ClientContext&, const duckdb::vector<std::string>&,
                                                           const duckdb::FileGlobInput&) override {
    return duckdb::make_shared_ptr<LakeFileList>(state_);
  }

  /// The schema comes from the log: no file is opened to plan a query.
  bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList&, duckdb::vector<LogicalType>& types,
            duckdb::vector<std::string>& names, duckdb::MultiFileReaderBindData& bind) override {
    types = state_->shape.types;
    names = state_->shape.names;
    for (idx_t i = 0; i < names.size(); ++i) {
      auto column = MultiFileColumnDefinition::CreateFromNameAndType(names[i], types[i]);
      // A file written before the column existed has NULL there.
      column.default_expression = make_uniq<duckdb::ConstantExpression>(Value(types[i]));
      bind.schema.push_back(std::move(column));
    }
    bind.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
    options.auto_detect_hive_partitioning = false;
    options.hive_partitioning = false;
    return true;
  }

  void BindOptions(duckdb::MultiFileOptions&, duckdb::MultiFileList&, duckdb::vector<LogicalType>&,
                   duckdb::vector<std::string>&, duckdb::MultiFileReaderBindData&) override {}

  /// Per file that is opened: partition values and the file's id become constants.
  void FinalizeBind(MultiFileReaderData& data, const duckdb::MultiFileOptions& options,
                    const duckdb::MultiFileReaderBindData& bind,
                    const duckdb::vector<MultiFileColumnDefinition>& columns, const duckdb::vector<ColumnIndex>& ids,
                    ClientContext& context, optional_ptr<duckdb::MultiFileReaderGlobalState> global) override {
    MultiFileReader::FinalizeBind(data, options, bind, columns, ids, context, global);
    idx_t file_id = FileId(data.reader->file);
    const DataFile& file = *state_->files[file_id].file;
    ConnectionState::Of(context).CountRead(file.add().size_bytes);
    const auto& partition_columns = state_->shape.partition_columns;
    for (idx_t i = 0; i < ids.size(); ++i) {
      column_t column = ids[i].GetPrimaryIndex();
      if (column == kFileIdColumn) {
        data.constant_map.Add(duckdb::MultiFileGlobalIndex(i), Value::UBIGINT(file_id));
        continue;
      }
      if (duckdb::IsVirtualColumn(column)) continue;
      for (std::size_t p = 0; p < partition_columns.size(); ++p) {
        if (partition_columns[p] != column) continue;
        if (!file.partition_value(p)) continue;
        // The type may have been widened since the value was read.
        data.constant_map.Add(duckdb::MultiFileGlobalIndex(i),
                              file.partition_value(p)->DefaultCastAs(state_->shape.types[column]));
      }
    }
  }

  duckdb::ReaderInitializeType InitializeReader(MultiFileReaderData& data, const MultiFileBindData& bind,
                                                const duckdb::vector<MultiFileColumnDefinition>& columns,
                                                const duckdb::vector<ColumnIndex>& ids,
                                                optional_ptr<TableFilterSet> filters, ClientContext& context,
                                                duckdb::MultiFileGlobalState& global) override {
    const LiveFile& live = state_->files[FileId(data.reader->file)];
    data.reader->deletion_filter = DeletedRows::Of(live);
    AdoptColumns(data.reader->columns, state_->shape.fields, state_->shape.mapping);
    return MultiFileReader::InitializeReader(data, bind, columns, ids, filters, context, global);
  }

 private:
  TableStatePtr state_;
  LakeTable* table_;
};

const LakeReader& ReaderOf(const optional_ptr<duckdb::FunctionData>& data) {
  return data->Cast<MultiFileBindData>().multi_file_reader->Cast<LakeReader>();
}

/// Answers count(*) without opening a file, when the log knows every file's rows: as one part, for DuckDB asks for no
/// more of it than the sum.
duckdb::vector<duckdb::PartitionStatistics> CountFromLog(ClientContext&, duckdb::GetPartitionStatsInput& input) {
  const auto rows = input.table_function.function_info->Cast<ScanSource>().state->rows();
  if (!rows) return {};
  duckdb::PartitionStatistics whole;
  whole.count = static_cast<idx_t>(*rows);
  whole.count_type = duckdb::CountType::COUNT_EXACT;
  return {std::move(whole)};
}

void RefuseToSerialize(duckdb::Serializer&, optional_ptr<duckdb::FunctionData>, const TableFunction&) {
  throw duckdb::NotImplementedException("a scan of a lake table cannot be serialised");
}

unique_ptr<duckdb::FunctionData> RefuseToDeserialize(duckdb::Deserializer&, TableFunction&) {
  throw duckdb::NotImplementedException("a scan of a lake table cannot be deserialised");
}

}  // namespace

duckdb::virtual_column_map_t ScanVirtualColumns() {
  duckdb::virtual_column_map_t columns;
  columns.emplace(MultiFileReader::COLUMN_IDENTIFIER_FILENAME, duckdb::TableColumn("filename", LogicalType::VARCHAR));
  columns.emplace(MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER,
                  duckdb::TableColumn("file_row_number", LogicalType::BIGINT));
  columns.emplace(kFileIdColumn, duckdb::TableColumn("file_id", LogicalType::UBIGINT));
  columns.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", LogicalType::BOOLEAN));
  return columns;
}

duckdb::vector<column_t> ScanRowIdColumns() {
  return {kFileIdColumn, MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER};
}

TableFunction MakeScanFunction(ClientContext& context, TableStatePtr state, LakeTable* table) {
  auto& entry = duckdb::Catalog::GetEntry<duckdb::TableFunctionCatalogEntry>(context, SYSTEM_CATALOG, DEFAULT_SCHEMA,
                                                                             "parquet_scan");
  TableFunction function = entry.functions.GetFunctionByOffset(0);
  if (state->shape.HasWidenedColumns()) {
    // DuckDB would round the constants of filters to the narrower types in files. (To keep single columns' filters out
    // of the scan, it has supports_pushdown_type, which mixes up columns in 1.5.5.) Files are pruned nevertheless.
    function.filter_pushdown = false;
    function.filter_prune = false;
  }
  function.name = "delta_scan";
  function.function_info = duckdb::make_shared_ptr<ScanSource>(std::move(state), table);
  function.get_multi_file_reader = LakeReader::Create;
  if (table != nullptr) {
    // UPDATE and DELETE find their table through this.
    function.get_bind_info = [](const optional_ptr<duckdb::FunctionData> data) {
      return duckdb::BindInfo(*ReaderOf(data).table());
    };
  } else {
    function.get_bind_info = nullptr;
  }
  function.statistics = nullptr;
  function.statistics_extended = nullptr;
  // A plan with this scan cannot be copied through bytes: the optimiser then leaves a CTE that is used twice as it is.
  function.serialize = RefuseToSerialize;
  function.deserialize = RefuseToDeserialize;
  function.verify_serialization = false;
  function.get_virtual_columns = [](ClientContext&, optional_ptr<duckdb::FunctionData>) {
    return ScanVirtualColumns();
  };
  function.get_row_id_columns = [](ClientContext&, optional_ptr<duckdb::FunctionData>) { return ScanRowIdColumns(); };
  function.get_partition_stats = CountFromLog;
  return function;
}

unique_ptr<duckdb::FunctionData> BindScan(ClientContext& context, TableFunction& function,
                                          duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  duckdb::vector<Value> inputs{Value("")};
  duckdb::named_parameter_map_t named;
  duckdb::vector<LogicalType> input_types;
  duckdb::vector<std::string> input_names;
  duckdb::TableFunctionRef ref;
  duckdb::TableFunctionBindInput input(inputs, named, input_types, input_names, nullptr, nullptr, function, ref);
  auto data = function.bind(context, input, types, names);
  data->Cast<MultiFileBindData>().virtual_columns = ScanVirtualColumns();
  return data;
}

}  // namespace smelt::engine
