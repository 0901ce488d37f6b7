#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "engine/session.h"
#include "workbook/cell_value.h"

namespace smelt::app {

/// What the cells of a column of a workbook are made of.
enum class CellForm : std::uint8_t {
  kText,     //
  kBoolean,  //
  kExact,    ///< whole numbers and decimals, which a cell shows to the last digit or, where it cannot, as text
  kNearest,  ///< floating-point numbers
  kInstant,  ///< days and timestamps; those with a zone in UTC
  kTime,     ///< of day, without zone
};

/// A column of a sheet: how its values become cells, and how these look. A value type.
struct SheetColumnPlan {
  CellForm form = CellForm::kText;
  std::string title;
  std::string format = {};  ///< as Excel writes formats; empty: as Excel likes
  bool hidden = false;
};

/// Plans a column of an answer. `shown` is the entry of its name that serve::ReadColumnFormats read, or an empty
/// object. A format for other values than the column has (a currency of texts) is left aside.
SheetColumnPlan PlanColumn(const engine::ResultColumn& column, const Json& shown);

/// The cell of a value as sessions write it, which must outlive the cell. A number or instant that a cell cannot hold
/// exactly comes as text, and is counted in `kept_as_text`.
workbook::CellValue CellOf(const SheetColumnPlan& column, const engine::Cell& value, std::int64_t& kept_as_text);

}  // namespace smelt::app
