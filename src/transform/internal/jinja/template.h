#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/lexer.h"
#include "transform/internal/jinja/statement.h"

namespace smelt::transform::jinja {

/// A parsed template. Immutable; safe to render from several threads at once.
struct Template {
  std::string name;  ///< the file, for messages
  std::string source;
  Body body;
  /// Part of a library: what goes wrong in it is shown where others call it.
  bool is_library = false;
  std::vector<std::string> words;  ///< names, attributes and short texts that it mentions
};
using TemplatePointer = std::shared_ptr<const Template>;

/// Parses a template. Errors: kJinjaSyntax with file, line and column; kJinjaLimit for absurd nesting.
Result<TemplatePointer> ParseTemplate(std::string source, std::string name, bool is_library = false);

/// Statements or expressions that may lie within one another.
inline constexpr int kNestingMax = 200;
/// Levels of one expression's tree.
inline constexpr int kHeightMax = 1000;

}  // namespace smelt::transform::jinja
