#include "engine/internal/table_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/parallel.h"
#include "delta/deletion_vector.h"
#include "delta/features.h"
#include "delta/statistics_columns.h"
#include "engine/internal/compression.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/type_mapping.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalTypeId;
using duckdb::Value;

/// Readers must allow for timestamps that the writer cut to milliseconds.
constexpr std::int64_t kTimestampSlackMicros = 999;
/// Rows of one file at most, where the log does not say: a bound for what deletion vectors may claim.
constexpr std::int64_t kFileRowsMax = std::int64_t{1} << 32;
/// Files that one thread describes before it looks for more: their number is worth the start of a thread.
constexpr std::size_t kFilesPerBlock = 4096;
/// A file keeps the bounds of so many columns: a table may have many of both, and few columns are filtered by.
constexpr std::size_t kBoundsMax = 4;

Value CastText(const std::string& text, const duckdb::LogicalType& type) {
  if (type.id() == LogicalTypeId::BLOB) return Value::BLOB_RAW(text);
  Value value(text);
  return value.DefaultTryCastAs(type) ? value : Value(type);
}

Result<Value> PartitionValue(const delta::Add& add, const std::string& column, const duckdb::LogicalType& type) {
  auto found = add.partition_values.find(column);
  if (found == add.partition_values.end() || !found->second || found->second->empty()) return Value(type);
  Value value = CastText(*found->second, type);
  if (!value.IsNull()) return value;
  return Fail(ErrorCode::kDeltaCorrupt,
              fmt::format("the partition value '{}' of '{}' is no {}", *found->second, column, type.ToString()));
}

/// The bounds that most filters are about, without a cast of their text; nothing for others.
std::optional<Value> PlainBound(const Json& bound, const duckdb::LogicalType& type) {
  if (type.id() == LogicalTypeId::VARCHAR && bound.is_string()) return Value(bound.get_ref<const std::string&>());
  if (type.id() == LogicalTypeId::DOUBLE && bound.is_number()) return Value::DOUBLE(bound.get<double>());
  if (!bound.is_number_integer() || bound.is_number_unsigned()) return std::nullopt;
  const auto number = bound.get<std::int64_t>();
  if (type.id() == LogicalTypeId::BIGINT) return Value::BIGINT(number);
  const bool fits = number >= INT32_MIN && number <= INT32_MAX;
  return type.id() == LogicalTypeId::INTEGER && fits ? std::optional(Value::INTEGER(static_cast<std::int32_t>(number)))
                                                     : std::nullopt;
}

/// A bound as a typed value; NULL when it cannot be used.
Value BoundValue(const Json& bound, const duckdb::LogicalType& type) {
  if (bound.is_null() || bound.is_object() || bound.is_array()) return Value(type);
  if (std::optional<Value> plain = PlainBound(bound, type)) return *std::move(plain);
  if (type.id() == LogicalTypeId::DECIMAL && bound.is_number_float() && duckdb::DecimalType::GetWidth(type) > 15) {
    return Value(type);  // the number may have lost digits on its way through a double
  }
  return CastText(bound.is_string() ? bound.get<std::string>() : JsonText(bound), type);
}

Value WidenMax(Value max) {
  if (max.IsNull()) return max;
  if (max.type().id() == LogicalTypeId::TIMESTAMP) {
    return Value::TIMESTAMP(duckdb::timestamp_t(max.GetValue<duckdb::timestamp_t>().value + kTimestampSlackMicros));
  }
  if (max.type().id() == LogicalTypeId::TIMESTAMP_TZ) {
    auto micros = max.GetValue<duckdb::timestamp_tz_t>().value + kTimestampSlackMicros;
    return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros));
  }
  // Writers differ in whether statistics count NaN, which SQL sorts above every number.
  if (max.type().id() == LogicalTypeId::DOUBLE) return Value::DOUBLE(std::numeric_limits<double>::quiet_NaN());
  if (max.type().id() == LogicalTypeId::FLOAT) return Value::FLOAT(std::numeric_limits<float>::quiet_NaN());
  return max;
}

