#include "engine/internal/file_rewrite.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>

#include "base/clock.h"
#include "base/id.h"
#include "engine/internal/await.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet_writer.h"
#include "engine/internal/row_ids.h"

namespace smelt::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

/// Decimals beyond this many digits would lose some as a JSON number.
constexpr int kExactDecimalDigits = 15;
constexpr std::size_t kIsoDateLength = 10;

/// Splits the writer's name of a leaf, `"s"."x"`, into parts joined as FileStatistics has them.
std::string LeafKey(const std::string& quoted) {
  std::string key;
  bool inside = false;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    char c = quoted[i];
    if (c == '"') {
      bool doubled = inside && i + 1 < quoted.size() && quoted[i + 1] == '"';
      if (doubled) {
        key += '"';
        ++i;
      } else {
        inside = !inside;
      }
    } else if (c == '.' && !inside) {
      key += delta::kPathSeparator;
    } else {
      key += c;
    }
  }
  return key;
}

/// The type of a leaf within structs; nothing for leaves of lists and maps, which have no statistics in the log.
std::optional<LogicalType> LeafType(const TableShape& shape, const std::string& key) {
  std::size_t end = key.find(delta::kPathSeparator);
  auto column = shape.Find(key.substr(0, end));
  if (!column) return std::nullopt;
  LogicalType type = shape.types[*column];
  while (end != std::string::npos) {
    if (type.id() != LogicalTypeId::STRUCT) return std::nullopt;
    std::size_t begin = end + 1;
    end = key.find(delta::kPathSeparator, begin);
    std::string part = key.substr(begin, end == std::string::npos ? end : end - begin);
    bool found = false;
    for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
      if (name != part) continue;
      LogicalType next = child;
      type = next;
      found = true;
      break;
    }
    if (!found) return std::nullopt;
  }
  return type.IsNested() ? std::nullopt : std::optional(type);
}

/// Cuts or pads the fraction of "2018-05-24 06:00:00.123456" to milliseconds; a maximum is rounded up, so that readers
/// that take it literally lose nothing.
Json TimestampBound(const std::string& text, bool is_max, bool zoned) {
  auto micros = ParseTimestampMicros(text);
  if (!micros) return nullptr;
  std::int64_t millis = *micros / 1000;
  std::int64_t rest = *micros % 1000;
  if (rest < 0) {
    --millis;
    rest += 1000;
  }
  if (is_max && rest > 0) ++millis;
  std::string iso = FormatUtcMicros(millis * 1000);  // 2018-05-24T06:00:00.123000Z
  if (iso.size() != 27) return nullptr;              // years beyond four digits
  return iso.substr(0, 23) + (zoned ? "Z" : "");
}

/// The Parquet writer reports 0 and 1.
Json BooleanBound(const std::string& text) {
  if (text == "1" || text == "true") return true;
  return text == "0" || text == "false" ? Json(false) : Json();
}

std::ptrdiff_t CountDigits(const std::string& text) {
  return std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
}

