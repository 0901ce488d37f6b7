#include "pipeline/expression.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace smelt::pipeline {

namespace internal {

/// A part of an expression: a value, a name, a list, or an operation on other parts.
struct ExpressionNode {
  enum class Kind { kValue, kName, kList, kNot, kNegate, kBinary };
  Kind kind = Kind::kValue;
  Json value{};                                          ///< of kValue
  std::string word{};                                    ///< the name, or the operation
  std::vector<std::shared_ptr<ExpressionNode>> parts{};  ///< what it works on
};

}  // namespace internal

namespace {

using Node = internal::ExpressionNode;
using NodePtr = std::shared_ptr<Node>;

constexpr int kDepthMax = 100;

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsNamePart(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9') || c == '.';
}

/// Reads an expression by precedence: or, and, not, comparisons, sums, products, signs, values.
class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>& names) : text_(text), names_(names) {}

  Result<NodePtr> Whole() {
    SMELT_ASSIGN(NodePtr node, Level(0));
    SkipBlanks();
    if (at_ < text_.size()) return Fail(Wrong(fmt::format("'{}' is not expected", text_.substr(at_, 10))));
    return node;
  }

 private:
  using Words = std::vector<std::string_view>;

  Error Wrong(const std::string& problem) const {
    return Error(ErrorCode::kConfigValueInvalid,
                 fmt::format("the expression '{}' cannot be understood: {} at character {}", text_, problem, at_ + 1))
        .Hint("write it as vars.full and tasks.load.rows_out > 0");
  }

  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  /// Takes the first of some operators that stands here.
  std::string_view Take(const Words& words) {
    SkipBlanks();
    for (const std::string_view word : words) {
      if (!text_.substr(at_).starts_with(word)) continue;
      const std::size_t end = at_ + word.size();
      if (IsNameStart(word.front()) && end < text_.size() && IsNamePart(text_[end])) continue;
      at_ = end;
      return word;
    }
    return {};
  }

  static NodePtr Make(Node::Kind kind, std::string_view word, std::vector<NodePtr> parts) {
    return std::make_shared<Node>(Node{.kind = kind, .word = std::string(word), .parts = std::move(parts)});
  }

  /// The operators of each level, the loosest first; behind them come signs and values.
  static const Words& Operators(std::size_t level) {
    static const std::array<Words, 5> kOperators = {
        Words{"or"}, Words{"and"}, Words{"==", "!=", "<=", ">=", "<", ">", "in"}, Words{"+", "-"}, Words{"*", "/"}};
    return kOperators.at(level);
  }

  Result<NodePtr> Level(std::size_t level) {
    constexpr std::size_t kComparisons = 2;
    constexpr std::size_t kLevels = 5;
    if (++depth_ > kDepthMax) return Fail(Wrong("it is nested too deeply"));
    if (level == kLevels) return Sign();
    if (level == kComparisons && !Take({"not"}).empty()) {
      SMELT_ASSIGN(NodePtr part, Level(level));
      --depth_;
      return Make(Node::Kind::kNot, "not", {std::move(part)});
    }
    SMELT_ASSIGN(NodePtr left, Level(level + 1));
    while (true) {
      const std::string_view word = Take(Operators(level));
      if (word.empty()) break;
      SMELT_ASSIGN(NodePtr right, Level(level + 1));
      left = Make(Node::Kind::kBinary, word, {std::move(left), std::move(right)});
    }
    --depth_;
    return left;
  }

  Result<NodePtr> Sign() {
    if (!Take({"-"}).empty()) {
      SMELT_ASSIGN(NodePtr part, Sign());
      --depth_;
      return Make(Node::Kind::kNegate, "-", {std::move(part)});
    }
    auto value = Value();
    --depth_;
    return value;
  }

  Result<NodePtr> Value() {
    SkipBlanks();
    if (at_ >= text_.size()) return Fail(Wrong("a value is missing"));
    const char c = text_[at_];
    if (c == '(') {
      ++at_;
      SMELT_ASSIGN(NodePtr node, Level(0));
      if (Take({")"}).empty()) return Fail(Wrong("a ')' is missing"));
      return node;
    }
    if (c == '[') return List();
    if (c == '\'' || c == '"') return Quoted(c);
    if (c >= '0' && c <= '9') return Number();
    if (IsNameStart(c)) return Name();
    return Fail(Wrong(fmt::format("'{}' is not expected", c)));
  }

  Result<NodePtr> List() {
    ++at_;
    std::vector<NodePtr> parts;
    if (!Take({"]"}).empty()) return Make(Node::Kind::kList, "", {});
    while (true) {
      SMELT_ASSIGN(NodePtr part, Level(0));
      parts.push_back(std::move(part));
      if (!Take({"]"}).empty()) return Make(Node::Kind::kList, "", std::move(parts));
      if (Take({","}).empty()) return Fail(Wrong("a ']' is missing"));
    }
  }

  Result<NodePtr> Quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return Fail(Wrong("the text has no closing quote"));
    NodePtr node = std::make_shared<Node>();
    node->value = std::string(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return node;
  }

  Result<NodePtr> Number() {
    std::size_t end = at_;
    while (end < text_.size() && (IsNamePart(text_[end]))) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    NodePtr node = std::make_shared<Node>();
    std::int64_t whole = 0;
    double real = 0;
    const char* last = word.data() + word.size();
    if (const auto read = std::from_chars(word.data(), last, whole); read.ec == std::errc() && read.ptr == last) {
      node->value = whole;
    } else if (const auto real_read = std::from_chars(word.data(), last, real);
               real_read.ec == std::errc() && real_read.ptr == last) {
      node->value = real;
    } else {
      return Fail(Wrong(fmt::format("'{}' is no number", word)));
    }
    at_ = end;
    return node;
  }

  Result<NodePtr> Name() {
    std::size_t end = at_;
    // A dash belongs to a name where it cannot be a minus: tasks are called so.
    const auto dash_belongs = [&] {
      return text_[end] == '-' && text_.substr(at_).starts_with("tasks.") && end + 1 < text_.size() &&
             IsNamePart(text_[end + 1]);
    };
    while (end < text_.size() && (IsNamePart(text_[end]) || dash_belongs())) ++end;
    const std::string name(text_.substr(at_, end - at_));
    at_ = end;
    NodePtr node = std::make_shared<Node>();
    if (name == "true" || name == "True")
      node->value = true;
    else if (name == "false" || name == "False")
      node->value = false;
    else if (name == "null" || name == "none" || name == "None")
      node->value = nullptr;
    else {
      node->kind = Node::Kind::kName;
      node->word = name;
      names_.push_back(name);
    }
    return node;
  }

  std::string_view text_;
  std::vector<std::string>& names_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Json LookUp(const std::string& name, const Json& scope) {
  const Json* at = &scope;
  std::string_view rest = name;
  while (true) {
    if (!at->is_object()) return {};
    // Names of tasks may hold dots, too: the longest part that is there counts.
    std::size_t size = rest.size();
    auto found = at->find(std::string(rest));
    while (found == at->end() && (size = rest.rfind('.', size - 1)) != std::string_view::npos && size > 0) {
      found = at->find(std::string(rest.substr(0, size)));
    }
    if (found == at->end()) return {};
    if (size >= rest.size()) return *found;
    at = &*found;
    rest = rest.substr(size + 1);
  }
}

