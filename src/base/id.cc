#include "base/id.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <xxhash.h>

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/error.h"

namespace smelt {
namespace {

/// Random bytes of the kernel: safe across threads and forks. A request of at most 256 bytes is never cut short.
template <std::size_t kCount>
std::array<std::uint8_t, kCount> RandomBytes() {
  static_assert(kCount <= 256);
  std::array<std::uint8_t, kCount> bytes;
  SMELT_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return bytes;
}

std::string HashText(const XXH128_hash_t& hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

std::string NewUuid() {
  auto bytes = RandomBytes<16>();
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);  // version 4 (RFC 9562, section 5.4)
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);  // variant 10
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
  }
  return text;
}

std::string NewRunId() {
  std::string time;
  for (const char c : FormatUtcMicros(NowMicros()).substr(0, 19)) {
    if (c != '-' && c != ':') time += c;
  }
  const auto random = RandomBytes<5>();  // thousands of runs may begin in one second
  return fmt::format("{}Z-{:02x}{:02x}{:02x}{:02x}{:02x}", time, random[0], random[1], random[2], random[3], random[4]);
}

std::string ContentHash(std::string_view bytes) {
  return HashText(XXH3_128bits(bytes.data(), bytes.size()));
}

struct ContentHasher::State {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> hash{XXH3_createState()};
};

ContentHasher::ContentHasher() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(state_->hash.get());
}
ContentHasher::ContentHasher(ContentHasher&&) noexcept = default;
ContentHasher& ContentHasher::operator=(ContentHasher&&) noexcept = default;
ContentHasher::~ContentHasher() = default;

void ContentHasher::Update(std::string_view bytes) {
  XXH3_128bits_update(state_->hash.get(), bytes.data(), bytes.size());
}

std::string ContentHasher::Finish() const {
  return HashText(XXH3_128bits_digest(state_->hash.get()));
}

}  // namespace smelt
