#include "engine/internal/checkpoint_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "engine/session.h"

namespace smelt::engine {
namespace {

using duckdb::idx_t;

/// A member of the column `add`, and the type that it has in every checkpoint.
struct Member {
  const char* name;
  const char* type;
};

/// Where the members are among the columns of the query. The statistics come last of those that are not a vector's.
enum Place : idx_t {
  kPath,
  kPartitionValues,
  kSize,
  kModificationTime,
  kDataChange,
  kTags,
  kBaseRowId,
  kDefaultRowCommitVersion,
  kClusteringProvider,
  kStats,
  kStorageType,
  kPathOrInlineDv,
  kOffset,
  kSizeInBytes,
  kCardinality,
  kOtherAction,
};

constexpr std::array<Member, 10> kMembers = {{{"path", "VARCHAR"},
                                              {"partitionValues", "MAP(VARCHAR, VARCHAR)"},
                                              {"size", "BIGINT"},
                                              {"modificationTime", "BIGINT"},
                                              {"dataChange", "BOOLEAN"},
                                              {"tags", "MAP(VARCHAR, VARCHAR)"},
                                              {"baseRowId", "BIGINT"},
                                              {"defaultRowCommitVersion", "BIGINT"},
                                              {"clusteringProvider", "VARCHAR"},
                                              {"stats", "VARCHAR"}}};
constexpr std::array<Member, 5> kVectorMembers = {{{"storageType", "VARCHAR"},
                                                   {"pathOrInlineDv", "VARCHAR"},
                                                   {"offset", "INTEGER"},
                                                   {"sizeInBytes", "INTEGER"},
                                                   {"cardinality", "BIGINT"}}};
/// The members of statistics as typed columns.
constexpr std::array<const char*, 5> kStatistics = {"numRecords", "minValues", "maxValues", "nullCount", "tightBounds"};
/// The other actions of checkpoints.
constexpr std::array<std::string_view, 7> kOtherActions = {"remove",         "metaData",           "protocol", "txn",
                                                           "domainMetadata", "checkpointMetadata", "sidecar"};

/// An expression of a member of a struct; of NULL when it has none of that name. Nothing when its type is another one.
std::optional<std::string> MemberExpression(const std::string& of, const duckdb::LogicalType& type,
                                            const Member& member, const parquet::FileLayout& layout = {}) {
  const auto found = MemberType(type, member.name);
  if (!found || layout.IsValueless(of + "." + member.name)) return fmt::format("null::{}", member.type);
  if (found->ToString() != member.type) return std::nullopt;
  return fmt::format("struct_extract({}, {})", of, QuoteLiteral(member.name));
}

/// The statistics as the text that they would be if they were not in typed columns; NULL when there are none.
std::string RenderedStatistics(const duckdb::LogicalType& type) {
  std::string members;
  for (const char* name : kStatistics) {
    const auto member = MemberType(type, name);
    if (!member) continue;
    const std::string value = fmt::format("struct_extract(add.stats_parsed, {})", QuoteLiteral(name));
    members += fmt::format(", '\"{}\":' || to_json({})::varchar", name, BoundExpression(value, *member));
  }
  if (members.empty()) return "null::varchar";
  return fmt::format("nullif('{{' || concat_ws(','{}) || '}}', '{{}}')", members);
}

std::optional<std::string> StatisticsExpression(const duckdb::LogicalType& add) {
  auto text = MemberExpression("add", add, kMembers[kStats]);
  const auto typed = MemberType(add, "stats_parsed");
  if (!text || !typed) return text;
  return fmt::format("case when {0} is not null then {0} when add.stats_parsed is not null then {1} end", *text,
                     RenderedStatistics(*typed));
}

/// A row that is no file, as JSON.
std::string OtherAction(const std::vector<std::string>& columns, const parquet::FileLayout& layout) {
  std::string members;
  for (const std::string& name : columns) {
    const bool is_action = std::ranges::find(kOtherActions, name) != kOtherActions.end();
    if (!is_action || layout.IsValueless(name)) continue;
    members += fmt::format("{}{} := {}", members.empty() ? "" : ", ", QuoteIdentifier(name), QuoteIdentifier(name));
  }
  if (members.empty()) return "null::varchar";
  return fmt::format("case when add.path is null then to_json(struct_pack({}))::varchar end", members);
}

using Column = parquet::FileLayout::Column;

std::optional<duckdb::LogicalType> TypeOf(const Column& column) {
  using Kind = parquet::FileLayout::Kind;
  switch (column.kind) {
    case Kind::kBoolean: return duckdb::LogicalType::BOOLEAN;
    case Kind::kInt32: return duckdb::LogicalType::INTEGER;
    case Kind::kInt64: return duckdb::LogicalType::BIGINT;
    case Kind::kText: return duckdb::LogicalType::VARCHAR;
    case Kind::kTextMap: return duckdb::LogicalType::MAP(duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR);
    case Kind::kStruct: break;
    case Kind::kOther: return std::nullopt;
  }
  duckdb::child_list_t<duckdb::LogicalType> members;
  for (const Column& member : column.members) {
    auto type = TypeOf(member);
    if (!type) return std::nullopt;
    members.emplace_back(member.name, *std::move(type));
  }
  return duckdb::LogicalType::STRUCT(std::move(members));
}

/// The values of a column of primitive type.
template <typename T>
class Values {
 public:
  Values(duckdb::Vector& vector, idx_t count) {
    vector.ToUnifiedFormat(count, format_);
    data_ = duckdb::UnifiedVectorFormat::GetData<T>(format_);
  }

