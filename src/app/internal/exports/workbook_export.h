#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/internal/exports/definition.h"
#include "base/error.h"
#include "base/progress.h"
#include "engine/session.h"

namespace smelt::app {

/// A workbook that is wanted.
struct WorkbookOrder {
  std::string path;
  std::string title = {};
  std::vector<SheetOrder> sheets = {};
  std::string as_of = {};  ///< an instant: the tables as they were then; empty: as they are
};

struct SheetWritten {
  std::string name;
  std::int64_t rows = 0;
  std::size_t columns = 0;
  std::int64_t kept_as_text = 0;  ///< numbers and instants that Excel cannot hold exactly
};

/// A table that a workbook was made from.
struct TableExported {
  std::string table;  ///< "gold.dim_products"
  std::int64_t version = 0;
};

struct WorkbookWritten {
  std::vector<SheetWritten> sheets = {};
  std::vector<TableExported> tables = {};  ///< by name
  std::int64_t bytes = 0;
};

/// Writes a workbook: every query on one state of the lake, that of `as_of` or of the moment of the call, whatever is
/// committed meanwhile. The file appears when it is whole. `observer` is told of each sheet as a step.
/// Errors: kUsage for a file that Excel would not open by its name, an `as_of` that is no instant, no sheets, and for
/// names of sheets; kAccessReadOnly for what is no query; kConfigValueInvalid for formats of columns that the answer
/// does not have; kExportLimit; kSql…, kDelta…, kStore…; kCancelled.
Result<WorkbookWritten> WriteWorkbook(engine::Engine& engine, const WorkbookOrder& order, RunObserver& observer,
                                      const std::stop_token& stop);

}  // namespace smelt::app