Error CannotCombine(std::string_view word, const Json& left, const Json& right) {
  return {ErrorCode::kConfigValueInvalid,
          fmt::format("'{}' does not work on {} and {}", word, JsonText(left), JsonText(right))};
}

Result<Json> Compare(std::string_view word, const Json& left, const Json& right) {
  if (word == "==") return Json(left == right);
  if (word == "!=") return Json(left != right);
  const bool comparable = (left.is_number() && right.is_number()) || (left.is_string() && right.is_string());
  if (!comparable) return Fail(CannotCombine(word, left, right));
  if (word == "<") return Json(left < right);
  if (word == "<=") return Json(left <= right);
  if (word == ">") return Json(left > right);
  return Json(left >= right);
}

Result<Json> IsIn(const Json& left, const Json& right) {
  if (right.is_string() && left.is_string()) {
    return Json(right.get<std::string>().find(left.get<std::string>()) != std::string::npos);
  }
  if (right.is_object() && left.is_string()) return Json(right.contains(left.get<std::string>()));
  if (!right.is_array()) return Fail(CannotCombine("in", left, right));
  for (const Json& item : right) {
    if (item == left) return Json(true);
  }
  return Json(false);
}

Result<Json> Calculate(std::string_view word, const Json& left, const Json& right) {
  if (word == "+" && left.is_string() && right.is_string()) {
    return Json(left.get<std::string>() + right.get<std::string>());
  }
  if (!left.is_number() || !right.is_number()) return Fail(CannotCombine(word, left, right));
  const bool whole = left.is_number_integer() && right.is_number_integer() && word != "/";
  if (whole) {
    std::int64_t result = 0;
    const auto a = left.get<std::int64_t>();
    const auto b = right.get<std::int64_t>();
    const bool overflow = word == "+"   ? __builtin_add_overflow(a, b, &result)
                          : word == "-" ? __builtin_sub_overflow(a, b, &result)
                                        : __builtin_mul_overflow(a, b, &result);
    if (!overflow) return Json(result);
  }
  const auto a = left.get<double>();
  const auto b = right.get<double>();
  if (word == "/" && b == 0) return Fail(CannotCombine(word, left, right));
  return Json(word == "+" ? a + b : word == "-" ? a - b : word == "*" ? a * b : a / b);
}