  /// Null for NULL.
  const T* At(idx_t row) const {
    const idx_t index = format_.sel->get_index(row);
    return format_.validity.RowIsValid(index) ? data_ + index : nullptr;
  }
  std::optional<T> ValueAt(idx_t row) const {
    const T* value = At(row);
    return value != nullptr ? std::optional(*value) : std::nullopt;
  }

 private:
  duckdb::UnifiedVectorFormat format_;
  const T* data_;
};

using Texts = Values<duckdb::string_t>;

std::string Text(const duckdb::string_t& text) {
  return {text.GetData(), text.GetSize()};
}

/// The values of a column of maps from text to text.
class TextMaps {
 public:
  TextMaps(duckdb::Vector& vector, idx_t count)
      : entries_(vector, count),
        keys_(duckdb::MapVector::GetKeys(vector), duckdb::ListVector::GetListSize(vector)),
        values_(duckdb::MapVector::GetValues(vector), duckdb::ListVector::GetListSize(vector)) {}

  bool Has(idx_t row) const { return entries_.At(row) != nullptr; }

  /// Calls `put` with each key and its value, which is null for NULL.
  template <typename Put>
  void ForEach(idx_t row, Put put) const {
    const duckdb::list_entry_t* entry = entries_.At(row);
    if (entry == nullptr) return;
    for (idx_t i = entry->offset; i < entry->offset + entry->length; ++i) {
      if (const duckdb::string_t* key = keys_.At(i)) put(Text(*key), values_.At(i));
    }
  }

 private:
  Values<duckdb::list_entry_t> entries_;
  Texts keys_, values_;
};

/// The columns of one part of the result.
class FileColumns {
 public:
  explicit FileColumns(duckdb::DataChunk& chunk)
      : path_(chunk.data[kPath], chunk.size()),
        partition_values_(chunk.data[kPartitionValues], chunk.size()),
        size_(chunk.data[kSize], chunk.size()),
        modification_time_(chunk.data[kModificationTime], chunk.size()),
        data_change_(chunk.data[kDataChange], chunk.size()),
        tags_(chunk.data[kTags], chunk.size()),
        base_row_id_(chunk.data[kBaseRowId], chunk.size()),
        default_row_commit_version_(chunk.data[kDefaultRowCommitVersion], chunk.size()),
        clustering_provider_(chunk.data[kClusteringProvider], chunk.size()),
        stats_(chunk.data[kStats], chunk.size()),
        storage_type_(chunk.data[kStorageType], chunk.size()),
        path_or_inline_(chunk.data[kPathOrInlineDv], chunk.size()),
        offset_(chunk.data[kOffset], chunk.size()),
        size_in_bytes_(chunk.data[kSizeInBytes], chunk.size()),
        cardinality_(chunk.data[kCardinality], chunk.size()) {}

