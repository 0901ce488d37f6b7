#include "serve/postgres/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

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

/// Another text for a part of a statement.
struct Edit {
  std::size_t from = 0;  ///< bytes of the statement
  std::size_t to = 0;
  std::string text{};
};

Edit Instead(const SqlToken& token, std::string_view text) {
  return {token.at, token.at + token.text.size(), std::string(text)};
}

/// Whether a token stands directly in CAST (… AS …).
bool InCast(const std::vector<SqlToken>& tokens, std::size_t i) {
  std::size_t depth = 0;
  while (i-- > 0) {
    if (Closes(tokens[i])) ++depth;
    if (Opens(tokens[i]) && depth-- == 0) return i > 0 && (tokens[i - 1].Is("cast") || tokens[i - 1].Is("try_cast"));
  }
  return false;
}

/// Whether a token is in the list of columns of CREATE TABLE, or in ALTER TABLE.
bool InDefinition(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (!tokens[0].Is("create") && !tokens[0].Is("alter")) return false;
  const auto before = [&](std::string_view word) {
    return std::any_of(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(i),
                       [&](const SqlToken& token) { return token.Is(word); });
  };
  return before("table") && !before("as") && !before("select");
}

/// Whether a token is the name of a type where it stands.
bool IsType(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (i == 0) return false;
  if (tokens[i - 1].IsSymbol("::")) return true;
  if (tokens[i - 1].Is("as")) return InCast(tokens, i);
  const bool before_text = i + 1 < tokens.size() && tokens[i + 1].kind == TokenKind::kString;
  const bool follows_name = tokens[i - 1].kind == TokenKind::kWord || tokens[i - 1].kind == TokenKind::kQuoted;
  return before_text || (follows_name && InDefinition(tokens, i));
}

/// FLOAT has 53 bits with PostgreSQL, unless it asks for at most 24; with the engine it has 24.
std::optional<Edit> EditFloat(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (!tokens[i].Is("float") || !IsType(tokens, i)) return std::nullopt;
  if (i + 3 >= tokens.size() || !tokens[i + 1].IsSymbol("(") || !tokens[i + 3].IsSymbol(")")) {
    return Instead(tokens[i], "double");
  }
  constexpr int kSinglePrecisionMax = 24;
  int bits = 0;
  const std::string_view digits = tokens[i + 2].text;
  std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  return Edit{tokens[i].at, tokens[i + 3].at + 1, bits > kSinglePrecisionMax ? "double" : "real"};
}

/// NUMERIC without digits keeps all that a number has; with the engine it has three behind the point.
std::optional<Edit> EditNumeric(const std::vector<SqlToken>& tokens, std::size_t i) {
  const bool is_plain =
      (tokens[i].Is("numeric") || tokens[i].Is("decimal") || tokens[i].Is("dec")) && IsType(tokens, i);
  if (!is_plain || (i + 1 < tokens.size() && tokens[i + 1].IsSymbol("("))) return std::nullopt;
  return Instead(tokens[i], kPlainNumeric);
}

/// EXTRACT is numeric with PostgreSQL; the engine takes it for date_part.
std::optional<Edit> EditExtract(const std::vector<SqlToken>& tokens, std::size_t i) {
  const bool is_call = i + 3 < tokens.size() && tokens[i].Is("extract") && tokens[i + 1].IsSymbol("(");
  if (!is_call || !tokens[i + 3].Is("from")) return std::nullopt;
  const SqlToken& field = tokens[i + 2];
  if (field.kind != TokenKind::kWord && field.kind != TokenKind::kString) return std::nullopt;
  const SqlToken& from = tokens[i + 3];
  return Edit{tokens[i].at, from.at + from.text.size(), fmt::format("\"extract@\"('{}', ", field.Value())};
}

/// Whether two tokens are characters of one operator.
bool AreOneOperator(const SqlToken& first, const SqlToken& second) {
  static constexpr std::string_view kCharacters = "+-*/<>=~!@#%^&|`?";
  const auto is_part = [](const SqlToken& token) {
    return token.kind == TokenKind::kSymbol && kCharacters.contains(token.text);
  };
  return is_part(first) && is_part(second) && first.at + first.text.size() == second.at;
}

