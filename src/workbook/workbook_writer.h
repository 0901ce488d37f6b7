#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "workbook/cell_value.h"

namespace smelt::workbook {

/// How many rows a sheet holds below its header, and how many columns.
inline constexpr std::int64_t kSheetRowsMax = 1'048'575;
inline constexpr std::size_t kSheetColumnsMax = 16'384;

/// A column of a sheet: its title in the header, and the format of numbers and instants as Excel writes formats:
/// "#,##0.00", "yyyy-mm-dd"; empty: as Excel likes.
struct SheetColumn {
  std::string title;
  std::string format = {};
};

/// What a workbook says of itself.
struct WorkbookProperties {
  std::string title = {};
  std::string comments = {};
};

/// Writes one workbook, sheet after sheet: rows of typed cells under a bold header that stays in view and filters. The
/// file appears under its name with Finish, in place of one that was there; dropped before that, it leaves nothing
/// behind. Memory is that of a row, whatever the size. Confined to one thread.
class WorkbookWriter {
 public:
  /// Begins a workbook; its folder is made if need be. Errors: kStoreDenied, kStoreFull, kStoreIo.
  static Result<std::unique_ptr<WorkbookWriter>> Create(const std::string& path, const WorkbookProperties& properties);
  ~WorkbookWriter();
  WorkbookWriter(const WorkbookWriter&) = delete;
  WorkbookWriter& operator=(const WorkbookWriter&) = delete;

  /// Ends the sheet before and begins the next.
  /// Errors: kUsage for a name that Excel does not take (SheetNameFault) or that another sheet has; kExportLimit for
  /// more columns than a sheet holds; kStoreFull, kStoreIo.
  Status BeginSheet(const std::string& name, std::vector<SheetColumn> columns);
  /// Appends a row to the sheet that was begun last: a value for each of its columns.
  /// Errors: kExportLimit for a row too many and for a text that is too long, naming its column and row; kStoreFull,
  /// kStoreIo when the temporary folder takes no more.
  Status AddRow(std::span<const CellValue> values);
  /// The rows of the sheet that was begun last.
  std::int64_t rows() const;
  /// Puts the file in its place and returns its bytes. At least one sheet has been begun; nothing may be called after
  /// it. Errors: kCancelled when `stop` was requested before the file had its name; kStoreFull, kStoreIo.
  Result<std::int64_t> Finish(const std::stop_token& stop);

 private:
  struct Impl;
  explicit WorkbookWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::workbook
