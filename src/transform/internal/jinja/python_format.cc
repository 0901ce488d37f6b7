#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "transform/internal/jinja/decimal.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/operators.h"
#include "transform/internal/jinja/python_text.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {
namespace {

constexpr std::size_t kWidthMax = 100'000;

/// What stands between '%' and the conversion letter, or after ':' in a brace field.
struct Layout {
  std::string fill = " ";
  char align = 0;  ///< '<', '>', '^', '='; 0: the type's own
  char sign = 0;   ///< '+', ' ' or '-' where one was written
  bool alternate = false;
  char grouping = 0;
  bool zero = false;  ///< fills with zeros
  std::size_t width = 0;
  int precision = -1;
  char type = 0;
};

std::unexpected<Error> FormatFailure(std::string message) {
  return Fail(ErrorCode::kJinjaType, std::move(message));
}

std::string Pad(std::string text, const Layout& layout, char align) {
  std::size_t length = CharacterCount(text);
  if (length >= layout.width) return text;
  std::size_t missing = layout.width - length;
  auto filling = [&layout](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += layout.fill;
    return out;
  };
  switch (layout.align == 0 ? align : layout.align) {
    case '<': return text + filling(missing);
    case '^': return filling(missing / 2) + text + filling(missing - missing / 2);
    case '=': {
      std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ') ? 1 : 0;
      return text.substr(0, sign) + filling(missing) + text.substr(sign);
    }
    default: return filling(missing) + text;
  }
}

/// `digits` with a separator between groups; zeros that fill a field are grouped as well.
std::string Grouped(std::string digits, const Layout& layout, std::size_t sign_width) {
  if (layout.grouping == 0) return digits;
  bool powers_of_two = layout.type == 'x' || layout.type == 'X' || layout.type == 'o' || layout.type == 'b';
  std::size_t group = powers_of_two ? 4 : 3, start = digits.starts_with("0x") || digits.starts_with("0X") ||
                                                             digits.starts_with("0o") || digits.starts_with("0b")
                                                         ? 2
                                                         : 0;
  std::size_t end = powers_of_two ? digits.size() : std::min(digits.find_first_of(".e%"), digits.size());
  for (std::size_t i = end; i > start + group; i -= group) digits.insert(i - group, 1, layout.grouping);
  if (layout.align != '=' || layout.fill != "0") return digits;
  std::size_t leading =
      std::min(digits.find(layout.grouping), std::min(digits.find_first_of(".e%"), digits.size())) - start;
  while (digits.size() + sign_width < layout.width) {
    if (leading == group) {
      digits.insert(start, 1, layout.grouping);
      leading = 0;
    }
    digits.insert(start, 1, '0');
    ++leading;
  }
  return digits;
}

std::string SignFor(bool negative, const Layout& layout) {
  if (negative) return "-";
  return layout.sign == '-' || layout.sign == 0 ? "" : std::string(1, layout.sign);
}

std::string IntegerDigits(std::int64_t value, char type, bool alternate) {
  auto magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  switch (type) {
    case 'x': return (alternate ? "0x" : "") + fmt::format("{:x}", magnitude);
    case 'X': return (alternate ? "0X" : "") + fmt::format("{:X}", magnitude);
    case 'o': return (alternate ? "0o" : "") + fmt::format("{:o}", magnitude);
    case 'b': return (alternate ? "0b" : "") + fmt::format("{:b}", magnitude);
    default: return std::to_string(magnitude);
  }
}

std::string RealDigits(double value, const Layout& layout) {
  double magnitude = std::fabs(value);
  bool upper = layout.type == 'F' || layout.type == 'E' || layout.type == 'G';
  if (std::isnan(value)) return upper ? "NAN" : "nan";
  if (std::isinf(value)) return upper ? "INF" : "inf";
  int precision = layout.precision;
  switch (layout.type) {
    case 'f':
    case 'F': return fmt::format("{:.{}f}", magnitude, precision < 0 ? 6 : precision);
    case 'e': return fmt::format("{:.{}e}", magnitude, precision < 0 ? 6 : precision);
    case 'E': return fmt::format("{:.{}E}", magnitude, precision < 0 ? 6 : precision);
    case 'g': return fmt::format("{:.{}g}", magnitude, precision < 0 ? 6 : precision);
    case 'G': return fmt::format("{:.{}G}", magnitude, precision < 0 ? 6 : precision);
    case '%': return fmt::format("{:.{}f}%", magnitude * 100, precision < 0 ? 6 : precision);
    default:
      if (precision < 0) return PythonReal(magnitude);
      std::string text = fmt::format("{:.{}g}", magnitude, precision);
      return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
}

Result<std::string> FormatNumber(const Value& value, const Layout& layout) {
  constexpr std::string_view kRealTypes = "eEfFgG%";
  std::string text;
  bool negative = false;
  bool as_real = value.is_real() || kRealTypes.find(layout.type) != std::string_view::npos;
  if (as_real && layout.type != 0 && kRealTypes.find(layout.type) == std::string_view::npos) {
    return FormatFailure(fmt::format("a float cannot be formatted with '{}'", layout.type));
  }
  if (as_real) {
    negative = std::signbit(value.number());
    text = RealDigits(value.number(), layout);
  } else if (layout.type == 'c') {
    if (value.integer() < 0 || value.integer() > 0x10FFFF) return FormatFailure("the number is no character");
    AppendCodePoint(text, static_cast<char32_t>(value.integer()));
    return Pad(std::move(text), layout, '<');
  } else {
    negative = value.integer() < 0;
    text = IntegerDigits(value.integer(), layout.type, layout.alternate);
  }
  std::string sign = SignFor(negative, layout);
  return Pad(sign + Grouped(std::move(text), layout, sign.size()), layout, '>');
}

std::string FirstCharacters(const std::string& text, int count) {
  if (count < 0) return text;
  auto characters = Characters(text);
  if (characters.size() <= static_cast<std::size_t>(count)) return text;
  std::string out;
  for (int i = 0; i < count; ++i) out += characters[static_cast<std::size_t>(i)];
  return out;
}

/// Reads digits at `position`; nothing when there are none. Errors: absurd widths.
Result<std::optional<std::size_t>> ReadCount(std::string_view text, std::size_t& position) {
  std::size_t start = position, count = 0;
  while (position < text.size() && IsDigit(static_cast<unsigned char>(text[position]))) {
    count = count * 10 + static_cast<std::size_t>(text[position++] - '0');
    if (count > kWidthMax) return Fail(ErrorCode::kJinjaLimit, "a width or precision of a format is too large");
  }
  if (position == start) return std::optional<std::size_t>();
  return std::optional<std::size_t>(count);
}

Result<Layout> ParseSpecification(std::string_view text) {
  Layout layout;
  std::size_t i = 0;
  auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  auto at = [&text](std::size_t position) { return position < text.size() ? text[position] : '\0'; };
  if (!text.empty()) {
    std::size_t first = DecodeAt(text, 0).length;
    if (is_align(at(first))) {
      layout.fill = text.substr(0, first);
      layout.align = at(first);
      i = first + 1;
    } else if (is_align(at(0))) {
      layout.align = at(i++);
    }
  }
  if (at(i) == '+' || at(i) == '-' || at(i) == ' ') layout.sign = at(i++);
  if (at(i) == '#') layout.alternate = true, ++i;
  if (at(i) == '0') {
    layout.zero = layout.align == 0;
    if (layout.zero) layout.fill = "0", layout.align = '=';
    ++i;
  }
  SMELT_ASSIGN(auto width, ReadCount(text, i));
  layout.width = width.value_or(0);
  if (at(i) == ',' || at(i) == '_') layout.grouping = at(i++);
  if (at(i) == '.') {
    ++i;
    SMELT_ASSIGN(auto precision, ReadCount(text, i));
    if (!precision) return FormatFailure("a format misses its precision after '.'");
    layout.precision = static_cast<int>(*precision);
  }
  if (i < text.size()) layout.type = text[i++];
  constexpr std::string_view kTypes = "sdibcoxXeEfFgG%n";
  if (i != text.size() || (layout.type != 0 && kTypes.find(layout.type) == std::string_view::npos)) {
    return FormatFailure(fmt::format("the format specification '{}' is not valid", text));
  }
  return layout;
}

// -- the % operator

/// Hands out the values of a % format in order, or by name.
class PercentArguments {
 public:
  explicit PercentArguments(const Value& arguments) : arguments_(arguments) {}

  Result<Value> Next() {
    if (!arguments_.is_tuple() && next_ == 0) return ++next_, arguments_;
    if (arguments_.is_tuple() && next_ < arguments_.items().size()) return arguments_.items()[next_++];
    return FormatFailure("not enough arguments for the format");
  }

  Result<Value> Named(std::string_view name) {
    used_by_name_ = true;
    if (!arguments_.is_dict()) return FormatFailure("a format with names needs a dict");
    const Value* found = arguments_.dict().Find(name);
    if (found == nullptr) return FormatFailure(fmt::format("the format names '{}', which was not given", name));
    return *found;
  }

  bool AllUsed() const {
    bool has_elements =
        arguments_.is_dict() || arguments_.is_list() ||
        (arguments_.is_object() && (arguments_.object().is_sequence() || arguments_.object().is_mapping()));
    if (used_by_name_ || has_elements) return true;
    return arguments_.is_tuple() ? next_ == arguments_.items().size() : next_ > 0;
  }

 private:
  const Value& arguments_;
  std::size_t next_ = 0;
  bool used_by_name_ = false;
};

Result<std::string> ConvertPercent(const Value& value, Layout layout) {
  switch (layout.type) {
    case 's': return Pad(FirstCharacters(value.ToText(), layout.precision), layout, '>');
    case 'r': return Pad(FirstCharacters(value.Repr(), layout.precision), layout, '>');
    case 'a': return Pad(FirstCharacters(PythonAscii(value), layout.precision), layout, '>');
    case 'c':
      if (value.is_text() && CharacterCount(value.text()) == 1) return Pad(value.text(), layout, '>');
      break;
    default: break;
  }
  if (auto decimal = value.As<Decimal>()) return ConvertPercent(Value(decimal->Real()), layout);
  if (!value.is_number()) {
    return FormatFailure(fmt::format("%{} needs a number, not '{}'", layout.type, value.type_name()));
  }
  if (std::string_view("diuxXo").find(layout.type) != std::string_view::npos) {
    if (layout.type == 'i' || layout.type == 'u') layout.type = 'd';
    if (value.is_real()) {
      if (layout.type != 'd') return FormatFailure(fmt::format("%{} needs an integer, not a float", layout.type));
      if (!(std::fabs(value.number()) < 9.2e18)) return FormatFailure("the number is too large for an integer format");
      return FormatNumber(Value(static_cast<std::int64_t>(value.number())), layout);
    }
  }
  return FormatNumber(value, layout);
}

Result<std::optional<std::size_t>> PercentCount(std::string_view format, std::size_t& i, PercentArguments& arguments) {
  if (i >= format.size() || format[i] != '*') return ReadCount(format, i);
  ++i;
  SMELT_ASSIGN(Value width, arguments.Next());
  if (!width.is_integral()) return FormatFailure("* in a format needs an integer");
  return std::optional<std::size_t>(static_cast<std::size_t>(std::clamp<std::int64_t>(width.integer(), 0, kWidthMax)));
}

/// Formats the conversion whose '%' stands before `i`, and moves `i` behind it.
Result<std::string> PercentField(std::string_view format, std::size_t& i, PercentArguments& arguments) {
  std::optional<Value> value;
  if (i < format.size() && format[i] == '(') {
    std::size_t close = format.find(')', i);
    if (close == std::string_view::npos) return FormatFailure("a format misses ')'");
    SMELT_ASSIGN(value, arguments.Named(format.substr(i + 1, close - i - 1)));
    i = close + 1;
  }
  Layout layout;
  bool zero = false;
  for (; i < format.size() && std::string_view("-+ 0#").find(format[i]) != std::string_view::npos; ++i) {
    if (format[i] == '-') layout.align = '<';
    if (format[i] == '+' || (format[i] == ' ' && layout.sign != '+')) layout.sign = format[i];
    if (format[i] == '0') zero = true;
    if (format[i] == '#') layout.alternate = true;
  }
  SMELT_ASSIGN(auto width, PercentCount(format, i, arguments));
  layout.width = width.value_or(0);
  if (i < format.size() && format[i] == '.') {
    ++i;
    SMELT_ASSIGN(auto precision, PercentCount(format, i, arguments));
    layout.precision = static_cast<int>(precision.value_or(0));
  }
  if (i >= format.size()) return FormatFailure("the format ends within a conversion");
  layout.type = format[i++];
  if (layout.type == '%') return std::string("%");
  if (std::string_view("sradiucxXoeEfFgG").find(layout.type) == std::string_view::npos) {
    return FormatFailure(fmt::format("'%{}' is not a known conversion", layout.type));
  }
  if (zero && layout.align == 0 && std::string_view("sra").find(layout.type) == std::string_view::npos) {
    layout.fill = "0";
    layout.align = '=';
  }
  if (!value) {
    SMELT_ASSIGN(value, arguments.Next());
  }
  return ConvertPercent(*value, layout);
}

// -- str.format

class BraceFormatter {
 public:
  BraceFormatter(std::string_view format, const Arguments& arguments) : format_(format), arguments_(arguments) {}

  Result<std::string> Run() {
    std::string out;
    std::size_t i = 0;
    while (i < format_.size()) {
      char c = format_[i++];
      bool doubled = i < format_.size() && format_[i] == c;
      if (c != '{' && c != '}') {
        out += c;
      } else if (doubled) {
        out += c;
        ++i;
      } else if (c == '}') {
        return FormatFailure("a format has a single '}'");
      } else {
        SMELT_ASSIGN(std::string field, Field(i));
        out += field;
      }
    }
    return out;
  }

 private:
  /// The field whose '{' stands before `i`; moves `i` behind its '}'.
  Result<std::string> Field(std::size_t& i) {
    int depth = 1;
    std::size_t end = i;
    for (; end < format_.size(); ++end) {
      if (format_[end] == '{') ++depth;
      if (format_[end] == '}' && --depth == 0) break;
    }
    if (end == format_.size()) return FormatFailure("a format has a '{' without '}'");
    std::string_view body = format_.substr(i, end - i);
    i = end + 1;

    std::size_t colon = std::min(body.find(':'), body.size());
    std::string_view name = body.substr(0, colon);
    std::string specification(colon < body.size() ? body.substr(colon + 1) : "");
    char conversion = 0;
    if (name.size() >= 2 && name[name.size() - 2] == '!') {
      conversion = name.back();
      name.remove_suffix(2);
    }
    SMELT_ASSIGN(Value value, Lookup(name));
    if (specification.find('{') != std::string::npos) {
      BraceFormatter nested(specification, arguments_);
      nested.automatic_ = automatic_;
      nested.numbered_ = numbered_;
      SMELT_ASSIGN(std::string resolved, nested.Run());
      automatic_ = nested.automatic_;
      specification = std::move(resolved);
    }
    if (conversion == 'r') value = Value(value.Repr());
    if (conversion == 'a') value = Value(PythonAscii(value));
    if (conversion == 's') value = Value(value.ToText());
    return FormatValue(value, specification);
  }

  Result<Value> Lookup(std::string_view path) {
    std::size_t end = std::min(path.find_first_of(".["), path.size());
    SMELT_ASSIGN(Value value, Root(path.substr(0, end)));
    for (std::string_view rest = path.substr(end); !rest.empty();) {
      if (value.is_undefined()) return Fail(ErrorCode::kJinjaUndefined, value.undefined_hint());
      if (rest[0] == '.') {
        std::size_t next = std::min(rest.find_first_of(".[", 1), rest.size());
        value = GetAttribute(value, rest.substr(1, next - 1));
        rest.remove_prefix(next);
      } else {
        std::size_t close = rest.find(']');
        if (close == std::string_view::npos) return FormatFailure("a format misses ']'");
        std::string_view key = rest.substr(1, close - 1);
        std::size_t position = 0;
        SMELT_ASSIGN(auto index, ReadCount(key, position));
        bool numeric = index && position == key.size();
        value = GetItem(value, numeric ? Value(*index) : Value(key));
        rest.remove_prefix(close + 1);
      }
    }
    return value;
  }

  Result<Value> Root(std::string_view name) {
    std::size_t position = 0;
    SMELT_ASSIGN(auto index, ReadCount(name, position));
    bool by_position = name.empty() || (index && position == name.size());
    if (by_position && std::exchange(numbered_, !name.empty()).value_or(!name.empty()) == name.empty()) {
      return FormatFailure("a format numbers either all of its fields or none");
    }
    if (name.empty()) index = automatic_++;
    if (name.empty() || (index && position == name.size())) {
      if (*index < arguments_.positional.size()) return arguments_.positional[*index];
      return FormatFailure(fmt::format("the format needs argument {}, which was not given", *index));
    }
    for (const auto& [key, value] : arguments_.named) {
      if (key == name) return value;
    }
    return FormatFailure(fmt::format("the format names '{}', which was not given", name));
  }

  std::string_view format_;
  const Arguments& arguments_;
  std::size_t automatic_ = 0;
  std::optional<bool> numbered_;  ///< whether fields name their positions
};

}  // namespace

Result<std::string> FormatValue(const Value& value, std::string_view specification) {
  if (specification.empty()) return value.ToText();
  if (value.is_object()) {
    if (auto text = value.object().Formatted(specification)) return *std::move(text);
  }
  SMELT_ASSIGN(Layout layout, ParseSpecification(specification));
  if (value.is_number() && !(value.is_boolean() && layout.type == 's')) {
    if (layout.type == 's') return FormatFailure("a number cannot be formatted with 's'");
    if (layout.type == 'n') layout.type = 0;
    bool whole = value.is_integral() && std::string_view("eEfFgG%").find(layout.type) == std::string_view::npos;
    if (layout.precision >= 0 && (whole || (value.is_integral() && layout.type == 0))) {
      return FormatFailure("an integer has no precision in a format");
    }
    return FormatNumber(value, layout);
  }
  if (value.is_object()) {
    if (auto text = value.object().Formatted(specification)) return *std::move(text);
  }
  if (value.is_undefined() || !value.is_text()) {
    return FormatFailure(fmt::format("'{}' cannot be formatted with '{}'", value.type_name(), specification));
  }
  if (layout.grouping != 0) return FormatFailure(fmt::format("'{}' is not for texts in a format", layout.grouping));
  if (layout.sign != 0 || layout.alternate) return FormatFailure("signs and '#' are not for texts in a format");
  if (layout.zero) layout.align = '<';
  if (layout.align == '=') return FormatFailure("'=' is not for texts in a format");
  if (layout.type != 0 && layout.type != 's') {
    return FormatFailure(fmt::format("'{}' cannot be formatted with '{}'", value.type_name(), layout.type));
  }
  return Pad(FirstCharacters(value.ToText(), layout.precision), layout, '<');
}

Result<std::string> PercentFormat(std::string_view format, const Value& values) {
  PercentArguments arguments(values);
  std::string out;
  for (std::size_t i = 0; i < format.size();) {
    if (format[i] != '%') {
      out += format[i++];
      continue;
    }
    ++i;
    SMELT_ASSIGN(std::string field, PercentField(format, i, arguments));
    out += field;
  }
  if (!arguments.AllUsed()) return FormatFailure("not all arguments of the format were used");
  return out;
}

Result<std::string> BraceFormat(std::string_view format, const Arguments& arguments) {
  return BraceFormatter(format, arguments).Run();
}

}  // namespace smelt::transform::jinja