/// x #>> '{a,1}' is the value at a path; the engine's own operator takes it as /a/1.
std::optional<Edit> EditJsonPath(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (!tokens[i].IsSymbol("#") || i + 2 >= tokens.size() || !AreOneOperator(tokens[i], tokens[i + 1]))
    return std::nullopt;
  const bool as_text = i + 3 < tokens.size() && AreOneOperator(tokens[i + 1], tokens[i + 2]);
  const SqlToken& path = tokens[as_text ? i + 3 : i + 2];
  if (!tokens[i + 1].IsSymbol(">") || (as_text && !tokens[i + 2].IsSymbol(">")) || path.kind != TokenKind::kString) {
    return std::nullopt;
  }
  std::string keys = path.Value();
  if (!keys.starts_with('{') || !keys.ends_with('}') || keys.find_first_of("\"\\'/~") != std::string::npos) {
    return std::nullopt;
  }
  keys = "/" + keys.substr(1, keys.size() - 2);
  std::ranges::replace(keys, ',', '/');
  return Edit{tokens[i].at, path.at + path.text.size(), fmt::format("{} '{}'", as_text ? "->>" : "->", keys)};
}

/// Whether a table of the elements of JSON, which has a column `value`, is meant as a value by its own name:
/// `e ->> 'id' from json_array_elements(x) e`.
bool IsNamedAsValue(const std::vector<SqlToken>& tokens, std::size_t alias) {
  bool found = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].Is("value")) return false;
    const bool is_part = i + 1 < tokens.size() && tokens[i + 1].IsSymbol(".");
    found = found || (i != alias && !is_part && tokens[i].kind == tokens[alias].kind &&
                      tokens[i].Value() == tokens[alias].Value());
  }
  return found;
}

/// A name for a table that a function makes, without one for its column: the column is called so, too.
std::optional<Edit> EditAlias(const std::vector<SqlToken>& tokens, std::size_t i) {
  constexpr std::array<std::string_view, 28> kNoAlias = {
      "where", "on",     "join",  "cross",  "inner",   "left",      "right",  "full",     "natural", "order",
      "group", "having", "limit", "offset", "fetch",   "union",     "except", "with",     "window",  "for",
      "using", "as",     "semi",  "anti",   "qualify", "intersect", "asof",   "returning"};
  constexpr std::array<std::string_view, 6> kRows = {"generate_series",       "unnest",           "string_to_table",
                                                     "regexp_split_to_table", "json_object_keys", "jsonb_object_keys"};
  constexpr std::array<std::string_view, 4> kValues = {"json_array_elements", "jsonb_array_elements",
                                                       "json_array_elements_text", "jsonb_array_elements_text"};
  const auto is_one_of = [&](const auto& names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return tokens[i].Is(name); });
  };
  const bool makes_rows = is_one_of(kRows);
  const bool has_value = is_one_of(kValues);
  if (!(makes_rows || has_value) || i == 0 || i + 1 >= tokens.size() || !tokens[i + 1].IsSymbol("("))
    return std::nullopt;
  const SqlToken& before = tokens[i - 1];
  if (!before.Is("from") && !before.Is("join") && !before.Is("lateral") && !before.IsSymbol(",")) return std::nullopt;
  if (before.IsSymbol(",") && InSelectList(tokens, i)) return std::nullopt;
  std::size_t alias = GroupEnd(tokens, i + 1);
  if (alias < tokens.size() && tokens[alias].Is("as")) ++alias;
  if (alias >= tokens.size() || (alias + 1 < tokens.size() && tokens[alias + 1].IsSymbol("("))) return std::nullopt;
  const SqlToken& name = tokens[alias];
  if (name.kind != TokenKind::kQuoted && name.kind != TokenKind::kWord) return std::nullopt;
  if (std::ranges::any_of(kNoAlias, [&](std::string_view word) { return name.Is(word); })) return std::nullopt;
  if (has_value && !IsNamedAsValue(tokens, alias)) return std::nullopt;
  const std::size_t end = name.at + name.text.size();
  return Edit{end, end, fmt::format("({})", name.text)};
}

