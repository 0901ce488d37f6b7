#include "serve/postgres/parameter_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "serve/postgres/wire_type.h"

namespace smelt::serve::postgres {
namespace {

Error Invalid(std::uint32_t number, std::string_view text) {
  return Error(ErrorCode::kSqlRuntime, fmt::format("invalid input syntax for type {}: \"{}\"", TypeName(number), text));
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\n\r\v\f";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

int HexDigit(char c) {
  constexpr int kTen = 10;
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + kTen : -1;
}

Result<std::string> ReadBool(std::string_view text) {
  std::string lower(Trimmed(text));
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  auto is = [&](std::string_view word, std::size_t least) { return lower.size() >= least && word.starts_with(lower); };
  if (is("true", 1) || is("yes", 1) || is("on", 2) || lower == "1") return std::string("true");
  if (is("false", 1) || is("no", 1) || is("off", 2) || lower == "0") return std::string("false");
  return Fail(Invalid(oid::kBool, text));
}

/// \x0aff, or the older form with \\ and octal numbers.
Result<std::string> ReadBytea(std::string_view text) {
  std::string bytes;
  constexpr int kNibble = 16;
  if (text.starts_with("\\x")) {
    for (std::size_t i = 2; i < text.size(); ++i) {
      if (std::isspace(static_cast<unsigned char>(text[i])) != 0) continue;
      const int high = HexDigit(text[i]);
      const int low = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      if (high < 0 || low < 0) return Fail(Invalid(oid::kBytea, text));
      bytes += static_cast<char>(high * kNibble + low);
      ++i;
    }
    return bytes;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    constexpr std::size_t kOctalDigits = 3;
    const std::string_view octal = text.substr(i + 1, kOctalDigits);
    if (octal.starts_with("\\")) {
      bytes += '\\';
      ++i;
    } else if (octal.size() == kOctalDigits && octal.find_first_not_of("01234567") == std::string_view::npos &&
               octal[0] <= '3') {
      constexpr int kBase = 8;
      bytes += static_cast<char>(((octal[0] - '0') * kBase + octal[1] - '0') * kBase + octal[2] - '0');
      i += kOctalDigits;
    } else {
      return Fail(Invalid(oid::kBytea, text));
    }
  }
  return bytes;
}

/// {1,NULL,"a b"} to the engine's [1, NULL, 'a b'].
class ArrayReader {
 public:
  ArrayReader(std::uint32_t array, std::string_view text) : array_(array), text_(Trimmed(text)) {}

  Result<std::string> Read() {
    const std::uint32_t element = ElementOf(array_);
    if (text_.size() < 2 || text_.front() != '{' || text_.back() != '}') return Malformed();
    std::string_view rest = Trimmed(text_.substr(1, text_.size() - 2));
    std::string list = "[";
    bool first = true;
    while (!rest.empty()) {
      if (!first) {
        if (rest.front() != ',') return Malformed();
        rest = Trimmed(rest.substr(1));
        list += ", ";
      }
      first = false;
      SMELT_TRY(ReadElement(element, rest, list));
      rest = Trimmed(rest);
    }
    return list + "]";
  }

 private:
  std::unexpected<Error> Malformed() const {
    return Fail(ErrorCode::kSqlRuntime, fmt::format("malformed array literal: \"{}\"", text_));
  }

  Status ReadElement(std::uint32_t element, std::string_view& rest, std::string& list) const {
    if (rest.starts_with('{')) {
      return Fail(ErrorCode::kSqlUnsupported, "arrays of several dimensions are not supported");
    }
    std::string value;
    const bool quoted = rest.starts_with('"');
    std::size_t i = quoted ? 1 : 0;
    for (; i < rest.size(); ++i) {
      if (quoted ? rest[i] == '"' : rest[i] == ',') break;
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      value += rest[i];
    }
    if (quoted && i == rest.size()) return Malformed();
    rest.remove_prefix(quoted ? i + 1 : i);
    if (!quoted) value = std::string(Trimmed(value));
    if (!quoted && value.empty()) return Malformed();
    std::string upper = value;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    if (!quoted && upper == "NULL") {
      list += "NULL";
      return {};
    }
    SMELT_ASSIGN(const std::string text, EngineText(element, value));
    list += ListElement(element, text);
    return {};
  }

  std::uint32_t array_;
  std::string_view text_;
};

/// A number, so that the error is PostgreSQL's; which numbers there are, the engine knows.
Result<std::string> ReadNumber(std::uint32_t number, std::string_view text) {
  const std::string_view trimmed = Trimmed(text);
  const bool whole = number == oid::kInt2 || number == oid::kInt4 || number == oid::kInt8 || number == oid::kOid;
  const std::string_view allowed = whole ? "+-0123456789" : "+-.0123456789eEinfatyINFATY";
  if (trimmed.empty() || trimmed.find_first_not_of(allowed) != std::string_view::npos ||
      trimmed.find_first_of("0123456789nN") == std::string_view::npos) {
    return Fail(Invalid(number, text));
  }
  return std::string(trimmed.starts_with('+') ? trimmed.substr(1) : trimmed);
}

}  // namespace

std::string ListElement(std::uint32_t element, std::string_view text) {
  switch (element) {
    case oid::kBool:
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kOid:
    case oid::kFloat4:
    case oid::kFloat8:
    case oid::kNumeric: return std::string(text);
    default: break;
  }
  std::string quoted = "'";
  for (const char c : text) {
    if (element == oid::kBytea) {
      quoted += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string EngineTimeText(std::string text) {
  constexpr std::string_view kBefore = " BC";
  if (!text.ends_with(kBefore)) return text;
  // The engine wants the mark behind the date.
  text.resize(text.size() - kBefore.size());
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return text + " (BC)";
  return text.insert(space, " (BC)");
}

Result<std::string> EngineText(std::uint32_t number, std::string_view text) {
  switch (number) {
    case oid::kBool: return ReadBool(text);
    case oid::kBytea: return ReadBytea(text);
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kOid:
    case oid::kFloat4:
    case oid::kFloat8:
    case oid::kNumeric: return ReadNumber(number, text);
    case oid::kDate:
    case oid::kTimestamp:
    case oid::kTimestampTz: return EngineTimeText(std::string(Trimmed(text)));
    default: break;
  }
  if (ElementOf(number) != 0) return ArrayReader(number, text).Read();
  return std::string(text);
}

}  // namespace smelt::serve::postgres
