#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::app {

/// The columns that a text takes on a terminal: East Asian wide characters and emoji count two, combining marks and
/// the colours of Paint none. Broken UTF-8 counts one column per bad byte.
int DisplayWidth(std::string_view text);

/// The text in one line that a terminal can be trusted with: control characters appear as \n, \t or \x1b, broken UTF-8
/// as U+FFFD, marks that reverse the writing direction are dropped. Data must never steer the user's terminal.
std::string OneLine(std::string_view text);

/// Shortens a text to at most `width` columns by cutting out its middle, where "…" (or "~") takes its place.
std::string TruncateMiddle(std::string_view text, int width, bool unicode = true);

/// Fills up with spaces to `width` columns.
std::string PadRight(std::string text, int width);
std::string PadLeft(std::string text, int width);

/// Adds lines behind others.
void Append(std::vector<std::string>& lines, std::vector<std::string> more);

/// Breaks a text at its line ends and, where a line is longer than `width` columns, between words; a word that is
/// longer still is broken anywhere. Every line is fit for a terminal, as OneLine makes it.
std::vector<std::string> Wrap(std::string_view text, int width);

/// `text` repeated `count` times; empty when `count` is not positive.
std::string Repeat(std::string_view text, int count);

/// 1234567 → "1,234,567".
std::string FormatCount(std::int64_t count);
/// Three significant figures with a unit fit for reading: "0.24 s", "12.3 s", "3 m 07 s", "2 h 05 m".
std::string FormatSeconds(double seconds);
/// "512 B", "1.5 MB": three figures at most, in steps of a thousand.
std::string FormatBytes(std::int64_t bytes);
/// "940/s", "41.2k/s", "3.10M/s"; with `unit` "bytes": "35.0 MB/s".
std::string FormatRate(double per_second, std::string_view unit);

}  // namespace smelt::app
