#include "ingest/source.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "base/config.h"
#include "base/file.h"
#include "ingest/internal/contract.h"
#include "ingest/internal/drop_folder.h"
#include "ingest/internal/merge_keys.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

/// One of several words, or an error that suggests the nearest.
template <typename T, std::size_t kCount>
Result<T> ReadWord(const ConfigNode& node, const std::array<std::pair<std::string_view, T>, kCount>& words) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  std::vector<std::string_view> known;
  for (const auto& [word, value] : words) {
    if (word == text) return value;
    known.push_back(word);
  }
  Error error = node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not known here", text));
  const std::string nearest = NearestWord(text, known);
  std::string choices;
  for (const std::string_view word : known) choices += fmt::format("{}{}", choices.empty() ? "" : ", ", word);
  return Fail(
      std::move(error).Hint(nearest.empty() ? "use one of " + choices : fmt::format("did you mean '{}'?", nearest)));
}

Status CheckName(const ConfigNode& node, const std::string& name) {
  const bool fits = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (fits) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' cannot be a name", name))
                  .Hint("use letters, digits and underscores"));
}

Result<std::string> ReadName(const ConfigNode& node) {
  SMELT_ASSIGN(std::string name, node.AsString());
  SMELT_TRY(CheckName(node, name));
  return name;
}

Result<char> ReadCharacter(const ConfigNode& node, std::string_view what) {
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (text == "tab" || text == "\\t") return '\t';
  const bool fits =
      text.size() == 1 && text[0] != '\n' && text[0] != '\r' && static_cast<unsigned char>(text[0]) < 0x80;
  if (fits) return text[0];
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' cannot be the {}", text, what))
                  .Hint("give one ASCII character, or `tab`"));
}

Result<std::int64_t> ReadBytes(const ConfigNode& node) {
  SMELT_ASSIGN(const std::int64_t bytes, node.AsInt());
  constexpr std::int64_t kMax = std::int64_t{1} << 30;
  if (bytes >= 1 && bytes <= kMax) return bytes;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} bytes is out of range", bytes))
                  .Hint(fmt::format("give a number from 1 to {}", kMax)));
}

constexpr std::array<std::string_view, 8> kFormatKeys = {"encoding",    "delimiter",       "quote",         "header",
                                                         "null_values", "field_bytes_max", "row_bytes_max", "contract"};

/// Reads the keys that `defaults` and every table share into what holds so far.
Status ReadFormat(const ConfigNode& node, CsvFormat& format, ContractMode& contract) {
  using Encoding = CsvFormat::Encoding;
  static constexpr std::array<std::pair<std::string_view, Encoding>, 3> kEncodings = {
      {{"utf-8", Encoding::kUtf8}, {"latin-1", Encoding::kLatin1}, {"iso-8859-1", Encoding::kLatin1}}};
  static constexpr std::array<std::pair<std::string_view, ContractMode>, 2> kModes = {
      {{"strict", ContractMode::kStrict}, {"open", ContractMode::kOpen}}};
  if (const auto child = node.Find("encoding")) {
    SMELT_ASSIGN(format.encoding, ReadWord(*child, kEncodings));
  }
  if (const auto child = node.Find("delimiter")) {
    SMELT_ASSIGN(format.delimiter, ReadCharacter(*child, "delimiter"));
  }
  if (const auto child = node.Find("quote")) {
    const auto text = child->AsString();
    if (text && *text == "none") {
      format.quote = '\0';
    } else {
      SMELT_ASSIGN(format.quote, ReadCharacter(*child, "quote"));
    }
  }
  if (format.delimiter == format.quote) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "delimiter and quote are the same character"));
  }
  SMELT_ASSIGN(format.header, node.BoolOr("header", format.header));
  if (const auto child = node.Find("null_values")) {
    SMELT_ASSIGN(format.null_values, child->AsStringList());
  }
  if (const auto child = node.Find("field_bytes_max")) {
    SMELT_ASSIGN(format.field_bytes_max, ReadBytes(*child));
  }
  if (const auto child = node.Find("row_bytes_max")) {
    SMELT_ASSIGN(format.row_bytes_max, ReadBytes(*child));
  }
  if (const auto child = node.Find("contract")) {
    SMELT_ASSIGN(contract, ReadWord(*child, kModes));
  }
  return {};
}

