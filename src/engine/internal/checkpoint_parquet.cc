#include "engine/internal/checkpoint_parquet.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"
#include "engine/internal/error_bridge.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

/// The columns of a classic checkpoint: "Checkpoint Schema" of the protocol.
constexpr const char* kColumns = R"({
  txn: 'STRUCT("appId" VARCHAR, "version" BIGINT, "lastUpdated" BIGINT)',
  add: 'STRUCT("path" VARCHAR, "partitionValues" MAP(VARCHAR, VARCHAR), "size" BIGINT, "modificationTime" BIGINT,
        "dataChange" BOOLEAN, "stats" VARCHAR, "tags" MAP(VARCHAR, VARCHAR),
        "deletionVector" STRUCT("storageType" VARCHAR, "pathOrInlineDv" VARCHAR, "offset" INTEGER,
        "sizeInBytes" INTEGER, "cardinality" BIGINT), "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT,
        "clusteringProvider" VARCHAR)',
  remove: 'STRUCT("path" VARCHAR, "deletionTimestamp" BIGINT, "dataChange" BOOLEAN, "extendedFileMetadata" BOOLEAN,
        "partitionValues" MAP(VARCHAR, VARCHAR), "size" BIGINT, "tags" MAP(VARCHAR, VARCHAR),
        "deletionVector" STRUCT("storageType" VARCHAR, "pathOrInlineDv" VARCHAR, "offset" INTEGER,
        "sizeInBytes" INTEGER, "cardinality" BIGINT), "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT)',
  "metaData": 'STRUCT("id" VARCHAR, "name" VARCHAR, "description" VARCHAR,
        "format" STRUCT("provider" VARCHAR, "options" MAP(VARCHAR, VARCHAR)), "schemaString" VARCHAR,
        "partitionColumns" VARCHAR[], "configuration" MAP(VARCHAR, VARCHAR), "createdTime" BIGINT)',
  protocol: 'STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "readerFeatures" VARCHAR[],
        "writerFeatures" VARCHAR[])',
  "domainMetadata": 'STRUCT("domain" VARCHAR, "configuration" VARCHAR, "removed" BOOLEAN)'
})";
/// No action line is larger: a schema string of a very wide table.
constexpr int kLineBytesMax = 256 << 20;

/// An expression of the protocol's JSON form of a typed bound ("Per-file Statistics"): timestamps cut to milliseconds,
/// no infinities, which JSON does not have.
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

/// The type of a struct's member, compared without case; nothing when it has none of that name.
std::optional<duckdb::LogicalType> MemberType(const duckdb::LogicalType& type, const std::string& name) {
  if (type.id() != duckdb::LogicalTypeId::STRUCT) return std::nullopt;
  for (const auto& [member, child] : duckdb::StructType::GetChildTypes(type)) {
    if (duckdb::StringUtil::CIEquals(member, name)) return child;
  }
  return std::nullopt;
}

/// The query for the rows of a checkpoint as JSON, whose `add` column has the given type. Typed statistics are rendered
/// where there are no others; typed partition values, which say nothing that the texts do not, are left out.
std::string ReadQuery(const std::string& address, const duckdb::LogicalType& add) {
  std::string changes;
  if (MemberType(add, "partitionValues_parsed")) changes += ", partitionValues_parsed := null";
  if (const auto stats = MemberType(add, "stats_parsed")) {
    const std::string rendered = BoundExpression("add.stats_parsed", *stats);
    changes += MemberType(add, "stats")
                   ? fmt::format(", stats_parsed := case when add.stats is null then {} end", rendered)
                   : fmt::format(", stats_parsed := {}", rendered);
  }
  const std::string file = fmt::format("read_parquet({}, hive_partitioning = false)", QuoteLiteral(address));
  if (changes.empty()) return fmt::format("select to_json(t)::varchar from {} t", file);
  return fmt::format(
      "select to_json(t)::varchar from (select * replace (case when add is not null then struct_update(add{}) end as "
      "add) from {}) t",
      changes, file);
}