bool PassesOnlyNulls(const duckdb::LogicalType& type, const duckdb::TableFilter& filter) {
  auto stats = duckdb::BaseStatistics::CreateEmpty(type);
  stats.Set(duckdb::StatsInfo::CAN_HAVE_NULL_VALUES);
  return filter.CheckStatistics(stats) != duckdb::FilterPropagateResult::FILTER_ALWAYS_FALSE;
}

/// Whether a filter only compares the column with constants.
bool OnlyCompares(const duckdb::TableFilter& filter) {
  if (filter.filter_type == duckdb::TableFilterType::CONSTANT_COMPARISON) return true;
  if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND) return false;
  return std::ranges::all_of(filter.Cast<duckdb::ConjunctionAndFilter>().child_filters,
                             [](const auto& child) { return OnlyCompares(*child); });
}

/// A value that is stored as an integer, dates and times among them.
std::optional<std::int64_t> StoredInteger(const Value& value) {
  switch (value.type().InternalType()) {
    case duckdb::PhysicalType::INT32: return value.GetValueUnsafe<std::int32_t>();
    case duckdb::PhysicalType::INT64: return value.GetValueUnsafe<std::int64_t>();
    default: return std::nullopt;
  }
}

bool PassesBetweenIntegers(std::int64_t min, std::int64_t max, duckdb::ExpressionType comparison,
                           std::int64_t constant) {
  switch (comparison) {
    case duckdb::ExpressionType::COMPARE_EQUAL: return min <= constant && constant <= max;
    case duckdb::ExpressionType::COMPARE_GREATERTHAN: return max > constant;
    case duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO: return max >= constant;
    case duckdb::ExpressionType::COMPARE_LESSTHAN: return min < constant;
    case duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO: return min <= constant;
    default: return true;
  }
}

/// Whether a column of integers between min and max can pass a filter that only compares; nothing for others.
std::optional<bool> IntegersPass(const Value& min, const Value& max, const duckdb::TableFilter& filter) {
  if (filter.filter_type == duckdb::TableFilterType::CONSTANT_COMPARISON) {
    const auto& one = filter.Cast<duckdb::ConstantFilter>();
    const auto low = StoredInteger(min), high = StoredInteger(max);
    if (!low || !high || one.constant.IsNull() || one.constant.type() != min.type()) return std::nullopt;
    return PassesBetweenIntegers(*low, *high, one.comparison_type, *StoredInteger(one.constant));
  }
  if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND) return std::nullopt;
  for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
    const std::optional<bool> passes = IntegersPass(min, max, *child);
    if (!passes || !*passes) return passes;
  }
  return true;
}

/// Asks DuckDB's own logic whether a column between min and max can pass.
bool PassesBetween(const duckdb::LogicalType& type, const Value& min, const Value& max, bool may_be_null,
                   const duckdb::TableFilter& filter) {
  if (const std::optional<bool> passes = IntegersPass(min, max, filter)) return *passes;
  auto check = [&](duckdb::BaseStatistics& stats) {
    stats.Set(may_be_null ? duckdb::StatsInfo::CAN_HAVE_NULL_VALUES : duckdb::StatsInfo::CANNOT_HAVE_NULL_VALUES);
    stats.Set(duckdb::StatsInfo::CAN_HAVE_VALID_VALUES);
    return filter.CheckStatistics(stats) != duckdb::FilterPropagateResult::FILTER_ALWAYS_FALSE;
  };
  if (type.id() == LogicalTypeId::VARCHAR) {
    auto stats = duckdb::StringStats::CreateEmpty(type);
    const std::string& low = duckdb::StringValue::Get(min);
    const std::string& high = duckdb::StringValue::Get(max);
    duckdb::StringStats::Update(stats, duckdb::string_t(low));
    duckdb::StringStats::Update(stats, duckdb::string_t(high));
    return check(stats);
  }
  if (!type.IsNumeric() && !type.IsTemporal()) return true;
  auto stats = duckdb::NumericStats::CreateUnknown(type);
  duckdb::NumericStats::SetMin(stats, min);
  duckdb::NumericStats::SetMax(stats, max);
  return check(stats);
}