  bool IsFile(idx_t row) const {
    return path_.At(row) != nullptr || partition_values_.Has(row) || size_.At(row) != nullptr ||
           modification_time_.At(row) != nullptr || data_change_.At(row) != nullptr;
  }

  /// The member that a file must have and this one lacks; null when it lacks none.
  const char* MissingMember(idx_t row) const {
    if (path_.At(row) == nullptr) return "path";
    if (!partition_values_.Has(row)) return "partitionValues";
    if (size_.At(row) == nullptr) return "size";
    if (modification_time_.At(row) == nullptr) return "modificationTime";
    if (data_change_.At(row) == nullptr) return "dataChange";
    if (!HasVector(row)) return nullptr;
    if (storage_type_.At(row) == nullptr) return "storageType";
    if (path_or_inline_.At(row) == nullptr) return "pathOrInlineDv";
    if (size_in_bytes_.At(row) == nullptr) return "sizeInBytes";
    return cardinality_.At(row) == nullptr ? "cardinality" : nullptr;
  }

  /// A file that lacks nothing. Most of a checkpoint is statistics, which `texts` keeps.
  std::shared_ptr<delta::Add> AddAt(idx_t row, TextArena& texts) const {
    auto made = std::make_shared<delta::Add>();
    delta::Add& add = *made;
    add.path = Text(*path_.At(row));
    // The empty string is null, too.
    partition_values_.ForEach(row, [&](std::string key, const duckdb::string_t* value) {
      auto& slot = add.partition_values[std::move(key)];
      if (value != nullptr && value->GetSize() > 0) slot = Text(*value);
    });
    add.size_bytes = *size_.At(row);
    add.modification_time_ms = *modification_time_.At(row);
    add.data_change = *data_change_.At(row);
    if (const auto* stats = stats_.At(row)) add.stats = texts.Keep({stats->GetData(), stats->GetSize()});
    tags_.ForEach(row, [&](std::string key, const duckdb::string_t* value) {
      if (value != nullptr) add.tags.emplace(std::move(key), Text(*value));
    });
    if (HasVector(row)) {
      add.deletion_vector = delta::DeletionVector{.storage_type = Text(*storage_type_.At(row)),
                                                  .path_or_inline = Text(*path_or_inline_.At(row)),
                                                  .offset = offset_.ValueAt(row),
                                                  .size_bytes = *size_in_bytes_.At(row),
                                                  .cardinality = *cardinality_.At(row)};
    }
    add.base_row_id = base_row_id_.ValueAt(row);
    add.default_row_commit_version = default_row_commit_version_.ValueAt(row);
    if (const auto* provider = clustering_provider_.At(row)) add.clustering_provider = Text(*provider);
    return made;
  }

 private:
  bool HasVector(idx_t row) const {
    return storage_type_.At(row) != nullptr || path_or_inline_.At(row) != nullptr || offset_.At(row) != nullptr ||
           size_in_bytes_.At(row) != nullptr || cardinality_.At(row) != nullptr;
  }

