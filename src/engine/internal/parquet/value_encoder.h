#pragma once

#include <string>
#include <utility>

#include "engine/internal/parquet/bloom_filter.h"
#include "engine/internal/parquet/column_encoder.h"
#include "engine/internal/parquet/dictionary_values.h"
#include "engine/internal/parquet/levels.h"
#include "engine/internal/parquet/page_writer.h"
#include "engine/internal/parquet/plain_values.h"
#include "engine/internal/parquet/run_writer.h"

namespace smelt::engine::parquet {

/// Encodes values of a kind (`Traits`: TextValues, FixedValues, WideDecimals). A column begins with a dictionary. It is
/// left when it does not pay; values that came before stay in it where writing them out would take much room, and the
/// chunk has pages of both kinds then, as the format foresees.
template <class Traits>
class ValueEncoder final : public ColumnEncoder {
 public:
  explicit ValueEncoder(duckdb::LogicalType type) : type_(std::move(type)) {}

  void Append(duckdb::Vector& values, std::size_t count) override {
    if (values.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
      AppendConstant(values, count);
    } else {
      AppendEach(values, count);
    }
    LeaveUselessDictionary();
  }

  void Append(const ColumnEncoder& others) override {
    const auto& other = static_cast<const ValueEncoder&>(others);
    levels_.Add(other.levels_);
    for (const std::uint32_t number : other.dictionary_.numbers()) Add(other.dictionary_.ValueOf(number));
    other.plain_.ForEach([&](const Value& value) { Add(value); });
    LeaveUselessDictionary();
  }

  std::size_t size() const override { return plain_.size() + dictionary_.size() + levels_.bytes(); }

  EncodedColumn Finish(PageWriter& pages) override {
    NoteDistinct();
    const bool is_whole = plain_.count() == 0 && !dictionary_.empty();
    if (is_whole && dictionary_.PlainSize() <= dictionary_.size()) WriteOut();
    EncodedColumn column;
    column.facts = {.nulls = static_cast<std::int64_t>(levels_.nulls()),
                    .has_nan = range_.has_nan(),
                    .bounds = range_.ToBounds(type_)};
    column.plain_bounds = range_.ToPlainBounds();
    const std::size_t rows_done = dictionary_.empty() ? 0 : AddDictionaryPages(pages, column);
    AddPlainPages(pages, rows_done);
    pages.Finish(column);
    levels_.Clear();
    range_ = {};
    dictionary_.Clear();
    is_plain_ = false;
    plain_.Clear();
    return column;
  }

 private:
  using Value = typename Traits::Value;
  using Stored = typename Traits::Stored;

  /// Values in a dictionary that are written out as plain ones when it is left, at most.
  static constexpr std::size_t kWrittenOutMax = 4 << 20;

  void Add(const Value& value) {
    if (is_plain_) {
      range_.Add(value);
      plain_.Add(value);
    } else {
      dictionary_.Add(value);
    }
  }

  void AppendConstant(duckdb::Vector& values, std::size_t count) {
    if (duckdb::ConstantVector::IsNull(values)) return levels_.AddNulls(count);
    levels_.AddPresent(count);
    const Value value = Traits::FromStored(*duckdb::ConstantVector::GetData<Stored>(values));
    if (!is_plain_) return dictionary_.AddOften(value, count);
    for (std::size_t i = 0; i < count; ++i) Add(value);
  }

  void AppendEach(duckdb::Vector& values, std::size_t count) {
    duckdb::UnifiedVectorFormat format;
    values.ToUnifiedFormat(count, format);
    levels_.Add(format, count);
    if (!is_plain_ && dictionary_.IsShared(values)) return dictionary_.AddShared(values, format, count);
    const auto* data = duckdb::UnifiedVectorFormat::GetData<Stored>(format);
    const bool has_nulls = !format.validity.AllValid();
    if constexpr (Traits::kIsFixed) {
      const bool is_flat = values.GetVectorType() == duckdb::VectorType::FLAT_VECTOR;
      if (is_plain_ && is_flat && !has_nulls) return AppendPlainRun({data, count});
    }
    for (std::size_t row = 0; row < count; ++row) {
      const duckdb::idx_t at = format.sel->get_index(row);
      if (!has_nulls || format.validity.RowIsValid(at)) Add(Traits::FromStored(data[at]));
    }
  }

  void AppendPlainRun(std::span<const Stored> values) {
    typename Traits::Range range = range_;  // stays in registers
    plain_.AddRun(values, [&](const Value& value) { range.Add(value); });
    range_ = range;
  }

  void NoteDistinct() {
    dictionary_.NoteNew([&](const Value& value) { range_.Add(value); });
  }

  void LeaveUselessDictionary() {
    if (is_plain_) return;
    NoteDistinct();
    if (dictionary_.Pays()) return;
    is_plain_ = true;
    if (dictionary_.PlainSize() <= kWrittenOutMax) WriteOut();
  }

  /// Writes the values of the dictionary as plain ones; there are none yet.
  void WriteOut() {
    for (const std::uint32_t number : dictionary_.numbers()) plain_.Add(dictionary_.ValueOf(number));
    dictionary_.Clear();
  }

  /// The number of rows that these pages have.
  std::size_t AddDictionaryPages(PageWriter& pages, EncodedColumn& column) const {
    const std::vector<Value>& distinct = dictionary_.distinct();
    const bool is_whole = plain_.count() == 0;
    BloomFilter filter(is_whole ? distinct.size() : 0);
    ByteBuffer& page = pages.page();
    for (const Value& value : distinct) {
      const std::size_t begin = page.size();
      Traits::AppendPlain(value, page);
      if (is_whole) filter.Add(Traits::Bare(page.view().substr(begin)));
    }
    pages.EndDictionary(distinct.size());
    if (is_whole) {
      column.bloom_filter = filter.Bytes();
      column.distinct = static_cast<std::int64_t>(distinct.size());
    }
    const std::size_t rows = is_whole ? levels_.rows() : levels_.RowBehind(0, dictionary_.numbers().size());
    levels_.AppendPage(0, rows, page);
    page.AppendNumber(static_cast<std::uint8_t>(dictionary_.Width()));
    AppendRuns(dictionary_.numbers(), dictionary_.Width(), page);
    pages.EndData(rows, PageEncoding::kDictionary);
    return rows;
  }

  void AddPlainPages(PageWriter& pages, std::size_t rows_done) const {
    std::size_t values_done = 0;
    plain_.ForEachPage([&](std::string_view bytes, std::size_t values_end) {
      // Rows without a value that come last are in the last page.
      const std::size_t rows_end =
          values_end == plain_.count() ? levels_.rows() : levels_.RowBehind(rows_done, values_end - values_done);
      if (rows_end == rows_done) return;
      levels_.AppendPage(rows_done, rows_end, pages.page());
      pages.page().Append(bytes);
      pages.EndData(rows_end - rows_done, PageEncoding::kPlain);
      values_done = values_end;
      rows_done = rows_end;
    });
  }

  duckdb::LogicalType type_;
  Levels levels_;
  typename Traits::Range range_;
  DictionaryValues<Traits> dictionary_;  ///< of the values that came first
  bool is_plain_ = false;                ///< those that come go behind them
  PlainValues<Traits> plain_;
};

}  // namespace smelt::engine::parquet
