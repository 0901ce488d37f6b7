#include "ingest/internal/csv/csv_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "base/config.h"
#include "ingest/internal/text_scan.h"

namespace smelt::ingest {
namespace {

/// How much of a name, and of all names, a message shows: a header may be megabytes of something else.
constexpr std::size_t kShownNameBytes = 80;
constexpr std::size_t kShownNamesBytes = 400;

/// What the bytes are when they are a compressed file, as the beginnings of such files tell.
std::string_view CompressedForm(std::string_view bytes) {
  if (bytes.starts_with("\x1F\x8B")) return "gzip";
  if (bytes.starts_with("PK\x03\x04")) return "ZIP or spreadsheet";
  if (bytes.starts_with("\x28\xB5\x2F\xFD")) return "Zstandard";
  if (bytes.starts_with("PAR1")) return "Parquet";
  return {};
}

Error NotText(const CsvRecord& header, std::size_t column, std::string_view name) {
  const std::string_view form = column == 1 ? CompressedForm(name) : std::string_view();
  if (!form.empty()) {
    return Error(ErrorCode::kCsvHeaderInvalid, fmt::format("this is a {} file, not CSV text", form))
        .At("", header.line)
        .Hint("unpack or export it as CSV first");
  }
  return Error(ErrorCode::kCsvHeaderInvalid,
               fmt::format("the name of column {} is not UTF-8 text: {}", column, EscapeInvalid(name, kShownNameBytes)))
      .At("", header.line)
      .Hint("save the file as UTF-8, or set `encoding: latin-1`");
}

Result<std::vector<std::string>> HeaderNames(const CsvRecord& header, const CsvFormat& format) {
  if (header.fault != RecordFault::kNone) {
    return Fail(Error(ErrorCode::kCsvHeaderInvalid, "the header line is not well-formed CSV").At("", header.line));
  }
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (const CsvField& field : header.fields) {
    std::string name;
    if (field.doubled) {
      Unquote(field.text, format.quote, name);
    } else {
      name = field.text;
    }
    if (format.encoding == CsvFormat::Encoding::kLatin1) {
      std::string converted;
      AppendLatin1(name, converted);
      name = std::move(converted);
    }
    if (!IsUtf8(name) || name.find('\0') != std::string::npos) {
      return Fail(NotText(header, names.size() + 1, name));
    }
    if (!seen.insert(name).second) {
      return Fail(Error(ErrorCode::kCsvHeaderInvalid,
                        fmt::format("the header names the column '{}' twice", EscapeInvalid(name, kShownNameBytes)))
                      .At("", header.line));
    }
    names.push_back(std::move(name));
  }
  return names;
}

Error WithNearest(Error error, std::string_view word, const std::vector<std::string_view>& known,
                  std::string otherwise) {
  const std::string nearest = NearestWord(word, known);
  return std::move(error).Hint(nearest.empty()
                                   ? std::move(otherwise)
                                   : fmt::format("'{}' is there: is it the same column? {}", nearest, otherwise));
}

}  // namespace

Result<ColumnMapping> MapHeader(const CsvRecord& header, const SourceTable& table) {
  SMELT_ASSIGN(const std::vector<std::string> names, HeaderNames(header, table.format));
  ColumnMapping mapping;
  mapping.fields = names.size();
  std::vector<std::string_view> unknown;  // names of the file that no column has
  for (const std::string& name : names) {
    if (std::ranges::find(table.columns, name, &Column::header) == table.columns.end()) unknown.push_back(name);
  }
  for (const Column& column : table.columns) {
    const auto found = std::ranges::find(names, column.header);
    if (found == names.end()) {
      Error error = Error(ErrorCode::kCsvColumnMissing, fmt::format("the column '{}' is missing", column.header))
                        .At("", header.line);
      return Fail(
          WithNearest(std::move(error), column.header, unknown,
                      fmt::format("the header has: {}; check the delimiter, or name the file's column with `from`",
                                  EscapeInvalid(fmt::format("{}", fmt::join(names, ", ")), kShownNamesBytes))));
    }
    mapping.field_of_column.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  if (table.contract == ContractMode::kStrict && !unknown.empty()) {
    Error error = Error(ErrorCode::kCsvColumnUnexpected,
                        fmt::format("the column '{}' is not in the contract of {}",
                                    EscapeInvalid(unknown.front(), kShownNameBytes), table.QualifiedName()))
                      .At("", header.line);
    return Fail(std::move(error).Hint(
        fmt::format("add it to {}, or set `contract: open` to leave unknown columns out", table.file)));
  }
  return mapping;
}

ColumnMapping MapPositions(const SourceTable& table) {
  ColumnMapping mapping;
  mapping.fields = table.columns.size();
  for (std::size_t i = 0; i < mapping.fields; ++i) mapping.field_of_column.push_back(i);
  return mapping;
}

}  // namespace smelt::ingest
