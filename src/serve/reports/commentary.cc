#include "serve/reports/commentary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace smelt::serve::reports {
namespace {

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool IsName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsNameCharacter);
}

bool IsAllowedAddress(std::string_view address) {
  return address.starts_with("https://") || address.starts_with("http://") || address.starts_with("mailto:");
}

/// Takes the spans of a line apart.
class SpanReader {
 public:
  std::vector<Span> Read(std::string_view line) {
    while (!line.empty()) line.remove_prefix(Step(line));
    Flush();
    return std::move(spans_);
  }

 private:
  /// Reads a mark or a character at the start; returns how many bytes it was.
  std::size_t Step(std::string_view line) {
    if (line.starts_with("**") && (bold_ || line.find("**", 2) != std::string_view::npos)) return Toggle(bold_, 2);
    if (line.starts_with('*') && !line.starts_with("**") && (italic_ || line.find('*', 1) != std::string_view::npos)) {
      return Toggle(italic_, 1);
    }
    if (line.starts_with('`')) {
      const std::size_t end = line.find('`', 1);
      if (end != std::string_view::npos) {
        Flush();
        spans_.push_back({.text = std::string(line.substr(1, end - 1)), .code = true});
        return end + 1;
      }
    }
    if (line.starts_with('[')) {
      if (const std::size_t length = ReadLink(line); length > 0) return length;
    }
    const bool escaped = line.starts_with('\\') && line.size() > 1 && std::ispunct(static_cast<unsigned char>(line[1]));
    text_ += escaped ? line[1] : line[0];
    return escaped ? 2 : 1;
  }

  std::size_t Toggle(bool& style, std::size_t length) {
    Flush();
    style = !style;
    return length;
  }

  std::size_t ReadLink(std::string_view line) {
    const std::size_t middle = line.find("](");
    const std::size_t end = middle == std::string_view::npos ? middle : line.find(')', middle);
    if (end == std::string_view::npos) return 0;
    Flush();
    const std::string_view address = line.substr(middle + 2, end - middle - 2);
    spans_.push_back({.text = std::string(line.substr(1, middle - 1)),
                      .bold = bold_,
                      .italic = italic_,
                      .link = IsAllowedAddress(address) ? std::string(address) : std::string()});
    return end + 1;
  }

  void Flush() {
    if (!text_.empty()) spans_.push_back({.text = std::move(text_), .bold = bold_, .italic = italic_});
    text_.clear();
  }

  std::vector<Span> spans_;
  std::string text_;
  bool bold_ = false, italic_ = false;
};

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// What kind of block a line begins, and its text; nothing when it goes on with the paragraph before.
std::optional<std::pair<Block, std::string_view>> BeginBlock(std::string_view line) {
  std::size_t marks = 0;
  while (marks < line.size() && line[marks] == '#') ++marks;
  if (marks > 0 && marks < line.size() && line[marks] == ' ') {
    const int level = std::min(static_cast<int>(marks), 3);
    return std::pair(Block{.kind = BlockKind::kHeading, .level = level}, Trim(line.substr(marks)));
  }
  if (line.starts_with("- ") || line.starts_with("* ")) {
    return std::pair(Block{.kind = BlockKind::kItem}, Trim(line.substr(2)));
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> FillIn(std::string_view text, const FindFigure& find, const std::string& file, std::int64_t line) {
  std::string filled;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
    const std::string_view name = end == std::string_view::npos ? "" : text.substr(at + 1, end - at - 1);
    const std::size_t point = name.find('.');
    const bool is_figure =
        point != std::string_view::npos && IsName(name.substr(0, point)) && IsName(name.substr(point + 1));
    if (!is_figure) {
      filled += text[at];
      continue;
    }
    const auto figure = find(name.substr(0, point), name.substr(point + 1));
    if (!figure) {
      return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("there is no figure '{}'", name))
                      .Hint("write {tile.column}, {tile.change}, {tile.trend}, {filter.from} or {filter.to}")
                      .At(file, line));
    }
    filled += *figure;
    at = end;
  }
  return filled;
}

std::vector<Block> ReadMarkdown(std::string_view text) {
  std::vector<std::pair<Block, std::string>> blocks;
  bool is_open = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = Trim(text.substr(at, end - at));
    at = end + 1;
    if (line.empty()) {
      is_open = false;
      continue;
    }
    if (auto begun = BeginBlock(line)) {
      is_open = begun->first.kind == BlockKind::kItem;
      blocks.emplace_back(begun->first, begun->second);
    } else if (is_open) {
      blocks.back().second += ' ' + std::string(line);
    } else {
      blocks.emplace_back(Block{}, line);
      is_open = true;
    }
  }
  std::vector<Block> read;
  for (auto& [block, content] : blocks) {
    block.spans = SpanReader().Read(content);
    read.push_back(std::move(block));
  }
  return read;
}

std::string PlainText(const std::vector<Block>& blocks) {
  std::string text;
  for (const Block& block : blocks) {
    if (!text.empty()) text += '\n';
    for (const Span& span : block.spans) text += span.text;
  }
  return text;
}

}  // namespace smelt::serve::reports
