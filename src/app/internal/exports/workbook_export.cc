#include "app/internal/exports/workbook_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "app/internal/exports/sheet_column.h"
#include "base/clock.h"
#include "base/config.h"
#include "engine/release.h"
#include "engine/statement_info.h"
#include "engine/table_pin.h"
#include "workbook/sheet_name.h"
#include "workbook/workbook_writer.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kMicrosPerMilli = 1'000;

/// An error of one sheet; a mistake of whoever wrote it down at the place where they did.
Error OfSheet(const SheetOrder& sheet, Error error) {
  const bool is_mistake = error.file() == "SQL" || error.code() == ErrorCode::kConfigValueInvalid ||
                          error.code() == ErrorCode::kAccessReadOnly;
  Error told = std::move(error).Context(fmt::format("sheet '{}'", sheet.name));
  return is_mistake && !sheet.file.empty() ? std::move(told).At(sheet.file, sheet.line) : std::move(told);
}

Status CheckOrder(const WorkbookOrder& order) {
  if (!order.path.ends_with(".xlsx")) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' does not end with .xlsx", order.path))
                    .Hint("Excel opens no workbook under another name"));
  }
  if (order.sheets.empty()) {
    return Fail(
        Error(ErrorCode::kUsage, "a workbook needs a sheet").Hint("add --table SCHEMA.TABLE or --sheet NAME=SQL"));
  }
  std::set<std::string> names;
  for (const SheetOrder& sheet : order.sheets) {
    if (const std::string fault = workbook::SheetNameFault(sheet.name); !fault.empty()) {
      return Fail(ErrorCode::kUsage, fmt::format("the name of sheet '{}' {}", sheet.name, fault));
    }
    if (!names.insert(workbook::FoldSheetName(sheet.name)).second) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("there is a sheet '{}' already", sheet.name))
                      .Hint("Excel makes no difference between capital and small letters"));
    }
  }
  return {};
}

/// The tables of the lake that a sheet reads. Errors: kAccessReadOnly for what is no query.
Result<std::vector<engine::RelationName>> TablesOf(engine::Session& session, const SheetOrder& sheet) {
  auto info = engine::DescribeStatement(session, sheet.sql);
  if (!info) return Fail(OfSheet(sheet, std::move(info.error())));
  if (info->kind == engine::StatementKind::kSelect && !info->changes_lake) return std::move(info->reads);
  return Fail(OfSheet(sheet, Error(ErrorCode::kAccessReadOnly,
                                   fmt::format("{} is no query that only reads", engine::StatementKindText(info->kind)))
                                 .Hint("write a SELECT")));
}

/// The tables of all sheets in the state of one instant.
Result<std::vector<engine::TablePin>> PinTables(engine::Engine& engine, engine::Session& session,
                                                const WorkbookOrder& order) {
  std::int64_t at_ms = NowMillis();
  if (!order.as_of.empty()) {
    const auto micros = ParseTimestampMicros(order.as_of);
    if (!micros) return Fail(ErrorCode::kUsage, fmt::format("'{}' is no time", order.as_of));
    at_ms = *micros / kMicrosPerMilli;
  }
  SMELT_ASSIGN(const engine::ReleasePtr release, engine::Releases(engine).Current());
  session.ReadAt({}, release);
  std::set<engine::RelationName> tables;
  for (const SheetOrder& sheet : order.sheets) {
    SMELT_ASSIGN(const auto read, TablesOf(session, sheet));
    tables.insert(read.begin(), read.end());
  }
  std::vector<engine::TablePin> pins;
  for (const engine::RelationName& table : tables) {
    auto pin = engine.Pin(table.schema, table.name, {.timestamp_ms = at_ms}, release);
    // A table that was made by a clock ahead of ours began after now.
    const bool is_new = !pin && pin.error().code() == ErrorCode::kDeltaVersionMissing && order.as_of.empty();
    if (is_new) pin = engine.Pin(table.schema, table.name, {}, release);
    if (!pin) return Fail(std::move(pin.error()).Context(table.Text()));
    if (*pin) pins.push_back(std::move(**pin));
  }
  return pins;
}

/// Writes the rows of one query as a sheet while they come.
class SheetSink : public engine::ResultSink {
 public:
  SheetSink(workbook::WorkbookWriter& writer, const SheetOrder& sheet, RunObserver& observer,
            const std::stop_token& stop)
      : writer_(writer), sheet_(sheet), observer_(observer), stop_(stop), written_{.name = sheet.name} {}

