#include "serve/postgres/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "serve/postgres/select_list.h"
#include "serve/postgres/wire_type.h"

namespace smelt::serve::postgres {
namespace {

/// Where the clause FOR UPDATE or FOR SHARE at the end begins; the number of tokens when there is none.
std::size_t LockingClause(const std::vector<SqlToken>& tokens) {
  constexpr std::size_t kLongest = 8;  // for no key update of a.b nowait
  for (std::size_t i = tokens.size(); i > 1 && tokens.size() - i < kLongest; --i) {
    const std::size_t at = i - 1;
    if (!tokens[at].Is("for") || at + 1 == tokens.size()) continue;
    const SqlToken& next = tokens[at + 1];
    if (next.Is("update") || next.Is("share") || next.Is("no") || next.Is("key")) return at;
  }
  return tokens.size();
}

bool IsName(const SqlToken& token, std::string_view name) {
  return token.Is(name) || (token.kind == TokenKind::kQuoted && token.Value() == name);
}

/// Whether a word stands between a change's first word and what it changes.
bool LeadsToTarget(const SqlToken& token) {
  constexpr std::array<std::string_view, 24> kWords = {
      "or",   "replace", "temp",   "temporary", "unlogged", "recursive", "materialized", "table",
      "view", "schema",  "if",     "not",       "exists",   "into",      "from",         "only",
      "on",   "column",  "ignore", "database",  "index",    "sequence",  "type",         "macro"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return token.Is(word); });
}

/// The number of the parameter that a token is; 0 for other tokens.
std::size_t ParameterAt(const SqlToken& token) {
  std::size_t number = 0;
  if (token.kind == TokenKind::kParameter) {
    std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
  }
  return number;
}

/// Whether $1::numeric begins at a token, of a parameter that no type was given or this one.
bool IsWideNumber(const std::vector<SqlToken>& tokens, std::size_t i, const std::vector<std::uint32_t>& oids) {
  const std::size_t number = ParameterAt(tokens[i]);
  if (number == 0 || i + 2 >= tokens.size() || !tokens[i + 1].IsSymbol("::")) return false;
  const bool of_any_scale = tokens[i + 2].Is("numeric") || tokens[i + 2].Is("decimal");
  const bool more = i + 3 < tokens.size() && (tokens[i + 3].IsSymbol("(") || tokens[i + 3].IsSymbol("["));
  const std::uint32_t given = number <= oids.size() ? oids[number - 1] : oid::kUnspecified;
  return of_any_scale && !more && (given == oid::kUnspecified || given == oid::kNumeric);
}

}  // namespace

std::string CatalogTarget(const ScriptPart& part) {
  const auto& tokens = part.tokens;
  constexpr std::array<std::string_view, 9> kChanges = {"create", "drop",     "alter", "insert", "update",
                                                        "delete", "truncate", "merge", "comment"};
  const bool changes =
      !tokens.empty() && std::ranges::any_of(kChanges, [&](std::string_view word) { return tokens[0].Is(word); });
  if (!changes) return {};
  std::size_t at = 1;
  while (at < tokens.size() && LeadsToTarget(tokens[at])) ++at;
  if (at + 2 < tokens.size() && IsName(tokens[at], "lake") && tokens[at + 1].IsSymbol(".")) at += 2;
  if (at >= tokens.size() || !(IsName(tokens[at], "pg_catalog") || IsName(tokens[at], "information_schema"))) return {};
  if (at + 2 < tokens.size() && tokens[at + 1].IsSymbol(".")) return tokens[at].Value() + "." + tokens[at + 2].Value();
  return tokens[at - 1].Is("schema") || tokens[at - 1].Is("exists") ? tokens[at].Value() : std::string();
}

std::string ToEngineSql(const ScriptPart& part, const std::vector<std::uint32_t>& oids) {
  const auto& tokens = part.tokens;
  const std::size_t end = LockingClause(tokens);
  const bool is_query = !tokens.empty() && (tokens[0].Is("select") || tokens[0].Is("with"));
  std::set<std::size_t> closing;  // tokens behind which another parenthesis is closed
  std::string sql;
  std::size_t copied = 0;
  auto replace = [&](std::size_t from, std::size_t to, std::string_view text) {
    sql += part.text.substr(copied, from - copied);
    sql += text;
    copied = to;
  };
  for (std::size_t i = 0; i < end; ++i) {
    const SqlToken& token = tokens[i];
    const bool qualifies = i + 2 < tokens.size() && tokens[i + 1].IsSymbol(".");
    const bool qualified = i > 0 && tokens[i - 1].IsSymbol(".");
    if (qualifies && !qualified && IsName(token, "pg_catalog")) {
      replace(token.at, tokens[i + 2].at, "");
    } else if (qualifies && !qualified && IsName(token, "public")) {
      replace(token.at, token.at + token.text.size(), "main");
    } else if (i > 0 && tokens[i - 1].IsSymbol("::") && token.Is("jsonb")) {
      replace(token.at, token.at + token.text.size(), "json");
    } else if (i > 0 && tokens[i - 1].IsSymbol("::") && token.Is("name")) {
      replace(token.at, token.at + token.text.size(), "varchar");
    } else if (is_query && IsUntypedColumn(tokens, i)) {
      replace(token.at, token.at + token.text.size(), "null::varchar");
    } else if (token.Is("generate_series") && i + 1 < end && tokens[i + 1].IsSymbol("(") && InSelectList(tokens, i)) {
      replace(token.at, token.at, "unnest(");
      closing.insert(GroupEnd(tokens, i + 1) - 1);
    } else if (IsWideNumber(tokens, i, oids)) {
      replace(tokens[i + 1].at, tokens[i + 2].at + tokens[i + 2].text.size(), "");
    }
    if (closing.contains(i)) replace(token.at, token.at, ")");
  }
  const std::size_t stop = end < tokens.size() ? tokens[end].at : part.text.size();
  return sql += part.text.substr(copied, stop - copied);
}

std::string WithTypedParameters(const std::string& sql, const std::vector<std::uint32_t>& oids, Stand stand) {
  std::string typed;
  std::size_t copied = 0;
  for (const SqlToken& token : Tokens(sql)) {
    const std::size_t number = ParameterAt(token);
    if (number == 0 || number > oids.size()) continue;
    const std::uint32_t array_element = ElementOf(oids[number - 1]);
    const std::string_view name = EngineTypeName(array_element != 0 ? array_element : oids[number - 1]);
    if (name.empty() && stand == Stand::kParameter) continue;
    const std::string_view value = stand == Stand::kNull ? "null" : token.text;
    typed += std::string_view(sql).substr(copied, token.at - copied);
    typed += name.empty() ? "null" : fmt::format("cast({} as {}{})", value, name, array_element != 0 ? "[]" : "");
    copied = token.at + token.text.size();
  }
  return typed += std::string_view(sql).substr(copied);
}

}  // namespace smelt::serve::postgres