/// Reads "text", "integer", "decimal(10,2)" …
Status ReadType(const ConfigNode& node, Column& column) {
  static constexpr std::array<std::pair<std::string_view, ValueType>, 8> kTypes = {
      {{"text", ValueType::kText},
       {"integer", ValueType::kInteger},
       {"decimal", ValueType::kDecimal},
       {"double", ValueType::kReal},
       {"boolean", ValueType::kBoolean},
       {"date", ValueType::kDate},
       {"timestamp", ValueType::kTimestamp},
       {"timestamptz", ValueType::kTimestampTz}}};
  SMELT_ASSIGN(const std::string text, node.AsString());
  if (!text.starts_with("decimal")) {
    SMELT_ASSIGN(column.type, ReadWord(node, kTypes));
    return {};
  }
  column.type = ValueType::kDecimal;
  const bool shaped = RE2::FullMatch(text, R"(decimal\((\d{1,2}), ?(\d{1,2})\))", &column.precision, &column.scale);
  if (shaped && column.precision >= 1 && column.precision <= 18 && column.scale <= column.precision) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is not a decimal type", text))
                  .Hint("write decimal(precision,scale), for example decimal(10,2), with a precision of at most 18"));
}

Status ReadLength(const ConfigNode& node, Check& check) {
  if (!node.is_map()) {
    SMELT_ASSIGN(check.length_min, node.AsInt());
    check.length_max = check.length_min;
    return {};
  }
  SMELT_TRY(node.AllowKeys({"min", "max"}));
  SMELT_ASSIGN(check.length_min, node.IntOr("min", 0));
  SMELT_ASSIGN(check.length_max, node.IntOr("max", INT64_MAX));
  if (check.length_min <= check.length_max) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "the shortest length is greater than the longest"));
}

Result<Check> ReadCheck(const ConfigNode& node) {
  static constexpr std::array<std::pair<std::string_view, Severity>, 2> kSeverities = {
      {{"reject", Severity::kReject}, {"warn", Severity::kWarn}}};
  SMELT_TRY(node.AllowKeys({"set", "min", "max", "pattern", "length", "severity"}));
  Check check;
  int kinds = 0;
  if (const auto child = node.Find("set")) {
    check.kind = Check::Kind::kSet;
    SMELT_ASSIGN(check.set, child->AsStringList());
    ++kinds;
  }
  if (const auto child = node.Find("min")) {
    check.kind = Check::Kind::kMin;
    SMELT_ASSIGN(check.bound, child->AsString());
    ++kinds;
  }
  if (const auto child = node.Find("max")) {
    check.kind = Check::Kind::kMax;
    SMELT_ASSIGN(check.bound, child->AsString());
    ++kinds;
  }
  if (const auto child = node.Find("pattern")) {
    check.kind = Check::Kind::kPattern;
    SMELT_ASSIGN(check.pattern, child->AsString());
    ++kinds;
  }
  if (const auto child = node.Find("length")) {
    check.kind = Check::Kind::kLength;
    SMELT_TRY(ReadLength(*child, check));
    ++kinds;
  }
  if (kinds != 1) {
    return Fail(
        node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("a check has {} conditions instead of one", kinds))
            .Hint("write one list entry for each of set, min, max, pattern and length"));
  }
  if (const auto child = node.Find("severity")) {
    SMELT_ASSIGN(check.severity, ReadWord(*child, kSeverities));
  }
  return check;
}

Result<Column> ReadColumn(const ConfigNode& node) {
  constexpr std::array<std::string_view, 4> kReserved = {"ingestion_timestamp", "ingest_date", "source_file",
                                                         "data_quality_flag"};
  SMELT_TRY(node.AllowKeys({"name", "from", "type", "format", "timezone", "required", "description", "checks"}));
  Column column;
  SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(column.name, ReadName(name));
  if (std::ranges::find(kReserved, column.name) != kReserved.end()) {
    return Fail(name.ErrorHere(ErrorCode::kConfigValueInvalid,
                               fmt::format("the column name '{}' is taken: ingest fills it", column.name))
                    .Hint("choose another name and give the file's as `from`"));
  }
  SMELT_ASSIGN(column.header, node.StringOr("from", column.name));
  SMELT_ASSIGN(const ConfigNode type, node.Require("type"));
  SMELT_TRY(ReadType(type, column));
  if (const auto format = node.Find("format")) {
    SMELT_ASSIGN(column.formats, format->AsStringList());
  }
  SMELT_ASSIGN(column.zone, node.StringOr("timezone", ""));
  const bool is_time =
      column.type == ValueType::kDate || column.type == ValueType::kTimestamp || column.type == ValueType::kTimestampTz;
  if (!column.formats.empty() && !is_time) {
    return Fail(
        node.ErrorHere(ErrorCode::kConfigValueInvalid,
                       fmt::format("the column '{}' has a format, but its type is no date or time", column.name)));
  }
  SMELT_ASSIGN(column.required, node.BoolOr("required", false));
  SMELT_ASSIGN(column.description, node.StringOr("description", ""));
  if (const auto checks = node.Find("checks")) {
    for (const ConfigNode& item : checks->items()) {
      SMELT_ASSIGN(Check check, ReadCheck(item));
      column.checks.push_back(std::move(check));
      // Compiled here once, to complain where the check stands.
      if (auto compiled = ColumnContract::Compile(column); !compiled) {
        return Fail(std::move(compiled).error().At(item.file(), item.line(), item.column()));
      }
    }
  }
  if (auto compiled = ColumnContract::Compile(column); !compiled) {
    return Fail(std::move(compiled).error().At(node.file(), node.line(), node.column()));
  }
  return column;
}