  Texts path_;
  TextMaps partition_values_;
  Values<std::int64_t> size_, modification_time_;
  Values<bool> data_change_;
  TextMaps tags_;
  Values<std::int64_t> base_row_id_, default_row_commit_version_;
  Texts clustering_provider_;
  Texts stats_, storage_type_, path_or_inline_;
  Values<std::int32_t> offset_, size_in_bytes_;
  Values<std::int64_t> cardinality_;
};

}  // namespace

std::string BoundExpression(const std::string& value, const duckdb::LogicalType& type) {
  switch (type.id()) {
    case duckdb::LogicalTypeId::TIMESTAMP_TZ:
      return fmt::format("strftime({} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')", value);
    case duckdb::LogicalTypeId::TIMESTAMP: return fmt::format("strftime({}, '%Y-%m-%dT%H:%M:%S.%g')", value);
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE: return fmt::format("case when isfinite({0}) then {0} end", value);
    case duckdb::LogicalTypeId::STRUCT: {
      std::string members;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        const std::string member = fmt::format("struct_extract({}, {})", value, QuoteLiteral(name));
        members += fmt::format("{}{} := {}", members.empty() ? "" : ", ", QuoteIdentifier(name),
                               BoundExpression(member, child));
      }
      return fmt::format("struct_pack({})", members);
    }
    default: return value;
  }
}

std::optional<duckdb::LogicalType> MemberType(const duckdb::LogicalType& type, const std::string& name) {
  if (type.id() != duckdb::LogicalTypeId::STRUCT) return std::nullopt;
  for (const auto& [member, child] : duckdb::StructType::GetChildTypes(type)) {
    if (duckdb::StringUtil::CIEquals(member, name)) return child;
  }
  return std::nullopt;
}

std::optional<CheckpointColumns> ColumnsOf(const parquet::FileLayout& layout) {
  CheckpointColumns columns;
  std::set<std::string> folded;
  for (const Column& column : layout.columns()) {
    // Names that differ by case only are changed by a query.
    if (!folded.insert(duckdb::StringUtil::Lower(column.name)).second) return std::nullopt;
    columns.names.push_back(column.name);
    if (column.name != "add") continue;
    auto type = TypeOf(column);
    if (!type) return std::nullopt;
    columns.add = *std::move(type);
  }
  if (columns.names.empty()) return std::nullopt;
  return columns;
}

std::optional<FileExpressions> FileExpressionsOf(const CheckpointColumns& columns, const parquet::FileLayout& layout) {
  if (!MemberType(columns.add, "path")) return std::nullopt;
  const auto statistics = StatisticsExpression(columns.add);
  if (!statistics) return std::nullopt;
  std::string before;
  for (const Member& member : kMembers) {
    if (&member == &kMembers[kStats]) continue;
    // A map without entries is not NULL, and a file must have its partition values.
    const bool may_be_left_out = &member != &kMembers[kPartitionValues];
    const auto expression =
        MemberExpression("add", columns.add, member, may_be_left_out ? layout : parquet::FileLayout());
    if (!expression) return std::nullopt;
    before += *expression + ", ";
  }
  std::string after;
  const auto vector = MemberType(columns.add, "deletionVector");
  for (const Member& member : kVectorMembers) {
    const auto expression =
        MemberExpression("add.deletionVector", vector.value_or(duckdb::LogicalType::SQLNULL), member, layout);
    if (!expression) return std::nullopt;
    after += ", " + *expression;
  }
  after += ", " + OtherAction(columns.names, layout);
  return FileExpressions{
      .statistics = *statistics,
      .statistics_are_text = !MemberType(columns.add, "stats_parsed") && MemberType(columns.add, "stats"),
      .all = before + *statistics + after,
      .without_statistics = before + "null::varchar" + after};
}

Status CheckpointFileReader::Read(duckdb::DataChunk& chunk) {
  chunk.Flatten();
  const FileColumns files(chunk);
  const Texts others(chunk.data[kOtherAction], chunk.size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    ++row_;
    if (!files.IsFile(row)) {
      const duckdb::string_t* json = others.At(row);
      if (json != nullptr) SMELT_TRY(rows_.TakeJson(std::string_view(json->GetData(), json->GetSize())));
      continue;
    }
    if (const char* missing = files.MissingMember(row)) {
      return Fail(Error(ErrorCode::kDeltaCorrupt, fmt::format("'{}' of the action 'add' is missing", missing))
                      .At(address_, row_));
    }
    SMELT_TRY(rows_.Take(files.AddAt(row, texts_)));
  }
  return {};
}

}  // namespace smelt::engine
