#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::app {

/// Whether what a user has typed so far is a whole number of statements: nothing, or a ';' last, outside quotes and
/// comments. Knows '…', "…", e'…', $tag$…$tag$, -- and nested /* */.
bool IsComplete(std::string_view sql);

/// Statements on one line, without comments, for a history that keeps a line per entry. Quoted texts stay as they are,
/// line ends apart.
std::string OnOneLine(std::string_view sql);

/// Makes the place in an error of one statement one in its script, where the statement begins at `offset`: the line of
/// the error and the line number that its message shows.
Error InScript(Error error, std::string_view script, std::size_t offset);

}  // namespace smelt::app
