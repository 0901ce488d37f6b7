#include "engine/internal/row_ids.h"

#include <fmt/format.h>

#include "engine/internal/await.h"
#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

/// Columns of a lent state that are the same for all rows of a file.
constexpr const char* kFirstId = "smelt_first_row_id";
constexpr const char* kRowVersion = "smelt_row_version";

void AddColumn(TableShape& shape, const std::string& name, bool is_constant) {
  delta::Field field;
  field.name = name;
  field.type.primitive = "long";
  if (is_constant) shape.partition_columns.push_back(shape.names.size());
  shape.names.push_back(name);
  shape.stored_names.push_back(name);
  shape.types.push_back(LogicalType::BIGINT);
  shape.nullable.push_back(true);
  shape.fields.push_back(std::move(field));
}

Value BigintOrNull(const std::optional<std::int64_t>& number) {
  return number ? Value::BIGINT(*number) : Value(LogicalType::BIGINT);
}

}  // namespace

Result<TableStatePtr> WithRowIds(TableState state) {
  if (!state.shape.row_tracking) return std::make_shared<const TableState>(std::move(state));
  const delta::RowTrackingColumns columns = *state.shape.row_tracking;
  AddColumn(state.shape, columns.id, false);
  AddColumn(state.shape, columns.version, false);
  AddColumn(state.shape, kFirstId, true);
  AddColumn(state.shape, kRowVersion, true);
  for (LiveFile& live : state.files) {
    const delta::Add& add = live.file->add();
    live.file = live.file->WithConstants({BigintOrNull(add.base_row_id), BigintOrNull(add.default_row_commit_version)});
  }
  return std::make_shared<const TableState>(std::move(state));
}

std::string RowIdColumns(const TableShape& shape) {
  return shape.row_tracking ? RowIdColumns(shape, shape.row_tracking->id, shape.row_tracking->version) : "";
}

std::string RowIdColumns(const TableShape& shape, const std::string& id_name, const std::string& version_name) {
  const std::string id = QuoteIdentifier(shape.row_tracking->id);
  const std::string version = QuoteIdentifier(shape.row_tracking->version);
  return fmt::format(", coalesce({}, {} + file_row_number) as {}, coalesce({}, {}) as {}", id, kFirstId,
                     QuoteIdentifier(id_name), version, kRowVersion, QuoteIdentifier(version_name));
}

TableShape WithRowIdColumn(TableShape shape) {
  if (shape.row_tracking) AddColumn(shape, shape.row_tracking->id, false);
  return shape;
}

const RowIdLookup::FileIds& RowIdLookup::Load(std::uint64_t file) {
  const auto known = files_.find(file);
  if (known != files_.end()) return known->second;
  FileIds ids;
  const LiveFile& live = state_->files[file];
  ids.base = live.file->add().base_row_id;
  TableState part = *state_;
  part.shape = state_->shape.Stored();
  part.files = {live};
  const std::string column = QuoteIdentifier(part.shape.row_tracking->id);
  const std::string handle = lake_.Lend(Unwrap(WithRowIds(std::move(part))));
  duckdb::Connection connection(lake_.database());
  auto result =
      AwaitQuery(connection, fmt::format("select file_row_number, {0} from smelt_lent({1}) where {0} is not null",
                                         column, QuoteLiteral(handle)));
  lake_.TakeBack(handle);
  if (result->HasError()) Throw(FromDuckDb(result->GetErrorObject()));
  for (auto chunk = result->Fetch(); chunk && chunk->size() > 0; chunk = result->Fetch()) {
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
      ids.kept.emplace(chunk->GetValue(0, row).GetValue<std::int64_t>(),
                       chunk->GetValue(1, row).GetValue<std::int64_t>());
    }
  }
  return files_.emplace(file, std::move(ids)).first->second;
}

duckdb::Vector RowIdLookup::Find(duckdb::DataChunk& chunk, duckdb::idx_t column) {
  duckdb::UnifiedVectorFormat files, rows;
  chunk.data[column].ToUnifiedFormat(chunk.size(), files);
  chunk.data[column + 1].ToUnifiedFormat(chunk.size(), rows);
  const auto* file_ids = duckdb::UnifiedVectorFormat::GetData<std::uint64_t>(files);
  const auto* numbers = duckdb::UnifiedVectorFormat::GetData<std::int64_t>(rows);
  duckdb::Vector found(LogicalType::BIGINT, chunk.size());
  auto* data = duckdb::FlatVector::GetData<std::int64_t>(found);
  auto& validity = duckdb::FlatVector::Validity(found);
  std::lock_guard guard(lock_);
  for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
    const FileIds& ids = Load(file_ids[files.sel->get_index(i)]);
    const std::int64_t row = numbers[rows.sel->get_index(i)];
    const auto kept = ids.kept.find(row);
    if (kept != ids.kept.end()) {
      data[i] = kept->second;
    } else if (ids.base) {
      data[i] = *ids.base + row;
    } else {
      validity.SetInvalid(i);
    }
  }
  return found;
}

}  // namespace smelt::engine