bool IsWidenedField(const delta::Field& field);

bool HasWidenedField(const delta::DataType& type) {
  return std::ranges::any_of(type.fields, IsWidenedField) || (type.key && HasWidenedField(*type.key)) ||
         (type.element && HasWidenedField(*type.element));
}

bool IsWidenedField(const delta::Field& field) {
  return field.metadata.contains("delta.typeChanges") || HasWidenedField(field.type);
}

/// A field, with those within it, under its name in files.
delta::Field StoredField(delta::Field field);

delta::DataType StoredType(delta::DataType type) {
  for (delta::Field& field : type.fields) field = StoredField(std::move(field));
  if (type.key) type.key = std::make_shared<const delta::DataType>(StoredType(*type.key));
  if (type.element) type.element = std::make_shared<const delta::DataType>(StoredType(*type.element));
  return type;
}

delta::Field StoredField(delta::Field field) {
  field.name = field.physical_name(true);
  field.type = StoredType(std::move(field.type));
  return field;
}

/// The files of an earlier state, which are mostly asked for in their order: those that are left keep it. Confined.
class KnownFiles {
 public:
  /// `state` may be null.
  explicit KnownFiles(TableStatePtr state) : state_(std::move(state)) {}

  /// The file of the same Add; null when there is none.
  std::shared_ptr<const DataFile> Take(const delta::Add& add) {
    if (!state_) return nullptr;
    const std::vector<LiveFile>& files = state_->files;
    if (next_ < files.size() && &files[next_].file->add() == &add) return files[next_++].file;
    if (next_ == files.size() && places_.empty()) return nullptr;
    if (places_.empty()) {
      for (std::size_t i = next_; i < files.size(); ++i) places_.emplace(&files[i].file->add(), i);
    }
    const auto found = places_.find(&add);
    if (found == places_.end()) return nullptr;
    next_ = found->second + 1;
    return files[found->second].file;
  }

 private:
  TableStatePtr state_;
  std::size_t next_ = 0;                                            ///< the place of the file that is expected
  std::unordered_map<const delta::Add*, std::size_t> places_ = {};  ///< from the first surprise on
};

/// A partition value as its column's type: the type may have been widened since the file's value was read.
Value AsType(const Value& value, const duckdb::LogicalType& type) {
  return value.type() == type ? value : value.DefaultCastAs(type);
}

}  // namespace

TableShape TableShape::Stored() const {
  if (mapping == delta::ColumnMapping::kNone) return *this;
  TableShape stored = *this;
  stored.names = stored_names;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    stored.fields[i] = StoredField(fields[i]);
    auto type = ToSqlType(stored.fields[i].type);
    // The same type under other names was understood before.
    SMELT_ASSERT(type.has_value());
    stored.types[i] = *type;
  }
  return stored;
}

std::optional<std::size_t> TableShape::Find(std::string_view name) const {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (duckdb::StringUtil::CIEquals(names[i], std::string(name))) return i;
  }
  return std::nullopt;
}

bool TableShape::IsPartition(std::size_t column) const {
  return std::find(partition_columns.begin(), partition_columns.end(), column) != partition_columns.end();
}

bool TableShape::IsWidened(std::size_t column) const {
  return IsWidenedField(fields[column]);
}

bool TableShape::HasWidenedColumns() const {
  return std::ranges::any_of(fields, IsWidenedField);
}

