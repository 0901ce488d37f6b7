#include "quality/internal/row_condition.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "engine/session.h"
#include "quality/internal/condition_tokens.h"

namespace smelt::quality {
namespace {

/// What a comparison means when a value is missing.
enum class NullRule { kSql, kPandas };

std::string Compare(const std::string& left, std::string_view op, const std::string& right, NullRule rule) {
  if (op == "==") op = "=";
  if (op == "<>") op = "!=";
  if (op == "!=" && rule == NullRule::kPandas) op = "is distinct from";
  return fmt::format("{} {} {}", left, op, right);
}

std::string Membership(const std::string& column, bool negated, const std::string& list, NullRule rule) {
  if (list.empty()) return negated ? "true" : "false";
  if (!negated) return fmt::format("{} in ({})", column, list);
  if (rule == NullRule::kPandas) return fmt::format("({0} is null or {0} not in ({1}))", column, list);
  return fmt::format("{} not in ({})", column, list);
}

/// Recursive descent over the tokens of a condition; every method consumes what it names.
class ConditionParser {
 public:
  ConditionParser(std::string_view text, std::vector<ConditionToken> tokens, NullRule rule, const ColumnSql& column)
      : text_(text), tokens_(std::move(tokens)), rule_(rule), column_(column) {}

  Result<std::string> Parse() {
    SMELT_ASSIGN(std::string sql, Or());
    if (Peek().kind != TokenKind::kEnd) return Fail(Expected("'and', 'or' or the end"));
    return sql;
  }

 private:
  const ConditionToken& Peek() const { return tokens_[next_]; }
  const ConditionToken& Take() { return tokens_[next_++]; }

  /// Takes the next token if it is this word or symbol.
  bool Accept(std::string_view text) {
    if (!Peek().Is(text)) return false;
    ++next_;
    return true;
  }
  bool AcceptAny(std::initializer_list<std::string_view> texts) {
    return std::ranges::any_of(texts, [&](std::string_view text) { return Accept(text); });
  }

  Error Expected(std::string_view what) const {
    const ConditionToken& token = Peek();
    const std::string found = token.kind == TokenKind::kEnd ? "its end" : fmt::format("\"{}\"", token.text);
    return Error(ErrorCode::kConfigValueInvalid,
                 fmt::format("the row_condition `{}` cannot be read: expected {} at character {}, found {}", text_,
                             what, token.offset + 1, found))
        .Hint(
            "conditions compare columns with values, e.g. col(\"price\") > 5, and join such comparisons with and, "
            "or, not");
  }

  Result<std::string> Or() {
    SMELT_ASSIGN(std::string sql, And());
    while (AcceptAny({"or", "|", "||"})) {
      SMELT_ASSIGN(const std::string right, And());
      sql = fmt::format("({} or {})", sql, right);
    }
    return sql;
  }

  Result<std::string> And() {
    SMELT_ASSIGN(std::string sql, Not());
    while (AcceptAny({"and", "&", "&&"})) {
      SMELT_ASSIGN(const std::string right, Not());
      sql = fmt::format("({} and {})", sql, right);
    }
    return sql;
  }

  Result<std::string> Not() {
    if (AcceptAny({"not", "~"})) {
      SMELT_ASSIGN(const std::string sql, Nested([this] { return Not(); }));
      return fmt::format("(not {})", sql);
    }
    if (Accept("(")) {
      SMELT_ASSIGN(std::string sql, Nested([this] { return Or(); }));
      if (!Accept(")")) return Fail(Expected("')'"));
      return sql;
    }
    return Comparison();
  }

  /// Bounds the depth of the recursion, which the text decides.
  Result<std::string> Nested(const std::function<Result<std::string>()>& parse) {
    constexpr int kDepthMax = 100;
    if (++depth_ > kDepthMax) return Fail(ErrorCode::kConfigValueInvalid, "a row_condition is nested too deeply");
    auto sql = parse();
    --depth_;
    return sql;
  }

  Result<std::string> Comparison() {
    SMELT_ASSIGN(const std::string left, Operand());
    if (Accept(".")) return NullMethod(left);
    if (Accept("is")) {
      const bool negated = Accept("not");
      if (!AcceptAny({"null", "none"})) return Fail(Expected("null"));
      return left + (negated ? " is not null" : " is null");
    }
    const bool negated = Accept("not");
    if (Accept("in")) {
      SMELT_ASSIGN(const std::string list, List());
      return Membership(left, negated, list, rule_);
    }
    if (Accept("between")) return Between(left, negated);
    if (Accept("like")) {
      SMELT_ASSIGN(const std::string pattern, Operand());
      return fmt::format("({}{} like {})", negated ? "not " : "", left, pattern);
    }
    if (negated || Peek().kind != TokenKind::kOperator) return Fail(Expected("a comparison"));
    const std::string op = Take().text;
    SMELT_ASSIGN(const std::string right, Operand());
    return Compare(left, op, right, rule_);
  }

  /// .isnull(), .isna(), .notnull(), .notna().
  Result<std::string> NullMethod(const std::string& column) {
    const bool is_null = Peek().Is("isnull") || Peek().Is("isna");
    const bool not_null = Peek().Is("notnull") || Peek().Is("notna");
    if (!is_null && !not_null) return Fail(Expected("isnull() or notnull()"));
    Take();
    if (!Accept("(") || !Accept(")")) return Fail(Expected("()"));
    return column + (is_null ? " is null" : " is not null");
  }

