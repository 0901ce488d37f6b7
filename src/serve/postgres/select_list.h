#pragma once

#include <cstddef>
#include <vector>

#include "serve/postgres/sql_tokens.h"

/// Where in a statement a token stands, as far as its tokens tell.
namespace smelt::serve::postgres {

/// Whether a token is an opening or a closing parenthesis, bracket or brace.
bool Opens(const SqlToken& token);
bool Closes(const SqlToken& token);
/// Whether a token stands in a select list itself: not in a call, or in a clause behind the list.
bool InSelectList(const std::vector<SqlToken>& tokens, std::size_t i);
/// Whether a token is NULL and a column of a query by itself. PostgreSQL has it as text, unless UNION or the like says
/// more of the column.
bool IsUntypedColumn(const std::vector<SqlToken>& tokens, std::size_t i);
/// The position behind the parenthesis that closes the one at a token; the number of tokens when there is none.
std::size_t GroupEnd(const std::vector<SqlToken>& tokens, std::size_t open);

}  // namespace smelt::serve::postgres
