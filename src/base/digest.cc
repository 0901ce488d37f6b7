#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/error.h"

namespace smelt {
namespace {

std::string DigestHex(const EVP_MD* method, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  SMELT_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method, nullptr) == 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace

std::string Sha1Hex(std::string_view bytes) {
  return DigestHex(EVP_sha1(), bytes);
}

std::string Md5Hex(std::string_view bytes) {
  return DigestHex(EVP_md5(), bytes);
}

std::string Sha256Hex(std::string_view bytes) {
  return DigestHex(EVP_sha256(), bytes);
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* message = reinterpret_cast<const unsigned char*>(bytes.data());
  SMELT_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message, bytes.size(), digest.data(),
                    &size) != nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace smelt
