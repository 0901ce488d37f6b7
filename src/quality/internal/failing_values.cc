#include "quality/internal/failing_values.h"

#include <algorithm>

namespace smelt::quality {

Status FailingValues::Columns(const std::vector<engine::ResultColumn>& columns, engine::ResultKind) {
  SMELT_ASSERT(columns.size() == 1);
  return {};
}

Status FailingValues::Rows(const std::vector<std::vector<engine::Cell>>& rows) {
  for (const auto& row : rows) {
    if (!row.front()) continue;
    std::string text(*row.front());
    SMELT_ASSIGN(const bool passes, test_(text));
    if (!passes) failing_.push_back(std::move(text));
  }
  return {};
}

Status FailingValues::Next(engine::RowBatch& batch) {
  batch.rows = std::min(failing_.size() - next_, engine::RowBatch::kRowsMax);
  engine::ColumnBatch& column = batch.columns.front();
  column.valid.assign(batch.rows, 1);
  column.texts.assign(failing_.begin() + static_cast<std::ptrdiff_t>(next_),
                      failing_.begin() + static_cast<std::ptrdiff_t>(next_ + batch.rows));
  next_ += batch.rows;
  return {};
}

}  // namespace smelt::quality
