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

bool IsRemote(const std::string& address) {
  return address.find("://") != std::string::npos;
}

class ParquetCheckpoints : public delta::CheckpointFormat {
 public:
  explicit ParquetCheckpoints(duckdb::DatabaseInstance& db) : db_(db) {}

  Status Read(const std::string& address, const std::function<Status(std::string_view)>& line) override {
    try {
      duckdb::Connection connection(db_);
      auto result = connection.SendQuery(fmt::format(
          "select to_json(t)::varchar from read_parquet({}, hive_partitioning = false) t", QuoteLiteral(address)));
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
    SMELT_TRY(WriteWholeFile(source, text));
    auto written = Convert(source, target);
    std::filesystem::remove(source, ignored);
    if (written && target != address) {
      std::error_code error;
      std::filesystem::rename(target, address, error);
      if (error) written = Fail(FileError(error.value(), "rename", target));
    }
    if (!written && target != address) std::filesystem::remove(target, ignored);
    return written;
  }

 private:
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
