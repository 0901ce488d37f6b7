#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace smelt::engine::parquet {

/// Reads `count` numbers of `width` bits from runs of repeated and of bit-packed ones (see AppendRuns). Nothing when
/// the bytes have fewer. A width of 0 stands for zeros.
std::optional<std::vector<std::uint32_t>> ReadRuns(std::string_view bytes, unsigned width, std::size_t count);

}  // namespace smelt::engine::parquet