/// sales.orders.* is orders.* for the engine.
std::optional<Edit> EditStar(const std::vector<SqlToken>& tokens, std::size_t i) {
  const auto is_name = [&](std::size_t at) {
    return at < tokens.size() && (tokens[at].kind == TokenKind::kWord || tokens[at].kind == TokenKind::kQuoted);
  };
  const auto is_point = [&](std::size_t at) { return at < tokens.size() && tokens[at].IsSymbol("."); };
  if (!is_name(i) || (i > 0 && is_point(i - 1))) return std::nullopt;
  std::size_t last = i;
  while (is_point(last + 1) && is_name(last + 2)) last += 2;
  const bool is_star = is_point(last + 1) && last + 2 < tokens.size() && tokens[last + 2].IsSymbol("*");
  if (last == i || !is_star) return std::nullopt;
  return Edit{tokens[i].at, tokens[last].at, ""};
}

/// TABLESAMPLE has a share of the rows, in percent.
std::optional<Edit> EditSample(const std::vector<SqlToken>& tokens, std::size_t i) {
  const bool is_share = i >= 3 && tokens[i - 3].Is("tablesample") && tokens[i - 1].IsSymbol("(") &&
                        i + 1 < tokens.size() && tokens[i + 1].IsSymbol(")");
  if (!is_share) return std::nullopt;
  const std::size_t end = tokens[i].at + tokens[i].text.size();
  return Edit{end, end, " percent"};
}

/// With PostgreSQL, NULL is more than every value: a descending order begins with it.
std::optional<Edit> EditDescending(const std::vector<SqlToken>& tokens, std::size_t i) {
  constexpr std::array<std::string_view, 11> kFollow = {"limit", "offset", "fetch",  "rows",   "range",    "groups",
                                                        "for",   "union",  "except", "window", "intersect"};
  const bool orders = i > 0 && tokens[i].Is("desc") && !tokens[i - 1].Is("as") && !tokens[i - 1].IsSymbol(".");
  if (!orders) return std::nullopt;
  const bool ends = i + 1 == tokens.size() || tokens[i + 1].IsSymbol(",") || Closes(tokens[i + 1]) ||
                    std::ranges::any_of(kFollow, [&](std::string_view word) { return tokens[i + 1].Is(word); });
  if (!ends) return std::nullopt;
  const std::size_t end = tokens[i].at + tokens[i].text.size();
  return Edit{end, end, " nulls first"};
}

/// Behind a value and the casts of it: $1::text, 'x'::character varying(9).
std::size_t PastCasts(const std::vector<SqlToken>& tokens, std::size_t value) {
  std::size_t next = value + 1;
  while (next + 1 < tokens.size() && tokens[next].IsSymbol("::") && tokens[next + 1].kind == TokenKind::kWord) {
    next += 2;
    if (next < tokens.size() && tokens[next].Is("varying")) ++next;
    if (next < tokens.size() && tokens[next].IsSymbol("(")) next = GroupEnd(tokens, next);
  }
  return next;
}

/// With PostgreSQL, a backslash takes the meaning of the next character of a pattern of LIKE.
std::optional<Edit> EditLike(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (i < 2 || !(tokens[i - 1].Is("like") || tokens[i - 1].Is("ilike"))) return std::nullopt;
  const SqlToken& pattern = tokens[i];
  const bool may_escape =
      pattern.kind == TokenKind::kParameter || (pattern.kind == TokenKind::kString && pattern.text.contains('\\'));
  if (!may_escape) return std::nullopt;
  const std::size_t next = PastCasts(tokens, i);
  if (next < tokens.size()) {
    // Of 'a' || $1 it is not the whole pattern.
    const SqlToken& behind = tokens[next];
    const bool goes_on = behind.kind == TokenKind::kSymbol && !Closes(behind) && !behind.IsSymbol(",");
    if (goes_on || behind.Is("escape")) return std::nullopt;
  }
  const SqlToken& last = tokens[next - 1];
  const std::size_t end = last.at + last.text.size();
  return Edit{end, end, " escape '\\'"};
}

/// Whether an operand ends with a token, so that an operator behind it stands between two.
bool EndsOperand(const SqlToken& token) {
  constexpr std::array<std::string_view, 19> kNoOperands = {
      "select", "where", "and", "or",      "not",  "when",  "then",   "else",  "case",     "on",
      "having", "by",    "in",  "between", "like", "ilike", "values", "limit", "returning"};
  if (token.kind == TokenKind::kSymbol) return Closes(token);
  if (token.kind != TokenKind::kWord) return token.kind != TokenKind::kEnd;
  return std::ranges::none_of(kNoOperands, [&](std::string_view word) { return token.Is(word); });
}

