#include "quality/internal/target.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>

#include "quality/internal/table_name.h"

namespace smelt::quality {
namespace {

struct FileReader {
  std::string_view extension;
  std::string_view function;
};
constexpr auto kReaders = std::to_array<FileReader>({
    {".parquet", "read_parquet"},
    {".csv", "read_csv"},
    {".tsv", "read_csv"},
    {".json", "read_json"},
    {".ndjson", "read_json"},
    {".jsonl", "read_json"},
});

Result<std::string> FileRelation(const std::string& path) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) {
    return Fail(Error(ErrorCode::kStoreNotFound, fmt::format("there is no file {}", path)));
  }
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto reader = std::ranges::find(kReaders, extension, &FileReader::extension);
  if (reader == kReaders.end()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("{} is of no kind that can be validated", path))
                    .Hint("use a file that ends in .parquet, .csv, .tsv, .json, .ndjson or .jsonl"));
  }
  return fmt::format("{}({})", reader->function, engine::QuoteLiteral(path));
}

Result<std::string> TableRelation(const Target& target, std::string& schema) {
  const auto name = ParseTableName(target.table);
  if (!name) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("\"{}\" is not the name of a table", target.table))
                    .Hint("name it with its schema, like silver.orders"));
  }
  schema = name->schema;
  std::string relation = name->sql();
  if (target.version) relation += fmt::format(" at (version => {})", *target.version);
  return relation;
}

}  // namespace

Result<Frame> OpenTarget(engine::Session& session, const Target& target) {
  if (target.table.empty() == target.file.empty()) {
    return Fail(Error(ErrorCode::kUsage, "a suite is validated against either a table or a file")
                    .Hint("name one of them; a suite can name its table itself"));
  }
  std::string schema;
  SMELT_ASSIGN(std::string relation, target.file.empty() ? TableRelation(target, schema) : FileRelation(target.file));
  SMELT_ASSIGN(const engine::ResultTable empty, session.Query("select * from " + relation + " limit 0"));
  std::vector<Column> columns;
  for (const engine::ResultColumn& column : empty.columns) {
    columns.push_back({column.name, engine::QuoteIdentifier(column.name), column.type, column.kind});
  }
  return Frame(std::move(relation), std::move(schema), std::move(columns));
}

}  // namespace smelt::quality