Json NumberBound(const std::string& text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return nullptr;
  std::int64_t integer = 0;
  auto [int_end, int_error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (int_error == std::errc() && int_end == text.data() + text.size()) return integer;
  return value;
}

std::optional<std::int64_t> CountFrom(const std::string& text) {
  std::int64_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(count) : std::nullopt;
}

std::map<std::string, std::string> TextMap(const Value& map) {
  std::map<std::string, std::string> result;
  for (const Value& entry : duckdb::MapValue::GetChildren(map)) {
    const auto& pair = duckdb::StructValue::GetChildren(entry);
    if (!pair[1].IsNull()) result[pair[0].ToString()] = pair[1].ToString();
  }
  return result;
}

delta::FileStatistics StatisticsOf(const Value& report, std::int64_t rows, const TableShape& shape) {
  delta::FileStatistics statistics;
  statistics.rows = rows;
  for (const Value& entry : duckdb::MapValue::GetChildren(report)) {
    const auto& pair = duckdb::StructValue::GetChildren(entry);
    std::string key = LeafKey(pair[0].ToString());
    auto type = LeafType(shape, key);
    if (!type || (shape.described && !shape.described->contains(key))) continue;
    auto values = TextMap(pair[1]);
    delta::ColumnBounds bounds;
    if (auto nulls = values.find("null_count"); nulls != values.end()) bounds.null_count = CountFrom(nulls->second);
    auto nan = values.find("has_nan");
    bool has_nan = nan != values.end() && nan->second != "false";
    if (values.contains("min") && values.contains("max") && !has_nan) {
      bounds.min = StatisticsBound(values["min"], *type, false);
      bounds.max = StatisticsBound(values["max"], *type, true);
    }
    statistics.columns.emplace(std::move(key), std::move(bounds));
  }
  return statistics;
}

delta::PartitionValues PartitionsOf(const Value& report, const TableShape& shape) {
  delta::PartitionValues values;
  if (report.IsNull()) return values;
  for (const Value& entry : duckdb::MapValue::GetChildren(report)) {
    const auto& pair = duckdb::StructValue::GetChildren(entry);
    auto column = shape.Find(pair[0].ToString());
    if (!column) continue;
    bool null = pair[1].IsNull() || pair[1].ToString().empty();
    values[shape.names[*column]] = null ? std::nullopt : std::optional(PartitionText(pair[1], shape.types[*column]));
  }
  return values;
}

/// Runs `copy (…) to …` on a connection of its own and reads the writer's report.
Result<std::vector<WrittenFile>> CopySurvivors(Lake& lake, const TableStatePtr& state, const std::string& address,
                                               const delta::PartitionValues& partition) {
  SMELT_ASSIGN(TableStatePtr lent, WithRowIds(*state));
  std::string handle = lake.Lend(std::move(lent));
  duckdb::Connection connection(lake.database());
  auto result = AwaitQuery(connection, CopyStatement(state->shape, handle, {.address = address}));
  lake.TakeBack(handle);
  if (result->HasError()) return Fail(FromDuckDb(result->GetErrorObject()));
  return FilesFromReport(*result, lake.store().Address(state->folder), state->shape, partition);
}

/// As the JVM writes what is no number.
std::string FloatText(std::string text) {
  if (text == "nan" || text == "-nan") return "NaN";
  if (text == "inf") return "Infinity";
  return text == "-inf" ? "-Infinity" : text;
}

}  // namespace

Json StatisticsBound(const std::string& text, const LogicalType& type, bool is_max) {
  switch (type.id()) {
    case LogicalTypeId::VARCHAR:
      if (!is_max) return delta::TruncateMin(text);
      if (auto cut = delta::TruncateMax(text)) return *cut;
      return nullptr;
    case LogicalTypeId::DATE: return text.size() == kIsoDateLength ? Json(text) : Json();
    case LogicalTypeId::TIMESTAMP: return TimestampBound(text, is_max, false);
    case LogicalTypeId::TIMESTAMP_TZ: return TimestampBound(text, is_max, true);
    case LogicalTypeId::DECIMAL: return CountDigits(text) > kExactDecimalDigits ? Json() : NumberBound(text);
    // Spark has no use for it, but delta-rs takes a bound that is missing beside others for one that no row is within.
    case LogicalTypeId::BOOLEAN: return BooleanBound(text);
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::FLOAT: return NumberBound(text);
    default: return nullptr;
  }
}

std::string PartitionText(const Value& value, const LogicalType& type) {
  std::string text = type.id() == LogicalTypeId::BLOB ? duckdb::StringValue::Get(value) : value.ToString();
  switch (type.id()) {
    // DuckDB writes it in the session's zone; the log has it in UTC.
    case LogicalTypeId::TIMESTAMP_TZ: return FormatUtcMicros(duckdb::Timestamp::FromString(text, true).value);
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE: return FloatText(std::move(text));
    default: return text;
  }
}

