#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/config.h"
#include "transform/internal/jinja/number_text.h"
#include "transform/internal/jinja/parser.h"
#include "transform/internal/jinja/restore.h"
#include "transform/internal/jinja/template.h"

namespace smelt::transform::jinja {
namespace {

std::string WithoutUnderscores(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  return digits;
}

}  // namespace

Status Parser::Grow(Expression& node, const Expression* child) {
  if (child == nullptr || node.height > child->height) return {};
  node.height = static_cast<std::uint16_t>(child->height + 1);
  if (node.height <= kHeightMax) return {};
  Place place = Locate(source_, node.offset);
  return Fail(Error(ErrorCode::kJinjaLimit, fmt::format("an expression has more than {} levels", kHeightMax))
                  .At(std::string(name_), place.line, place.column));
}

Status Parser::GrowByArguments(Expression& node, const ArgumentList& arguments) {
  for (const auto& argument : arguments.positional) SMELT_TRY(Grow(node, argument.get()));
  for (const auto& [name, argument] : arguments.named) SMELT_TRY(Grow(node, argument.get()));
  SMELT_TRY(Grow(node, arguments.star.get()));
  return Grow(node, arguments.star_star.get());
}

Result<ExpressionPointer> Parser::Finish(ExpressionPointer node, std::initializer_list<const Expression*> children) {
  for (const Expression* child : children) SMELT_TRY(Grow(*node, child));
  return node;
}

Result<ExpressionPointer> Parser::Finish(ExpressionPointer node, const std::vector<ExpressionPointer>& children) {
  for (const auto& child : children) SMELT_TRY(Grow(*node, child.get()));
  return node;
}

bool Parser::AtTupleEnd() const {
  return current().type == TokenType::kVariableEnd || current().type == TokenType::kBlockEnd || IsOperator(")") ||
         IsName("recursive");
}

Result<ExpressionPointer> Parser::ParseTuple(bool with_condition, bool parenthesised) {
  auto tuple = std::make_unique<SequenceExpression>(current().offset);
  tuple->is_tuple = true;
  bool has_comma = false;
  while (!AtTupleEnd()) {
    SMELT_ASSIGN(ExpressionPointer item, with_condition ? ParseExpression() : ParseOr());
    tuple->items.push_back(std::move(item));
    if (!SkipOperator(",")) break;
    has_comma = true;
  }
  if (!has_comma && tuple->items.size() == 1) return std::move(tuple->items[0]);
  if (tuple->items.empty() && !parenthesised) return Unexpected("an expression");
  const auto& items = tuple->items;
  return Finish(std::move(tuple), items);
}

Result<ExpressionPointer> Parser::ParseExpression() {
  Nesting nesting(*this);
  SMELT_TRY(nesting.Check());
  std::size_t unknown = unknown_.size();
  SMELT_ASSIGN(ExpressionPointer left, ParseOr());
  while (IsName("if")) {
    // What stands before the condition may never be reached.
    unknown_.erase(unknown_.begin() + static_cast<std::ptrdiff_t>(unknown), unknown_.end());
    Restore restore(conditional_, true);
    auto node = std::make_unique<ConditionExpression>(Advance().offset);
    node->then = std::move(left);
    SMELT_ASSIGN(node->condition, ParseOr());
    if (SkipName("else")) {
      SMELT_ASSIGN(node->otherwise, ParseExpression());
    }
    auto children = {static_cast<const Expression*>(node->then.get()),
                     static_cast<const Expression*>(node->condition.get()),
                     static_cast<const Expression*>(node->otherwise.get())};
    SMELT_ASSIGN(left, Finish(std::move(node), children));
  }
  return left;
}

Result<ExpressionPointer> Parser::ParseOr() {
  SMELT_ASSIGN(ExpressionPointer left, ParseAnd());
  while (IsName("or")) {
    auto node = std::make_unique<LogicExpression>(Advance().offset);
    node->left = std::move(left);
    SMELT_ASSIGN(node->right, ParseAnd());
    const Expression *a = node->left.get(), *b = node->right.get();
    SMELT_ASSIGN(left, Finish(std::move(node), {a, b}));
  }
  return left;
}

Result<ExpressionPointer> Parser::ParseAnd() {
  SMELT_ASSIGN(ExpressionPointer left, ParseNot());
  while (IsName("and")) {
    auto node = std::make_unique<LogicExpression>(Advance().offset);
    node->is_and = true;
    node->left = std::move(left);
    SMELT_ASSIGN(node->right, ParseNot());
    const Expression *a = node->left.get(), *b = node->right.get();
    SMELT_ASSIGN(left, Finish(std::move(node), {a, b}));
  }
  return left;
}

Result<ExpressionPointer> Parser::ParseNot() {
  if (!IsName("not")) return ParseComparison();
  Nesting nesting(*this);
  SMELT_TRY(nesting.Check());
  auto node = std::make_unique<NotExpression>(Advance().offset);
  SMELT_ASSIGN(node->operand, ParseNot());
  const Expression* operand = node->operand.get();
  return Finish(std::move(node), {operand});
}

Result<ExpressionPointer> Parser::ParseComparison() {
  constexpr std::array<std::pair<std::string_view, Operator>, 6> kOperators = {{{"==", Operator::kEqual},
                                                                                {"!=", Operator::kNotEqual},
                                                                                {"<", Operator::kLess},
                                                                                {"<=", Operator::kLessEqual},
                                                                                {">", Operator::kGreater},
                                                                                {">=", Operator::kGreaterEqual}}};
  SMELT_ASSIGN(ExpressionPointer first, ParseSum());
  std::unique_ptr<ComparisonExpression> node;
  for (;;) {
    std::uint32_t offset = current().offset;
    Operator operation{};
    auto found = std::ranges::find(kOperators, current().text, &std::pair<std::string_view, Operator>::first);
    if (current().type == TokenType::kOperator && found != kOperators.end()) {
      operation = found->second;
      Advance();
    } else if (SkipName("in")) {
      operation = Operator::kIn;
    } else if (IsName("not") && Look(1).type == TokenType::kName && Look(1).text == "in") {
      Advance();
      Advance();
      operation = Operator::kNotIn;
    } else {
      break;
    }
    if (node == nullptr) node = std::make_unique<ComparisonExpression>(offset);
    SMELT_ASSIGN(ExpressionPointer right, ParseSum());
    SMELT_TRY(Grow(*node, right.get()));
    node->rest.emplace_back(operation, std::move(right));
  }
  if (node == nullptr) return first;
  SMELT_TRY(Grow(*node, first.get()));
  node->first = std::move(first);
  return ExpressionPointer(std::move(node));
}

Result<ExpressionPointer> Parser::ParseSum() {
  SMELT_ASSIGN(ExpressionPointer left, ParseConcatenation());
  while (IsOperator("+") || IsOperator("-")) {
    auto node = std::make_unique<CalculationExpression>(current().offset);
    node->operation = Advance().text == "+" ? Operator::kAdd : Operator::kSubtract;
    node->left = std::move(left);
    SMELT_ASSIGN(node->right, ParseConcatenation());
    const Expression *a = node->left.get(), *b = node->right.get();
    SMELT_ASSIGN(left, Finish(std::move(node), {a, b}));
  }
  return left;
}

Result<ExpressionPointer> Parser::ParseConcatenation() {
  SMELT_ASSIGN(ExpressionPointer first, ParseProduct());
  if (!IsOperator("~")) return first;
  auto node = std::make_unique<ConcatenationExpression>(current().offset);
  node->parts.push_back(std::move(first));
  while (SkipOperator("~")) {
    SMELT_ASSIGN(ExpressionPointer part, ParseProduct());
    node->parts.push_back(std::move(part));
  }
  const auto& parts = node->parts;
  return Finish(std::move(node), parts);
}

Result<ExpressionPointer> Parser::ParseProduct() {
  SMELT_ASSIGN(ExpressionPointer left, ParsePower());
  while (IsOperator("*") || IsOperator("/") || IsOperator("//") || IsOperator("%")) {
    auto node = std::make_unique<CalculationExpression>(current().offset);
    std::string_view text = Advance().text;
    node->operation = text == "*"    ? Operator::kMultiply
                      : text == "/"  ? Operator::kDivide
                      : text == "//" ? Operator::kFloorDivide
                                     : Operator::kModulo;
    node->left = std::move(left);
    SMELT_ASSIGN(node->right, ParsePower());
    const Expression *a = node->left.get(), *b = node->right.get();
    SMELT_ASSIGN(left, Finish(std::move(node), {a, b}));
  }
  return left;
}

Result<ExpressionPointer> Parser::ParsePower() {
  SMELT_ASSIGN(ExpressionPointer left, ParseUnary(true));
  while (IsOperator("**")) {
    auto node = std::make_unique<CalculationExpression>(Advance().offset);
    node->operation = Operator::kPower;
    node->left = std::move(left);
    SMELT_ASSIGN(node->right, ParseUnary(true));
    const Expression *a = node->left.get(), *b = node->right.get();
    SMELT_ASSIGN(left, Finish(std::move(node), {a, b}));
  }
  return left;
}

Result<ExpressionPointer> Parser::ParseUnary(bool with_filters) {
  Nesting nesting(*this);
  SMELT_TRY(nesting.Check());
  ExpressionPointer node;
  if (IsOperator("-") || IsOperator("+")) {
    auto sign = std::make_unique<SignExpression>(current().offset);
    sign->negative = Advance().text == "-";
    SMELT_ASSIGN(sign->operand, ParseUnary(false));
    const Expression* operand = sign->operand.get();
    SMELT_ASSIGN(node, Finish(std::move(sign), {operand}));
  } else {
    SMELT_ASSIGN(node, ParsePrimary());
  }
  SMELT_ASSIGN(node, ParsePostfix(std::move(node)));
  return with_filters ? ParseFilters(std::move(node)) : std::move(node);
}

Result<ExpressionPointer> Parser::ParsePrimary() {
  switch (current().type) {
    case TokenType::kName: return ParseNameOrConstant();
    case TokenType::kText:
    case TokenType::kInteger:
    case TokenType::kReal: return ParseLiteral();
    default: break;
  }
  if (SkipOperator("(")) {
    SMELT_ASSIGN(ExpressionPointer inner, ParseTuple(true, true));
    SMELT_TRY(ExpectOperator(")"));
    return inner;
  }
  if (IsOperator("[")) return ParseList();
  if (IsOperator("{")) return ParseDict();
  return Unexpected("an expression");
}

Result<ExpressionPointer> Parser::ParseNameOrConstant() {
  const Token& token = Advance();
  std::string_view text = token.text;
  auto constant = [&](Value value) {
    auto node = std::make_unique<LiteralExpression>(token.offset);
    node->value = std::move(value);
    return ExpressionPointer(std::move(node));
  };
  if (text == "true" || text == "True") return constant(Value(true));
  if (text == "false" || text == "False") return constant(Value(false));
  if (text == "none" || text == "None") return constant(Value::None());
  constexpr std::string_view kWords[] = {"and", "or", "not", "if", "else", "in", "is"};
  if (std::ranges::find(kWords, text) != std::end(kWords)) {
    return Failure(token.offset, fmt::format("expected an expression, found '{}'", text));
  }
  auto node = std::make_unique<NameExpression>(token.offset);
  node->name = text;
  Mention(text);
  mentions_.back().varargs |= text == "varargs";
  mentions_.back().kwargs |= text == "kwargs";
  mentions_.back().caller |= text == "caller";
  return ExpressionPointer(std::move(node));
}

Result<ExpressionPointer> Parser::ParseLiteral() {
  auto node = std::make_unique<LiteralExpression>(current().offset);
  if (current().type == TokenType::kText) {
    std::string text;
    while (current().type == TokenType::kText) {
      auto piece = DecodeLiteral(current().text);
      if (!piece) return Failure(current().offset, piece.error().message());
      text += *piece;
      Advance();
    }
    Mention(text);
    node->value = Value(std::move(text));
    return ExpressionPointer(std::move(node));
  }
  const Token& token = Advance();
  std::string digits = WithoutUnderscores(token.text);
  if (token.type == TokenType::kReal) {
    node->value = Value(ReadReal(digits).value_or(0));
    return ExpressionPointer(std::move(node));
  }
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0' && !(digits[1] >= '0' && digits[1] <= '9')) {
    char prefix = static_cast<char>(digits[1] | 0x20);
    base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : 2;
    digits = digits.substr(2);
  }
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  auto parsed = std::from_chars(digits.data(), end, value, base);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return Failure(token.offset, fmt::format("'{}' is not an integer of 64 bits", token.text));
  }
  node->value = Value(value);
  return ExpressionPointer(std::move(node));
}

