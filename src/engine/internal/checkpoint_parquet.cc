#include "engine/internal/checkpoint_parquet.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "base/id.h"
#include "engine/internal/await.h"
#include "engine/internal/checkpoint_files.h"
#include "engine/internal/checkpoint_split.h"
#include "engine/internal/chunk_query.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet/local_file.h"
#include "engine/internal/remote_files.h"
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
/// Local checkpoints from this size on are read by two threads; what is remote is asked for once.
constexpr std::uintmax_t kBytesForTwo = std::uintmax_t{4} << 20;
/// No action line is larger: a schema string of a very wide table.
constexpr int kLineBytesMax = 256 << 20;

std::string ReadParquet(const std::string& address) {
  return fmt::format("read_parquet({}, hive_partitioning = false)", QuoteLiteral(address));
}

/// The query for all rows of a checkpoint as JSON. Typed statistics are rendered where there are no others; typed
/// partition values, which say nothing that the texts do not, are left out.
std::string ReadQuery(const std::string& address, const duckdb::LogicalType& add) {
  std::string changes;
  if (MemberType(add, "partitionValues_parsed")) changes += ", partitionValues_parsed := null";
  if (const auto stats = MemberType(add, "stats_parsed")) {
    const std::string rendered = BoundExpression("add.stats_parsed", *stats);
    changes += MemberType(add, "stats")
                   ? fmt::format(", stats_parsed := case when add.stats is null then {} end", rendered)
                   : fmt::format(", stats_parsed := {}", rendered);
  }
  if (changes.empty()) return fmt::format("select to_json(t)::varchar from {} t", ReadParquet(address));
  return fmt::format(
      "select to_json(t)::varchar from (select * replace (case when add is not null then struct_update(add{}) end as "
      "add) from {}) t",
      changes, ReadParquet(address));
}

std::string DefinitionQuery(const std::string& address) {
  return fmt::format(
      R"(select to_json(struct_pack("protocol" := "protocol", "metaData" := "metaData"))::varchar from {} )"
      R"(where "protocol" is not null or "metaData" is not null)",
      ReadParquet(address));
}

/// A local file whose layout can be read; from far away, the footer would be fetched once more.
std::shared_ptr<const parquet::LocalFile> OpenLocal(const std::string& address) {
  if (IsRemote(address)) return nullptr;
  auto file = parquet::LocalFile::Open(address);
  return file ? std::make_shared<const parquet::LocalFile>(*std::move(file)) : nullptr;
}

class ParquetCheckpoints : public delta::CheckpointFormat {
 public:
  explicit ParquetCheckpoints(duckdb::DatabaseInstance& db) : db_(db) {}

  Status Read(const std::string& address, delta::CheckpointRows& rows, delta::CheckpointPart part) override {
    try {
      duckdb::Connection connection(db_);
      if (part == delta::CheckpointPart::kDefinition) return ReadJson(connection, DefinitionQuery(address), rows);
      const std::shared_ptr<const parquet::LocalFile> file = OpenLocal(address);
      SMELT_ASSIGN(const CheckpointColumns columns, ColumnsIn(connection, address, file.get()));
      if (const auto expressions = FileExpressionsOf(columns, file ? file->layout() : parquet::FileLayout())) {
        if (file && file->size() >= kBytesForTwo) {
          return ReadCheckpointInTwo(db_, ReadParquet(address), address, file, *expressions, rows);
        }
        CheckpointFileReader reader(address, rows);
        return RunChunkQuery(connection, fmt::format("select {} from {}", expressions->all, ReadParquet(address)),
                             [&](duckdb::DataChunk& chunk) { return reader.Read(chunk); });
      }
      return ReadJson(connection, ReadQuery(address, columns.add), rows);
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

  /// `file` may be null.
  static Result<CheckpointColumns> ColumnsIn(duckdb::Connection& connection, const std::string& address,
                                             const parquet::LocalFile* file) {
    if (file != nullptr) {
      if (auto columns = ColumnsOf(file->layout())) return *std::move(columns);
    }
    const auto prepared = connection.Prepare("select * from " + ReadParquet(address));
    if (prepared->HasError()) return Fail(FromDuckDb(prepared->GetErrorObject()));
    CheckpointColumns columns{.names = prepared->GetNames()};
    const auto add = std::ranges::find(columns.names, "add");
    if (add != columns.names.end()) columns.add = prepared->GetTypes()[add - columns.names.begin()];
    return columns;
  }

  /// Gives the rows of a query for JSON.
  static Status ReadJson(duckdb::Connection& connection, const std::string& query, delta::CheckpointRows& rows) {
    return RunChunkQuery(connection, query, [&](duckdb::DataChunk& chunk) -> Status {
      for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
        SMELT_TRY(rows.TakeJson(chunk.GetValue(0, row).ToString()));
      }
      return {};
    });
  }

  Result<std::int64_t> Convert(const std::string& source, const std::string& target) {
    try {
      duckdb::Connection connection(db_);
      auto result = AwaitQuery(
          connection, fmt::format("copy (select * from read_json({}, format = 'newline_delimited', columns = {}, "
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