/// With PostgreSQL, ~ and !~ look for a pattern anywhere in a text; with the engine the whole text must match.
std::optional<Edit> EditMatch(const std::vector<SqlToken>& tokens, std::size_t i) {
  if (!tokens[i].IsSymbol("~") || i == 0 || i + 1 == tokens.size()) return std::nullopt;
  if (AreOneOperator(tokens[i], tokens[i + 1])) return std::nullopt;
  const bool negated = AreOneOperator(tokens[i - 1], tokens[i]) && tokens[i - 1].IsSymbol("!");
  const std::size_t first = negated ? i - 1 : i;
  if (first == 0 || !EndsOperand(tokens[first - 1])) return std::nullopt;
  return Edit{tokens[first].at, tokens[i].at + 1, negated ? "!~@" : "~@"};
}

/// What a token alone, or those right behind it, are for the engine.
std::optional<Edit> EditAt(const std::vector<SqlToken>& tokens, std::size_t i, const std::vector<std::uint32_t>& oids) {
  const SqlToken& token = tokens[i];
  if (auto star = EditStar(tokens, i)) return star;
  const bool qualifies = i + 2 < tokens.size() && tokens[i + 1].IsSymbol(".");
  const bool qualified = i > 0 && tokens[i - 1].IsSymbol(".");
  if (qualifies && !qualified && IsName(token, "pg_catalog")) return Edit{token.at, tokens[i + 2].at, ""};
  if (qualifies && !qualified && IsName(token, "public")) return Instead(token, "main");
  const bool is_cast = i > 0 && tokens[i - 1].IsSymbol("::");
  if (is_cast && token.Is("jsonb")) return Instead(token, "json");
  if (is_cast && token.Is("name")) return Instead(token, "varchar");
  const bool is_query = tokens[0].Is("select") || tokens[0].Is("with");
  if (is_query && IsUntypedColumn(tokens, i)) return Instead(token, "null::varchar");
  if (IsWideNumber(tokens, i, oids)) {
    return Edit{tokens[i + 1].at, tokens[i + 2].at + tokens[i + 2].text.size(), ""};
  }
  if (auto order = EditDescending(tokens, i)) return order;
  if (auto match = EditMatch(tokens, i)) return match;
  if (auto sample = EditSample(tokens, i)) return sample;
  if (auto like = EditLike(tokens, i)) return like;
  if (auto number = EditNumeric(tokens, i)) return number;
  if (auto part = EditExtract(tokens, i)) return part;
  if (auto path = EditJsonPath(tokens, i)) return path;
  return EditFloat(tokens, i);
}

/// All that is written otherwise, in the order of the text.
std::vector<Edit> EditsOf(const std::vector<SqlToken>& tokens, std::size_t end,
                          const std::vector<std::uint32_t>& oids) {
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < end; ++i) {
    if (auto edit = EditAt(tokens, i, oids)) edits.push_back(*std::move(edit));
    if (auto alias = EditAlias(tokens, i)) edits.push_back(*std::move(alias));
    const bool is_call = tokens[i].Is("generate_series") && i + 1 < end && tokens[i + 1].IsSymbol("(");
    if (!is_call || !InSelectList(tokens, i)) continue;
    edits.push_back({tokens[i].at, tokens[i].at, "unnest("});
    const std::size_t last = GroupEnd(tokens, i + 1) - 1;
    edits.push_back({tokens[last].at, tokens[last].at, ")"});
  }
  std::ranges::stable_sort(edits, {}, &Edit::from);
  return edits;
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
  const std::size_t end = LockingClause(part.tokens);
  const std::size_t stop = end < part.tokens.size() ? part.tokens[end].at : part.text.size();
  std::string sql;
  std::size_t copied = 0;
  for (const Edit& edit : EditsOf(part.tokens, end, oids)) {
    if (edit.from < copied || edit.from > stop) continue;  // within another, or behind the end
    sql += part.text.substr(copied, edit.from - copied);
    sql += edit.text;
    copied = edit.to;
  }
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