Result<ExpressionPointer> Parser::ParseList() {
  auto node = std::make_unique<SequenceExpression>(Advance().offset);
  while (!IsOperator("]")) {
    if (!node->items.empty()) {
      SMELT_TRY(ExpectOperator(","));
      if (IsOperator("]")) break;
    }
    SMELT_ASSIGN(ExpressionPointer item, ParseExpression());
    node->items.push_back(std::move(item));
  }
  Advance();
  const auto& items = node->items;
  return Finish(std::move(node), items);
}

Result<ExpressionPointer> Parser::ParseDict() {
  auto node = std::make_unique<DictExpression>(Advance().offset);
  while (!IsOperator("}")) {
    if (!node->entries.empty()) {
      SMELT_TRY(ExpectOperator(","));
      if (IsOperator("}")) break;
    }
    SMELT_ASSIGN(ExpressionPointer key, ParseExpression());
    SMELT_TRY(ExpectOperator(":"));
    SMELT_ASSIGN(ExpressionPointer value, ParseExpression());
    SMELT_TRY(Grow(*node, key.get()));
    SMELT_TRY(Grow(*node, value.get()));
    node->entries.emplace_back(std::move(key), std::move(value));
  }
  Advance();
  return ExpressionPointer(std::move(node));
}

Result<ExpressionPointer> Parser::ParsePostfix(ExpressionPointer object) {
  for (;;) {
    if (IsOperator(".")) {
      SMELT_ASSIGN(object, ParseAttribute(std::move(object)));
    } else if (IsOperator("[")) {
      SMELT_ASSIGN(object, ParseSubscript(std::move(object)));
    } else if (IsOperator("(")) {
      SMELT_ASSIGN(object, ParseCall(std::move(object)));
    } else {
      return object;
    }
  }
}

