#include "quality/internal/condition_parser.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "engine/session.h"
#include "quality/internal/condition_tokens.h"
#include "quality/internal/python_regex.h"

namespace smelt::quality {
namespace {

std::string TwoValued(std::string sql, bool wanted) {
  return wanted ? "coalesce(" + std::move(sql) + ", false)" : sql;
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
  using Part = Result<std::string> (ConditionParser::*)();

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
            "or, not; condition_parser \"sql\" takes any condition in SQL");
  }

  /// Under `not`, a missing answer would stay one where pandas turns it round.
  bool two_valued() const { return rule_ == NullRule::kPandas && negations_ > 0; }

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
    if (!Accept("not")) return Comparison();
    return Negated(&ConditionParser::Not);
  }

  Result<std::string> Negated(Part part) {
    ++negations_;
    auto sql = Nested(part);
    --negations_;
    if (!sql) return sql;
    return fmt::format("(not {})", *sql);
  }

  /// Bounds the depth of the recursion, which the text decides.
  Result<std::string> Nested(Part part) {
    constexpr int kDepthMax = 100;
    if (++depth_ > kDepthMax) return Fail(ErrorCode::kConfigValueInvalid, "a row_condition is nested too deeply");
    auto sql = (this->*part)();
    --depth_;
    return sql;
  }

  /// One comparison, a chain of them ("1 < a <= 5"), a test, or a value that is true or false by itself.
  Result<std::string> Comparison() {
    SMELT_ASSIGN(std::string left, Sum());
    if (Accept("is")) {
      const bool negated = Accept("not");
      if (!AcceptAny({"null", "none"})) return Fail(Expected("null"));
      return left + (negated ? " is not null" : " is null");
    }
    const bool negated = Accept("not");
    if (Accept("in")) return Membership(left, negated);
    if (Accept("between")) return Between(left, negated);
    if (Accept("like")) {
      SMELT_ASSIGN(const std::string pattern, Sum());
      return fmt::format("({}{} like {})", negated ? "not " : "", left, pattern);
    }
    if (negated) return Fail(Expected("in, between or like"));
    if (Peek().kind != TokenKind::kOperator) return left;
    return Chain(std::move(left));
  }

  Result<std::string> Chain(std::string left) {
    std::string sql;
    bool chained = false;
    while (Peek().kind == TokenKind::kOperator) {
      const std::string op = Take().text;
      chained = !sql.empty();
      std::string part;
      if (Peek().Is("[") && (op == "==" || op == "!=")) {
        SMELT_ASSIGN(part, Membership(left, op == "!="));
      } else {
        SMELT_ASSIGN(std::string right, Sum());
        part = ComparisonSql(left, op, right, rule_, two_valued());
        left = std::move(right);
      }
      sql += (chained ? " and " : "") + part;
    }
    return chained ? "(" + sql + ")" : sql;
  }

  Result<std::string> Membership(const std::string& value, bool negated) {
    SMELT_ASSIGN(const std::string list, List());
    return MembershipSql(value, negated, list, rule_, two_valued());
  }

  Result<std::string> Between(const std::string& column, bool negated) {
    SMELT_ASSIGN(const std::string low, Sum());
    if (!Accept("and")) return Fail(Expected("'and' of between"));
    SMELT_ASSIGN(const std::string high, Sum());
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
      SMELT_ASSIGN(const std::string value, Sum());
      list += (list.empty() ? "" : ", ") + value;
    }
    return list;
  }

  Result<std::string> Sum() {
    SMELT_ASSIGN(std::string sql, Product());
    while (Peek().Is("+") || Peek().Is("-")) {
      const std::string op = Take().text;
      SMELT_ASSIGN(const std::string right, Product());
      sql = fmt::format("({} {} {})", sql, op, right);
    }
    return sql;
  }

  Result<std::string> Product() {
    SMELT_ASSIGN(std::string sql, Signed());
    while (Peek().Is("*") || Peek().Is("/") || Peek().Is("//") || Peek().Is("%")) {
      const std::string op = Take().text;
      SMELT_ASSIGN(const std::string right, Signed());
      if (rule_ == NullRule::kPandas && op == "//") {
        sql = fmt::format("floor({} / {})", sql, right);
      } else if (rule_ == NullRule::kPandas && op == "%") {  // the sign is that of the divisor
        sql = fmt::format("({0} - {1} * floor({0} / {1}))", sql, right);
      } else {
        sql = fmt::format("({} {} {})", sql, op, right);
      }
    }
    return sql;
  }

  Result<std::string> Signed() {
    if (Accept("~")) return Negated(&ConditionParser::Signed);
    if (Accept("+")) return Nested(&ConditionParser::Signed);
    if (Accept("-")) {
      const bool number = Peek().kind == TokenKind::kNumber;
      SMELT_ASSIGN(const std::string sql, Nested(&ConditionParser::Signed));
      return number ? "-" + sql : fmt::format("(-{})", sql);
    }
    SMELT_ASSIGN(std::string sql, WithMethods());
    if (!Accept("**")) return sql;
    SMELT_ASSIGN(const std::string exponent, Nested(&ConditionParser::Signed));
    return fmt::format("pow({}, {})", sql, exponent);
  }

  Result<std::string> WithMethods() {
    SMELT_ASSIGN(std::string sql, Operand());
    while (Accept(".")) {
      SMELT_ASSIGN(sql, Method(sql));
    }
    return sql;
  }

  Result<std::string> Operand() {
    if (Accept("(")) {
      SMELT_ASSIGN(std::string sql, Nested(&ConditionParser::Or));
      if (!Accept(")")) return Fail(Expected("')'"));
      return sql;
    }
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

  Status Empty() {
    if (Accept("(") && Accept(")")) return {};
    return Fail(Expected("()"));
  }

  /// What follows the dot after a column: isnull(), isin([…]), between(…), str.…, dt.…, abs().
  Result<std::string> Method(const std::string& value) {
    if (Accept("str")) {
      if (!Accept(".")) return Fail(Expected("a method of str"));
      return TextMethod(value);
    }
    if (Accept("dt")) {
      if (!Accept(".")) return Fail(Expected("a part of a time"));
      return TimePart(value);
    }
    if (AcceptAny({"isnull", "isna"})) {
      SMELT_TRY(Empty());
      return "(" + value + " is null)";
    }
    if (AcceptAny({"notnull", "notna"})) {
      SMELT_TRY(Empty());
      return "(" + value + " is not null)";
    }
    if (Accept("abs")) {
      SMELT_TRY(Empty());
      return "abs(" + value + ")";
    }
    const bool in = Accept("isin");
    if (!in && !Accept("between")) return Fail(Expected("isnull(), notnull(), isin(…), between(…), str or dt"));
    if (!Accept("(")) return Fail(Expected("'('"));
    auto sql = in ? Membership(value, false) : Bounds(value);
    if (sql && !Accept(")")) return Fail(Expected("')'"));
    // What is compared is true or false, of missing values, too.
    if (sql && Peek().kind == TokenKind::kOperator) return TwoValued(*std::move(sql), true);
    return sql;
  }

  Result<std::string> Bounds(const std::string& value) {
    SMELT_ASSIGN(const std::string low, Sum());
    if (!Accept(",")) return Fail(Expected("','"));
    SMELT_ASSIGN(const std::string high, Sum());
    return TwoValued(fmt::format("({} between {} and {})", value, low, high), two_valued());
  }

  Result<std::string> TimePart(const std::string& value) {
    static constexpr std::array<std::string_view, 8> kParts = {"year",   "month",  "day",       "hour",
                                                               "minute", "second", "dayofyear", "quarter"};
    for (const std::string_view part : kParts) {
      if (Accept(part)) return fmt::format("{}({})", part, value);
    }
    if (AcceptAny({"dayofweek", "weekday"})) return fmt::format("(isodow({}) - 1)", value);
    return Fail(Expected("year, month, day, hour, minute, second, dayofweek, dayofyear or quarter"));
  }

  Result<std::string> TextMethod(const std::string& value) {
    struct Plain {
      std::string_view method, function;
    };
    static constexpr std::array<Plain, 6> kPlain = {{{"len", "length"},
                                                     {"lower", "lower"},
                                                     {"upper", "upper"},
                                                     {"strip", "trim"},
                                                     {"lstrip", "ltrim"},
                                                     {"rstrip", "rtrim"}}};
    for (const Plain& plain : kPlain) {
      if (!Accept(plain.method)) continue;
      SMELT_TRY(Empty());
      return fmt::format("{}({})", plain.function, value);
    }
    static constexpr std::array<std::string_view, 5> kTests = {"contains", "startswith", "endswith", "match",
                                                               "fullmatch"};
    for (const std::string_view test : kTests) {
      if (Accept(test)) return TextTest(value, test);
    }
    return Fail(Expected(
        "contains(…), startswith(…), endswith(…), match(…), fullmatch(…), len(), lower(), upper() or strip()"));
  }

  /// The test of a text with its arguments: a text, then case=…, regex=… and na=….
  Result<std::string> TextTest(const std::string& value, std::string_view test) {
    if (!Accept("(")) return Fail(Expected("'('"));
    if (Peek().kind != TokenKind::kText) return Fail(Expected("a text in quotes"));
    const std::string wanted = Take().text;
    bool any_case = false;
    bool regex = test != "startswith" && test != "endswith";
    while (Accept(",")) {
      SMELT_ASSIGN(const auto option, Option());
      if (option.first == "case") any_case = option.second == "false";
      if (option.first == "regex") regex = regex && option.second == "true";
    }
    if (!Accept(")")) return Fail(Expected("')'"));
    if (!regex) {
      const std::string_view function = test == "startswith" ? "starts_with" : test == "endswith" ? "ends_with" : test;
      const std::string text = any_case ? "lower(" + value + ")" : value;
      const std::string literal = engine::QuoteLiteral(wanted);
      return TwoValued(fmt::format("{}({}, {})", function, text, any_case ? "lower(" + literal + ")" : literal),
                       two_valued());
    }
    std::string pattern = wanted;
    if (test == "match") pattern = "\\A(?:" + wanted + ")";
    if (test == "fullmatch") pattern = "\\A(?:" + wanted + ")\\Z";
    SMELT_ASSIGN(std::string translated, Re2Pattern((any_case ? "(?i)" : "") + pattern));
    return TwoValued(fmt::format("regexp_matches({}, {})", value, engine::QuoteLiteral(translated)), two_valued());
  }

  /// "case=False".
  Result<std::pair<std::string, std::string>> Option() {
    if (Peek().kind != TokenKind::kWord) return Fail(Expected("a setting such as case=False"));
    const std::string name = Take().text;
    if (Peek().kind != TokenKind::kOperator || Take().text != "=") return Fail(Expected("'='"));
    const bool yes = Accept("true");
    if (!yes && !AcceptAny({"false", "none"})) return Fail(Expected("True or False"));
    return std::pair(name, std::string(yes ? "true" : "false"));
  }

  std::string_view text_;
  std::vector<ConditionToken> tokens_;
  NullRule rule_;
  const ColumnSql& column_;
  std::size_t next_ = 0;
  int depth_ = 0;
  int negations_ = 0;
};

}  // namespace

