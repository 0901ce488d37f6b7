#include "engine/internal/parquet/run_reader.h"

#include <algorithm>
#include <cstring>

#include "engine/internal/parquet/format.h"

namespace smelt::engine::parquet {
namespace {

std::optional<std::uint64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

void Unpack(std::string_view packed, unsigned width, std::uint64_t count, std::vector<std::uint32_t>& numbers) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::uint64_t bits = 0;
  unsigned filled = 0;
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    for (; filled < width; filled += 8)
      bits |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(packed[at++])) << filled;
    numbers.push_back(static_cast<std::uint32_t>(bits & mask));
    bits >>= width;
    filled -= width;
  }
}

}  // namespace

std::optional<std::vector<std::uint32_t>> ReadRuns(std::string_view bytes, unsigned width, std::size_t count) {
  if (width > kRunWidthMax) return std::nullopt;
  std::vector<std::uint32_t> numbers;
  if (width == 0) return std::vector<std::uint32_t>(count, 0);
  numbers.reserve(count);
  while (numbers.size() < count) {
    const std::optional<std::uint64_t> header = TakeVarint(bytes);
    if (!header || *header >> 1 == 0) return std::nullopt;
    const std::uint64_t left = count - numbers.size();
    if ((*header & 1) == 0) {
      std::uint32_t number = 0;
      const std::size_t size = (width + 7) / 8;
      if (bytes.size() < size) return std::nullopt;
      std::memcpy(&number, bytes.data(), size);
      bytes.remove_prefix(size);
      numbers.insert(numbers.end(), std::min(*header >> 1, left), number);
      continue;
    }
    const std::uint64_t groups = *header >> 1;
    const std::uint64_t wanted = std::min(groups * kPackedGroup, left);
    // The last run may be cut behind its last number.
    const std::uint64_t needed = (wanted * width + 7) / 8;
    if (bytes.size() < needed) return std::nullopt;
    Unpack(bytes, width, wanted, numbers);
    bytes.remove_prefix(std::min<std::uint64_t>(bytes.size(), groups * width));
  }
  return numbers;
}

}  // namespace smelt::engine::parquet
