#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::transform {

/// A piece of SQL as far as it must be understood to put other text into it.
struct SqlPiece {
  enum class Kind {
    kName,    ///< an identifier that could be a column's: not called, not behind a dot
    kString,  ///< 'text', $$text$$
    kOpen,    ///< ( or [
    kClose,   ///< ) or ]
    kEnd,     ///< ;
    kOther,   ///< the rest, spaces and comments included
  };
  Kind kind = Kind::kOther;
  std::string_view text;
};

/// Takes SQL apart; the pieces together are the text. Errors: kMetricImpossible for quotes and comments without end.
Result<std::vector<SqlPiece>> SqlPieces(std::string_view sql);

/// That an expression stands for itself wherever it is put in brackets: brackets match, nothing ends a statement.
/// Errors: kMetricImpossible.
Status CheckExpression(std::string_view sql);

}  // namespace smelt::transform
