#include "engine/internal/parquet/text_values.h"

#include <bit>

namespace smelt::engine::parquet {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;
/// Longer bounds help no reader of the footer.
constexpr std::size_t kFooterBytesMax = 1024;

/// The first bytes as a number that sorts as they do.
std::uint32_t PrefixOf(const duckdb::string_t& value) {
  std::uint32_t prefix = 0;
  std::memcpy(&prefix, value.GetPrefix(), sizeof(prefix));
  return std::byteswap(prefix);
}

std::string_view View(const duckdb::string_t& value) {
  return {value.GetData(), value.GetSize()};
}

}  // namespace

TextValues::Value TextValues::Keeper::Keep(const Value& value) {
  if (value.IsInlined()) return value;
  const std::size_t size = value.GetSize();
  if (size > left_) {
    left_ = std::max(size, kBlockBytes);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    at_ = blocks_.back().get();
  }
  std::memcpy(at_, value.GetData(), size);
  const Value kept(at_, static_cast<std::uint32_t>(size));
  at_ += size;
  left_ -= size;
  return kept;
}

void TextValues::Keeper::Clear() {
  blocks_.clear();
  left_ = 0;
}

void TextValues::Range::Add(const Value& value) {
  const std::uint32_t prefix = PrefixOf(value);
  if (!is_empty_ && prefix > min_prefix_ && prefix < max_prefix_) return;
  if (is_empty_ || prefix < min_prefix_ || (prefix == min_prefix_ && View(value) < min_)) {
    min_ = View(value);
    min_prefix_ = prefix;
  }
  if (is_empty_ || prefix > max_prefix_ || (prefix == max_prefix_ && View(value) > max_)) {
    max_ = View(value);
    max_prefix_ = prefix;
  }
  is_empty_ = false;
}

std::optional<Bounds> TextValues::Range::ToBounds(const duckdb::LogicalType& type) const {
  if (is_empty_) return std::nullopt;
  const auto value = [&](const std::string& text) {
    return type.id() == duckdb::LogicalTypeId::BLOB ? duckdb::Value::BLOB_RAW(text) : duckdb::Value(text);
  };
  return Bounds{.min = value(min_), .max = value(max_)};
}

std::optional<PlainBounds> TextValues::Range::ToPlainBounds() const {
  if (is_empty_ || min_.size() > kFooterBytesMax || max_.size() > kFooterBytesMax) return std::nullopt;
  return PlainBounds{.min = min_, .max = max_};
}

}  // namespace smelt::engine::parquet
