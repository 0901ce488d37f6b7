#include "engine/internal/parquet/levels.h"

#include "engine/internal/parquet/run_writer.h"

namespace smelt::engine::parquet {

void Levels::AddPresent(std::size_t count) {
  rows_ += count;
  if (nulls_ > 0) flags_.resize(rows_, 1);
}

void Levels::AddNulls(std::size_t count) {
  if (count == 0) return;
  flags_.resize(rows_, 1);
  rows_ += count;
  nulls_ += count;
  flags_.resize(rows_, 0);
}

void Levels::Add(const duckdb::UnifiedVectorFormat& format, std::size_t count) {
  if (format.validity.AllValid()) return AddPresent(count);
  flags_.resize(rows_, 1);
  for (std::size_t row = 0; row < count; ++row) {
    const bool is_present = format.validity.RowIsValid(format.sel->get_index(row));
    flags_.push_back(is_present ? 1 : 0);
    nulls_ += is_present ? 0 : 1;
  }
  rows_ += count;
  if (nulls_ == 0) flags_.clear();
}

void Levels::Add(const Levels& others) {
  if (others.nulls_ == 0) return AddPresent(others.rows_);
  flags_.resize(rows_, 1);
  flags_.insert(flags_.end(), others.flags_.begin(), others.flags_.end());
  rows_ += others.rows_;
  nulls_ += others.nulls_;
}

void Levels::AppendPage(std::size_t begin, std::size_t end, ByteBuffer& page) const {
  page.AppendNumber(std::uint32_t{0});  // the length, once it is known
  const std::size_t from = page.size();
  if (nulls_ == 0) {
    AppendSetFlags(end - begin, page);
  } else {
    AppendRuns(std::span(flags_).subspan(begin, end - begin), page);
  }
  const auto length = static_cast<std::uint32_t>(page.size() - from);
  page.Overwrite(from - sizeof(length), length);
}

std::size_t Levels::RowBehind(std::size_t begin, std::size_t values) const {
  if (nulls_ == 0) return begin + values;
  std::size_t row = begin;
  for (std::size_t passed = 0; passed < values; ++row) passed += flags_[row];
  return row;
}

void Levels::Clear() {
  rows_ = nulls_ = 0;
  flags_.clear();
}

}  // namespace smelt::engine::parquet
