#include "quality/data_source.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "quality/internal/table_name.h"
#include "quality/internal/target.h"

namespace smelt::quality {
namespace {

std::vector<engine::ResultColumn> ColumnsOf(const Frame& frame) {
  std::vector<engine::ResultColumn> columns;
  for (const Column& column : frame.columns()) columns.push_back({column.name, column.type, column.kind});
  return columns;
}

/// Parquet is read where it lies; texts are parsed once.
Result<DataSource> FindFile(engine::Session& session, const std::string& path) {
  SMELT_ASSIGN(const Frame frame, OpenTarget(session, {.file = path}, true));
  return DataSource{.label = path, .table = {}, .version = {}, .relation = frame.source(), .columns = ColumnsOf(frame)};
}

Result<DataSource> FindFolder(engine::Session& session, const std::string& path) {
  std::error_code problem;
  if (!std::filesystem::is_directory(std::filesystem::path(path) / "_delta_log", problem)) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the folder {} is no Delta table", path))
                    .Hint("name a folder with a _delta_log, a file or a table of the lake"));
  }
  DataSource source{.label = path, .table = {}, .version = {}, .relation = {}, .columns = {}};
  source.relation = fmt::format("delta_scan({})", engine::QuoteLiteral(path));
  SMELT_ASSIGN(const engine::ResultTable empty, session.Query("select * from " + source.relation + " limit 0"));
  source.columns = empty.columns;
  return source;
}

/// The version that a table had at a moment.
Result<std::int64_t> VersionAt(engine::Session& session, const TableName& name, std::string_view moment) {
  const std::string at = fmt::format("(timestamp => timestamp {})", engine::QuoteLiteral(moment));
  SMELT_TRY(session.Query(fmt::format("select * from {} at {} limit 0", name.sql(), at)));
  SMELT_ASSIGN(const engine::ResultTable newest,
               session.Query(fmt::format("select max(version) from table_history({}) where timestamp <= timestamp {}",
                                         engine::QuoteLiteral(name.text()), engine::QuoteLiteral(moment))));
  if (const auto version = newest.Int()) return *version;
  return Fail(Error(ErrorCode::kDeltaVersionMissing, fmt::format("{} has no version of {}", name.text(), moment))
                  .Hint(fmt::format("`smelt table history {}` lists its versions", name.text())));
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 18 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t NumberOf(std::string_view digits) {
  std::int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

Result<DataSource> FindTable(engine::Engine& engine, engine::Session& session, std::string_view text) {
  const std::size_t at = text.rfind('@');
  const std::string_view point = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  const auto name = ParseTableName(text.substr(0, at));
  if (!name || (at != std::string_view::npos && point.empty())) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("\"{}\" is neither a file nor the name of a table", text))
            .Hint("name a table with its schema, like silver.orders, silver.orders@3 or silver.orders@2018-05-24"));
  }
  if (engine.options().lake.empty()) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("there is no file {}, and no lake is named to look for a table", text))
            .Hint("pass --lake DIR, or set SMELT_LAKE"));
  }
  DataSource source{.label = std::string(text), .table = name->text(), .version = {}, .relation = {}, .columns = {}};
  if (IsNumber(point)) {
    source.version = NumberOf(point);
  } else if (!point.empty()) {
    SMELT_ASSIGN(source.version, VersionAt(session, *name, point));
  } else {
    SMELT_ASSIGN(source.version, engine.TableVersion(name->schema, name->table));
  }
  SMELT_ASSIGN(const Frame frame, OpenTarget(session, {.table = source.table, .version = source.version}));
  source.relation = frame.source();
  source.columns = ColumnsOf(frame);
  return source;
}

}  // namespace

bool NamesFile(std::string_view text) {
  std::error_code problem;
  return std::filesystem::exists(std::filesystem::path(text), problem);
}

Result<DataSource> FindData(engine::Engine& engine, engine::Session& session, std::string_view text) {
  const std::string path(text);
  if (NamesFile(text)) {
    std::error_code problem;
    return std::filesystem::is_directory(path, problem) ? FindFolder(session, path) : FindFile(session, path);
  }
  const bool looks_like_a_file = text.find('/') != std::string_view::npos || text.ends_with(".csv") ||
                                 text.ends_with(".parquet") || text.ends_with(".json");
  if (looks_like_a_file) return Fail(ErrorCode::kStoreNotFound, fmt::format("there is no file {}", text));
  return FindTable(engine, session, text);
}

}  // namespace smelt::quality
