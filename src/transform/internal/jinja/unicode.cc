#include "transform/internal/jinja/unicode.h"

#include <array>

namespace smelt::transform::jinja {
namespace {

/// A range of lower-case letters and how to reach their upper-case forms.
struct CaseRange {
  char32_t first, last;  ///< of the lower-case letters; of both forms when paired
  int to_upper;          ///< added to a lower-case letter; 0: the range alternates upper, lower
};

constexpr std::array<CaseRange, 19> kCaseRanges = {{
    {'a', 'z', -32},     {0xE0, 0xF6, -32},   {0xF8, 0xFE, -32},   {0xFF, 0xFF, 0x178 - 0xFF}, {0x100, 0x137, 0},
    {0x139, 0x148, 0},   {0x14A, 0x177, 0},   {0x179, 0x17E, 0},   {0x3AC, 0x3AC, -38},        {0x3AD, 0x3AF, -37},
    {0x3B1, 0x3C1, -32}, {0x3C3, 0x3CB, -32}, {0x3CC, 0x3CC, -64}, {0x3CD, 0x3CE, -63},        {0x430, 0x44F, -32},
    {0x450, 0x45F, -80}, {0x460, 0x481, 0},   {0x48A, 0x4BF, 0},   {0x4D0, 0x52F, 0},
}};
constexpr std::array<CaseRange, 3> kCaseRangesFar = {{{0x561, 0x586, -48}, {0x1E00, 0x1E95, 0}, {0x1EA0, 0x1EFF, 0}}};

constexpr char32_t kDottedI = 0x130, kDotlessI = 0x131, kSharpS = 0xDF, kMicro = 0xB5, kFinalSigma = 0x3C2;

/// In alternating ranges the upper-case letter comes first.
char32_t UpperIn(const CaseRange& range, char32_t value) {
  if (value < range.first || value > range.last) return 0;
  if (range.to_upper != 0) return static_cast<char32_t>(static_cast<int>(value) + range.to_upper);
  return (value - range.first) % 2 == 1 ? value - 1 : 0;
}

char32_t LowerIn(const CaseRange& range, char32_t value) {
  if (range.to_upper != 0) {
    auto lower = static_cast<char32_t>(static_cast<int>(value) - range.to_upper);
    return lower >= range.first && lower <= range.last ? lower : 0;
  }
  if (value < range.first || value > range.last) return 0;
  return (value - range.first) % 2 == 0 ? value + 1 : 0;
}

/// The other case of `value`, or 0 when it has none.
template <typename Map>
char32_t MapCase(char32_t value, Map map) {
  if (value == kDottedI || value == kDotlessI) return 0;
  for (const CaseRange& range : kCaseRanges) {
    if (char32_t mapped = map(range, value); mapped != 0) return mapped;
  }
  for (const CaseRange& range : kCaseRangesFar) {
    if (char32_t mapped = map(range, value); mapped != 0) return mapped;
  }
  return 0;
}

char32_t UpperOf(char32_t value) {
  if (value == kDotlessI) return 'I';
  if (value == kMicro) return 0x39C;
  if (value == kFinalSigma) return 0x3A3;
  return MapCase(value, UpperIn);
}

char32_t LowerOf(char32_t value) {
  return MapCase(value, LowerIn);
}

template <typename Map>
std::string MapText(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    CodePoint point = DecodeAt(text, i);
    if (!map(out, point.value)) out += text.substr(i, point.length);
    i += point.length;
  }
  return out;
}

bool InSet(std::string_view characters, std::string_view character, char32_t value) {
  return characters.empty() ? IsSpace(value) : characters.find(character) != std::string_view::npos;
}

}  // namespace

CodePoint DecodeAt(std::string_view text, std::size_t position) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  // Invalid bytes are kept as they are: they map to the range that Unicode leaves to surrogates.
  if (length == 0 || lead > 0xF4 || position + length > text.size()) return {0xDC00U + lead, 1};
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0xDC00U + lead, 1};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  return {value, length};
}

void AppendCodePoint(std::string& out, char32_t value) {
  auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | (value >> 18));
    put(0x80 | ((value >> 12) & 0x3F));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

