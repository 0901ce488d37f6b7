#include "ingest/internal/text_scan.h"

#include <fmt/format.h>

#include <iterator>

namespace smelt::ingest {
namespace {

std::uint8_t ByteAt(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

bool IsContinuation(std::string_view text, std::size_t at) {
  return at < text.size() && (ByteAt(text, at) & 0xC0) == 0x80;
}

/// The length of the well-formed character at `at` (Unicode standard, table 3-7), 0 if there is none.
std::size_t CharacterLength(std::string_view text, std::size_t at) {
  const std::uint8_t lead = ByteAt(text, at);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !IsContinuation(text, at + 1)) return 0;
  if (lead < 0xE0) return 2;
  const std::uint8_t second = ByteAt(text, at + 1);
  if (!IsContinuation(text, at + 2)) return 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (!IsContinuation(text, at + 3)) return 0;
  const bool overlong = lead == 0xF0 && second < 0x90;
  const bool too_large = lead == 0xF4 && second > 0x8F;
  return overlong || too_large ? 0 : 4;
}

}  // namespace

Glance GlanceAt(std::string_view text) {
  std::uint64_t all = 0, zeros = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const std::uint64_t word = LoadEight(text.data() + at);
    all |= word;
    zeros |= ZeroBytes(word);
  }
  std::uint64_t rest = kLowBits;  // no byte of it is zero or above ASCII
  std::memcpy(&rest, text.data() + at, text.size() - at);
  all |= rest;
  zeros |= ZeroBytes(rest);
  return {.ascii = (all & kHighBits) == 0, .has_nul = zeros != 0};
}

bool IsUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    while (at + 8 <= text.size() && (LoadEight(text.data() + at) & kHighBits) == 0) at += 8;
    if (at == text.size()) return true;
    const std::size_t length = CharacterLength(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::int64_t CharacterCount(std::string_view text) {
  std::int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

std::string EscapeInvalid(std::string_view bytes, std::size_t bytes_max) {
  std::string text;
  std::size_t at = 0;
  while (at < bytes.size() && at < bytes_max) {
    const std::size_t length = bytes[at] == '\0' ? 0 : CharacterLength(bytes, at);
    if (length == 0) {
      fmt::format_to(std::back_inserter(text), "\\x{:02X}", ByteAt(bytes, at));
      ++at;
    } else {
      text.append(bytes.substr(at, length));
      at += length;
    }
  }
  if (at < bytes.size()) text += "…";
  return text;
}

void AppendLatin1(std::string_view text, std::string& out) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
}

}  // namespace smelt::ingest