Result<Json> Value(const Node& node, const Json& scope) {
  switch (node.kind) {
    case Node::Kind::kValue: return node.value;
    case Node::Kind::kName: return LookUp(node.word, scope);
    case Node::Kind::kList: {
      Json list = Json::array();
      for (const NodePtr& part : node.parts) {
        SMELT_ASSIGN(Json value, Value(*part, scope));
        list.push_back(std::move(value));
      }
      return list;
    }
    case Node::Kind::kNot: {
      SMELT_ASSIGN(const Json value, Value(*node.parts[0], scope));
      return Json(!IsTrue(value));
    }
    case Node::Kind::kNegate: {
      SMELT_ASSIGN(const Json value, Value(*node.parts[0], scope));
      return Calculate("-", 0, value);
    }
    case Node::Kind::kBinary: break;
  }
  SMELT_ASSIGN(Json left, Value(*node.parts[0], scope));
  if (node.word == "and" && !IsTrue(left)) return left;
  if (node.word == "or" && IsTrue(left)) return left;
  SMELT_ASSIGN(Json right, Value(*node.parts[1], scope));
  if (node.word == "and" || node.word == "or") return right;
  if (node.word == "in") return IsIn(left, right);
  const char first = node.word.front();
  if (first == '+' || first == '-' || first == '*' || first == '/') return Calculate(node.word, left, right);
  return Compare(node.word, left, right);
}

/// Calls `text` and `expression` for the parts of a text with {{ expressions }}.
template <typename OnText, typename OnExpression>
Status Scan(std::string_view text, OnText on_text, OnExpression on_expression) {
  while (true) {
    const std::size_t begin = text.find("{{");
    on_text(text.substr(0, begin));
    if (begin == std::string_view::npos) return {};
    const std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) {
      return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("'{}' has '{{{{' without '}}}}'", text))
                      .Hint("close it: {{ params.day }}"));
    }
    SMELT_ASSIGN(const Expression expression, Expression::Parse(text.substr(begin + 2, end - begin - 2)));
    SMELT_TRY(on_expression(expression));
    text = text.substr(end + 2);
  }
}

}  // namespace

Result<Expression> Expression::Parse(std::string_view text) {
  Expression expression;
  expression.text_ = text;
  SMELT_ASSIGN(expression.root_, Parser(expression.text_, expression.names_).Whole());
  return expression;
}

Result<Json> Expression::Evaluate(const Json& scope) const {
  return Value(*root_, scope);
}

bool IsTrue(const Json& value) {
  if (value.is_null()) return false;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

Result<std::vector<Expression>> FindExpressions(std::string_view text) {
  std::vector<Expression> expressions;
  SMELT_TRY(Scan(
      text, [](std::string_view) {},
      [&](const Expression& expression) -> Status {
        expressions.push_back(expression);
        return {};
      }));
  return expressions;
}

Result<std::string> RenderText(std::string_view text, const Json& scope) {
  std::string rendered;
  SMELT_TRY(Scan(
      text, [&](std::string_view part) { rendered += part; },
      [&](const Expression& expression) -> Status {
        SMELT_ASSIGN(const Json value, expression.Evaluate(scope));
        rendered += value.is_string() ? value.get<std::string>() : value.is_null() ? "" : JsonText(value);
        return {};
      }));
  return rendered;
}

}  // namespace smelt::pipeline
