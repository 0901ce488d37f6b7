#include "app/internal/result_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "app/internal/terminal/table_view.h"
#include "app/internal/terminal/text.h"
#include "base/json.h"

namespace smelt::app {
namespace {

using engine::Cell;
using engine::ResultColumn;
using engine::ResultKind;
using engine::TypeKind;

std::string CsvField(const std::string& text) {
  bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string::npos;
  if (plain) return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

class CsvWriter : public ResultWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}

  Status Columns(const std::vector<ResultColumn>& columns, ResultKind kind) override {
    wanted_ = kind == ResultKind::kRows;
    if (!wanted_) return {};
    std::string line;
    for (const auto& column : columns) line += (line.empty() ? "" : ",") + CsvField(column.name);
    out_ << line << "\n";
    return {};
  }

  Status Rows(const std::vector<std::vector<Cell>>& rows) override {
    if (!wanted_) return {};
    std::string text;
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text += ',';
        // NULL is an empty field, the empty string a quoted one.
        if (row[i]) text += CsvField(*row[i]);
      }
      text += '\n';
    }
    out_ << text;
    return CheckWritten(out_);
  }

  Status Finish() override { return {}; }

 private:
  std::ostream& out_;
  bool wanted_ = false;
};

/// Lists and structs come as JSON but for numbers that JSON has no words for, which become null.
std::string StrictJson(const std::string& text) {
  if (text.find("NaN") == std::string::npos && text.find("Infinity") == std::string::npos) return text;
  std::string strict;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    std::size_t word = 0;
    for (const std::string_view name : {"NaN", "Infinity", "-NaN", "-Infinity"}) {
      if (!quoted && rest.starts_with(name)) word = name.size();
    }
    if (word > 0) {
      strict += "null";
      at += word;
      continue;
    }
    if (rest[0] == '"') quoted = !quoted;
    const std::size_t length = quoted && rest[0] == '\\' ? std::min<std::size_t>(2, rest.size()) : 1;
    strict += rest.substr(0, length);
    at += length;
  }
  return strict;
}

/// One cell as JSON: numbers and booleans as such where JSON has them, lists and structs as they are.
std::string JsonCell(const ResultColumn& column, const Cell& cell) {
  if (!cell) return "null";
  switch (column.kind) {
    case TypeKind::kFloat:
      if (cell->find_first_of("in") != std::string::npos) return "null";  // inf and nan
      return *cell;
    case TypeKind::kBoolean:
    case TypeKind::kInteger:
    case TypeKind::kDecimal: return *cell;
    case TypeKind::kNested: return StrictJson(*cell);
    default: return JsonText(Json(*cell));
  }
}

class JsonWriter : public ResultWriter {
 public:
  JsonWriter(std::ostream& out, bool lines) : out_(out), lines_(lines) {}

  Status Columns(const std::vector<ResultColumn>& columns, ResultKind kind) override {
    wanted_ = kind == ResultKind::kRows;
    columns_ = columns;
    for (const auto& column : columns) keys_.push_back(JsonText(Json(column.name)));
    if (wanted_ && !lines_) out_ << "[";
    return {};
  }

  Status Rows(const std::vector<std::vector<Cell>>& rows) override {
    if (!wanted_) return {};
    std::string text;
    for (const auto& row : rows) {
      if (!lines_) text += first_ ? "\n" : ",\n";
      first_ = false;
      text += '{';
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text += ',';
        text += keys_[i];
        text += ':';
        text += JsonCell(columns_[i], row[i]);
      }
      text += '}';
      if (lines_) text += '\n';
    }
    out_ << text;
    return CheckWritten(out_);
  }

  Status Finish() override {
    if (wanted_ && !lines_) out_ << (first_ ? "]\n" : "\n]\n");
    return {};
  }

 private:
  std::ostream& out_;
  bool lines_;
  bool wanted_ = false;
  bool first_ = true;
  std::vector<ResultColumn> columns_;
  std::vector<std::string> keys_;
};

bool AlignsRight(TypeKind kind) {
  return kind == TypeKind::kInteger || kind == TypeKind::kDecimal || kind == TypeKind::kFloat;
}

class TableWriter : public ResultWriter {
 public:
  TableWriter(std::ostream& out, int width, std::int64_t rows_max, const TableStyle& style)
      : out_(out), width_(width), rows_max_(rows_max), style_(style) {}

  Status Columns(const std::vector<ResultColumn>& columns, ResultKind kind) override {
    kind_ = kind;
    for (const auto& column : columns) table_.columns.push_back({column.name, AlignsRight(column.kind)});
    return {};
  }

  Status Rows(const std::vector<std::vector<Cell>>& rows) override {
    for (const auto& row : rows) {
      ++rows_;
      if (rows_ <= rows_max_) table_.rows.push_back(row);
    }
    return {};
  }

  Status Finish() override {
    if (IsPlan()) {
      for (const auto& row : table_.rows) out_ << PlainLines(row[1].value_or(""));
    } else if (kind_ == ResultKind::kRows) {
      table_.rows_total = rows_;
      out_ << RenderTable(table_, width_, style_);
    } else if (kind_ == ResultKind::kChangedRows && !table_.rows.empty()) {
      const std::string count = table_.rows[0][0].value_or("0");
      out_ << fmt::format("{} row{} changed\n", count, count == "1" ? "" : "s");
    }
    return {};
  }

 private:
  /// What EXPLAIN gives: drawings of many lines, which no cell holds.
  bool IsPlan() const {
    return table_.columns.size() == 2 && table_.columns[0].name == "explain_key" &&
           table_.columns[1].name == "explain_value";
  }

  static std::string PlainLines(const std::string& text) {
    std::string lines;
    for (const std::string& line : Wrap(text, std::numeric_limits<int>::max())) lines += line + "\n";
    return lines;
  }

  std::ostream& out_;
  int width_;
  std::int64_t rows_max_;
  TableStyle style_;
  std::int64_t rows_ = 0;
  ResultKind kind_ = ResultKind::kNothing;
  TableContent table_;
};

}  // namespace

Result<OutputFormat> ParseOutputFormat(const std::string& text) {
  if (text == "table") return OutputFormat::kTable;
  if (text == "csv") return OutputFormat::kCsv;
  if (text == "json") return OutputFormat::kJson;
  if (text == "ndjson") return OutputFormat::kNdjson;
  return Fail(ErrorCode::kUsage, fmt::format("'{}' is no output format: table, csv, json or ndjson", text));
}

std::unique_ptr<ResultWriter> MakeResultWriter(OutputFormat format, std::ostream& out, int width, std::int64_t rows_max,
                                               const TableStyle& style) {
  switch (format) {
    case OutputFormat::kCsv: return std::make_unique<CsvWriter>(out);
    case OutputFormat::kJson: return std::make_unique<JsonWriter>(out, false);
    case OutputFormat::kNdjson: return std::make_unique<JsonWriter>(out, true);
    case OutputFormat::kTable: break;
  }
  return std::make_unique<TableWriter>(out, width, rows_max, style);
}

Status CheckWritten(const std::ostream& out) {
  if (out) return {};
  return Fail(ErrorCode::kStoreIo, "cannot write to standard output");
}

}  // namespace smelt::app
