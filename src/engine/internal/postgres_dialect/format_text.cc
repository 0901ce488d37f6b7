#include "engine/internal/postgres_dialect/format_text.h"

#include <algorithm>
#include <charconv>
#include <duckdb/parser/keyword_helper.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/internal/postgres_dialect/calls.h"

namespace smelt::engine::postgres {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::string_t;

using Texts = std::vector<std::optional<std::string>>;

/// A text that is wider than this is a mistake, or meant to fill the memory.
constexpr std::size_t kWidthMax = 1'000'000;
/// So is a text of more bytes.
constexpr std::size_t kTextMax = std::size_t{1} << 24;

[[noreturn]] void RefuseFormat(const std::string& why) {
  throw duckdb::InvalidInputException("format: " + why);
}

/// What stands behind a percent sign.
struct Place {
  std::optional<std::size_t> position;  ///< from 1
  bool is_left = false;
  std::size_t width = 0;
  char kind = '\0';
};

/// Reads decimal digits at the front of a text; nothing when there are none.
std::optional<std::size_t> TakeNumber(std::string_view& text) {
  std::size_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ptr == text.data()) return std::nullopt;
  if (parsed.ec != std::errc() || number > kWidthMax) RefuseFormat("a number is too large");
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return number;
}

/// Takes one place from the front of a pattern, behind its percent sign.
Place TakePlace(std::string_view& pattern) {
  Place place;
  std::string_view ahead = pattern;
  if (const auto number = TakeNumber(ahead); number && ahead.starts_with('$')) {
    if (*number == 0) RefuseFormat("positions begin at 1");
    place.position = number;
    pattern = ahead.substr(1);
  }
  if (pattern.starts_with('-')) {
    place.is_left = true;
    pattern.remove_prefix(1);
  }
  place.width = TakeNumber(pattern).value_or(0);
  if (pattern.empty()) RefuseFormat("the pattern ends behind a percent sign; write %% for the sign itself");
  place.kind = pattern.front();
  pattern.remove_prefix(1);
  return place;
}

std::string Quoted(std::string_view text) {
  std::string quoted = text.contains('\\') ? "E'" : "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'' || c == '\\') quoted += c;
  }
  return quoted + "'";
}

/// A value as a place wants it.
std::string Shown(char kind, const std::optional<std::string>& value) {
  switch (kind) {
    case 's': return value.value_or("");
    case 'L': return value ? Quoted(*value) : "NULL";
    case 'I':
      if (!value) RefuseFormat("NULL is no name");
      return duckdb::KeywordHelper::WriteOptionallyQuoted(*value);
    default: RefuseFormat(std::string("there is no %") + kind + "; it knows %s, %I and %L");
  }
}

std::size_t CharactersIn(std::string_view text) {
  constexpr unsigned kTopBits = 0xC0, kFollows = 0x80;
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & kTopBits) != kFollows; }));
}

std::string Formatted(std::string_view pattern, const Texts& values) {
  std::string text;
  std::size_t next = 0;
  while (!pattern.empty()) {
    const std::size_t plain = std::min(pattern.find('%'), pattern.size());
    text += pattern.substr(0, plain);
    pattern.remove_prefix(plain);
    if (pattern.empty()) break;
    pattern.remove_prefix(1);
    if (pattern.starts_with('%')) {
      text += '%';
      pattern.remove_prefix(1);
      continue;
    }
    const Place place = TakePlace(pattern);
    const std::size_t index = place.position ? *place.position - 1 : next;
    if (index >= values.size()) RefuseFormat("there are too few values");
    next = index + 1;
    const std::string shown = Shown(place.kind, values[index]);
    const std::string fill(place.width - std::min(place.width, CharactersIn(shown)), ' ');
    text += place.is_left ? shown + fill : fill + shown;
    if (text.size() > kTextMax) RefuseFormat("the text is longer than 16 MiB");
  }
  return text;
}

/// All arguments are texts.
void RunFormat(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/, duckdb::Vector& result) {
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (std::size_t i = 0; i < formats.size(); ++i) arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]);
  const auto text_at = [&](std::size_t column, idx_t row) -> std::optional<std::string> {
    const idx_t at = formats[column].sel->get_index(row);
    if (!formats[column].validity.RowIsValid(at)) return std::nullopt;
    return duckdb::UnifiedVectorFormat::GetData<string_t>(formats[column])[at].GetString();
  };
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  Texts values(formats.size() - 1);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    const auto pattern = text_at(0, row);
    if (!pattern) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = text_at(i + 1, row);
    duckdb::FlatVector::GetData<string_t>(result)[row] =
        duckdb::StringVector::AddString(result, Formatted(*pattern, values));
  }
}

ExpressionPtr MakeFormat(duckdb::FunctionBindExpressionInput& input) {
  Expressions texts;
  for (auto& value : input.children) {
    Expressions one;
    one.push_back(std::move(value));
    texts.push_back(Call(input.context, "written@", std::move(one)));
  }
  duckdb::ScalarFunction function("format@", duckdb::vector<LogicalType>(texts.size(), LogicalType::VARCHAR),
                                  LogicalType::VARCHAR, RunFormat);
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetFallible();
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(LogicalType::VARCHAR, std::move(function), std::move(texts),
                                                            nullptr);
}

}  // namespace

void RegisterFormatText(duckdb::ExtensionLoader& loader) {
  duckdb::ScalarFunction function = Rewrite("format@", 1, MakeFormat);
  function.varargs = LogicalType::ANY;
  loader.RegisterFunction(std::move(function));
}

}  // namespace smelt::engine::postgres