Status ReadColumns(const ConfigNode& node, SourceTable& table) {
  SMELT_ASSIGN(const ConfigNode columns, node.Require("columns"));
  std::set<std::string> names, headers;
  for (const ConfigNode& item : columns.items()) {
    SMELT_ASSIGN(Column column, ReadColumn(item));
    if (!names.insert(column.name).second || !headers.insert(column.header).second) {
      return Fail(item.ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("the column '{}' stands twice in the contract", column.name)));
    }
    table.columns.push_back(std::move(column));
  }
  if (!table.columns.empty()) return {};
  return Fail(
      columns.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the table '{}' has no columns", table.name)));
}

Status ReadKey(const ConfigNode& node, SourceTable& table) {
  const auto key = node.Find("key");
  if (!key) return {};
  SMELT_ASSIGN(table.key, key->AsStringList());
  for (const std::string& name : table.key) {
    if (table.Find(name) != nullptr) continue;
    std::vector<std::string_view> known;
    for (const Column& column : table.columns) known.push_back(column.name);
    Error error = key->ErrorHere(ErrorCode::kConfigValueInvalid,
                                 fmt::format("the key column '{}' is no column of '{}'", name, table.name));
    const std::string nearest = NearestWord(name, known);
    return Fail(nearest.empty() ? std::move(error) : std::move(error).Hint(fmt::format("did you mean '{}'?", nearest)));
  }
  return {};
}

Result<SourceTable> ReadTable(const ConfigNode& node, const Source& source, const CsvFormat& format,
                              ContractMode contract, const std::string& schema) {
  std::vector<std::string_view> keys = {"name", "schema", "description", "files", "required", "key", "columns"};
  keys.insert(keys.end(), kFormatKeys.begin(), kFormatKeys.end());
  keys.insert(keys.end(), std::begin(kMergeKeys), std::end(kMergeKeys));
  SMELT_TRY(node.AllowKeys(keys));
  SourceTable table;
  table.file = source.file;
  table.line = node.line();
  table.format = format;
  table.contract = contract;
  table.schema = schema;
  SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(table.name, ReadName(name));
  if (const auto child = node.Find("schema")) {
    SMELT_ASSIGN(table.schema, ReadName(*child));
  }
  SMELT_ASSIGN(table.description, node.StringOr("description", ""));
  SMELT_ASSIGN(const ConfigNode files, node.Require("files"));
  SMELT_ASSIGN(table.files, files.AsStringList());
  SMELT_ASSIGN(table.required, node.BoolOr("required", true));
  SMELT_TRY(ReadFormat(node, table.format, table.contract));
  SMELT_TRY(ReadColumns(node, table));
  SMELT_TRY(ReadKey(node, table));
  SMELT_TRY(ReadMergeKeys(node, table));
  return table;
}

std::string ResolveLocation(const std::string& location, const std::string& project_dir) {
  if (IsBucketAddress(location)) return location;
  const fs::path path(location);
  return (path.is_absolute() ? path : fs::path(project_dir) / path).lexically_normal().string();
}

bool IsWithin(const std::string& path, const std::string& folder) {
  const std::string relative = fs::path(path).lexically_relative(folder).string();
  return !relative.empty() && !relative.starts_with("..");
}

Status ReadZones(const ConfigNode& node, const std::string& project_dir, Source& source) {
  constexpr std::int64_t kSettleSecondsMax = 3'600, kMillisPerSecond = 1'000;
  SMELT_TRY(node.AllowKeys({"archive", "rejected", "settle_seconds"}));
  for (const auto& [key, zone] : {std::pair{"archive", &source.zones.archive}, {"rejected", &source.zones.rejected}}) {
    const auto child = node.Find(key);
    if (!child) continue;
    SMELT_ASSIGN(const std::string path, child->AsString());
    *zone = ResolveLocation(path, project_dir);
    if (!IsWithin(*zone, source.location)) continue;
    return Fail(child
                    ->ErrorHere(ErrorCode::kConfigValueInvalid,
                                fmt::format("the zone '{}' lies within the location of the files", key))
                    .Hint("name a folder beside it: what lies in it would be found again"));
  }
  SMELT_ASSIGN(const std::int64_t seconds, node.IntOr("settle_seconds", 2));
  source.zones.settle_ms = seconds * kMillisPerSecond;
  source.zones.in_batches = !source.zones.rejected.empty();
  if (seconds >= 0 && seconds <= kSettleSecondsMax) return {};
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("{} seconds is out of range", seconds))
                  .Hint(fmt::format("give a number from 0 to {}", kSettleSecondsMax)));
}

