#include "transform/internal/run/sql_place.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "transform/internal/jinja/diagnostics.h"
#include "transform/internal/jinja/lexer.h"

namespace smelt::transform {
namespace {

/// What the engine shows of the place of an error: "LINE 3: select frm x" and below it a caret.
struct Excerpt {
  std::size_t begin = 0, end = 0;  ///< of these lines in the message, with the line break before them
  std::string_view text;           ///< without the marks for what is left out
  std::size_t caret = 0;           ///< offset in the text
};

std::optional<Excerpt> FindExcerpt(std::string_view message) {
  constexpr std::string_view kCut = "...", kMark = "\nLINE ";
  Excerpt excerpt;
  excerpt.begin = message.rfind(kMark);
  if (excerpt.begin == std::string_view::npos) return std::nullopt;
  const std::size_t number_end = message.find_first_not_of("0123456789", excerpt.begin + kMark.size());
  if (number_end == std::string_view::npos || !message.substr(number_end).starts_with(": ")) return std::nullopt;
  const std::size_t text_at = number_end + 2;
  const std::size_t indent = text_at - excerpt.begin - 1;  // of the text in its line
  const std::size_t text_end = std::min(message.find('\n', text_at), message.size());
  excerpt.text = message.substr(text_at, text_end - text_at);
  excerpt.end = text_end;
  const std::string_view below = text_end < message.size() ? message.substr(text_end + 1) : std::string_view();
  const std::size_t caret = below.find_first_not_of(' ');
  if (caret != std::string_view::npos && below[caret] == '^') {
    excerpt.end = text_end + 1 + caret + 1;
    excerpt.caret = caret >= indent ? caret - indent : 0;
  }
  if (excerpt.text.starts_with(kCut)) {
    excerpt.text.remove_prefix(kCut.size());
    excerpt.caret -= std::min(excerpt.caret, kCut.size());
  }
  if (excerpt.text.ends_with(kCut)) excerpt.text.remove_suffix(kCut.size());
  excerpt.caret = std::min(excerpt.caret, excerpt.text.size());
  return excerpt;
}

/// Where the excerpt stands in the compiled SQL: of several places, the one nearest to the line that is told. The
/// statement has lines of its own before the SQL, mostly one.
std::optional<std::size_t> FindIn(const std::string& compiled, std::string_view text, std::int64_t line) {
  std::optional<std::size_t> best;
  std::int64_t best_distance = 0;
  std::int64_t at_line = 2;
  std::size_t counted = 0;
  if (text.find_first_not_of(" \t") == std::string_view::npos) return std::nullopt;
  for (std::size_t at = compiled.find(text); at != std::string::npos; at = compiled.find(text, at + 1)) {
    for (; counted < at; ++counted) at_line += compiled[counted] == '\n' ? 1 : 0;
    const std::int64_t distance = std::abs(at_line - line);
    if (!best || distance < best_distance) {
      best = at;
      best_distance = distance;
    }
  }
  return best;
}

std::int64_t LineAt(const jinja::Site& site, std::uint32_t offset) {
  return static_cast<std::int64_t>(jinja::Locate(site.parsed->source, offset).line);
}

/// "in macro x (macros/y.sql:12), called from models/a.sql:7", one line for each macro, the innermost first.
std::string MacroLines(const jinja::SourceMap::Found& found) {
  std::string lines;
  std::uint32_t offset = found.offset;
  for (const jinja::Site* site = found.site.get(); site->caller != nullptr; site = site->caller.get()) {
    lines += fmt::format("\n  in macro {} ({}:{}), called from {}:{}", site->macro, site->parsed->name,
                         LineAt(*site, offset), site->caller->parsed->name, LineAt(*site->caller, site->call_offset));
    offset = site->call_offset;
  }
  return lines;
}

/// The line of the node's own file: of the call that led to a macro.
std::pair<std::string, std::int64_t> OuterPlace(const jinja::SourceMap::Found& found) {
  const jinja::Site* site = found.site.get();
  std::uint32_t offset = found.offset;
  for (; site->caller != nullptr; site = site->caller.get()) offset = site->call_offset;
  return {site->parsed->name, LineAt(*site, offset)};
}

}  // namespace

Error PlaceInTemplate(const Node& node, const std::string& compiled, const jinja::SourceMap& places,
                      const Error& error) {
  const bool is_placed = !error.file().empty() && error.file() != "SQL";
  if (is_placed) return error;
  Error unplaced = Error(error.code(), error.message()).Hint(error.hint()).At(node.file);
  if (error.file() != "SQL") return unplaced;
  const auto excerpt = FindExcerpt(error.message());
  if (!excerpt) return unplaced;
  const auto at = FindIn(compiled, excerpt->text, error.line());
  const auto found = at ? places.Find(*at + excerpt->caret) : std::nullopt;
  if (!found) return unplaced;
  std::string message = error.message();
  message.replace(excerpt->begin, excerpt->end - excerpt->begin,
                  jinja::CaretLines(found->site->parsed->source, found->offset) + MacroLines(*found));
  auto [file, line] = OuterPlace(*found);
  return Error(error.code(), std::move(message)).Hint(error.hint()).At(std::move(file), line);
}

}  // namespace smelt::transform