bool IsRemote(const std::string& address) {
  return address.find("://") != std::string::npos;
}

class ParquetCheckpoints : public delta::CheckpointFormat {
 public:
  explicit ParquetCheckpoints(duckdb::DatabaseInstance& db) : db_(db) {}

  Status Read(const std::string& address, const std::function<Status(std::string_view)>& line) override {
    try {
      duckdb::Connection connection(db_);
      SMELT_ASSIGN(const duckdb::LogicalType add, AddType(connection, address));
      auto result = connection.SendQuery(ReadQuery(address, add));
      if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
      while (auto chunk = result->Fetch()) {
        if (chunk->size() == 0) break;
        for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
          SMELT_TRY(line(chunk->GetValue(0, row).ToString()));
        }
      }
      if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
      return {};
    } catch (const std::exception&) {
      return Fail(FromCurrentException());
    }
  }

  Result<std::int64_t> Write(const std::vector<std::string>& lines, const std::string& address) override {
    std::string text;
    for (const std::string& line : lines) {
      text += line;
      if (!line.ends_with('\n')) text += '\n';
    }
    std::error_code ignored;
    std::string source = (std::filesystem::temp_directory_path() / ("smelt-checkpoint-" + NewUuid())).string();
    std::string target = IsRemote(address) ? address : address + ".tmp-" + NewUuid();
    if (!IsRemote(address)) SMELT_TRY(CreateFolders(std::filesystem::path(address).parent_path().string()));
    SMELT_TRY(WriteWholeFile(source, text));
    auto written = Convert(source, target);
    std::filesystem::remove(source, ignored);
    if (written && target != address) {
      if (const Status moved = MoveDurably(target, address); !moved) written = Fail(moved.error());
    }
    if (!written && target != address) std::filesystem::remove(target, ignored);
    return written;
  }

 private:
  static Status MoveDurably(const std::string& from, const std::string& to) {
    SMELT_TRY(SyncPath(from));
    std::error_code error;
    std::filesystem::rename(from, to, error);
    if (error) return Fail(FileError(error.value(), "rename", from));
    return SyncPath(std::filesystem::path(to).parent_path().string());
  }

  /// The type of the column `add` of a checkpoint; of none where it has no such column.
  static Result<duckdb::LogicalType> AddType(duckdb::Connection& connection, const std::string& address) {
    const auto prepared = connection.Prepare(
        fmt::format("select * from read_parquet({}, hive_partitioning = false)", QuoteLiteral(address)));
    if (prepared->HasError()) return Fail(FromDuckDb(prepared->GetErrorObject()));
    const auto& names = prepared->GetNames();
    const auto found = std::ranges::find(names, "add");
    if (found == names.end()) return duckdb::LogicalType();
    return prepared->GetTypes()[static_cast<std::size_t>(found - names.begin())];
  }

  Result<std::int64_t> Convert(const std::string& source, const std::string& target) {
    try {
      duckdb::Connection connection(db_);
      auto result =
          connection.Query(fmt::format("copy (select * from read_json({}, format = 'newline_delimited', columns = {}, "
                                       "maximum_object_size = {})) to {} "
                                       "(format parquet, compression snappy, return_stats true)",
                                       QuoteLiteral(source), kColumns, kLineBytesMax, QuoteLiteral(target)));
      if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
      auto chunk = result->Fetch();
      if (!chunk || chunk->size() == 0) return Fail(ErrorCode::kInternal, "the checkpoint writer reported no file");
      return chunk->GetValue(2, 0).GetValue<std::int64_t>();
    } catch (const std::exception&) {
      return Fail(FromCurrentException());
    }
  }

  duckdb::DatabaseInstance& db_;
};

}  // namespace

std::unique_ptr<delta::CheckpointFormat> MakeParquetCheckpoints(duckdb::DatabaseInstance& db) {
  return std::make_unique<ParquetCheckpoints>(db);
}

}  // namespace smelt::engine
