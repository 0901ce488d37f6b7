#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace smelt::app {

struct TableColumn {
  std::string name;
  bool right = false;  ///< numbers line up at the right
};

/// A table to show. Nothing in a cell is NULL.
struct TableContent {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::int64_t rows_total = 0;  ///< rows that there are; `rows` may be the first of them only
};

struct TableStyle {
  bool unicode = true;
  bool color = false;
};

/// Draws a table in light boxes, at most `width` columns wide (0: unlimited): wide texts are shortened in the middle,
/// then the middle columns are left out. The line below says how many rows there are and what was left out. Values
/// appear on one line, with control characters made visible.
std::string RenderTable(const TableContent& table, int width, const TableStyle& style = {});

}  // namespace smelt::app
