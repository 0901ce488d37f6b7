#include "engine/internal/parquet/bloom_filter.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>

#include "engine/internal/parquet/thrift_writer.h"

namespace smelt::engine::parquet {
namespace {

constexpr std::size_t kWordsPerBlock = 8;
constexpr std::array<std::uint32_t, kWordsPerBlock> kSalts = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                                              0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
/// Of a value, for one false answer in a hundred.
constexpr std::size_t kBits = 10;
constexpr std::size_t kBitsPerBlock = 32 * kWordsPerBlock;

}  // namespace

BloomFilter::BloomFilter(std::size_t values)
    // Some readers want a power of two.
    : words_(kWordsPerBlock *
             std::bit_ceil(std::max<std::size_t>(1, (values * kBits + kBitsPerBlock - 1) / kBitsPerBlock))) {}

void BloomFilter::Add(std::string_view value) {
  const std::uint64_t hash = XXH64(value.data(), value.size(), 0);
  const std::uint64_t block = ((hash >> 32) * (words_.size() / kWordsPerBlock)) >> 32;
  for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
    words_[block * kWordsPerBlock + i] |= 1U << ((static_cast<std::uint32_t>(hash) * kSalts[i]) >> 27);
  }
}

std::string BloomFilter::Bytes() const {
  const std::size_t size = words_.size() * sizeof(words_[0]);
  std::string bytes;
  ThriftWriter header(bytes);
  header.BeginStruct();
  header.I32(1, static_cast<std::int32_t>(size));
  header.Case(2, 1);  // of split blocks
  header.Case(3, 1);  // by xxHash
  header.Case(4, 1);  // uncompressed
  header.EndStruct();
  bytes.append(reinterpret_cast<const char*>(words_.data()), size);
  return bytes;
}

}  // namespace smelt::engine::parquet
