#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::serve::reports {

/// A run of text in one style.
struct Span {
  std::string text = {};
  bool bold = false;
  bool italic = false;
  bool code = false;
  std::string link = {};  ///< an address of http, https or mailto; empty: none

  bool operator==(const Span&) const = default;
};

enum class BlockKind : std::uint8_t { kParagraph, kHeading, kItem };

/// A paragraph, a heading or an item of a list.
struct Block {
  BlockKind kind = BlockKind::kParagraph;
  int level = 1;  ///< of a heading, 1 to 3
  std::vector<Span> spans = {};
};

/// What stands for a name of the form "revenue.change"; nothing when there is no such thing.
using FindFigure = std::function<std::optional<std::string>(std::string_view owner, std::string_view what)>;

/// Puts figures where their names stand in braces: `{revenue.change}`. Braces around anything else stay.
/// Errors: kConfigValueInvalid naming what is not there, with `file` and `line`.
Result<std::string> FillIn(std::string_view text, const FindFigure& find, const std::string& file, std::int64_t line);

/// Reads the part of Markdown that texts of tiles use: headings, paragraphs, lists, **bold**, *italic*, `code` and
/// [links](https://…). What is not understood is plain text; other addresses lose their link.
std::vector<Block> ReadMarkdown(std::string_view text);

/// The blocks without their styles, a line each.
std::string PlainText(const std::vector<Block>& blocks);

}  // namespace smelt::serve::reports
