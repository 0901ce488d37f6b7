#include "observe/stable_uuid.h"

#include <fmt/format.h>

#include "base/digest.h"

namespace smelt::observe {

std::string StableUuid(std::string_view name) {
  // The namespace: sixteen bytes that were drawn once.
  constexpr std::string_view kNamespace("\x8f\x1d\x52\x9a\x3c\x07\x4e\xb6\xa4\x71\x0e\x95\xd3\x28\x6b\xcf", 16);
  std::string hex = Sha1Hex(fmt::format("{}{}", kNamespace, name));
  hex[12] = '5';
  constexpr std::string_view kVariant = "89ab";
  const char digit = hex[16];
  const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
  hex[16] = kVariant[static_cast<std::size_t>(value & 3)];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20, 12));
}

}  // namespace smelt::observe