TablePlace::TablePlace(storage::ObjectStore* store_p, std::shared_ptr<storage::ObjectStore> keeper_p,
                       std::string folder_p)
    : store(store_p), keeper(std::move(keeper_p)), folder(std::move(folder_p)) {
  root_ = store->Address(folder.empty() ? folder : folder + "/");
}

Result<std::string> TablePlace::AddressOf(const std::string& logged_path) const {
  // Most paths are names within the folder, with nothing to decode and nowhere to lead.
  const bool is_plain = !logged_path.contains('%') && !logged_path.contains(':') && !logged_path.starts_with('/') &&
                        !logged_path.contains("..");
  if (is_plain) return root_ + logged_path;
  SMELT_ASSIGN(std::string path, delta::DecodePath(logged_path));
  if (path.starts_with("file:/")) return path.substr(path.find_first_not_of('/', 5) - 1);
  if (path.starts_with('/') || path.contains("://")) return path;
  if (("/" + path + "/").contains("/../")) {
    return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the path '{}' leads out of the table's folder", path));
  }
  return root_ + path;
}

Result<TableShape> ShapeOf(const delta::Protocol& protocol, const delta::Metadata& metadata,
                           const delta::Schema& schema) {
  TableShape shape;
  SMELT_TRY(delta::CheckColumnMapping(protocol, metadata, schema));
  shape.mapping = delta::ColumnMappingOf(protocol, metadata);
  shape.row_tracking = delta::RowTrackingOf(protocol, metadata);
  shape.compression = CompressionOf(metadata);
  if (auto described = delta::DescribedColumns(protocol, metadata, schema)) {
    shape.described = std::make_shared<const std::set<std::string>>(*std::move(described));
  }
  const bool mapped = shape.mapping != delta::ColumnMapping::kNone;
  for (const delta::Field* field : schema.Columns()) {
    auto type = ToSqlType(field->type);
    if (!type) return Fail(std::move(type.error()).Context(fmt::format("column '{}'", field->name)));
    shape.names.push_back(field->name);
    shape.stored_names.push_back(field->physical_name(mapped));
    shape.types.push_back(*type);
    shape.nullable.push_back(field->nullable);
    shape.fields.push_back(*field);
  }
  for (const std::string& name : metadata.partition_columns) {
    auto column = shape.Find(name);
    if (!column) {
      return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the partition column '{}' is not in the schema", name));
    }
    shape.partition_columns.push_back(*column);
  }
  return shape;
}

DataFile::DataFile(std::shared_ptr<const delta::Add> add, std::string address, std::shared_ptr<const TablePlace> place)
    : add_(std::move(add)), address_(std::move(address)), rows_(add_->stats.rows()), place_(std::move(place)) {}

Result<std::shared_ptr<const DataFile>> DataFile::Make(std::shared_ptr<const delta::Add> add, std::string address,
                                                       const TableShape& shape, std::shared_ptr<const TablePlace> place,
                                                       std::optional<std::size_t> stored) {
  std::shared_ptr<DataFile> file(new DataFile(std::move(add), std::move(address), std::move(place)));
  for (std::size_t column : shape.partition_columns) {
    if (column == stored) {
      file->partition_values_.emplace_back();
      continue;
    }
    SMELT_ASSIGN(Value value, PartitionValue(*file->add_, shape.stored_names[column], shape.types[column]));
    file->partition_values_.emplace_back(std::move(value));
  }
  return std::shared_ptr<const DataFile>(std::move(file));
}

std::shared_ptr<const DataFile> DataFile::WithConstants(std::vector<Value> values) const {
  std::shared_ptr<DataFile> file(new DataFile(add_, address_, place_));
  file->partition_values_ = partition_values_;
  for (Value& value : values) file->partition_values_.emplace_back(std::move(value));
  std::lock_guard guard(lock_);
  file->deleted_ = deleted_;
  return file;
}

