#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smelt::workbook::internal {

/// The character of UTF-8 that begins at `at`, which moves behind it; a byte that begins none stands for itself.
char32_t ReadCharacter(std::string_view text, std::size_t& at);
/// Writes a character as UTF-8.
void AppendCharacter(char32_t character, std::string& text);

/// The length as Excel counts it: characters beyond U+FFFF count two.
std::size_t Utf16Length(std::string_view text);
/// The characters of the longest line.
std::size_t LongestLine(std::string_view text);

/// A text as files of Excel write it: what XML has no room for becomes _xHHHH_, and what looks like that already is
/// marked, so that it comes back as it was (ECMA-376, part 1, 22.9.2.19).
std::string EscapeCellText(std::string_view text);

}  // namespace smelt::workbook::internal
