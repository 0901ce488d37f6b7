#include "engine/internal/lake_scan.h"

#include <numeric>

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

/// The files of a state that survived pruning. Immutable, hence thread-safe.
class LakeFileList : public duckdb::MultiFileList {
 public:
  LakeFileList(TableStatePtr state, std::vector<idx_t> ids) : state_(std::move(state)), ids_(std::move(ids)) {}

  static std::vector<idx_t> AllIds(const TableState& state) {
    std::vector<idx_t> ids(state.files.size());
    std::iota(ids.begin(), ids.end(), idx_t{0});
    return ids;
  }

  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<duckdb::OpenFileInfo> files;
    for (idx_t i = 0; i < ids_.size(); ++i) files.push_back(GetFile(i));
    return files;
  }
  duckdb::FileExpandResult GetExpandResult() const override {
    if (ids_.empty()) return duckdb::FileExpandResult::NO_FILES;
    return ids_.size() == 1 ? duckdb::FileExpandResult::SINGLE_FILE : duckdb::FileExpandResult::MULTIPLE_FILES;
  }
  idx_t GetTotalFileCount() const override { return ids_.size(); }
  unique_ptr<duckdb::MultiFileList> Copy() const override { return make_uniq<LakeFileList>(state_, ids_); }

  unique_ptr<duckdb::NodeStatistics> GetCardinality(ClientContext&) const override {
    idx_t rows = 0;
    for (idx_t id : ids_) {
      auto live = state_->files[id].live_rows();
      if (!live) return nullptr;
      rows += static_cast<idx_t>(std::max<std::int64_t>(*live, 0));
    }
    return make_uniq<duckdb::NodeStatistics>(rows, rows);
  }

  duckdb::OpenFileInfo GetFile(idx_t i) const override {
    if (i >= ids_.size()) return duckdb::OpenFileInfo();
    const DataFile& data = *state_->files[ids_[i]].file;
    duckdb::OpenFileInfo file(data.address());
    file.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    file.extended_info->options[kFileIdOption] = Value::UBIGINT(ids_[i]);
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
        return make_uniq<LakeFileList>(state_, std::vector<idx_t>());
      }
    }
    duckdb::vector<duckdb::FilterPushdownResult> unused;
    auto set = combiner.GenerateTableScanFilters(info.column_indexes, unused);
    auto pruned = Prune(set, nullptr);
    if (pruned) {
      info.extra_info.file_filters = "log statistics";
      info.extra_info.total_files = ids_.size();
      info.extra_info.filtered_files = pruned->Cast<LakeFileList>().ids_.size();
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
  /// The keys of `filters` are columns of the table or, with `columns`, positions within that list.
  unique_ptr<duckdb::MultiFileList> Prune(const TableFilterSet& filters,
                                          const duckdb::vector<column_t>* columns) const {
    std::vector<idx_t> kept;
    for (idx_t id : ids_) {
      bool keep = true;
      for (const auto& [key, filter] : filters.filters) {
        column_t column = columns != nullptr ? (*columns)[key] : key;
        if (!keep || duckdb::IsVirtualColumn(column)) continue;
        keep = state_->files[id].file->MayMatch(state_->shape, column, *filter);
      }
      if (keep) kept.push_back(id);
    }
    if (kept.size() == ids_.size()) return nullptr;
    return make_uniq<LakeFileList>(state_, std::move(kept));
  }

  TableStatePtr state_;
  std::vector<idx_t> ids_;  ///< positions in state_->files
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
    return duckdb::make_shared_ptr<LakeFileList>(state_, LakeFileList::AllIds(*state_));
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

  /// Per file: partition values and the file's id become constants.
  void FinalizeBind(MultiFileReaderData& data, const duckdb::MultiFileOptions& options,
                    const duckdb::MultiFileReaderBindData& bind,
                    const duckdb::vector<MultiFileColumnDefinition>& columns, const duckdb::vector<ColumnIndex>& ids,
                    ClientContext& context, optional_ptr<duckdb::MultiFileReaderGlobalState> global) override {
    MultiFileReader::FinalizeBind(data, options, bind, columns, ids, context, global);
    idx_t file_id = FileId(data.reader->file);
    const DataFile& file = *state_->files[file_id].file;
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

/// Answers count(*) without opening a file, when the log knows every file's rows.
duckdb::vector<duckdb::PartitionStatistics> CountFromLog(ClientContext&, duckdb::GetPartitionStatsInput& input) {
  duckdb::vector<duckdb::PartitionStatistics> result;
  for (const LiveFile& live : input.table_function.function_info->Cast<ScanSource>().state->files) {
    auto rows = live.live_rows();
    if (!rows) return {};
    duckdb::PartitionStatistics partition;
    partition.count = static_cast<idx_t>(*rows);
    partition.count_type = duckdb::CountType::COUNT_EXACT;
    result.push_back(std::move(partition));
  }
  return result;
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
