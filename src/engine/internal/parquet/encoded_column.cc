#include "engine/internal/parquet/encoded_column.h"

namespace smelt::engine::parquet {

void ColumnFacts::Add(const ColumnFacts& others) {
  nulls += others.nulls;
  has_nan = has_nan || others.has_nan;
  if (!others.bounds) return;
  if (!bounds) {
    bounds = others.bounds;
    return;
  }
  if (others.bounds->min < bounds->min) bounds->min = others.bounds->min;
  if (others.bounds->max > bounds->max) bounds->max = others.bounds->max;
}

}  // namespace smelt::engine::parquet
