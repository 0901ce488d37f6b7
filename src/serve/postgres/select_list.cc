#include "serve/postgres/select_list.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace smelt::serve::postgres {
namespace {

bool Unites(const SqlToken& token) {
  return token.Is("union") || token.Is("intersect") || token.Is("except");
}

/// Whether UNION or the like stands before a token or behind it, in the same pair of parentheses.
bool IsUnited(const std::vector<SqlToken>& tokens, std::size_t i) {
  std::size_t depth = 0;
  for (std::size_t k = i; k < tokens.size(); ++k) {
    if (Opens(tokens[k])) ++depth;
    if (Closes(tokens[k]) && depth-- == 0) break;
    if (depth == 0 && Unites(tokens[k])) return true;
  }
  depth = 0;
  for (std::size_t k = i; k-- > 0;) {
    if (Closes(tokens[k])) ++depth;
    if (Opens(tokens[k]) && depth-- == 0) break;
    if (depth == 0 && Unites(tokens[k])) return true;
  }
  return false;
}

}  // namespace

bool Opens(const SqlToken& token) {
  return token.IsSymbol("(") || token.IsSymbol("[") || token.IsSymbol("{");
}

bool Closes(const SqlToken& token) {
  return token.IsSymbol(")") || token.IsSymbol("]") || token.IsSymbol("}");
}

bool InSelectList(const std::vector<SqlToken>& tokens, std::size_t i) {
  static constexpr std::array<std::string_view, 7> kClauses = {"from",   "where", "by",   "having",
                                                               "values", "on",    "limit"};
  std::size_t depth = 0;
  while (i-- > 0) {
    if (Closes(tokens[i])) ++depth;
    if (Opens(tokens[i]) && depth-- == 0) return false;
    if (depth > 0) continue;
    if (tokens[i].Is("select")) return true;
    if (std::ranges::any_of(kClauses, [&](std::string_view clause) { return tokens[i].Is(clause); })) return false;
  }
  return false;
}

bool IsUntypedColumn(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (i == 0 || !tokens[i].Is("null") || !(tokens[i - 1].Is("select") || tokens[i - 1].IsSymbol(","))) return false;
  const bool ends = i + 1 == tokens.size() || tokens[i + 1].Is("as") || tokens[i + 1].Is("from") ||
                    tokens[i + 1].IsSymbol(",") || tokens[i + 1].IsSymbol(";");
  return ends && InSelectList(tokens, i) && !IsUnited(tokens, i);
}

std::size_t GroupEnd(const std::vector<SqlToken>& tokens, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (Opens(tokens[i])) ++depth;
    if (Closes(tokens[i]) && --depth == 0) return i + 1;
  }
  return tokens.size();
}

}  // namespace smelt::serve::postgres
