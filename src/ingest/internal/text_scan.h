#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Looks at eight bytes at a time. All functions are pure and thread-safe.
namespace smelt::ingest {

static_assert(std::endian::native == std::endian::little, "the position of a match is its lowest set bit");

inline constexpr std::uint64_t kLowBits = 0x0101010101010101;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080;

inline std::uint64_t LoadEight(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Sets the high bit of each zero byte. Bytes above the lowest zero may be marked wrongly.
inline std::uint64_t ZeroBytes(std::uint64_t word) {
  return (word - kLowBits) & ~word & kHighBits;
}

/// Finds the first of three characters. The text must hold one of them, and eight bytes after it must be readable.
class ThreeCharFinder {
 public:
  ThreeCharFinder(char a, char b, char c) : a_(Spread(a)), b_(Spread(b)), c_(Spread(c)) {}

  const char* Find(const char* at) const {
    while (true) {
      const std::uint64_t word = LoadEight(at);
      const std::uint64_t found = ZeroBytes(word ^ a_) | ZeroBytes(word ^ b_) | ZeroBytes(word ^ c_);
      if (found != 0) return at + std::countr_zero(found) / 8;
      at += 8;
    }
  }

 private:
  static std::uint64_t Spread(char c) { return kLowBits * static_cast<unsigned char>(c); }
  std::uint64_t a_, b_, c_;
};

/// What a glance at a text tells.
struct Glance {
  bool ascii = true;
  bool has_nul = false;
};
Glance GlanceAt(std::string_view text);

/// Whether the text is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool IsUtf8(std::string_view text);

/// Code points in well-formed UTF-8.
std::int64_t CharacterCount(std::string_view text);

/// Makes any bytes printable as UTF-8: bytes that are not part of a well-formed character, and NUL, become \xNN.
/// Longer texts than `bytes_max` are cut there and end in "…".
std::string EscapeInvalid(std::string_view bytes, std::size_t bytes_max);

/// Appends ISO 8859-1 text as UTF-8.
void AppendLatin1(std::string_view text, std::string& out);

}  // namespace smelt::ingest