DataFile::BoundsPtr DataFile::BoundsOf(const TableShape& shape, std::size_t column, delta::ColumnPart part) const {
  std::lock_guard guard(lock_);
  const auto known = std::ranges::find(bounds_, column, [](const BoundsPtr& bounds) { return bounds->column; });
  if (known != bounds_.end() && ((*known)->part == delta::ColumnPart::kAll || (*known)->part == part)) return *known;
  auto parsed = delta::ParseColumnStatistics(add_->stats.Read(), shape.stored_names[column], part);
  auto bounds = std::make_shared<Bounds>(Bounds{.column = column,
                                                .min = BoundValue(parsed.bounds.min, shape.types[column]),
                                                .max = WidenMax(BoundValue(parsed.bounds.max, shape.types[column])),
                                                .part = part,
                                                .null_count = parsed.bounds.null_count,
                                                .tight_bounds = parsed.tight_bounds});
  if (known != bounds_.end()) return *known = std::move(bounds);
  if (bounds_.size() == kBoundsMax) bounds_.erase(bounds_.begin());
  return bounds_.emplace_back(std::move(bounds));
}

std::optional<std::int64_t> DataFile::NullCount(const TableShape& shape, std::size_t column) const {
  for (std::size_t i = 0; i < shape.partition_columns.size(); ++i) {
    if (shape.partition_columns[i] != column) continue;
    if (!partition_values_[i]) return std::nullopt;
    return partition_values_[i]->IsNull() ? rows_ : std::optional<std::int64_t>(0);
  }
  const BoundsPtr bounds = BoundsOf(shape, column, delta::ColumnPart::kAll);
  return bounds->tight_bounds ? bounds->null_count : std::nullopt;
}

bool DataFile::MayMatch(const TableShape& shape, std::size_t column, const duckdb::TableFilter& filter) const {
  const duckdb::LogicalType& type = shape.types[column];
  for (std::size_t i = 0; i < shape.partition_columns.size(); ++i) {
    if (shape.partition_columns[i] != column) continue;
    if (!partition_values_[i]) return true;
    const Value value = AsType(*partition_values_[i], type);
    return value.IsNull() ? PassesOnlyNulls(type, filter) : PassesBetween(type, value, value, false, filter);
  }
  if (!shape.IsWidened(column) && OnlyCompares(filter)) {
    const BoundsPtr bounds = BoundsOf(shape, column, delta::ColumnPart::kBounds);
    // Rows with NULL pass no comparison.
    if (!bounds->min.IsNull() && !bounds->max.IsNull()) {
      return PassesBetween(type, bounds->min, bounds->max, true, filter);
    }
  }
  const BoundsPtr bounds = BoundsOf(shape, column, delta::ColumnPart::kAll);
  bool all_null = bounds->null_count && rows_ && *bounds->null_count == *rows_ && bounds->tight_bounds;
  if (all_null && *rows_ > 0) return PassesOnlyNulls(type, filter);
  if (shape.IsWidened(column) || bounds->min.IsNull() || bounds->max.IsNull()) return true;
  return PassesBetween(type, bounds->min, bounds->max, bounds->null_count.value_or(1) > 0, filter);
}

std::optional<std::int64_t> DataFile::live_rows() const {
  if (!rows_) return std::nullopt;
  const std::int64_t rows = *rows_ - (add_->deletion_vector ? add_->deletion_vector->cardinality : 0);
  return rows < 0 ? std::nullopt : std::optional(rows);
}

Result<std::shared_ptr<const delta::RowSet>> DataFile::DeletedRows() const {
  if (!add_->deletion_vector) return std::shared_ptr<const delta::RowSet>();
  std::lock_guard guard(lock_);
  if (!deleted_) {
    auto rows_max = static_cast<std::uint64_t>(rows_.value_or(kFileRowsMax));
    auto rows = delta::ReadDeletionVector(*place_->store, place_->folder, *add_->deletion_vector, rows_max);
    if (!rows) return Fail(std::move(rows.error()).Context(address_));
    deleted_ = std::make_shared<const delta::RowSet>(std::move(*rows));
  }
  return deleted_;
}