Result<ExpressionPointer> Parser::ParseFilters(ExpressionPointer input) {
  for (;;) {
    if (SkipOperator("|")) {
      SMELT_ASSIGN(input, ParseFilter(std::move(input)));
    } else if (IsName("is")) {
      SMELT_ASSIGN(input, ParseTestUse(std::move(input)));
    } else if (IsOperator("(")) {
      SMELT_ASSIGN(input, ParseCall(std::move(input)));
    } else {
      return input;
    }
  }
}

Result<ExpressionPointer> Parser::ParseFilter(ExpressionPointer input) {
  auto node = std::make_unique<FilterExpression>(current().offset);
  if (current().type != TokenType::kName) return Unexpected("the name of a filter");
  std::string_view name = Advance().text;
  node->filter = FindFilter(name);
  if (node->filter == nullptr) {
    std::string near = NearestWord(name, FilterNames());
    node->problem =
        fmt::format("there is no filter '{}'{}", name, near.empty() ? "" : fmt::format(", did you mean '{}'?", near));
    if (!conditional_) unknown_.push_back(SyntaxError(source_, name_, node->offset, node->problem));
  }
  if (IsOperator("(")) {
    SMELT_ASSIGN(node->arguments, ParseArguments());
  }
  SMELT_TRY(GrowByArguments(*node, node->arguments));
  node->input = std::move(input);
  const Expression* filtered = node->input.get();
  return Finish(std::move(node), {filtered});
}

