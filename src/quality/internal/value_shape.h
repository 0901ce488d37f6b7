#pragma once

#include <string>
#include <string_view>

namespace smelt::quality {

/// The shape of a text: 'A' for a capital letter, 'a' for another, '9' for a digit, everything else as it is; runs with
/// their length: "A{2}-9{4}" for "AB-2018". Texts longer than kShapeBytesMax end in "…".
std::string ShapeOf(std::string_view text);
inline constexpr std::size_t kShapeBytesMax = 64;

/// The same with "+" for the length of a run: "A+-9+". For texts of many lengths.
std::string LooseShapeOf(std::string_view text);

/// The format that a text has as a whole, as far as it is one with a name: "uuid", "e-mail", "url", "IPv4 address",
/// "date", "timestamp", "hex", "integer", "decimal"; empty for others.
std::string_view NamedFormat(std::string_view text);

/// The regular expression of such a format, from ^ to $; empty for other texts.
std::string RegexOfFormat(std::string_view name);

/// The regular expression of a shape that ShapeOf made, from ^ to $: "^[A-Z]{2}-[0-9]{4}$". Empty when the shape has
/// letters beyond ASCII or was cut.
std::string RegexOfShape(std::string_view shape);

}  // namespace smelt::quality