  Result<std::string> Between(const std::string& column, bool negated) {
    SMELT_ASSIGN(const std::string low, Operand());
    if (!Accept("and")) return Fail(Expected("'and' of between"));
    SMELT_ASSIGN(const std::string high, Operand());
    return fmt::format("({}{} between {} and {})", negated ? "not " : "", column, low, high);
  }

  Result<std::string> List() {
    const bool square = Accept("[");
    if (!square && !Accept("(")) return Fail(Expected("a list"));
    const std::string_view close = square ? "]" : ")";
    std::string list;
    while (!Accept(close)) {
      if (!list.empty() && !Accept(",")) return Fail(Expected("',' or the end of the list"));
      if (!list.empty() && Accept(close)) break;
      SMELT_ASSIGN(const std::string value, Operand());
      list += (list.empty() ? "" : ", ") + value;
    }
    return list;
  }

  Result<std::string> Operand() {
    const ConditionToken token = Peek();
    switch (token.kind) {
      case TokenKind::kNumber: return Take().text;
      case TokenKind::kText: return engine::QuoteLiteral(Take().text);
      case TokenKind::kName: Take(); return column_(token.text);
      case TokenKind::kWord: return WordOperand();
      default: return Fail(Expected("a column or a value"));
    }
  }

  /// true, false, col("x"), date("2018-01-01") or a bare column name.
  Result<std::string> WordOperand() {
    const ConditionToken word = Take();
    if (word.Is("true") || word.Is("false")) return std::string(word.Is("true") ? "true" : "false");
    if (!Peek().Is("(")) return column_(word.text);
    const bool is_column = word.Is("col");
    if (!is_column && !word.Is("date") && !word.Is("datetime")) {
      --next_;
      return Fail(Expected("a column or a value"));
    }
    Take();
    if (Peek().kind != TokenKind::kText && Peek().kind != TokenKind::kName) return Fail(Expected("a quoted name"));
    const std::string text = Take().text;
    if (!Accept(")")) return Fail(Expected("')'"));
    if (is_column) return column_(text);
    return engine::QuoteLiteral(text);
  }

  std::string_view text_;
  std::vector<ConditionToken> tokens_;
  NullRule rule_;
  const ColumnSql& column_;
  std::size_t next_ = 0;
  int depth_ = 0;
};

Error BadObject(const Json& condition) {
  return Error(ErrorCode::kConfigValueInvalid,
               fmt::format("the row_condition {} is not a comparison, nullity, and or or condition", condition.dump()));
}

std::optional<std::string> ScalarSql(const Json& value) {
  if (value.is_string()) return engine::QuoteLiteral(value.get<std::string>());
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

Result<std::string> ComparisonObjectSql(const Json& condition, const std::string& column) {
  const Json named_operator = condition.value("operator", Json());
  const std::string op = named_operator.is_string() ? named_operator.get<std::string>() : "";
  const Json parameter = condition.value("parameter", Json());
  if (op == "IN" || op == "NOT_IN") {
    std::string list;
    for (const Json& item : parameter) {
      const auto sql = ScalarSql(item);
      if (!sql) return Fail(BadObject(condition));
      list += (list.empty() ? "" : ", ") + *sql;
    }
    return Membership(column, op == "NOT_IN", list, NullRule::kSql);
  }
  static constexpr std::array<std::string_view, 6> kOperators = {"==", "!=", "<", "<=", ">", ">="};
  const auto sql = ScalarSql(parameter);
  if (!sql || std::ranges::find(kOperators, op) == kOperators.end()) return Fail(BadObject(condition));
  return Compare(column, op, *sql, NullRule::kSql);
}

Result<std::string> ObjectSql(const Json& condition, const ColumnSql& column, int depth) {
  if (!condition.is_object() || depth > 20) return Fail(BadObject(condition));
  const Json type = condition.value("type", Json());
  if (type == "and" || type == "or") {
    std::string sql;
    for (const Json& part : condition.value("conditions", Json::array())) {
      SMELT_ASSIGN(const std::string part_sql, ObjectSql(part, column, depth + 1));
      sql += (sql.empty() ? "" : fmt::format(" {} ", type.get<std::string>())) + part_sql;
    }
    if (sql.empty()) return Fail(BadObject(condition));
    return "(" + sql + ")";
  }
  const Json named = condition.value("column", Json());
  const Json name = named.is_object() ? named.value("name", Json()) : named;
  if (!name.is_string()) return Fail(BadObject(condition));
  SMELT_ASSIGN(const std::string column_sql, column(name.get<std::string>()));
  if (type == "nullity") {
    const Json is_null = condition.value("is_null", Json());
    if (!is_null.is_boolean()) return Fail(BadObject(condition));
    return column_sql + (is_null.get<bool>() ? " is null" : " is not null");
  }
  if (type == "comparison") return ComparisonObjectSql(condition, column_sql);
  return Fail(BadObject(condition));
}

}  // namespace

Result<std::string> RowConditionSql(const Json& condition, std::string_view parser, const ColumnSql& column) {
  if (!condition.is_string()) return ObjectSql(condition, column, 0);
  const std::string text = condition.get<std::string>();
  const bool sql_quotes = parser == "duckdb" || parser == "sql" || parser == "spark";
  SMELT_ASSIGN(std::vector<ConditionToken> tokens, TokenizeCondition(text, sql_quotes));
  const NullRule rule = parser == "pandas" ? NullRule::kPandas : NullRule::kSql;
  return ConditionParser(text, std::move(tokens), rule, column).Parse();
}

}  // namespace smelt::quality
