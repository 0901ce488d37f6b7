#include "engine/internal/parquet_writer.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/internal/error_bridge.h"
#include "storage/object_store.h"

namespace smelt::engine {
namespace {

constexpr const char* kCompression = "snappy";
/// A new file is begun beyond this size.
constexpr duckdb::idx_t kFileBytesTarget = 256ULL << 20;

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

std::string ParquetCopyOptions() {
  return fmt::format("compression {}", kCompression);
}

duckdb::FilenamePattern MarkedFileNames(const std::string& mark) {
  duckdb::FilenamePattern pattern;
  pattern.SetFilenamePattern(fmt::format("part-{{uuidv7}}-{}", mark));
  return pattern;
}

duckdb::PhysicalCopyToFile& PlanParquetWriter(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner,
                                              const std::string& folder_address, const TableShape& shape,
                                              bool ordered) {
  duckdb::CopyFunction function =
      duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(context, SYSTEM_CATALOG, DEFAULT_SCHEMA, "parquet")
          .function;
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    if (shape.IsPartition(i)) continue;
    names.push_back(shape.names[i]);
    types.push_back(shape.types[i]);
  }
  duckdb::CopyInfo info;
  info.file_path = folder_address;
  info.format = "parquet";
  info.is_from = false;
  info.options["compression"] = {duckdb::Value(kCompression)};
  duckdb::CopyFunctionBindInput input(info);
  auto bind_data = function.copy_to_bind(context, input, names, types);
  MakeFolder(folder_address);
  auto return_type = duckdb::CopyFunctionReturnType::WRITTEN_FILE_STATISTICS;
  auto& copy = planner
                   .Make<duckdb::PhysicalCopyToFile>(duckdb::GetCopyFunctionReturnLogicalTypes(return_type),
                                                     std::move(function), std::move(bind_data), duckdb::idx_t(1))
                   .Cast<duckdb::PhysicalCopyToFile>();
  bool partitioned = !shape.partition_columns.empty();
  // The constructor leaves these members as they come: every one is set here.
  copy.file_path = folder_address;
  copy.use_tmp_file = false;
  copy.file_extension = "parquet";
  copy.overwrite_mode = duckdb::CopyOverwriteMode::COPY_OVERWRITE_OR_IGNORE;
  copy.parallel = !ordered;
  copy.per_thread_output = false;
  copy.rotate = !partitioned;
  if (!partitioned) copy.file_size_bytes = kFileBytesTarget;
  copy.return_type = return_type;
  copy.partition_output = partitioned;
  copy.write_partition_columns = false;
  copy.write_empty_file = partitioned;
  copy.hive_file_pattern = true;
  copy.partition_columns.assign(shape.partition_columns.begin(), shape.partition_columns.end());
  copy.names = shape.names;
  copy.expected_types = shape.types;
  return copy;
}

}  // namespace smelt::engine