WrittenFile FileFromReport(duckdb::DataChunk& report, std::size_t row, const std::string& folder_address,
                           const TableShape& shape) {
  WrittenFile file;
  file.address = report.GetValue(0, row).ToString();
  std::string relative =
      file.address.starts_with(folder_address + "/") ? file.address.substr(folder_address.size() + 1) : file.address;
  file.add.path = delta::EncodePath(relative);
  file.add.size_bytes = report.GetValue(2, row).GetValue<std::int64_t>();
  file.add.modification_time_ms = NowMillis();
  file.add.partition_values = PartitionsOf(report.GetValue(5, row), shape);
  auto rows = report.GetValue(1, row).GetValue<std::int64_t>();
  file.add.stats = delta::StatisticsToString(StatisticsOf(report.GetValue(4, row), rows, shape));
  return file;
}

std::string StoredColumnList(const TableShape& shape) {
  std::string columns;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    if (shape.IsPartition(i)) continue;
    if (!columns.empty()) columns += ", ";
    columns += QuoteIdentifier(shape.names[i]);
  }
  return columns;
}

std::string CopyQuery(const std::string& query, const TableShape& shape, const std::string& address) {
  return fmt::format("copy ({}) to {} (format {}, {}, return_stats true)", query, QuoteLiteral(address),
                     ParquetFormat(shape), ParquetCopyOptions(shape));
}

std::string CopyStatement(const TableShape& shape, const std::string& handle, const CopyTarget& target) {
  std::string order = target.order_by.empty() ? "" : " order by " + target.order_by;
  std::string options = target.any_order ? ", preserve_order false" : "";
  if (target.file_bytes_max) {
    options += fmt::format(", overwrite_or_ignore true, file_size_bytes {}, filename_pattern {}",
                           *target.file_bytes_max, QuoteLiteral(target.name_pattern));
  }
  return fmt::format("copy (select {}{} from smelt_lent({}){}) to {} (format {}, {}, return_stats true{})",
                     StoredColumnList(shape), RowIdColumns(shape), QuoteLiteral(handle), order,
                     QuoteLiteral(target.address), ParquetFormat(shape), ParquetCopyOptions(shape), options);
}

std::vector<WrittenFile> FilesFromReport(duckdb::QueryResult& report, const std::string& folder_address,
                                         const TableShape& shape, const delta::PartitionValues& partition) {
  std::vector<WrittenFile> files;
  for (auto chunk = report.Fetch(); chunk && chunk->size() > 0; chunk = report.Fetch()) {
    for (std::size_t row = 0; row < chunk->size(); ++row) {
      WrittenFile file = FileFromReport(*chunk, row, folder_address, shape);
      file.add.partition_values = partition;
      files.push_back(std::move(file));
    }
  }
  return files;
}

Result<std::vector<WrittenFile>> RewriteSurvivors(Lake& lake, const TableState& state,
                                                  const std::vector<LiveFile>& files, const std::string& mark) {
  // Survivors of one partition folder go into one new file. Files of other tables, as clones have them, leave theirs.
  const std::string own = lake.store().Address(state.folder);
  std::map<std::pair<std::string, delta::PartitionValues>, std::vector<LiveFile>> folders;
  for (const LiveFile& live : files) {
    const std::string& address = live.file->address();
    const std::string folder = address.starts_with(own + "/") ? address.substr(0, address.rfind('/')) : own;
    folders[{folder, live.file->add().partition_values}].push_back(live);
  }
  std::vector<WrittenFile> written;
  for (auto& [place, members] : folders) {
    const auto& [folder, partition] = place;
    auto part = std::make_shared<TableState>(state);
    part->files = std::move(members);
    std::string address = fmt::format("{}/part-{}-{}.parquet", folder, NewUuid(), mark);
    auto copied = CopySurvivors(lake, part, address, partition);
    if (!copied) return Fail(std::move(copied.error()));
    written.insert(written.end(), std::make_move_iterator(copied->begin()), std::make_move_iterator(copied->end()));
  }
  return written;
}

}  // namespace smelt::engine
