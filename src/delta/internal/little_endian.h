#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Numbers in byte strings, the lowest byte first. (The machines that smelt runs on have that order themselves.)
namespace smelt::delta {

static_assert(std::endian::native == std::endian::little);

/// The number at the front of `bytes`, which must be long enough.
template <typename T>
T LoadLittle(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <typename T>
void StoreLittle(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <typename T>
void AppendLittle(std::string& bytes, T value) {
  bytes.append(sizeof value, '\0');
  StoreLittle(bytes, bytes.size() - sizeof value, value);
}

}  // namespace smelt::delta
