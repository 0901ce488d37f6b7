#include "engine/internal/parquet/run_writer.h"

namespace smelt::engine::parquet {
namespace {

/// As many equal ones are worth a run of their own, and the header of another one behind it.
constexpr std::size_t kRepeatedMin = 16;

void AppendVarint(std::uint64_t value, ByteBuffer& out) {
  for (; value >= 0x80; value >>= 7) out.AppendNumber(static_cast<std::uint8_t>(0x80 | (value & 0x7F)));
  out.AppendNumber(static_cast<std::uint8_t>(value));
}

template <class Number>
void AppendRepeated(Number number, std::size_t count, unsigned width, ByteBuffer& out) {
  AppendVarint(count << 1, out);
  const std::uint32_t bytes = number;
  std::memcpy(out.Grow((width + 7) / 8), &bytes, (width + 7) / 8);
}

/// The last group is filled with zeros.
template <class Number>
void AppendPacked(std::span<const Number> numbers, unsigned width, ByteBuffer& out) {
  if (numbers.empty()) return;
  const std::size_t groups = (numbers.size() + kPackedGroup - 1) / kPackedGroup;
  AppendVarint((groups << 1) | 1, out);
  char* at = out.Grow(groups * width);
  const char* end = at + groups * width;
  std::uint64_t bits = 0;
  unsigned filled = 0;
  for (const Number number : numbers) {
    bits |= static_cast<std::uint64_t>(number) << filled;
    filled += width;
    if (filled >= 32) {
      std::memcpy(at, &bits, 4);
      at += 4;
      bits >>= 32;
      filled -= 32;
    }
  }
  for (; at < end; ++at, bits >>= 8) *at = static_cast<char>(bits);
}

template <class Number>
void AppendRunsOf(std::span<const Number> numbers, unsigned width, ByteBuffer& out) {
  std::size_t packed_from = 0;
  std::size_t at = 0;
  while (at < numbers.size()) {
    std::size_t end = at + 1;
    while (end < numbers.size() && numbers[end] == numbers[at]) ++end;
    if (end - at >= kRepeatedMin) {
      AppendPacked(numbers.subspan(packed_from, at - packed_from), width, out);
      AppendRepeated(numbers[at], end - at, width, out);
      packed_from = at = end;
    } else {
      at += kPackedGroup;
    }
  }
  AppendPacked(numbers.subspan(packed_from), width, out);
}

}  // namespace

void AppendRuns(std::span<const std::uint32_t> numbers, unsigned width, ByteBuffer& out) {
  AppendRunsOf(numbers, width, out);
}

void AppendRuns(std::span<const std::uint8_t> flags, ByteBuffer& out) {
  AppendRunsOf(flags, 1, out);
}

void AppendSetFlags(std::size_t count, ByteBuffer& out) {
  AppendRepeated(std::uint8_t{1}, count, 1, out);
}

}  // namespace smelt::engine::parquet