std::optional<std::int64_t> LiveFile::live_rows() const {
  // Vectors may name rows that the file does not have.
  if (only) return std::nullopt;
  auto rows = file->live_rows();
  if (rows && deleted) *rows -= static_cast<std::int64_t>(deleted->count());
  return rows;
}

std::optional<std::int64_t> RowTotal::Of(const std::vector<LiveFile>& files) const {
  std::call_once(counted_, [&] {
    std::int64_t sum = 0;
    for (const LiveFile& live : files) {
      auto rows = live.live_rows();
      if (!rows || __builtin_add_overflow(sum, *rows, &sum)) return;
    }
    rows_ = sum;
  });
  return rows_;
}

std::optional<std::int64_t> TableState::rows() const {
  return row_total.Of(files);
}

std::optional<std::int64_t> TableState::NullCount(std::size_t column) const {
  std::int64_t sum = 0;
  for (const LiveFile& live : files) {
    auto nulls = live.file->NullCount(shape, column);
    if (!nulls || live.deleted || live.only || live.file->add().deletion_vector) return std::nullopt;
    sum += *nulls;
  }
  return sum;
}

std::int64_t TableState::bytes() const {
  std::int64_t sum = 0;
  for (const LiveFile& live : files) sum += live.file->add().size_bytes;
  return sum;
}

namespace {

using PlacePtr = std::shared_ptr<const TablePlace>;

/// Describes the file at some place of the snapshot.
Status DescribeFile(TableState& state, std::size_t at, const PlacePtr& place) {
  const auto& add = state.snapshot->files()[at];
  SMELT_ASSIGN(std::string address, place->AddressOf(add->path));
  SMELT_ASSIGN(state.files[at].file, DataFile::Make(add, std::move(address), state.shape, place));
  return {};
}

/// Describes the files at some places of the snapshot, many at a time.
Status DescribeFiles(TableState& state, const std::vector<std::size_t>& places) {
  const std::size_t blocks = (places.size() + kFilesPerBlock - 1) / kFilesPerBlock;
  return ForEachParallel(blocks, ProcessorCount(), [&](std::size_t block) -> Status {
    const std::size_t end = std::min(places.size(), (block + 1) * kFilesPerBlock);
    // With a count of its own: threads that count up and down the same number wait for each other.
    const PlacePtr place(std::make_shared<PlacePtr>(state.place), state.place.get());
    try {
      for (std::size_t i = block * kFilesPerBlock; i < end; ++i) SMELT_TRY(DescribeFile(state, places[i], place));
    } catch (const std::exception&) {
      return Fail(FromCurrentException());
    }
    return {};
  });
}

}  // namespace

Result<TableStatePtr> BuildState(const delta::Log& log, delta::SnapshotPtr snapshot, const TableStatePtr& previous,
                                 std::shared_ptr<storage::ObjectStore> keeper) {
  auto state = std::make_shared<TableState>();
  state->folder = log.folder();
  state->protocol = snapshot->protocol();
  state->metadata = snapshot->metadata();
  SMELT_ASSIGN(state->shape, ShapeOf(snapshot->protocol(), snapshot->metadata(), snapshot->schema()));
  state->place = std::make_shared<TablePlace>(&log.store(), std::move(keeper), log.folder());
  state->snapshot = std::move(snapshot);
  KnownFiles known(previous && previous->metadata == state->metadata ? previous : nullptr);
  const auto& files = state->snapshot->files();
  state->files.resize(files.size());
  std::vector<std::size_t> coming;
  for (std::size_t i = 0; i < files.size(); ++i) {
    state->files[i].file = known.Take(*files[i]);
    if (!state->files[i].file) coming.push_back(i);
  }
  SMELT_TRY(DescribeFiles(*state, coming));
  return TableStatePtr(std::move(state));
}

}  // namespace smelt::engine
