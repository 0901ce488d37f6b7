#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::transform::jinja {

// Texts are UTF-8. A byte that is not part of a valid sequence counts as one character of its own.

/// The character at byte `position`: its code point and its length in bytes.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
};
CodePoint DecodeAt(std::string_view text, std::size_t position);
void AppendCodePoint(std::string& out, char32_t value);

std::size_t CharacterCount(std::string_view text);
/// The characters of `text` as pieces of it.
std::vector<std::string_view> Characters(std::string_view text);

/// Case mapping of the Latin, Greek, Cyrillic and Armenian scripts; other characters stay.
std::string ToUpper(std::string_view text);
std::string ToLower(std::string_view text);
/// First character upper case, the rest lower case.
std::string Capitalize(std::string_view text);

bool IsSpace(char32_t value);
bool IsLetter(char32_t value);
bool IsUpper(char32_t value);
bool IsLower(char32_t value);
inline bool IsDigit(char32_t value) {
  return value >= '0' && value <= '9';
}

/// Whether Python's repr shows the character as it is.
bool IsPrintable(char32_t value);
/// What str.isdigit() and str.isnumeric() accept: digits of Latin and a few other scripts, superscripts; fractions.
bool IsDigitCharacter(char32_t value);
bool IsNumericCharacter(char32_t value);

/// The text without leading and trailing whitespace (or characters of `characters` when it is not empty).
std::string_view StripLeft(std::string_view text, std::string_view characters = {});
std::string_view StripRight(std::string_view text, std::string_view characters = {});

}  // namespace smelt::transform::jinja
