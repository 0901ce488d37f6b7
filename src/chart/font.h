#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smelt::chart {

/// The width of a line of UTF-8 text in Helvetica, in the unit of `size`. Arial and Liberation Sans are as wide.
/// Characters outside of Windows-1252 count as wide as a digit.
double TextWidth(std::string_view text, double size, bool bold = false);

/// The text, cut with "…" in its middle where it is wider than `width`; empty when not even that fits.
std::string FitText(std::string_view text, double width, double size, bool bold = false);

/// Breaks a text at spaces into lines no wider than `width`; a longer word has a line of its own, cut. Line breaks
/// stay.
std::vector<std::string> WrapText(std::string_view text, double width, double size, bool bold = false);

/// UTF-8 in the character set of the standard fonts of PDF, Windows-1252. Letters with accents that it lacks lose them;
/// what has no like in it becomes '?'.
std::string ToWindows1252(std::string_view text);

}  // namespace smelt::chart
