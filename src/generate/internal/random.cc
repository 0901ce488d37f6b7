#include "generate/internal/random.h"

#include <cmath>
#include <numeric>

namespace smelt::generate {
namespace {

constexpr std::uint64_t kIncrement = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio, odd

/// 2^x as a 16.16 fixed-point number, for x in the same form; a cubic polynomial between whole powers.
std::int64_t Exp2(std::int64_t x) {
  const std::int64_t whole = x >> 16;
  const std::int64_t part = x & 0xFFFF;
  const std::int64_t mantissa = 65536 + ((part * (45602 + ((part * (14815 + ((part * 5119) >> 16))) >> 16))) >> 16);
  return whole >= 0 ? mantissa << whole : mantissa >> -whole;
}

}  // namespace

std::uint64_t Scramble(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return bits ^ (bits >> 31);
}

std::uint64_t NamedDraw(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return Scramble(hash + Scramble(seed));
}

Random::Random(std::uint64_t seed, Stream stream, std::uint64_t index)
    : state_(Scramble(seed + kIncrement * static_cast<std::uint64_t>(stream)) ^ Scramble(index + 1)) {}

std::uint64_t Random::Next() {
  return Scramble(state_ += kIncrement);
}

std::uint32_t Random::Below(std::uint32_t bound) {
  return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
}

std::int64_t Random::Between(std::int64_t low, std::int64_t high) {
  return low + Below(static_cast<std::uint32_t>(high - low + 1));
}

std::uint32_t Random::Skewed(std::uint32_t bound, int power) {
  std::uint64_t fraction = Next() >> 32;
  const std::uint64_t uniform = fraction;
  for (int i = 1; i < power; ++i) fraction = (fraction * uniform) >> 32;
  return static_cast<std::uint32_t>((fraction * bound) >> 32);
}

std::int64_t Random::LogNormal(std::int64_t median, int sigma_percent) {
  // Eight uniform numbers of 16 bits add up to nearly a normal one, of variance 8/12.
  std::int64_t sum = 0;
  for (int draw = 0; draw < 2; ++draw) {
    const std::uint64_t bits = Next();
    for (int shift = 0; shift < 64; shift += 16) sum += static_cast<std::int64_t>((bits >> shift) & 0xFFFF);
  }
  const std::int64_t normal = ((sum - 4 * 65535) * 80265) >> 16;             // × sqrt(12/8)
  const std::int64_t exponent = normal * sigma_percent / 100 * 94548 >> 16;  // ÷ ln 2
  return (median * Exp2(exponent)) >> 16;
}

bool Quota::Take(Random& random) {
  const std::int64_t left = left_--;
  if (wanted_ == 0 || random.Below(static_cast<std::uint32_t>(left)) >= wanted_) return false;
  --wanted_;
  return true;
}

Scatter::Scatter(std::uint64_t count, std::uint64_t variant) : count_(count), stride_(1), offset_(0) {
  if (count < 2) return;
  // Near the golden section of the count, successive rows lie far apart; coprime, so that none is visited twice.
  stride_ = count * (618 + 7 * variant) / 1000 + 1;
  while (std::gcd(stride_, count) != 1) ++stride_;
  offset_ = Scramble(variant + 1) % count;
}

std::int64_t Scaled(std::int64_t count, double scale) {
  return std::llround(static_cast<double>(count) * scale);
}

}  // namespace smelt::generate
