#include "workbook/workbook_writer.h"

#include <fmt/format.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "base/file.h"
#include "workbook/internal/cell_text.h"
#include "workbook/internal/package.h"
#include "workbook/sheet_name.h"

namespace smelt::workbook {
namespace {

/// Of a sheet as XML: what a package without extensions has room for, with some to spare.
constexpr std::int64_t kSheetBytesMax = 4'000'000'000;
constexpr std::int64_t kRowsBetweenLooks = 1'024;
constexpr double kColumnWidthMin = 8, kColumnWidthMax = 60;
/// Beside the text: the margins of a cell, and in the header the button of the filter.
constexpr double kCellMargin = 1.5, kFilterButton = 3;
constexpr const char* kTextFormat = "@";

std::string TemporaryFolder() {
  std::error_code error;
  std::string folder = std::filesystem::temp_directory_path(error).string();
  return error ? std::string("/tmp") : folder;
}

/// About as many characters as a number takes in a format.
double WidthOf(double value, const std::string& format) {
  if (format.empty()) return static_cast<double>(fmt::format("{:.10g}", value).size());
  const double size = std::abs(value);
  const double digits = size < 1 ? 1 : std::floor(std::log10(size)) + 1;
  const double separators = format.contains("#,##") ? std::floor((digits - 1) / 3) : 0;
  const std::size_t point = format.find('.');
  const double decimals = point == std::string::npos ? 0 : static_cast<double>(format.size() - point);
  const double signs = static_cast<double>(format.find_first_of("0#")) + (value < 0 ? 1 : 0);
  return digits + separators + decimals + signs + (format.ends_with('%') ? 2 : 0);
}

std::string OfSheet(const std::string& name) {
  return fmt::format("sheet '{}'", name);
}

}  // namespace

struct WorkbookWriter::Impl {
  struct Column {
    SheetColumn shown;
    lxw_format* format = nullptr;
    lxw_format* with_millis = nullptr;
    double width = 0;
  };

  std::string path, temporary, temporary_folder;
  lxw_workbook* workbook = nullptr;
  lxw_worksheet* sheet = nullptr;
  std::string sheet_name;
  std::set<std::string> names;  // folded
  std::map<std::string, lxw_format*> formats;
  lxw_format* header_format = nullptr;
  lxw_format* text_format = nullptr;
  std::vector<Column> columns;
  std::int64_t rows = 0;

  ~Impl();
  lxw_format* FormatOf(const std::string& format);
  Status WriteHeader();
  void EndSheet();
  Status Look();
  Status WriteCell(std::size_t index, const CellValue& value);
  Status WriteText(std::size_t index, std::string_view text);
  Error TextTooLong(std::size_t index, std::size_t length) const;
  Error Failed(int error, int errno_value) const;
};

WorkbookWriter::Impl::~Impl() {
  if (workbook != nullptr) {
    // The library closes these files when it writes the package, and only then.
    lxw_worksheet* one = nullptr;
    STAILQ_FOREACH(one, workbook->worksheets, list_pointers) {
      if (one->optimize_tmpfile != nullptr) std::fclose(one->optimize_tmpfile);
      one->optimize_tmpfile = nullptr;
    }
    lxw_workbook_free(workbook);
  }
  if (!temporary.empty()) unlink(temporary.c_str());
}

lxw_format* WorkbookWriter::Impl::FormatOf(const std::string& format) {
  if (format.empty()) return nullptr;
  lxw_format*& made = formats[format];
  if (made == nullptr) {
    made = workbook_add_format(workbook);
    format_set_num_format(made, format.c_str());
  }
  return made;
}

Status WorkbookWriter::Impl::WriteHeader() {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column& column = columns[i];
    const std::string& title = column.shown.title;
    if (internal::Utf16Length(title) > kCellTextMax) return Fail(TextTooLong(i, internal::Utf16Length(title)));
    const std::string text = internal::EscapeCellText(title);
    worksheet_write_string(sheet, 0, static_cast<lxw_col_t>(i), text.c_str(), header_format);
    column.format = FormatOf(column.shown.format);
    column.with_millis = column.shown.format.ends_with("ss") ? FormatOf(column.shown.format + ".000") : column.format;
    column.width = static_cast<double>(internal::LongestLine(title)) + kFilterButton;
  }
  worksheet_freeze_panes(sheet, 1, 0);
  return {};
}

/// What of a sheet is known once all of its rows are there.
void WorkbookWriter::Impl::EndSheet() {
  if (sheet == nullptr) return;
  const auto last = static_cast<lxw_col_t>(columns.size() - 1);
  worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(rows), last);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double width = std::clamp(columns[i].width + kCellMargin, kColumnWidthMin, kColumnWidthMax);
    const auto at = static_cast<lxw_col_t>(i);
    worksheet_set_column(sheet, at, at, width, nullptr);
  }
  sheet = nullptr;
}