std::string ComparisonSql(const std::string& left, std::string_view op, const std::string& right, NullRule rule,
                          bool two_valued) {
  if (op == "==") op = "=";
  if (op == "<>") op = "!=";
  if (op == "!=" && rule == NullRule::kPandas) {
    const bool is_constant = right.starts_with('\'') || right.find_first_not_of("+-.0123456789") == std::string::npos;
    if (is_constant) return fmt::format("{} is distinct from {}", left, right);
    // A value that is missing equals none, not even another that is missing.
    return fmt::format("({0} is distinct from {1} or {0} is null)", left, right);
  }
  return TwoValued(fmt::format("{} {} {}", left, op, right), two_valued);
}

std::string MembershipSql(const std::string& value, bool negated, const std::string& list, NullRule rule,
                          bool two_valued) {
  if (list.empty()) return negated ? "true" : "false";
  if (!negated) return TwoValued(fmt::format("{} in ({})", value, list), two_valued);
  if (rule == NullRule::kPandas) return fmt::format("({0} is null or {0} not in ({1}))", value, list);
  return fmt::format("{} not in ({})", value, list);
}

Result<std::string> ParseCondition(std::string_view text, bool double_quotes_name, NullRule rule,
                                   const ColumnSql& column) {
  SMELT_ASSIGN(std::vector<ConditionToken> tokens, TokenizeCondition(text, double_quotes_name));
  return ConditionParser(text, std::move(tokens), rule, column).Parse();
}

}  // namespace smelt::quality