Result<ExpressionPointer> Parser::ParseTestUse(ExpressionPointer input) {
  auto node = std::make_unique<TestExpression>(Advance().offset);
  bool negated = SkipName("not");
  if (current().type != TokenType::kName) return Unexpected("the name of a test");
  std::string_view name = Advance().text;
  node->test = FindTest(name);
  if (node->test == nullptr) {
    std::string near = NearestWord(name, TestNames());
    node->problem =
        fmt::format("there is no test '{}'{}", name, near.empty() ? "" : fmt::format(", did you mean '{}'?", near));
    if (!conditional_) unknown_.push_back(SyntaxError(source_, name_, node->offset, node->problem));
  }
  bool starts_argument = current().type == TokenType::kName || current().type == TokenType::kText ||
                         current().type == TokenType::kInteger || current().type == TokenType::kReal ||
                         IsOperator("[") || IsOperator("{");
  if (IsOperator("(")) {
    SMELT_ASSIGN(node->arguments, ParseArguments());
  } else if (starts_argument && !IsName("else") && !IsName("or") && !IsName("and") && !IsName("if")) {
    if (IsName("is")) return Failure(current().offset, "tests cannot be chained with 'is'");
    SMELT_ASSIGN(ExpressionPointer argument, ParsePrimary());
    SMELT_ASSIGN(argument, ParsePostfix(std::move(argument)));
    node->arguments.positional.push_back(std::move(argument));
  }
  SMELT_TRY(GrowByArguments(*node, node->arguments));
  node->input = std::move(input);
  const Expression* tested = node->input.get();
  std::uint32_t offset = node->offset;
  SMELT_ASSIGN(ExpressionPointer finished, Finish(std::move(node), {tested}));
  if (!negated) return finished;
  auto negation = std::make_unique<NotExpression>(offset);
  const Expression* operand = finished.get();
  negation->operand = std::move(finished);
  return Finish(std::move(negation), {operand});
}

