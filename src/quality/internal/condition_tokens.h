#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::quality {

enum class TokenKind {
  kNumber,
  kText,      ///< a quoted string, without its quotes
  kName,      ///< a quoted column name, without its quotes
  kWord,      ///< a bare word: a column, and, or, not, in …
  kOperator,  ///< = == != <> < <= > >=
  kSymbol,    ///< ( ) [ ] , . | & || && ~ + - * / // % **
  kEnd,
};

struct ConditionToken {
  TokenKind kind;
  std::string text;
  std::size_t offset;

  /// It is this word (compared without case) or symbol.
  bool Is(std::string_view word_or_symbol) const;
};

/// Splits a row condition into tokens; the last one is kEnd. With `double_quotes_name`, "…" is a column (SQL), else a
/// string. Errors: kConfigValueInvalid.
Result<std::vector<ConditionToken>> TokenizeCondition(std::string_view text, bool double_quotes_name);

}  // namespace smelt::quality
