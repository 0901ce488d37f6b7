#include "engine/internal/parquet/column_encoder.h"

#include "engine/internal/parquet/fixed_values.h"
#include "engine/internal/parquet/levels.h"
#include "engine/internal/parquet/text_values.h"
#include "engine/internal/parquet/value_encoder.h"

namespace smelt::engine::parquet {
namespace {

using duckdb::LogicalTypeId;
using duckdb::PhysicalType;

/// Booleans, eight in a byte.
class BooleanEncoder final : public ColumnEncoder {
 public:
  void Append(duckdb::Vector& values, std::size_t count) override {
    duckdb::UnifiedVectorFormat format;
    values.ToUnifiedFormat(count, format);
    levels_.Add(format, count);
    const auto* data = duckdb::UnifiedVectorFormat::GetData<bool>(format);
    for (std::size_t row = 0; row < count; ++row) {
      const duckdb::idx_t at = format.sel->get_index(row);
      if (format.validity.RowIsValid(at)) values_.push_back(data[at] ? 1 : 0);
    }
  }

  void Append(const ColumnEncoder& others) override {
    const auto& other = static_cast<const BooleanEncoder&>(others);
    levels_.Add(other.levels_);
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }

  std::size_t size() const override { return values_.size() + levels_.bytes(); }

  EncodedColumn Finish(PageWriter& pages) override {
    EncodedColumn column;
    column.facts.nulls = static_cast<std::int64_t>(levels_.nulls());
    if (!values_.empty()) {
      const auto [min, max] = std::ranges::minmax(values_);
      column.facts.bounds = {.min = duckdb::Value::BOOLEAN(min != 0), .max = duckdb::Value::BOOLEAN(max != 0)};
      column.plain_bounds = {.min = std::string(1, static_cast<char>(min)),
                             .max = std::string(1, static_cast<char>(max))};
    }
    ByteBuffer& page = pages.page();
    levels_.AppendPage(0, levels_.rows(), page);
    for (std::size_t begin = 0; begin < values_.size(); begin += 8) {
      std::uint8_t byte = 0;
      for (std::size_t i = begin; i < std::min(begin + 8, values_.size()); ++i) {
        byte = static_cast<std::uint8_t>(byte | (values_[i] << (i - begin)));
      }
      page.AppendNumber(byte);
    }
    pages.EndData(levels_.rows(), PageEncoding::kPlain);
    pages.Finish(column);
    levels_.Clear();
    values_.clear();
    return column;
  }

 private:
  Levels levels_;
  std::vector<std::uint8_t> values_;
};

template <class Traits>
std::unique_ptr<ColumnEncoder> Of(const duckdb::LogicalType& type) {
  return std::make_unique<ValueEncoder<Traits>>(type);
}

}  // namespace

std::unique_ptr<ColumnEncoder> ColumnEncoder::Make(const duckdb::LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN: return std::make_unique<BooleanEncoder>();
    case LogicalTypeId::TINYINT: return Of<FixedValues<std::int8_t, std::int32_t>>(type);
    case LogicalTypeId::SMALLINT: return Of<FixedValues<std::int16_t, std::int32_t>>(type);
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::DATE: return Of<FixedValues<std::int32_t, std::int32_t>>(type);
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: return Of<FixedValues<std::int64_t, std::int64_t>>(type);
    case LogicalTypeId::FLOAT: return Of<FixedValues<float, float>>(type);
    case LogicalTypeId::DOUBLE: return Of<FixedValues<double, double>>(type);
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB: return type.HasAlias() ? nullptr : Of<TextValues>(type);
    case LogicalTypeId::DECIMAL: break;
    default: return nullptr;
  }
  switch (type.InternalType()) {
    case PhysicalType::INT16: return Of<FixedValues<std::int16_t, std::int32_t>>(type);
    case PhysicalType::INT32: return Of<FixedValues<std::int32_t, std::int32_t>>(type);
    case PhysicalType::INT64: return Of<FixedValues<std::int64_t, std::int64_t>>(type);
    case PhysicalType::INT128: return Of<WideDecimals>(type);
    default: return nullptr;
  }
}

}  // namespace smelt::engine::parquet