Result<ExpressionPointer> Parser::ParseAttribute(ExpressionPointer object) {
  Advance();  // .
  const Expression* owner = object.get();
  if (current().type == TokenType::kInteger) {
    auto node = std::make_unique<ItemExpression>(current().offset);
    SMELT_ASSIGN(node->key, ParseLiteral());
    node->object = std::move(object);
    return Finish(std::move(node), {owner});
  }
  if (current().type != TokenType::kName) return Unexpected("an attribute");
  auto node = std::make_unique<AttributeExpression>(current().offset);
  node->name = Advance().text;
  Mention(node->name);
  node->object = std::move(object);
  return Finish(std::move(node), {owner});
}

Result<ExpressionPointer> Parser::ParseSubscript(ExpressionPointer object) {
  std::uint32_t offset = Advance().offset;  // [
  ExpressionPointer start;
  if (!IsOperator(":")) {
    SMELT_ASSIGN(start, ParseExpression());
  }
  if (!IsOperator(":")) {
    if (IsOperator(",")) {
      auto tuple = std::make_unique<SequenceExpression>(offset);
      tuple->is_tuple = true;
      tuple->items.push_back(std::move(start));
      while (SkipOperator(",")) {
        if (IsOperator("]")) break;
        SMELT_ASSIGN(ExpressionPointer item, ParseExpression());
        tuple->items.push_back(std::move(item));
      }
      const auto& items = tuple->items;
      SMELT_ASSIGN(start, Finish(std::move(tuple), items));
    }
    SMELT_TRY(ExpectOperator("]"));
    auto node = std::make_unique<ItemExpression>(offset);
    node->object = std::move(object);
    node->key = std::move(start);
    const Expression *a = node->object.get(), *b = node->key.get();
    return Finish(std::move(node), {a, b});
  }
  auto node = std::make_unique<SliceExpression>(offset);
  node->object = std::move(object);
  node->start = std::move(start);
  Advance();  // :
  if (!IsOperator(":") && !IsOperator("]")) {
    SMELT_ASSIGN(node->stop, ParseExpression());
  }
  if (SkipOperator(":") && !IsOperator("]")) {
    SMELT_ASSIGN(node->step, ParseExpression());
  }
  SMELT_TRY(ExpectOperator("]"));
  const Expression *a = node->object.get(), *b = node->start.get(), *c = node->stop.get(), *d = node->step.get();
  return Finish(std::move(node), {a, b, c, d});
}

Result<ExpressionPointer> Parser::ParseCall(ExpressionPointer callee) {
  auto node = std::make_unique<CallExpression>(callee->offset);
  SMELT_ASSIGN(node->arguments, ParseArguments());
  SMELT_TRY(GrowByArguments(*node, node->arguments));
  const Expression* called = callee.get();
  node->callee = std::move(callee);
  return Finish(std::move(node), {called});
}

Status Parser::ParseArgument(ArgumentList& arguments) {
  std::uint32_t offset = current().offset;
  if (SkipOperator("*")) {
    if (arguments.star != nullptr || arguments.star_star != nullptr) return Failure(offset, "misplaced '*'");
    SMELT_ASSIGN(arguments.star, ParseExpression());
    return {};
  }
  if (SkipOperator("**")) {
    if (arguments.star_star != nullptr) return Failure(offset, "misplaced '**'");
    SMELT_ASSIGN(arguments.star_star, ParseExpression());
    return {};
  }
  bool named = current().type == TokenType::kName && Look(1).type == TokenType::kOperator && Look(1).text == "=";
  if (named) {
    if (arguments.star_star != nullptr) return Failure(offset, "a named argument follows '**'");
    std::string name(Advance().text);
    Advance();
    SMELT_ASSIGN(ExpressionPointer value, ParseExpression());
    arguments.named.emplace_back(std::move(name), std::move(value));
    return {};
  }
  if (arguments.star != nullptr || arguments.star_star != nullptr || !arguments.named.empty()) {
    return Failure(offset, "a positional argument follows a named one");
  }
  SMELT_ASSIGN(ExpressionPointer value, ParseExpression());
  arguments.positional.push_back(std::move(value));
  return {};
}

Result<ArgumentList> Parser::ParseArguments() {
  ArgumentList arguments;
  SMELT_TRY(ExpectOperator("("));
  while (!IsOperator(")")) {
    SMELT_TRY(ParseArgument(arguments));
    if (!SkipOperator(",")) break;
  }
  SMELT_TRY(ExpectOperator(")"));
  return arguments;
}

}  // namespace smelt::transform::jinja