  Status Columns(const std::vector<engine::ResultColumn>& columns, engine::ResultKind) override {
    SMELT_TRY(CheckFormats(columns));
    std::vector<workbook::SheetColumn> shown;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      SheetColumnPlan plan = PlanColumn(columns[i], sheet_.formats.value(columns[i].name, Json::object()));
      if (plan.hidden) continue;
      shown.push_back({.title = plan.title, .format = plan.format});
      places_.push_back(i);
      plans_.push_back(std::move(plan));
    }
    if (plans_.empty()) return Fail(ErrorCode::kConfigValueInvalid, "all columns are hidden");
    written_.columns = plans_.size();
    values_.resize(plans_.size());
    return writer_.BeginSheet(sheet_.name, std::move(shown));
  }

  Status Rows(const std::vector<std::vector<engine::Cell>>& rows) override {
    if (stop_.stop_requested()) return Fail(ErrorCode::kCancelled, "interrupted");
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < plans_.size(); ++i) {
        values_[i] = CellOf(plans_[i], row[places_[i]], written_.kept_as_text);
      }
      SMELT_TRY(writer_.AddRow(values_));
    }
    written_.rows = writer_.rows();
    observer_.StepProgress(sheet_.name, written_.rows, 0, "rows");
    return {};
  }

  const SheetWritten& written() const { return written_; }

 private:
  /// A format of a column that the answer does not have is a mistake somewhere.
  Status CheckFormats(const std::vector<engine::ResultColumn>& columns) const {
    for (const auto& [name, shown] : sheet_.formats.items()) {
      if (std::ranges::find(columns, name, &engine::ResultColumn::name) != columns.end()) continue;
      std::vector<std::string_view> known;
      for (const engine::ResultColumn& column : columns) known.push_back(column.name);
      const std::string nearest = NearestWord(name, known);
      Error error(ErrorCode::kConfigValueInvalid, fmt::format("the answer has no column '{}'", name));
      return Fail(nearest.empty() ? std::move(error)
                                  : std::move(error).Hint(fmt::format("did you mean '{}'?", nearest)));
    }
    return {};
  }

  workbook::WorkbookWriter& writer_;
  const SheetOrder& sheet_;
  RunObserver& observer_;
  const std::stop_token& stop_;
  SheetWritten written_;
  std::vector<SheetColumnPlan> plans_;
  std::vector<std::size_t> places_;  ///< of the columns that are shown, in the answer
  std::vector<workbook::CellValue> values_;
};

Result<SheetWritten> WriteSheet(engine::Session& session, workbook::WorkbookWriter& writer, const SheetOrder& sheet,
                                RunObserver& observer, const std::stop_token& stop) {
  StepResult step;
  step.name = sheet.name;
  step.kind = "sheet";
  observer.StepStarted(step.name, step.kind);
  const double begin = MonotonicSeconds();
  SheetSink sink(writer, sheet, observer, stop);
  auto done = session.Stream(sheet.sql, sink);
  step.seconds = MonotonicSeconds() - begin;
  step.rows_out = sink.written().rows;
  if (!done) {
    // The writer names the sheet itself.
    Error error = done.error().code() == ErrorCode::kExportLimit || done.error().code() == ErrorCode::kCancelled
                      ? std::move(done.error())
                      : OfSheet(sheet, std::move(done.error()));
    step.status = StepStatus::kFailed;
    observer.StepFinished(step);
    return Fail(std::move(error));
  }
  observer.StepFinished(step);
  return sink.written();
}

}  // namespace

Result<WorkbookWritten> WriteWorkbook(engine::Engine& engine, const WorkbookOrder& order, RunObserver& observer,
                                      const std::stop_token& stop) {
  SMELT_TRY(CheckOrder(order));
  SMELT_ASSIGN(const auto session, engine.Connect());
  session->ObserveStop(stop);
  SMELT_ASSIGN(const std::vector<engine::TablePin> pins, PinTables(engine, *session, order));
  session->ReadAt(pins);
  SMELT_ASSIGN(const auto writer, workbook::WorkbookWriter::Create(order.path, {.title = order.title}));
  WorkbookWritten written;
  for (const engine::TablePin& pin : pins) {
    written.tables.push_back({.table = pin.schema + "." + pin.table, .version = pin.version});
  }
  for (const SheetOrder& sheet : order.sheets) {
    SMELT_ASSIGN(SheetWritten one, WriteSheet(*session, *writer, sheet, observer, stop));
    written.sheets.push_back(std::move(one));
  }
  SMELT_ASSIGN(written.bytes, writer->Finish(stop));
  return written;
}

}  // namespace smelt::app