Status CheckTablesAreUnique(const std::vector<Source>& sources) {
  std::map<std::string, const SourceTable*> writers;
  for (const Source& source : sources) {
    for (const SourceTable& table : source.tables) {
      const auto [first, inserted] = writers.emplace(table.QualifiedName(), &table);
      if (inserted) continue;
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("the table {} is defined already at {}:{}", table.QualifiedName(),
                                    first->second->file, first->second->line))
                      .At(table.file, table.line)
                      .Hint("give one of them another name, or put all globs into one table"));
    }
  }
  return {};
}

}  // namespace

std::string_view Check::name() const {
  switch (kind) {
    case Kind::kSet: return "set";
    case Kind::kMin: return "min";
    case Kind::kMax: return "max";
    case Kind::kPattern: return "pattern";
    case Kind::kLength: return "length";
  }
  return "";
}

std::string Column::SqlType() const {
  return EngineColumn(*this).SqlType();
}

const Column* SourceTable::Find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

Result<Source> ReadSource(const std::string& path, const std::string& project_dir) {
  static constexpr std::array<std::pair<std::string_view, int>, 1> kConnectors = {{{"csv", 0}}};
  SMELT_ASSIGN(const ConfigNode node, ConfigNode::ReadFile(path));
  SMELT_TRY(node.AllowKeys({"name", "description", "connector", "location", "zones", "schema", "defaults", "tables"}));
  Source source;
  source.file = path;
  SMELT_ASSIGN(const ConfigNode name, node.Require("name"));
  SMELT_ASSIGN(source.name, ReadName(name));
  SMELT_ASSIGN(source.description, node.StringOr("description", ""));
  SMELT_ASSIGN(const ConfigNode connector, node.Require("connector"));
  SMELT_TRY(ReadWord(connector, kConnectors));
  SMELT_ASSIGN(const std::string location, node.StringOr("location", "data"));
  source.location = ResolveLocation(location, project_dir);
  if (const auto zones = node.Find("zones")) SMELT_TRY(ReadZones(*zones, project_dir, source));
  std::string schema = "bronze";
  if (const auto child = node.Find("schema")) {
    SMELT_ASSIGN(schema, ReadName(*child));
  }
  CsvFormat format;
  ContractMode contract = ContractMode::kStrict;
  if (const auto defaults = node.Find("defaults")) {
    SMELT_TRY(defaults->AllowKeys(std::vector<std::string_view>(kFormatKeys.begin(), kFormatKeys.end())));
    SMELT_TRY(ReadFormat(*defaults, format, contract));
  }
  SMELT_ASSIGN(const ConfigNode tables, node.Require("tables"));
  for (const ConfigNode& item : tables.items()) {
    SMELT_ASSIGN(SourceTable table, ReadTable(item, source, format, contract, schema));
    source.tables.push_back(std::move(table));
  }
  if (source.tables.empty()) {
    return Fail(
        tables.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("the source '{}' has no tables", source.name)));
  }
  SMELT_TRY(ResolveReferences(source));
  return source;
}

Result<std::vector<Source>> LoadSources(const std::string& project_dir, const std::string& folder) {
  const fs::path path = fs::path(project_dir) / folder;
  std::error_code failure;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, failure), end; !failure && entry != end; entry.increment(failure)) {
    const std::string extension = entry->path().extension().string();
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (!hidden && (extension == ".yml" || extension == ".yaml")) files.push_back(entry->path().string());
  }
  if (failure) return Fail(FileError(failure.value(), "open the folder of sources", path.string()));
  std::ranges::sort(files);
  std::vector<Source> sources;
  for (const std::string& file : files) {
    SMELT_ASSIGN(Source source, ReadSource(file, project_dir));
    const auto same = std::ranges::find(sources, source.name, &Source::name);
    if (same != sources.end()) {
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("the source '{}' is defined already in {}", source.name, same->file))
                      .At(file, 1));
    }
    sources.push_back(std::move(source));
  }
  SMELT_TRY(CheckTablesAreUnique(sources));
  std::ranges::sort(sources, {}, &Source::name);
  return sources;
}

}  // namespace smelt::ingest
