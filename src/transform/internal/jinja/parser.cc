#include "transform/internal/jinja/parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "transform/internal/jinja/restore.h"
#include "transform/internal/jinja/template.h"

namespace smelt::transform::jinja {
namespace {

constexpr std::string_view kReserved[] = {"and",  "else",  "if",   "in",   "is",    "not", "or",
                                          "true", "false", "none", "True", "False", "None"};

constexpr std::string_view kUnsupportedTags[] = {"extends", "block", "autoescape"};

/// Whether an assignment sets the variable called `name`.
bool Names(const Target& target, std::string_view name) {
  return target.name == name ||
         std::ranges::any_of(target.members, [name](const Target& member) { return Names(member, name); });
}

template <typename Words>
bool Contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

}  // namespace

Result<TemplatePointer> ParseTemplate(std::string source, std::string name, bool is_library) {
  auto parsed = std::make_shared<Template>();
  parsed->name = std::move(name);
  parsed->source = std::move(source);
  parsed->is_library = is_library;
  SMELT_ASSIGN(std::vector<Token> tokens, Tokenize(parsed->source, parsed->name));
  Parser parser(parsed->source, parsed->name, std::move(tokens));
  SMELT_ASSIGN(parsed->body, parser.ParseAll());
  parsed->words = parser.TakeWords();
  return TemplatePointer(std::move(parsed));
}

Status Parser::Nesting::Check() const {
  if (parser_.nesting_ <= kNestingMax) return {};
  Place place = Locate(parser_.source_, parser_.current().offset);
  return Fail(
      Error(ErrorCode::kJinjaLimit, fmt::format("more than {} constructs are nested in one another", kNestingMax))
          .At(std::string(parser_.name_), place.line, place.column));
}

std::unexpected<Error> Parser::Failure(std::uint32_t offset, std::string message) const {
  return Fail(SyntaxError(source_, name_, offset, std::move(message)));
}

std::string Parser::Describe(const Token& token) {
  switch (token.type) {
    case TokenType::kEnd: return "the end of the template";
    case TokenType::kData: return "text";
    default: return fmt::format("'{}'", token.text);
  }
}

std::unexpected<Error> Parser::Unexpected(std::string_view wanted) const {
  return Failure(current().offset, fmt::format("expected {}, found {}", wanted, Describe(current())));
}

Status Parser::ExpectOperator(std::string_view text) {
  if (!SkipOperator(text)) return Unexpected(fmt::format("'{}'", text));
  return {};
}

Status Parser::ExpectName(std::string_view text) {
  if (!SkipName(text)) return Unexpected(fmt::format("'{}'", text));
  return {};
}

Result<std::string> Parser::ExpectIdentifier() {
  if (current().type != TokenType::kName || Contains(kReserved, current().text)) return Unexpected("a name");
  return std::string(Advance().text);
}

void Parser::Mention(std::string_view word) {
  constexpr std::size_t kWordMax = 100;
  auto& words = mentions_.back().words;
  if (word.size() <= kWordMax && !words.contains(word)) words.emplace(word);
}

void Parser::Mentions::Merge(Mentions& inner) {
  words.merge(inner.words);
  varargs |= inner.varargs;
  kwargs |= inner.kwargs;
  caller |= inner.caller;
}

std::vector<std::string> Parser::TakeWords() {
  const auto& words = mentions_.back().words;
  return std::vector<std::string>(words.begin(), words.end());
}

Result<Body> Parser::ParseAll() {
  return ParseBody({}, {}, 0);
}

StatementPointer Parser::DataFrom(const Token& token) const {
  auto data = std::make_unique<DataStatement>(token.offset);
  if (!token.text.contains('\r')) {
    data->text = token.text;
    return data;
  }
  for (std::size_t i = 0; i < token.text.size(); ++i) {
    char c = token.text[i];
    if (c == '\r') {
      c = '\n';
      if (i + 1 < token.text.size() && token.text[i + 1] == '\n') ++i;
    }
    data->text += c;
  }
  return data;
}

Result<Body> Parser::ParseBody(EndTags end_tags, std::string_view opener, std::uint32_t opener_offset) {
  Nesting nesting(*this);
  SMELT_TRY(nesting.Check());
  Body body;
  for (;;) {
    switch (current().type) {
      case TokenType::kEnd:
        if (end_tags.size() == 0) return body;
        return Failure(opener_offset,
                       fmt::format("{{% {} %}} is not closed by {{% {} %}}", opener, end_tags.end()[-1]));
      case TokenType::kData: body.push_back(DataFrom(Advance())); break;
      case TokenType::kVariableBegin: {
        auto output = std::make_unique<OutputStatement>(Advance().offset);
        SMELT_ASSIGN(output->value, ParseTuple(true, false));
        if (current().type != TokenType::kVariableEnd) return Unexpected("'}}'");
        Advance();
        if (!unknown_.empty()) return Fail(unknown_.front());
        body.push_back(std::move(output));
        break;
      }
      default: {
        Advance();  // {%
        if (current().type == TokenType::kName && Contains(end_tags, current().text)) return body;
        SMELT_ASSIGN(StatementPointer statement, ParseStatement());
        if (current().type != TokenType::kBlockEnd) return Unexpected("'%}'");
        Advance();
        if (!unknown_.empty()) return Fail(unknown_.front());
        body.push_back(std::move(statement));
      }
    }
  }
}

Result<Body> Parser::ParseBlockBody(std::string_view end_tag, std::string_view opener, std::uint32_t opener_offset) {
  SkipOperator(":");
  if (current().type != TokenType::kBlockEnd) return Unexpected("'%}'");
  Advance();
  Restore restore(conditional_, false);
  SMELT_ASSIGN(Body body, ParseBody({end_tag}, opener, opener_offset));
  Advance();
  return body;
}

Result<StatementPointer> Parser::ParseStatement() {
  if (current().type != TokenType::kName) return Unexpected("a tag name");
  std::uint32_t offset = current().offset;
  std::string_view tag = Advance().text;
  if (tag == "if") return ParseIf(offset);
  if (tag == "for") return ParseFor(offset);
  if (tag == "set") return ParseSet(offset);
  if (tag == "macro") return ParseMacro(offset);
  if (tag == "test" || tag == "data_test") return ParseTest(offset);
  if (tag == "materialization") return ParseMaterialization(offset);
  if (tag == "call") return ParseCallBlock(offset);
  if (tag == "filter") return ParseFilterBlock(offset);
  if (tag == "with") return ParseWith(offset);
  if (tag == "snapshot") return ParseSnapshot(offset);
  if (tag == "docs") return ParseDocs(offset);
  if (tag == "include") return ParseInclude(offset);
  if (tag == "import") return ParseImport(offset);
  if (tag == "from") return ParseFromImport(offset);
  if (tag == "print") return ParsePrint(offset);
  if (tag == "do") {
    auto statement = std::make_unique<DoStatement>(offset);
    SMELT_ASSIGN(statement->value, ParseTuple(true, false));
    return StatementPointer(std::move(statement));
  }
  if (tag == "break" || tag == "continue") {
    if (loops_ == 0) return Failure(offset, fmt::format("'{}' stands outside a for loop", tag));
    if (tag == "break") return StatementPointer(std::make_unique<BreakStatement>(offset));
    return StatementPointer(std::make_unique<ContinueStatement>(offset));
  }
  if (Contains(kUnsupportedTags, tag)) {
    return Failure(offset, fmt::format("the tag '{}' is not supported in dbt projects", tag));
  }
  std::string near = NearestWord(
      tag,
      {"if",    "for",     "set",   "macro",  "test",     "call",   "filter",  "do",   "snapshot", "docs",
       "with",  "raw",     "endif", "endfor", "endmacro", "endset", "endcall", "elif", "else",     "materialization",
       "break", "continue"});
  return Failure(offset, fmt::format("unknown or misplaced tag '{}'{}", tag,
                                     near.empty() || near == tag ? "" : fmt::format(", did you mean '{}'?", near)));
}

/// `{% print a, b %}`: the values one after the other.
Result<StatementPointer> Parser::ParsePrint(std::uint32_t offset) {
  auto statement = std::make_unique<OutputStatement>(offset);
  auto parts = std::make_unique<ConcatenationExpression>(offset);
  while (current().type != TokenType::kBlockEnd) {
    if (!parts->parts.empty()) SMELT_TRY(ExpectOperator(","));
    SMELT_ASSIGN(ExpressionPointer part, ParseExpression());
    parts->parts.push_back(std::move(part));
  }
  const auto& children = parts->parts;
  SMELT_ASSIGN(statement->value, Finish(std::move(parts), children));
  return StatementPointer(std::move(statement));
}

Result<Body> Parser::ParseConditionalBody(EndTags end_tags, std::string_view opener, std::uint32_t opener_offset) {
  Restore restore(conditional_, true);
  return ParseBody(end_tags, opener, opener_offset);
}

Result<StatementPointer> Parser::ParseIf(std::uint32_t offset) {
  auto statement = std::make_unique<IfStatement>(offset);
  for (;;) {
    // The condition of an elif may never be reached.
    Restore restore(conditional_, conditional_ || !statement->branches.empty());
    SMELT_ASSIGN(ExpressionPointer condition, ParseTuple(false, false));
    SkipOperator(":");
    if (current().type != TokenType::kBlockEnd) return Unexpected("'%}'");
    Advance();
    SMELT_ASSIGN(Body body, ParseConditionalBody({"elif", "else", "endif"}, "if", offset));
    statement->branches.emplace_back(std::move(condition), std::move(body));
    if (SkipName("elif")) continue;
    if (SkipName("else")) {
      SkipOperator(":");
      if (current().type != TokenType::kBlockEnd) return Unexpected("'%}'");
      Advance();
      SMELT_ASSIGN(statement->otherwise, ParseConditionalBody({"endif"}, "if", offset));
      Advance();
    } else {
      Advance();
    }
    return StatementPointer(std::move(statement));
  }
}

Result<StatementPointer> Parser::ParseFor(std::uint32_t offset) {
  auto statement = std::make_unique<ForStatement>(offset);
  SMELT_ASSIGN(statement->target, ParseTarget(false));
  if (Names(statement->target, "loop")) return Failure(offset, "'loop' cannot be the variable of a for loop");
  SMELT_TRY(ExpectName("in"));
  SMELT_ASSIGN(statement->iterable, ParseTuple(false, false));
  if (SkipName("if")) {
    SMELT_ASSIGN(statement->condition, ParseExpression());
  }
  statement->recursive = SkipName("recursive");
  SkipOperator(":");
  if (current().type != TokenType::kBlockEnd) return Unexpected("'%}'");
  Advance();
  ++loops_;
  Restore restore(conditional_, false);
  auto body = ParseBody({"else", "endfor"}, "for", offset);
  --loops_;
  if (!body) return Fail(std::move(body).error());
  statement->body = std::move(*body);
  if (SkipName("else")) {
    SMELT_ASSIGN(statement->otherwise, ParseBlockBody("endfor", "for", offset));
  } else {
    Advance();
  }
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseSet(std::uint32_t offset) {
  SMELT_ASSIGN(Target target, ParseTarget(true));
  if (SkipOperator("=")) {
    auto statement = std::make_unique<SetStatement>(offset);
    statement->target = std::move(target);
    SMELT_ASSIGN(statement->value, ParseTuple(true, false));
    return StatementPointer(std::move(statement));
  }
  auto statement = std::make_unique<SetBlockStatement>(offset);
  statement->target = std::move(target);
  while (SkipOperator("|")) {
    SMELT_ASSIGN(statement->filter, ParseFilter(std::move(statement->filter)));
  }
  SMELT_ASSIGN(statement->body, ParseBlockBody("endset", "set", offset));
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseMacro(std::uint32_t offset) {
  auto macro = std::make_unique<MacroStatement>(offset);
  SMELT_ASSIGN(macro->name, ExpectIdentifier());
  mentions_.emplace_back();
  SMELT_TRY(ParseSignature(macro->signature));
  return FinishMacro(std::move(macro), "endmacro");
}

Result<StatementPointer> Parser::ParseTest(std::uint32_t offset) {
  auto macro = std::make_unique<MacroStatement>(offset);
  std::string_view end_tag = tokens_[index_ - 1].text == "test" ? "endtest" : "enddata_test";
  SMELT_ASSIGN(std::string name, ExpectIdentifier());
  macro->name = "test_" + name;
  mentions_.emplace_back();
  SMELT_TRY(ParseSignature(macro->signature));
  return FinishMacro(std::move(macro), end_tag);
}

/// `{% materialization name, default %}` or `…, adapter='x' [, supported_languages=[…]] %}`.
Result<StatementPointer> Parser::ParseMaterialization(std::uint32_t offset) {
  auto macro = std::make_unique<MacroStatement>(offset);
  SMELT_ASSIGN(std::string name, ExpectIdentifier());
  std::string adapter = "default";
  mentions_.emplace_back();
  while (SkipOperator(",")) {
    std::uint32_t key_offset = current().offset;
    SMELT_ASSIGN(std::string key, ExpectIdentifier());
    if (key == "default") continue;
    SMELT_TRY(ExpectOperator("="));
    SMELT_ASSIGN(ExpressionPointer value, ParseExpression());
    if (key == "supported_languages") continue;
    if (key != "adapter" || value->kind != Expression::Kind::kLiteral) {
      return Failure(key_offset, "a materialization takes: default, adapter='…', supported_languages=[…]");
    }
    adapter = static_cast<const LiteralExpression&>(*value).value.ToText();
  }
  macro->name = "materialization_" + name + "_" + adapter;
  return FinishMacro(std::move(macro), "endmaterialization");
}

Result<StatementPointer> Parser::FinishMacro(std::unique_ptr<MacroStatement> macro, std::string_view end_tag) {
  std::string_view opener = end_tag.substr(3);
  int loops = std::exchange(loops_, 0);
  SMELT_ASSIGN(macro->body, ParseBlockBody(end_tag, opener, macro->offset));
  loops_ = loops;
  macro->end = current().offset + static_cast<std::uint32_t>(current().text.size());
  Mentions mentions = std::move(mentions_.back());
  mentions_.pop_back();
  macro->signature.uses_varargs = mentions.varargs;
  macro->signature.uses_kwargs = mentions.kwargs;
  macro->signature.uses_caller = mentions.caller;
  macro->words.assign(mentions.words.begin(), mentions.words.end());
  mentions_.back().Merge(mentions);
  return StatementPointer(std::move(macro));
}

Status Parser::ParseSignature(Signature& signature) {
  SMELT_TRY(ExpectOperator("("));
  bool had_fallback = false;
  while (!IsOperator(")")) {
    if (!signature.parameters.empty()) {
      SMELT_TRY(ExpectOperator(","));
      if (IsOperator(")")) break;
    }
    Parameter parameter;
    std::uint32_t offset = current().offset;
    SMELT_ASSIGN(parameter.name, ExpectIdentifier());
    if (std::ranges::find(signature.parameters, parameter.name, &Parameter::name) != signature.parameters.end()) {
      return Failure(offset, fmt::format("there are two parameters '{}'", parameter.name));
    }
    if (SkipOperator(":")) SMELT_TRY(SkipType());
    if (SkipOperator("=")) {
      SMELT_ASSIGN(parameter.fallback, ParseExpression());
      had_fallback = true;
    } else if (parameter.name == "caller") {
      return Failure(offset, "a parameter 'caller' needs a default");
    } else if (had_fallback) {
      return Failure(offset, "a parameter without a default follows one with a default");
    }
    signature.parameters.push_back(std::move(parameter));
  }
  Advance();
  return {};
}

Status Parser::SkipType() {
  Nesting nesting(*this);
  SMELT_TRY(nesting.Check());
  if (current().type != TokenType::kName) return Unexpected("the name of a type");
  Advance();
  if (!SkipOperator("[")) return {};
  while (!IsOperator("]")) {
    SMELT_TRY(SkipType());
    if (!SkipOperator(",") && !IsOperator("]")) return Unexpected("',' or ']'");
  }
  Advance();
  return {};
}

Result<StatementPointer> Parser::ParseCallBlock(std::uint32_t offset) {
  auto statement = std::make_unique<CallBlockStatement>(offset);
  mentions_.emplace_back();
  if (IsOperator("(")) SMELT_TRY(ParseSignature(statement->signature));
  SMELT_ASSIGN(statement->call, ParseExpression());
  if (statement->call->kind != Expression::Kind::kCall) return Failure(offset, "{% call %} needs a call of a macro");
  SMELT_ASSIGN(statement->body, ParseBlockBody("endcall", "call", offset));
  Mentions mentions = std::move(mentions_.back());
  mentions_.pop_back();
  statement->signature.uses_varargs = mentions.varargs;
  statement->signature.uses_kwargs = mentions.kwargs;
  statement->signature.uses_caller = mentions.caller;
  mentions_.back().Merge(mentions);
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseFilterBlock(std::uint32_t offset) {
  auto statement = std::make_unique<FilterBlockStatement>(offset);
  do {
    SMELT_ASSIGN(statement->filter, ParseFilter(std::move(statement->filter)));
  } while (SkipOperator("|"));
  SMELT_ASSIGN(statement->body, ParseBlockBody("endfilter", "filter", offset));
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseWith(std::uint32_t offset) {
  auto statement = std::make_unique<WithStatement>(offset);
  while (current().type != TokenType::kBlockEnd) {
    if (!statement->values.empty()) SMELT_TRY(ExpectOperator(","));
    SMELT_ASSIGN(Target target, ParseSingleTarget(false));
    SMELT_TRY(ExpectOperator("="));
    SMELT_ASSIGN(ExpressionPointer value, ParseExpression());
    statement->values.emplace_back(std::move(target), std::move(value));
  }
  SMELT_ASSIGN(statement->body, ParseBlockBody("endwith", "with", offset));
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseSnapshot(std::uint32_t offset) {
  auto statement = std::make_unique<SnapshotStatement>(offset);
  SMELT_ASSIGN(statement->name, ExpectIdentifier());
  statement->body_begin = current().offset + static_cast<std::uint32_t>(current().text.size());
  SMELT_ASSIGN(statement->body, ParseBlockBody("endsnapshot", "snapshot", offset));
  // Behind the body stand "{%" and "endsnapshot".
  statement->body_end = tokens_[index_ - 2].offset;
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseDocs(std::uint32_t offset) {
  auto statement = std::make_unique<DocsStatement>(offset);
  SMELT_ASSIGN(statement->name, ExpectIdentifier());
  std::size_t begin = current().offset + current().text.size();
  SMELT_ASSIGN(Body ignored, ParseBlockBody("enddocs", "docs", offset));
  statement->text = source_.substr(begin, tokens_[index_ - 2].offset - begin);
  return StatementPointer(std::move(statement));
}

Result<Target> Parser::ParseSingleTarget(bool with_attribute) {
  Target target;
  if (SkipOperator("(")) {
    SMELT_ASSIGN(target, ParseTarget(false));
    SMELT_TRY(ExpectOperator(")"));
    return target;
  }
  SMELT_ASSIGN(target.name, ExpectIdentifier());
  if (with_attribute && SkipOperator(".")) {
    Mention(target.name);
    if (current().type != TokenType::kName) return Unexpected("an attribute");
    target.attribute = Advance().text;
  }
  return target;
}

Result<Target> Parser::ParseTarget(bool with_attribute) {
  Nesting nesting(*this);
  SMELT_TRY(nesting.Check());
  SMELT_ASSIGN(Target first, ParseSingleTarget(with_attribute));
  if (!IsOperator(",")) return first;
  Target tuple;
  tuple.members.push_back(std::move(first));
  while (SkipOperator(",")) {
    if (current().type != TokenType::kName && !IsOperator("(")) break;
    if (IsName("in")) break;
    SMELT_ASSIGN(Target member, ParseSingleTarget(with_attribute));
    tuple.members.push_back(std::move(member));
  }
  return tuple;
}

}  // namespace smelt::transform::jinja
