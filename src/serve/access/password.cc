#include "serve/access/password.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <semaphore>
#include <stdexcept>

namespace smelt::serve {
namespace {

constexpr int kCost = 1 << 15;
constexpr int kBlock = 8;
constexpr int kParallel = 3;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint64_t kMemoryMax = std::uint64_t{256} << 20U;
/// So many hashes are computed at once: more would take memory from those who are in already.
constexpr int kAtOnce = 2;
constexpr std::size_t kCharactersMin = 8;
constexpr std::size_t kCharactersMax = 128;

std::string Scrypt(const std::string& password, const PasswordHash& hash) {
  static std::counting_semaphore<kAtOnce> free_places(kAtOnce);
  free_places.acquire();
  std::string bytes(kHashBytes, '\0');
  const int made =
      EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(hash.salt.data()),
                     hash.salt.size(), static_cast<std::uint64_t>(hash.cost), static_cast<std::uint64_t>(hash.block),
                     static_cast<std::uint64_t>(hash.parallel), kMemoryMax,
                     reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  free_places.release();
  return made == 1 ? bytes : std::string();
}

}  // namespace

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system gives no random numbers");
  return bytes;
}

std::string RandomHex(std::size_t bytes) {
  std::string text;
  for (const char byte : RandomBytes(bytes)) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

PasswordHash HashPassword(const Secret& password) {
  PasswordHash hash{.cost = kCost, .block = kBlock, .parallel = kParallel};
  hash.salt = RandomBytes(kSaltBytes);
  hash.hash = Scrypt(password.Reveal(), hash);
  if (hash.hash.empty()) throw std::runtime_error("scrypt failed, for want of memory probably");
  return hash;
}

bool IsPassword(const Secret& password, const PasswordHash& hash) {
  const std::string computed = Scrypt(password.Reveal(), hash);
  return computed.size() == hash.hash.size() && !computed.empty() &&
         CRYPTO_memcmp(computed.data(), hash.hash.data(), computed.size()) == 0;
}

PasswordHash NobodysHash() {
  PasswordHash hash{.cost = kCost, .block = kBlock, .parallel = kParallel};
  hash.salt = RandomBytes(kSaltBytes);
  hash.hash = RandomBytes(kHashBytes);
  return hash;
}

Status CheckPassword(const Secret& password) {
  const std::string& text = password.Reveal();
  if (text.size() < kCharactersMin || text.size() > kCharactersMax) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("a password has {} to {} characters", kCharactersMin, kCharactersMax))
            .Hint("take one from a generator: openssl rand -base64 18"));
  }
  if (std::ranges::any_of(text, [](char c) { return c < ' ' || c > '~'; })) {
    return Fail(Error(ErrorCode::kUsage, "a password has printable ASCII characters only")
                    .Hint("programs prepare other characters in different ways before they prove to know them"));
  }
  return {};
}

}  // namespace smelt::serve
