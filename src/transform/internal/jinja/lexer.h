#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::transform::jinja {

enum class TokenType {
  kData,           ///< text between tags, whitespace control applied
  kVariableBegin,  ///< {{
  kVariableEnd,    ///< }}
  kBlockBegin,     ///< {%
  kBlockEnd,       ///< %}
  kName,
  kText,  ///< a string literal with its quotes
  kInteger,
  kReal,
  kOperator,
  kEnd,
};

struct Token {
  TokenType type = TokenType::kEnd;
  std::string_view text;     ///< a piece of the source
  std::uint32_t offset = 0;  ///< of the first byte within the source
};

/// Where something stands in a text; both count from 1, columns in characters.
struct Place {
  std::int64_t line = 1;
  std::int64_t column = 1;
};
Place Locate(std::string_view source, std::uint32_t offset);

/// Splits a template into tokens by Jinja's rules: trim_blocks and lstrip_blocks are off, one trailing newline of the
/// template is dropped. The tokens are pieces of `source`. The last one is kEnd.
/// Errors: kJinjaSyntax with line and column.
Result<std::vector<Token>> Tokenize(std::string_view source, std::string_view name);

/// The decoded content of a string literal token. Errors: kJinjaSyntax for a bad escape.
Result<std::string> DecodeLiteral(std::string_view literal);

/// A syntax error at a place of a template.
Error SyntaxError(std::string_view source, std::string_view name, std::uint32_t offset, std::string message);

}  // namespace smelt::transform::jinja