/// Whether the temporary file took all rows, which the library does not ask, and has not grown beyond measure.
Status WorkbookWriter::Impl::Look() {
  errno = 0;
  const off_t bytes = ftello(sheet->optimize_tmpfile);
  if (std::ferror(sheet->optimize_tmpfile) != 0 || bytes < 0) {
    return Fail(FileError(errno != 0 ? errno : ENOSPC, "write into the temporary folder", temporary_folder));
  }
  if (bytes <= kSheetBytesMax) return {};
  return Fail(Error(ErrorCode::kExportLimit, fmt::format("{} is larger than the 4 GB that Excel opens, after {} rows",
                                                         OfSheet(sheet_name), rows))
                  .Hint("export fewer columns or rows, or write CSV: smelt sql --format csv"));
}

Error WorkbookWriter::Impl::TextTooLong(std::size_t index, std::size_t length) const {
  return Error(ErrorCode::kExportLimit,
               fmt::format("{}: column '{}' has a text of {} characters in row {}, and a cell holds {}",
                           OfSheet(sheet_name), columns[index].shown.title, length, rows + 1, kCellTextMax))
      .Hint(fmt::format("take a part of it, as with left(…, {}), or leave the column out", kCellTextMax));
}

Status WorkbookWriter::Impl::WriteText(std::size_t index, std::string_view text) {
  if (text.empty()) return {};
  const std::size_t length = internal::Utf16Length(text);
  if (length > kCellTextMax) return Fail(TextTooLong(index, length));
  const std::string escaped = internal::EscapeCellText(text);
  const auto row = static_cast<lxw_row_t>(rows + 1);
  const auto at = static_cast<lxw_col_t>(index);
  const lxw_error error = worksheet_write_string(sheet, row, at, escaped.c_str(), text_format);
  // Characters that are written as several count as several for the library.
  if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED) return Fail(TextTooLong(index, internal::Utf16Length(escaped)));
  if (error != LXW_NO_ERROR) return Fail(Failed(error, errno));
  columns[index].width = std::max(columns[index].width, static_cast<double>(internal::LongestLine(text)));
  return {};
}

Status WorkbookWriter::Impl::WriteCell(std::size_t index, const CellValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (const auto* text = std::get_if<std::string_view>(&value)) return WriteText(index, *text);
  Column& column = columns[index];
  const auto row = static_cast<lxw_row_t>(rows + 1);
  const auto at = static_cast<lxw_col_t>(index);
  lxw_error error = LXW_NO_ERROR;
  double width = kColumnWidthMin;
  if (const auto* truth = std::get_if<bool>(&value)) {
    error = worksheet_write_boolean(sheet, row, at, *truth ? 1 : 0, nullptr);
  } else if (const auto* serial = std::get_if<Serial>(&value)) {
    lxw_format* format = serial->has_fraction_of_second ? column.with_millis : column.format;
    error = worksheet_write_number(sheet, row, at, serial->days, format);
    width = static_cast<double>(column.shown.format.size()) + (format != column.format ? 4 : 0);
  } else {
    const double number = std::get<double>(value);
    error = worksheet_write_number(sheet, row, at, number, column.format);
    width = WidthOf(number, column.shown.format);
  }
  if (error != LXW_NO_ERROR) return Fail(Failed(error, errno));
  column.width = std::max(column.width, width);
  return {};
}

Error WorkbookWriter::Impl::Failed(int error, int errno_value) const {
  const bool in_temporary_folder = error == LXW_ERROR_CREATING_TMPFILE || error == LXW_ERROR_READING_TMPFILE;
  if (errno_value != 0) {
    return in_temporary_folder ? FileError(errno_value, "write into the temporary folder", temporary_folder)
                               : FileError(errno_value, "write", path);
  }
  return {ErrorCode::kStoreIo, fmt::format("cannot write {}: {}", path, lxw_strerror(static_cast<lxw_error>(error)))};
}

WorkbookWriter::WorkbookWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WorkbookWriter::~WorkbookWriter() = default;

