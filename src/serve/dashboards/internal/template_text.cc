#include "serve/dashboards/internal/template_text.h"

#include <fmt/format.h>

#include <vector>

#include "base/config.h"

namespace smelt::serve::internal {
namespace {

/// Where in YAML a name stands, as far as that decides how its value is written.
enum class Place { kWhole, kDoubleQuoted, kSingleQuoted, kPlain };

/// What of a line is before its value: indentation, "- " and "key: ".
std::size_t ValueStart(std::string_view line) {
  std::size_t at = line.find_first_not_of(' ');
  if (at == std::string_view::npos) return line.size();
  while (line.substr(at).starts_with("- ")) {
    at = line.find_first_not_of(' ', at + 1);
    if (at == std::string_view::npos) return line.size();
  }
  const std::size_t colon = line.find(": ", at);
  const std::size_t quote = line.find_first_of("\"'${", at);
  if (colon == std::string_view::npos || (quote != std::string_view::npos && quote < colon)) return at;
  const std::size_t value = line.find_first_not_of(' ', colon + 1);
  return value == std::string_view::npos ? line.size() : value;
}

std::string_view WithoutTrailingBlanks(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \r");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

Place PlaceOf(std::string_view line, std::string_view reference) {
  const std::string_view value = WithoutTrailingBlanks(line.substr(ValueStart(line)));
  if (value == reference) return Place::kWhole;
  if (value.starts_with('"')) return Place::kDoubleQuoted;
  if (value.starts_with('\'')) return Place::kSingleQuoted;
  return Place::kPlain;
}

/// Follows which lines belong to block scalars, whose text is no YAML.
class BlockScalars {
 public:
  bool Contains(std::string_view line) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) return inside_;
    if (inside_ && indent > indent_) return true;
    const std::string_view value = WithoutTrailingBlanks(line);
    inside_ = value.ends_with(": |") || value.ends_with(": >") || value.ends_with(": |-") || value.ends_with(": >-");
    indent_ = indent;
    return false;
  }

 private:
  bool inside_ = false;
  std::size_t indent_ = 0;
};

std::string Doubled(std::string_view text, char quote) {
  std::string doubled;
  for (const char c : text) {
    if (c == quote) doubled += c;
    doubled += c;
  }
  return doubled;
}

/// A value as it is written at a place; nothing when it cannot be.
std::optional<std::string> Written(const Json& value, Place place) {
  if (place == Place::kWhole) return JsonText(value);
  if (value.is_structured()) return std::nullopt;
  std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : JsonText(value);
  if (place == Place::kDoubleQuoted) {
    const std::string quoted = JsonText(Json(text));
    return quoted.substr(1, quoted.size() - 2);
  }
  if (text.find('\n') != std::string::npos) return std::nullopt;
  return place == Place::kSingleQuoted ? Doubled(text, '\'') : text;
}

Error UnknownName(std::string_view name, const TemplateValues& values) {
  std::vector<std::string_view> known;
  for (const auto& [key, value] : values) known.push_back(key);
  Error error(ErrorCode::kConfigValueInvalid, fmt::format("the template has no value for ${{{}}}", name));
  const std::string nearest = NearestWord(name, known);
  return nearest.empty() ? std::move(error).Hint("list it under 'parameters' of the template, and give it under 'with'")
                         : std::move(error).Hint(fmt::format("did you mean ${{{}}}?", nearest));
}

Result<std::string> FillLine(std::string_view line, bool in_block, const TemplateValues& values) {
  std::string filled;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = line.find("${", at);
    const std::size_t end = begin == std::string_view::npos ? begin : line.find('}', begin);
    if (end == std::string_view::npos) return filled.append(line.substr(at));
    const std::string_view name = line.substr(begin + 2, end - begin - 2);
    const auto value = values.find(name);
    if (value == values.end()) return Fail(UnknownName(name, values));
    const Place place = in_block ? Place::kPlain : PlaceOf(line, line.substr(begin, end + 1 - begin));
    const std::optional<std::string> text = Written(value->second, place);
    if (!text) {
      return Fail(Error(ErrorCode::kConfigValueInvalid,
                        fmt::format("${{{}}} is a list, a map or several lines, which cannot be part of a text", name))
                      .Hint("let it be the whole value of a key"));
    }
    filled.append(line.substr(at, begin - at)).append(*text);
    at = end + 1;
  }
}

}  // namespace

Result<std::string> FillIn(std::string_view text, const TemplateValues& values, const std::string& file) {
  std::string filled;
  BlockScalars blocks;
  std::int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    auto done = FillLine(line, blocks.Contains(line), values);
    if (!done) return Fail(std::move(done.error()).At(file, number));
    filled.append(*done).append("\n");
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return filled;
}

std::string SectionOf(std::string_view text, std::string_view key) {
  std::string section;
  bool inside = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const bool at_margin = !line.empty() && line[0] != ' ' && line[0] != '#' && line[0] != '-' && line[0] != '\r';
    if (at_margin) inside = line.starts_with(key) && line.substr(key.size()).starts_with(':');
    if (inside) section.append(line);
    section += '\n';
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return section;
}

}  // namespace smelt::serve::internal
