#pragma once

#include <string_view>

#include "base/error.h"

namespace smelt::engine {

/// What other engines write for Delta tables, such as OPTIMIZE and VERSION AS OF, SQL says otherwise here: gives an
/// error of a statement that cannot be parsed, or that only the engine's own tables know, the form as its hint.
/// `text` has the statement, among others at most those that the error's line tells from it. Other errors, and those
/// that have a hint, stay.
Error SuggestForm(Error error, std::string_view text);

}  // namespace smelt::engine
