#include "engine/postgres_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/ascii.h"

namespace smelt::engine {
namespace {

template <typename T>
char* WriteShortest(T value, T fixed_below, char* room) {
  if (std::isnan(value)) return std::ranges::copy(std::string_view("NaN"), room).out;
  if (std::isinf(value)) return std::ranges::copy(std::string_view(value < 0 ? "-Infinity" : "Infinity"), room).out;
  constexpr T kFixedFrom = static_cast<T>(1e-4);
  const T size = std::abs(value);
  const bool fixed = size == 0 || (size >= kFixedFrom && size < fixed_below);
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  return std::to_chars(room, room + kRealTextMax, value, format).ptr;
}

std::string_view WithoutBlanks(std::string_view text) {
  constexpr std::string_view kBlank = " \t\n\r\v\f";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Takes an entry from the front of what stands between the braces; nothing when it is malformed.
std::optional<std::optional<std::string>> TakeEntry(std::string_view& rest) {
  std::string entry;
  const bool is_quoted = rest.starts_with('"');
  std::size_t i = is_quoted ? 1 : 0;
  for (; i < rest.size(); ++i) {
    if (is_quoted ? rest[i] == '"' : rest[i] == ',') break;
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    entry += rest[i];
  }
  if (is_quoted && i == rest.size()) return std::nullopt;
  rest = WithoutBlanks(rest.substr(is_quoted ? i + 1 : i));
  if (is_quoted) return std::optional(std::move(entry));
  entry = std::string(WithoutBlanks(entry));
  if (entry.empty()) return std::nullopt;
  if (EqualsIgnoringCase(entry, "null")) return std::optional<std::string>();
  return std::optional(std::move(entry));
}

}  // namespace

char* WriteReal(double value, char* room) {
  constexpr double kFixedBelow = 1e15;
  return WriteShortest(value, kFixedBelow, room);
}

char* WriteReal(float value, char* room) {
  constexpr float kFixedBelow = 1e6F;
  return WriteShortest(value, kFixedBelow, room);
}

std::optional<bool> ReadBoolean(std::string_view text) {
  const std::string lower = LowerAscii(WithoutBlanks(text));
  const auto is = [&](std::string_view word, std::size_t least) {
    return lower.size() >= least && word.starts_with(lower);
  };
  if (is("true", 1) || is("yes", 1) || is("on", 2) || lower == "1") return true;
  if (is("false", 1) || is("no", 1) || is("off", 2) || lower == "0") return false;
  return std::nullopt;
}

Result<std::vector<std::optional<std::string>>> ReadArray(std::string_view text) {
  text = WithoutBlanks(text);
  const auto malformed = [&] {
    return Fail(ErrorCode::kSqlRuntime, fmt::format("malformed array literal: \"{}\"", text));
  };
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return malformed();
  std::vector<std::optional<std::string>> entries;
  std::string_view rest = WithoutBlanks(text.substr(1, text.size() - 2));
  while (!rest.empty()) {
    if (!entries.empty()) {
      if (rest.front() != ',') return malformed();
      rest = WithoutBlanks(rest.substr(1));
    }
    if (rest.starts_with('{'))
      return Fail(ErrorCode::kSqlUnsupported, "arrays of several dimensions are not supported");
    auto entry = TakeEntry(rest);
    if (!entry) return malformed();
    entries.push_back(*std::move(entry));
  }
  return entries;
}

std::string ListEntry(std::string_view text) {
  std::string entry = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') entry += '\\';
    entry += c;
  }
  return entry + "'";
}

}  // namespace smelt::engine