std::size_t CharacterCount(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); i += DecodeAt(text, i).length) ++count;
  return count;
}

std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  characters.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = DecodeAt(text, i).length;
    characters.push_back(text.substr(i, length));
    i += length;
  }
  return characters;
}

std::string ToUpper(std::string_view text) {
  return MapText(text, [](std::string& out, char32_t value) {
    if (value == kSharpS) return out += "SS", true;
    char32_t upper = UpperOf(value);
    if (upper != 0) AppendCodePoint(out, upper);
    return upper != 0;
  });
}

std::string ToLower(std::string_view text) {
  return MapText(text, [](std::string& out, char32_t value) {
    if (value == kDottedI) return out += "i\u0307", true;
    char32_t lower = LowerOf(value);
    if (lower != 0) AppendCodePoint(out, lower);
    return lower != 0;
  });
}

std::string Capitalize(std::string_view text) {
  if (text.empty()) return {};
  std::size_t first = DecodeAt(text, 0).length;
  return ToUpper(text.substr(0, first)) + ToLower(text.substr(first));
}

bool IsSpace(char32_t value) {
  return (value >= 9 && value <= 13) || (value >= 28 && value <= 32) || value == 0x85 || value == 0xA0 ||
         value == 0x1680 || (value >= 0x2000 && value <= 0x200A) || value == 0x2028 || value == 0x2029 ||
         value == 0x202F || value == 0x205F || value == 0x3000;
}

bool IsUpper(char32_t value) {
  return value == kDottedI || LowerOf(value) != 0;
}

bool IsLower(char32_t value) {
  return value == kSharpS || UpperOf(value) != 0;
}

bool IsLetter(char32_t value) {
  if (value < 0x80) return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
  if (value < 0xC0) return value == 0xAA || value == 0xB5 || value == 0xBA;
  if (value >= 0xDC00 && value <= 0xDCFF) return false;
  return value != 0xD7 && value != 0xF7 && !IsSpace(value) && !(value >= 0x2000 && value <= 0x206F);
}

bool IsPrintable(char32_t value) {
  struct {
    char32_t first, last;
  } constexpr kHidden[] = {{0, 0x1F},        {0x7F, 0xA0},       {0xAD, 0xAD},       {0x600, 0x605},   {0x61C, 0x61C},
                           {0x6DD, 0x6DD},   {0x70F, 0x70F},     {0x1680, 0x1680},   {0x180E, 0x180E}, {0x2000, 0x200F},
                           {0x2028, 0x202F}, {0x205F, 0x206F},   {0x3000, 0x3000},   {0xD800, 0xF8FF}, {0xFEFF, 0xFEFF},
                           {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};
  for (const auto& range : kHidden) {
    if (value >= range.first && value <= range.last) return false;
  }
  return true;
}

bool IsDigitCharacter(char32_t value) {
  auto within = [value](char32_t zero) { return value >= zero && value <= zero + 9; };
  return within('0') || within(0x660) || within(0x6F0) || within(0x966) || within(0xFF10) || value == 0xB2 ||
         value == 0xB3 || value == 0xB9 || value == 0x2070 || (value >= 0x2074 && value <= 0x2079) || within(0x2080);
}

bool IsNumericCharacter(char32_t value) {
  return IsDigitCharacter(value) || (value >= 0xBC && value <= 0xBE) || (value >= 0x2150 && value <= 0x2189);
}

std::string_view StripLeft(std::string_view text, std::string_view characters) {
  while (!text.empty()) {
    CodePoint point = DecodeAt(text, 0);
    if (!InSet(characters, text.substr(0, point.length), point.value)) break;
    text.remove_prefix(point.length);
  }
  return text;
}

std::string_view StripRight(std::string_view text, std::string_view characters) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    CodePoint point = DecodeAt(text, start);
    if (start + point.length != text.size()) start = text.size() - 1, point = DecodeAt(text, start);
    if (!InSet(characters, text.substr(start), point.value)) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

}  // namespace smelt::transform::jinja
