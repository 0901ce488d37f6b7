#include "transform/internal/jinja/number_text.h"

#include <cctype>
#include <charconv>
#include <limits>
#include <string>

#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

/// The digits without spaces around them and underscores between two of them; nothing when underscores stand
/// elsewhere.
std::optional<std::string> Cleaned(std::string_view text) {
  std::string out;
  std::string_view digits = StripRight(StripLeft(text));
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto word = [&digits](std::size_t at) {
      return at < digits.size() && std::isalnum(static_cast<unsigned char>(digits[at]));
    };
    if (digits[i] != '_') {
      out += digits[i];
    } else if (i == 0 || !word(i - 1) || !word(i + 1)) {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace

std::optional<double> ReadReal(std::string_view text) {
  auto cleaned = Cleaned(text);
  if (!cleaned) return std::nullopt;
  std::string_view digits = *cleaned;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits.contains('(') || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  if (parsed.ec == std::errc()) return value;
  // Too large or too small for a double.
  bool tiny = digits.contains("e-") || digits.contains("E-") || digits.starts_with("0.") || digits.starts_with("-0.");
  value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return digits.starts_with('-') ? -value : value;
}

std::optional<std::int64_t> ReadInteger(std::string_view text, int base) {
  auto cleaned = Cleaned(text);
  if (!cleaned) return std::nullopt;
  std::string_view digits = *cleaned;
  bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  auto skip = [&digits](std::string_view lower, std::string_view upper) {
    if (digits.starts_with(lower) || digits.starts_with(upper)) digits.remove_prefix(2);
  };
  if (base == 16) skip("0x", "0X");
  if (base == 8) skip("0o", "0O");
  if (base == 2) skip("0b", "0B");
  if (digits.empty() || digits[0] == '-') return std::nullopt;
  std::string signed_digits = (negative ? "-" : "") + std::string(digits);
  std::int64_t value = 0;
  const char* end = signed_digits.data() + signed_digits.size();
  auto parsed = std::from_chars(signed_digits.data(), end, value, base);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

}  // namespace smelt::transform::jinja
