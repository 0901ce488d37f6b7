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

using Maker = std::unique_ptr<ColumnEncoder> (*)(const duckdb::LogicalType& type);

template <class Traits>
std::unique_ptr<ColumnEncoder> MakeOf(const duckdb::LogicalType& type) {
  return std::make_unique<ValueEncoder<Traits>>(type);
}

template <class Stored, class Written = Stored>
constexpr Maker kFixed = MakeOf<FixedValues<Stored, Written>>;

/// Null for a type that has none.
Maker MakerOf(const duckdb::LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      return [](const duckdb::LogicalType&) -> std::unique_ptr<ColumnEncoder> {
        return std::make_unique<BooleanEncoder>();
      };
    case LogicalTypeId::TINYINT: return kFixed<std::int8_t, std::int32_t>;
    case LogicalTypeId::SMALLINT: return kFixed<std::int16_t, std::int32_t>;
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::DATE: return kFixed<std::int32_t>;
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: return kFixed<std::int64_t>;
    case LogicalTypeId::FLOAT: return kFixed<float>;
    case LogicalTypeId::DOUBLE: return kFixed<double>;
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB: return type.HasAlias() ? nullptr : MakeOf<TextValues>;
    case LogicalTypeId::DECIMAL: break;
    default: return nullptr;
  }
  switch (type.InternalType()) {
    case PhysicalType::INT16: return kFixed<std::int16_t, std::int32_t>;
    case PhysicalType::INT32: return kFixed<std::int32_t>;
    case PhysicalType::INT64: return kFixed<std::int64_t>;
    case PhysicalType::INT128: return MakeOf<WideDecimals>;
    default: return nullptr;
  }
}

}  // namespace

bool ColumnEncoder::CanEncode(const duckdb::LogicalType& type) {
  return MakerOf(type) != nullptr;
}

std::unique_ptr<ColumnEncoder> ColumnEncoder::Make(const duckdb::LogicalType& type) {
  return MakerOf(type)(type);
}

}  // namespace smelt::engine::parquet
