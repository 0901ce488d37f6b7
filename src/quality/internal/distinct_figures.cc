#include "quality/internal/distinct_figures.h"

#include <fmt/format.h>

#include "quality/internal/value_counts.h"

namespace smelt::quality {
namespace {

/// Bits that are set aside for one column, in each thread: 16 MiB.
constexpr std::int64_t kBitsMax = std::int64_t{1} << 27;

}  // namespace

bool MayHaveBits(const Column& column) {
  return column.kind == engine::TypeKind::kInteger;
}

std::vector<std::string> SpanFigures(const Call& call, const Column& column) {
  return {call.Over("min(" + column.sql + ")"), call.Over("max(" + column.sql + ")")};
}

std::optional<std::int64_t> SpanOf(const Json& low, const Json& high) {
  // A number beyond 64 bits is not an integer of JSON.
  if (!low.is_number_integer() || !high.is_number_integer()) return std::nullopt;
  if (low.is_number_unsigned() != high.is_number_unsigned() && low > 0) return std::nullopt;
  std::int64_t distance = 0;
  if (__builtin_sub_overflow(high.get<std::int64_t>(), low.get<std::int64_t>(), &distance)) return std::nullopt;
  if (distance < 0 || distance >= kBitsMax) return std::nullopt;
  return distance + 1;
}

std::optional<std::string> CountWithBits(const Call& call, const Column& column, const Json& low, const Json& high) {
  if (!SpanOf(low, high)) return std::nullopt;
  return fmt::format("bit_count({})",
                     call.Over(fmt::format("bitstring_agg({}, {}, {})", column.sql, JsonText(low), JsonText(high))));
}

std::string CountDistinct(const Call& call, const Column& column) {
  return fmt::format("(select count(*) from {})", ValueCounts(call, column));
}

}  // namespace smelt::quality
