#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::serve::postgres {

enum class TokenKind : std::uint8_t {
  kWord,       ///< a name or keyword without quotes
  kQuoted,     ///< "name"
  kString,     ///< 'text', E'text', $tag$text$tag$
  kNumber,     //
  kParameter,  ///< $1
  kSymbol,     ///< one operator or mark of punctuation
  kEnd,        ///< ; between statements
};

/// A token of SQL, as PostgreSQL cuts its text; blanks and comments are left out. Refers to the text.
struct SqlToken {
  TokenKind kind = TokenKind::kSymbol;
  std::string_view text;
  std::size_t at = 0;  ///< of its first byte in the whole text

  /// Whether it is a keyword or name without quotes, in whatever case. `word` is in lower case.
  bool Is(std::string_view word) const;
  bool IsSymbol(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
  /// The name that it is: in lower case without quotes, or as it stands within them; of a string, its text.
  std::string Value() const;
};

/// The tokens of a text. What is not closed ends at the end of the text.
std::vector<SqlToken> Tokens(std::string_view sql);

/// Whether the token at a place, which may lie behind the last, is a word; it is given in lower case.
bool IsWordAt(const std::vector<SqlToken>& tokens, std::size_t at, std::string_view word);

/// One statement of a script.
struct ScriptPart {
  std::string_view text;  ///< without the ; at its end
  std::size_t at = 0;     ///< where it begins in the script
  std::vector<SqlToken> tokens{};
};

/// The statements of a script that are not empty.
std::vector<ScriptPart> SplitScript(std::string_view script);

}  // namespace smelt::serve::postgres
