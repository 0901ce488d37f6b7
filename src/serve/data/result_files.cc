#include "serve/data/result_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/id.h"

namespace smelt::serve {
namespace {

namespace fs = std::filesystem;

/// How a type is written where Parquet has none for it.
std::string_view WrittenAs(std::string_view type) {
  if (type == "HUGEINT" || type == "UHUGEINT") return "DECIMAL(38,0)";
  if (type == "BIT" || type == "BIGNUM" || type.starts_with("UNION(") || type == "TIME WITH TIME ZONE")
    return "VARCHAR";
  if (type == "\"NULL\"") return "INTEGER";
  return "";
}

/// The statement with names of its columns that differ, and types that Parquet has.
std::string Select(std::string_view sql, const std::vector<engine::ResultColumn>& columns, std::int64_t rows_max) {
  std::string names;
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string_view type = WrittenAs(columns[i].type);
    names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
    list += fmt::format("{}c{}{}{} as {}", i == 0 ? "" : ", ", i, type.empty() ? "" : "::", type,
                        engine::QuoteIdentifier(columns[i].name));
  }
  // A line of its own: the statement may end with a comment.
  return fmt::format("select {} from (\n{}\n) as r({}) limit {}", list, sql, names, rows_max);
}

}  // namespace

Result<std::unique_ptr<ResultFolder>> ResultFolder::Make() {
  std::error_code error;
  std::string path = (fs::temp_directory_path(error) / "smelt-results-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr) {
    return Fail(
        Error(ErrorCode::kStoreIo, fmt::format("cannot make the folder {} for results: {}", path, std::strerror(errno)))
            .Hint("name another one for temporary files with TMPDIR"));
  }
  return std::unique_ptr<ResultFolder>(new ResultFolder(std::move(path)));
}

ResultFolder::~ResultFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string ResultFolder::NewPath() const {
  return fmt::format("{}/{}.parquet", path_, NewUuid());
}

Result<WrittenResult> WriteResult(engine::Session& session, std::string_view sql,
                                  const engine::ParameterValues& parameters, std::int64_t rows_max,
                                  const std::string& path) {
  WrittenResult written;
  SMELT_ASSIGN(written.columns, engine::RowStream::Describe(session, sql));
  const std::string copy = fmt::format("copy ({}) to {} (format parquet)", Select(sql, written.columns, rows_max),
                                       engine::QuoteLiteral(path));
  const auto rows = engine::ExecuteWith(session, copy, parameters);
  if (!rows) {
    ::unlink(path.c_str());
    return Fail(rows.error());
  }
  written.rows = rows->value_or(0);
  return written;
}

}  // namespace smelt::serve