Result<std::unique_ptr<WorkbookWriter>> WorkbookWriter::Create(const std::string& path,
                                                               const WorkbookProperties& properties) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  if (std::filesystem::is_directory(path)) return Fail(FileError(EISDIR, "write", path));
  SMELT_ASSIGN(impl->temporary, WriteTemporaryFile(std::filesystem::path(path).parent_path().string(), ""));
  impl->temporary_folder = TemporaryFolder();
  lxw_workbook_options options = {
      .constant_memory = LXW_TRUE, .tmpdir = impl->temporary_folder.data(), .use_zip64 = LXW_FALSE};
  impl->workbook = workbook_new_opt(impl->temporary.c_str(), &options);
  if (impl->workbook == nullptr) return Fail(impl->Failed(LXW_ERROR_MEMORY_MALLOC_FAILED, 0));
  lxw_doc_properties shown = {};
  std::string title = internal::EscapeCellText(properties.title);
  std::string comments = internal::EscapeCellText(properties.comments);
  if (!title.empty()) shown.title = title.data();
  if (!comments.empty()) shown.comments = comments.data();
  workbook_set_properties(impl->workbook, &shown);
  impl->header_format = workbook_add_format(impl->workbook);
  format_set_bold(impl->header_format);
  format_set_bottom(impl->header_format, LXW_BORDER_THIN);
  format_set_num_format(impl->header_format, kTextFormat);
  impl->text_format = impl->FormatOf(kTextFormat);
  return std::unique_ptr<WorkbookWriter>(new WorkbookWriter(std::move(impl)));
}

Status WorkbookWriter::BeginSheet(const std::string& name, std::vector<SheetColumn> columns) {
  SMELT_ASSERT(!columns.empty());
  Impl& impl = *impl_;
  impl.EndSheet();
  if (const std::string fault = SheetNameFault(name); !fault.empty()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the name of {} {}", OfSheet(name), fault)));
  }
  if (!impl.names.insert(FoldSheetName(name)).second) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is a {} already", OfSheet(name))));
  }
  if (columns.size() > kSheetColumnsMax) {
    return Fail(Error(ErrorCode::kExportLimit, fmt::format("{} has {} columns, and a sheet of Excel holds {}",
                                                           OfSheet(name), columns.size(), kSheetColumnsMax))
                    .Hint("name the columns that are wanted"));
  }
  errno = 0;
  impl.sheet = workbook_add_worksheet(impl.workbook, name.c_str());
  if (impl.sheet == nullptr || impl.sheet->optimize_tmpfile == nullptr) {
    return Fail(impl.Failed(LXW_ERROR_CREATING_TMPFILE, errno));
  }
  impl.sheet_name = name;
  impl.rows = 0;
  impl.columns.clear();
  for (SheetColumn& column : columns) impl.columns.push_back({.shown = std::move(column)});
  return impl.WriteHeader();
}

Status WorkbookWriter::AddRow(std::span<const CellValue> values) {
  Impl& impl = *impl_;
  SMELT_ASSERT(impl.sheet != nullptr && values.size() == impl.columns.size());
  if (impl.rows == kSheetRowsMax) {
    return Fail(Error(ErrorCode::kExportLimit, fmt::format("{} has more rows than the {} that a sheet of Excel holds",
                                                           OfSheet(impl.sheet_name), kSheetRowsMax))
                    .Hint("narrow it down or split it into several sheets, as with `where`, or write CSV: "
                          "smelt sql --format csv"));
  }
  for (std::size_t i = 0; i < values.size(); ++i) SMELT_TRY(impl.WriteCell(i, values[i]));
  ++impl.rows;
  return impl.rows % kRowsBetweenLooks == 0 ? impl.Look() : Status();
}

std::int64_t WorkbookWriter::rows() const {
  return impl_->rows;
}

Result<std::int64_t> WorkbookWriter::Finish(const std::stop_token& stop) {
  Impl& impl = *impl_;
  SMELT_ASSERT(impl.sheet != nullptr);
  SMELT_TRY(impl.Look());
  impl.EndSheet();
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, fmt::format("{} was not written", impl.path));
  errno = 0;
  const lxw_error error = workbook_close(std::exchange(impl.workbook, nullptr));
  if (error != LXW_NO_ERROR) return Fail(impl.Failed(error, errno));
  const Status whole = internal::CheckPackage(impl.temporary, stop);
  if (!whole && whole.error().code() == ErrorCode::kCancelled) {
    return Fail(ErrorCode::kCancelled, fmt::format("{} was not written", impl.path));
  }
  if (!whole) {
    return Fail(
        Error(ErrorCode::kStoreIo,
              fmt::format("cannot write {}: it came out incomplete ({})", impl.path, whole.error().message()))
            .Hint(fmt::format("look whether {} is full, or set TMPDIR to another folder", impl.temporary_folder)));
  }
  std::error_code ignored;
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(impl.temporary, ignored));
  if (std::rename(impl.temporary.c_str(), impl.path.c_str()) != 0) return Fail(FileError(errno, "replace", impl.path));
  impl.temporary.clear();
  return bytes;
}

}  // namespace smelt::workbook
