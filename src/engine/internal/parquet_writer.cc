#include "engine/internal/parquet_writer.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet/copy_format.h"
#include "storage/object_store.h"

namespace smelt::engine {
namespace {

/// A new file is begun beyond this size.
constexpr duckdb::idx_t kFileBytesTarget = 256ULL << 20;
/// Half of what DuckDB takes by itself: tables of a hundred thousand rows are read and written by two threads, writers
/// keep half as much in memory, and readers skip finer; the files grow by a fiftieth.
constexpr int kRowGroupRows = 30 * STANDARD_VECTOR_SIZE;

/// The ids of fields in the form of the writer's option field_ids; nothing when there is none.
std::optional<duckdb::Value> FieldIds(const delta::Field& field);

using IdList = duckdb::child_list_t<duckdb::Value>;

void AddIds(IdList& list, const std::string& name, std::optional<duckdb::Value> ids) {
  if (ids) list.emplace_back(name, *std::move(ids));
}

IdList IdsWithin(const delta::DataType& type) {
  IdList list;
  for (const delta::Field& field : type.fields) AddIds(list, field.name, FieldIds(field));
  const auto add_inner = [&](const char* name, const delta::DataType& inner) {
    IdList ids = IdsWithin(inner);
    if (!ids.empty()) list.emplace_back(name, duckdb::Value::STRUCT(std::move(ids)));
  };
  const bool is_map = type.kind == delta::DataType::Kind::kMap;
  if (is_map) add_inner("key", *type.key);
  if (type.element) add_inner(is_map ? "value" : "element", *type.element);
  return list;
}

std::optional<duckdb::Value> FieldIds(const delta::Field& field) {
  IdList list = IdsWithin(field.type);
  const auto id = field.id();
  if (id && list.empty()) return duckdb::Value::INTEGER(*id);
  if (id) list.emplace_back("__duckdb_field_id", duckdb::Value::INTEGER(*id));
  if (list.empty()) return std::nullopt;
  return duckdb::Value::STRUCT(std::move(list));
}

std::optional<duckdb::Value> FieldIds(const TableShape& shape) {
  if (shape.mapping == delta::ColumnMapping::kNone) return std::nullopt;
  IdList list;
  for (std::size_t i = 0; i < shape.fields.size(); ++i) {
    if (!shape.IsPartition(i)) AddIds(list, shape.names[i], FieldIds(shape.fields[i]));
  }
  if (list.empty()) return std::nullopt;
  return duckdb::Value::STRUCT(std::move(list));
}

/// The types that files of this shape have.
duckdb::vector<duckdb::LogicalType> StoredTypes(const TableShape& shape) {
  duckdb::vector<duckdb::LogicalType> types;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    if (!shape.IsPartition(i)) types.push_back(shape.types[i]);
  }
  return types;
}

}  // namespace

void MakeFolder(const std::string& address) {
  if (address.find("://") != std::string::npos) return;
  std::error_code error;
  std::filesystem::create_directories(address, error);
  if (error) {
    ErrorCode code = error == std::errc::no_space_on_device  ? ErrorCode::kStoreFull
                     : error == std::errc::permission_denied ? ErrorCode::kStoreDenied
                                                             : ErrorCode::kStoreIo;
    Throw(Error(code, fmt::format("cannot make the folder {}: {}", address, error.message())));
  }
}

std::string ParquetFormat(const TableShape& shape) {
  return parquet::FormatFor(StoredTypes(shape), shape.compression);
}

std::string ParquetCopyOptions(const TableShape& shape) {
  const auto ids = FieldIds(shape);
  return fmt::format("compression {}, row_group_size {}{}", shape.compression, kRowGroupRows,
                     ids ? ", field_ids " + ids->ToSQLString() : "");
}

duckdb::FilenamePattern MarkedFileNames(const std::string& mark) {
  duckdb::FilenamePattern pattern;
  pattern.SetFilenamePattern(fmt::format("part-{{uuidv7}}-{}", mark));
  return pattern;
}

duckdb::PhysicalCopyToFile& PlanParquetWriter(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                              const std::string& folder_address, const TableShape& shape,
                                              bool ordered) {
  const std::string format = ParquetFormat(shape);
  duckdb::CopyFunction function =
      duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(context, SYSTEM_CATALOG, DEFAULT_SCHEMA, format)
          .function;
  duckdb::vector<std::string> names;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    if (!shape.IsPartition(i)) names.push_back(shape.names[i]);
  }
  duckdb::CopyInfo info;
  info.file_path = folder_address;
  info.format = format;
  info.is_from = false;
  info.options["compression"] = {duckdb::Value(shape.compression)};
  info.options["row_group_size"] = {duckdb::Value::INTEGER(kRowGroupRows)};
  if (auto ids = FieldIds(shape)) info.options["field_ids"] = {*std::move(ids)};
  duckdb::CopyFunctionBindInput input(info);
  auto bind_data = function.copy_to_bind(context, input, names, StoredTypes(shape));
  MakeFolder(folder_address);
  auto return_type = duckdb::CopyFunctionReturnType::WRITTEN_FILE_STATISTICS;
  auto& copy = planner
                   .Make<duckdb::PhysicalCopyToFile>(duckdb::GetCopyFunctionReturnLogicalTypes(return_type),
                                                     std::move(function), std::move(bind_data), duckdb::idx_t(1))
                   .Cast<duckdb::PhysicalCopyToFile>();
  // The constructor leaves these members as they come: every one is set here.
  copy.file_path = folder_address;
  copy.use_tmp_file = false;
  copy.file_extension = "parquet";
  copy.overwrite_mode = duckdb::CopyOverwriteMode::COPY_OVERWRITE_OR_IGNORE;
  copy.parallel = !ordered;
  copy.per_thread_output = false;
  copy.rotate = true;
  copy.file_size_bytes = kFileBytesTarget;
  copy.return_type = return_type;
  copy.partition_output = !shape.partition_columns.empty();
  copy.write_partition_columns = false;
  copy.write_empty_file = false;
  copy.hive_file_pattern = true;
  copy.partition_columns.assign(shape.partition_columns.begin(), shape.partition_columns.end());
  copy.names = shape.names;
  copy.expected_types = shape.types;
  return copy;
}

}  // namespace smelt::engine
