#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace smelt::workbook {

/// An instant or a time of day as Excel counts it: days since the last of 1899, with the time as a fraction.
struct Serial {
  double days = 0;
  bool has_fraction_of_second = false;  ///< the cell then shows milliseconds where its format ends with seconds
};

/// What a cell holds; nothing is an empty cell, and so is an empty text. Texts are UTF-8 and stay texts, whatever they
/// begin with. How numbers and instants look is a matter of the column's format.
using CellValue = std::variant<std::monostate, bool, double, Serial, std::string_view>;

/// The characters that a cell holds at most, as Excel counts them: those beyond U+FFFF count two.
inline constexpr std::size_t kCellTextMax = 32'767;

/// An instant, in microseconds since 1970 and without a zone, as Excel counts it; nothing when it is not between
/// 1900-01-01 and the end of 9999, which is all that Excel has dates for. Exact to about a microsecond.
std::optional<Serial> SerialOf(std::int64_t micros);

/// A time of day, in microseconds since midnight.
Serial SerialOfTime(std::int64_t micros);

/// The number that a text in decimal digits stands for ("-1234.50", "1e+22"), when a cell can hold all of its digits:
/// 15 significant ones, which is what Excel keeps and shows. Nothing for longer ones and for what is no number.
std::optional<double> ExactNumber(std::string_view text);

/// The number that a text stands for, the nearest that a cell can hold; nothing for what is no finite number.
std::optional<double> NearestNumber(std::string_view text);

}  // namespace smelt::workbook
