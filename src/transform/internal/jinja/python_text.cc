#include "transform/internal/jinja/python_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

std::string EscapedCodePoint(char32_t value) {
  auto code = static_cast<unsigned>(value);
  if (code < 0x100) return fmt::format("\\x{:02x}", code);
  return code < 0x10000 ? fmt::format("\\u{:04x}", code) : fmt::format("\\U{:08x}", code);
}

std::string QuotedText(std::string_view text) {
  bool single = text.find('\'') != std::string_view::npos, with_double = text.find('"') != std::string_view::npos;
  char quote = single && !with_double ? '"' : '\'';
  std::string out(1, quote);
  for (std::size_t i = 0; i < text.size();) {
    CodePoint point = DecodeAt(text, i);
    std::string_view character = text.substr(i, point.length);
    i += point.length;
    switch (point.value) {
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      case '\\': out += "\\\\"; continue;
      default: break;
    }
    if (point.value == static_cast<char32_t>(quote)) {
      out += '\\';
      out += quote;
    } else if (!IsPrintable(point.value)) {
      out += EscapedCodePoint(point.value);
    } else {
      out += character;
    }
  }
  return out + quote;
}

/// A longer text than any template may print: what lies beyond is cut.
constexpr std::size_t kReprBytesMax = 512U << 20;

void AppendRepr(std::string& out, const Value& value, int depth);

void AppendItems(std::string& out, const List& items, int depth) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    AppendRepr(out, items[i], depth + 1);
  }
}

void AppendRepr(std::string& out, const Value& value, int depth) {
  if (depth > kContainerDepthMax || out.size() > kReprBytesMax) {
    out += "...";
    return;
  }
  switch (value.kind()) {
    case Kind::kUndefined: out += "Undefined"; return;
    case Kind::kText: out += QuotedText(value.text()); return;
    case Kind::kObject: out += value.object().Repr(); return;
    case Kind::kList:
      out += '[';
      AppendItems(out, value.items(), depth);
      out += ']';
      return;
    case Kind::kTuple:
      out += '(';
      AppendItems(out, value.items(), depth);
      out += value.items().size() == 1 ? ",)" : ")";
      return;
    case Kind::kDict: {
      out += '{';
      const char* separator = "";
      for (const auto& [key, member] : value.dict().entries()) {
        out += separator;
        separator = ", ";
        AppendRepr(out, key, depth + 1);
        out += ": ";
        AppendRepr(out, member, depth + 1);
      }
      out += '}';
      return;
    }
    default: out += PythonText(value);
  }
}

}  // namespace

std::string PythonReal(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  auto written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(written.ptr - buffer));
  std::size_t mark = text.find('e');
  std::string_view power = text.substr(mark + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  int exponent = 0;
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (exponent < -4 || exponent >= 16) return std::string(text);
  std::string sign = text.front() == '-' ? "-" : "";
  std::string digits;
  for (char c : text.substr(sign.size(), mark - sign.size())) {
    if (c != '.') digits += c;
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string PythonText(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined: return {};
    case Kind::kNone: return "None";
    case Kind::kBoolean: return value.Truthy() ? "True" : "False";
    case Kind::kInteger: return std::to_string(value.integer());
    case Kind::kReal: return PythonReal(value.number());
    case Kind::kText: return value.text();
    case Kind::kObject: return value.object().ToText();
    default: return PythonRepr(value);
  }
}

std::string PythonAscii(const Value& value) {
  std::string text = PythonRepr(value), out;
  for (std::size_t i = 0; i < text.size();) {
    CodePoint point = DecodeAt(text, i);
    out += point.value < 0x80 ? text.substr(i, point.length) : EscapedCodePoint(point.value);
    i += point.length;
  }
  return out;
}

std::string PythonRepr(const Value& value) {
  std::string out;
  AppendRepr(out, value, 0);
  return out;
}

}  // namespace smelt::transform::jinja
