#include "quality/internal/target.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/ascii.h"
#include "quality/internal/csv_shape.h"
#include "quality/internal/table_name.h"

namespace smelt::quality {
namespace {

constexpr std::string_view kParquet = "read_parquet(";

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
  const std::string extension = LowerAscii(std::filesystem::path(path).extension().string());
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

constexpr std::string_view kPresent = "case when isnan({0}) then null else {0} end";

/// `select` over a relation in which not-a-number is a missing value; empty when no column can hold such. `present`
/// says so of one column, {0}.
std::string Replacements(const std::vector<Column>& columns, std::string_view present = kPresent) {
  std::string list;
  for (const Column& column : columns) {
    if (column.kind != engine::TypeKind::kFloat) continue;
    list +=
        fmt::format("{}{} as {}", list.empty() ? "" : ", ", fmt::format(fmt::runtime(present), column.sql), column.sql);
  }
  return list.empty() ? "" : " replace (" + list + ")";
}

/// A Parquet file knows the position of each row; the readers of texts keep their order.
std::string NumberedRelation(const std::string& file_relation, const std::string& replacements,
                             const std::vector<Column>& columns) {
  const bool named_so = std::ranges::any_of(columns, [](const Column& one) { return one.name == "file_row_number"; });
  if (!file_relation.starts_with(kParquet) || named_so) {
    return fmt::format("(select *{}, row_number() over () - 1 as {} from {})", replacements, kRowNumber, file_relation);
  }
  return fmt::format("(select * exclude (file_row_number){}, file_row_number as {} from {}, file_row_number => true))",
                     replacements, kRowNumber, file_relation.substr(0, file_relation.size() - 1));
}

std::vector<Column> ColumnsOf(const std::vector<engine::ResultColumn>& described) {
  std::vector<Column> columns;
  for (const engine::ResultColumn& column : described) {
    columns.push_back({column.name, engine::QuoteIdentifier(column.name), column.type, column.kind});
  }
  return columns;
}

}  // namespace

Frame FrameOf(const std::string& relation, std::string schema, const std::vector<engine::ResultColumn>& described) {
  std::vector<Column> columns = ColumnsOf(described);
  Frame::Relations relations{.source = relation};
  const std::string replacements = Replacements(columns);
  if (!replacements.empty()) {
    relations.rows = fmt::format("(select *{} from {})", replacements, relation);
    relations.counted = fmt::format("(select *{} from {})", Replacements(columns, "smelt_present({0})"), relation);
  }
  return Frame(std::move(relations), std::move(schema), std::move(columns));
}

Result<Frame> OpenTarget(engine::Session& session, const Target& target, bool parses_once) {
  if (target.table.empty() == target.file.empty()) {
    return Fail(Error(ErrorCode::kUsage, "a suite is validated against either a table or a file")
                    .Hint("name one of them; a suite can name its table itself"));
  }
  std::string schema;
  SMELT_ASSIGN(std::string source, target.file.empty() ? TableRelation(target, schema) : FileRelation(target.file));
  const bool is_csv = source.starts_with("read_csv(");
  if (parses_once && !target.file.empty() && !source.starts_with(kParquet)) {
    const std::string rows = "temp." + engine::QuoteIdentifier("rows of " + target.file);
    SMELT_TRY(session.Execute(fmt::format("create or replace temporary table {} as select * from {}", rows, source)));
    source = rows;
  }
  SMELT_ASSIGN(const engine::ResultTable empty, session.Query("select * from " + source + " limit 0"));
  if (!target.file.empty() && is_csv) SMELT_TRY(CheckCsvShape(target.file, empty.columns.size()));
  Frame frame = FrameOf(source, std::move(schema), empty.columns);
  if (target.file.empty()) return frame;
  return frame.Numbered(NumberedRelation(source, Replacements(frame.columns()), frame.columns()));
}

}  // namespace smelt::quality
