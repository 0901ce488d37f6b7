#include "serve/postgres/dialect.h"

#include <fmt/format.h>

#include <charconv>

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

}  // namespace

std::string ToEngineSql(const ScriptPart& part) {
  const auto& tokens = part.tokens;
  const std::size_t end = LockingClause(tokens);
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
    }
  }
  const std::size_t stop = end < tokens.size() ? tokens[end].at : part.text.size();
  return sql += part.text.substr(copied, stop - copied);
}

std::string WithTypedParameters(const std::string& sql, const std::vector<std::uint32_t>& oids) {
  std::string typed;
  std::size_t copied = 0;
  for (const SqlToken& token : Tokens(sql)) {
    if (token.kind != TokenKind::kParameter) continue;
    std::size_t number = 0;
    std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
    if (number == 0 || number > oids.size()) continue;
    const std::uint32_t array_element = ElementOf(oids[number - 1]);
    const std::string_view name = EngineTypeName(array_element != 0 ? array_element : oids[number - 1]);
    if (name.empty()) continue;
    typed += std::string_view(sql).substr(copied, token.at - copied);
    typed += fmt::format("cast({} as {}{})", token.text, name, array_element != 0 ? "[]" : "");
    copied = token.at + token.text.size();
  }
  return typed += std::string_view(sql).substr(copied);
}

}  // namespace smelt::serve::postgres
