#include "serve/postgres/parameter_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/ascii.h"
#include "engine/postgres_text.h"
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
  const char lower = LowerAscii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + kTen : -1;
}

Result<std::string> ReadBool(std::string_view text) {
  const auto truth = engine::ReadBoolean(text);
  if (!truth) return Fail(Invalid(oid::kBool, text));
  return std::string(*truth ? "true" : "false");
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
Result<std::string> ReadArray(std::uint32_t element, std::string_view text) {
  SMELT_ASSIGN(const auto entries, engine::ReadArray(text));
  std::string list = "[";
  for (const auto& entry : entries) {
    if (list.size() > 1) list += ", ";
    if (!entry) {
      list += "NULL";
      continue;
    }
    SMELT_ASSIGN(const std::string value, EngineText(element, *entry));
    list += ListElement(element, value);
  }
  return list + "]";
}

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
  if (element != oid::kBytea) return engine::ListEntry(text);
  std::string quoted = "'";
  for (const char c : text) quoted += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
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
  if (const std::uint32_t element = ElementOf(number); element != 0) return ReadArray(element, text);
  return std::string(text);
}

}  // namespace smelt::serve::postgres
