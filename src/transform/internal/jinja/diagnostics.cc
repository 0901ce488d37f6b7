#include "transform/internal/jinja/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>

#include "transform/internal/jinja/lexer.h"
#include "transform/internal/jinja/unicode.h"

namespace smelt::transform::jinja {

std::string CaretLines(std::string_view source, std::uint32_t offset) {
  std::size_t at = std::min<std::size_t>(offset, source.size());
  std::size_t begin = source.substr(0, at).rfind('\n') + 1;
  std::size_t end = std::min(source.find_first_of("\r\n", at), source.size());
  std::string line(source.substr(begin, end - begin));
  std::ranges::replace(line, '\t', ' ');
  std::size_t column = CharacterCount(std::string_view(line).substr(0, at - begin));

  // A long line is cut to what surrounds the place.
  constexpr std::size_t kBefore = 60, kShown = 100;
  auto characters = Characters(line);
  std::size_t from = column > kBefore ? column - kBefore : 0;
  std::string shown = from > 0 ? "…" : "";
  std::size_t indent = column - from + (from > 0 ? 1 : 0);
  for (std::size_t i = from; i < characters.size() && i < from + kShown; ++i) shown += characters[i];
  if (characters.size() > from + kShown) shown += "…";
  std::string number = std::to_string(Locate(source, offset).line);
  return fmt::format("\n  {} | {}\n  {} | {}^", number, shown, std::string(number.size(), ' '),
                     std::string(indent, ' '));
}

}  // namespace smelt::transform::jinja
