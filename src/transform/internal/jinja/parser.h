#pragma once

#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "transform/internal/jinja/lexer.h"
#include "transform/internal/jinja/statement.h"

namespace smelt::transform::jinja {

/// Recursive descent over the tokens of one template. Used once.
class Parser {
 public:
  Parser(std::string_view source, std::string_view name, std::vector<Token> tokens)
      : source_(source), name_(name), tokens_(std::move(tokens)) {}

  /// Parses everything. Errors: kJinjaSyntax, kJinjaLimit.
  Result<Body> ParseAll();
  /// What the template mentions; after ParseAll.
  std::vector<std::string> TakeWords();

 private:
  // -- tokens
  const Token& current() const { return tokens_[index_]; }
  const Token& Look(std::size_t ahead) const { return tokens_[std::min(index_ + ahead, tokens_.size() - 1)]; }
  const Token& Advance() { return index_ + 1 < tokens_.size() ? tokens_[index_++] : tokens_[index_]; }
  bool IsOperator(std::string_view text) const {
    return current().type == TokenType::kOperator && current().text == text;
  }
  bool IsName(std::string_view text) const { return current().type == TokenType::kName && current().text == text; }
  bool SkipOperator(std::string_view text) { return IsOperator(text) ? (Advance(), true) : false; }
  bool SkipName(std::string_view text) { return IsName(text) ? (Advance(), true) : false; }
  Status ExpectOperator(std::string_view text);
  Status ExpectName(std::string_view text);
  /// A name that may be assigned to. Errors: kJinjaSyntax.
  Result<std::string> ExpectIdentifier();
  std::unexpected<Error> Failure(std::uint32_t offset, std::string message) const;
  std::unexpected<Error> Unexpected(std::string_view wanted) const;
  static std::string Describe(const Token& token);

  // -- statements (parser.cc)
  using EndTags = std::initializer_list<std::string_view>;
  /// The same within an if, whose body may never be reached, or in a block that is.
  Result<Body> ParseConditionalBody(EndTags end_tags, std::string_view opener, std::uint32_t opener_offset);
  Result<StatementPointer> ParsePrint(std::uint32_t offset);
  /// Statements up to one of `end_tags`, which is left as the current token; without end tags, up to the end.
  Result<Body> ParseBody(EndTags end_tags, std::string_view opener, std::uint32_t opener_offset);
  /// A block's body after its head: `%}` … `{% end`; the end tag is consumed.
  Result<Body> ParseBlockBody(std::string_view end_tag, std::string_view opener, std::uint32_t opener_offset);
  Result<StatementPointer> ParseStatement();
  Result<StatementPointer> ParseIf(std::uint32_t offset);
  Result<StatementPointer> ParseFor(std::uint32_t offset);
  Result<StatementPointer> ParseSet(std::uint32_t offset);
  Result<StatementPointer> ParseMacro(std::uint32_t offset);
  Result<StatementPointer> ParseTest(std::uint32_t offset);
  Result<StatementPointer> ParseMaterialization(std::uint32_t offset);
  Result<StatementPointer> ParseCallBlock(std::uint32_t offset);
  Result<StatementPointer> ParseFilterBlock(std::uint32_t offset);
  Result<StatementPointer> ParseWith(std::uint32_t offset);
  Result<StatementPointer> ParseSnapshot(std::uint32_t offset);
  Result<StatementPointer> ParseInclude(std::uint32_t offset);
  Result<StatementPointer> ParseImport(std::uint32_t offset);
  Result<StatementPointer> ParseFromImport(std::uint32_t offset);
  /// `with context` or `without context`: sets `with_context`; false when neither stands here.
  bool SkipContextWords(bool& with_context);
  /// The type behind a parameter's ':', which says nothing to the interpreter. Errors: kJinjaSyntax.
  Status SkipType();
  Result<StatementPointer> ParseDocs(std::uint32_t offset);
  Result<StatementPointer> FinishMacro(std::unique_ptr<MacroStatement> macro, std::string_view end_tag);
  Status ParseSignature(Signature& signature);
  Result<Target> ParseTarget(bool with_attribute);
  Result<Target> ParseSingleTarget(bool with_attribute);
  StatementPointer DataFrom(const Token& token) const;

  // -- expressions (expression_parser.cc), lowest precedence first
  Result<ExpressionPointer> ParseTuple(bool with_condition, bool parenthesised);
  Result<ExpressionPointer> ParseExpression();
  Result<ExpressionPointer> ParseOr();
  Result<ExpressionPointer> ParseAnd();
  Result<ExpressionPointer> ParseNot();
  Result<ExpressionPointer> ParseComparison();
  Result<ExpressionPointer> ParseSum();
  Result<ExpressionPointer> ParseConcatenation();
  Result<ExpressionPointer> ParseProduct();
  Result<ExpressionPointer> ParsePower();
  Result<ExpressionPointer> ParseUnary(bool with_filters);
  Result<ExpressionPointer> ParsePrimary();
  Result<ExpressionPointer> ParseLiteral();
  Result<ExpressionPointer> ParseNameOrConstant();
  Result<ExpressionPointer> ParseList();
  Result<ExpressionPointer> ParseDict();
  Result<ExpressionPointer> ParsePostfix(ExpressionPointer object);
  Result<ExpressionPointer> ParseFilters(ExpressionPointer input);
  Result<ExpressionPointer> ParseFilter(ExpressionPointer input);
  Result<ExpressionPointer> ParseTestUse(ExpressionPointer input);
  Result<ExpressionPointer> ParseAttribute(ExpressionPointer object);
  Result<ExpressionPointer> ParseSubscript(ExpressionPointer object);
  Result<ExpressionPointer> ParseCall(ExpressionPointer callee);
  Result<ArgumentList> ParseArguments();
  Status ParseArgument(ArgumentList& arguments);
  bool AtTupleEnd() const;

  /// Sets the node's height from its children and checks it.
  Result<ExpressionPointer> Finish(ExpressionPointer node, std::initializer_list<const Expression*> children);
  Result<ExpressionPointer> Finish(ExpressionPointer node, const std::vector<ExpressionPointer>& children);
  Status Grow(Expression& node, const Expression* child);
  Status GrowByArguments(Expression& node, const ArgumentList& arguments);

  /// Counts how deeply the parser is within nested constructs.
  class Nesting;

  /// What a template or macro mentions.
  struct Mentions {
    std::set<std::string, std::less<>> words;
    bool varargs = false, kwargs = false, caller = false;  ///< used as names

    void Merge(Mentions& inner);
  };
  /// Notes a name, attribute or text of what is being parsed.
  void Mention(std::string_view word);

  std::string_view source_, name_;
  std::vector<Token> tokens_;
  std::size_t index_ = 0;
  int nesting_ = 0;
  std::vector<Error> unknown_;  ///< filters and tests of the current tag that do not exist, where they would be used
  bool conditional_ = false;    ///< whether the place may never be reached: within an if, but not in a block of its own
  int loops_ = 0;               ///< for loops around the current statement
  std::vector<Mentions> mentions_ = std::vector<Mentions>(1);  ///< of the template and the macros around the place
};

/// Enters a nested construct for as long as it lives.
class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser) : parser_(parser) { ++parser_.nesting_; }
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  Status Check() const;

 private:
  Parser& parser_;
};

}  // namespace smelt::transform::jinja
