// Tags that use other templates: include, import and from.

#include <fmt/format.h>

#include "transform/internal/jinja/parser.h"

namespace smelt::transform::jinja {

bool Parser::SkipContextWords(bool& with_context) {
  bool with = IsName("with");
  if ((!with && !IsName("without")) || Look(1).type != TokenType::kName || Look(1).text != "context") return false;
  with_context = with;
  Advance();
  Advance();
  return true;
}

Result<StatementPointer> Parser::ParseInclude(std::uint32_t offset) {
  auto statement = std::make_unique<IncludeStatement>(offset);
  SMELT_ASSIGN(statement->name, ParseExpression());
  if (IsName("ignore") && Look(1).text == "missing") {
    Advance();
    Advance();
    statement->ignore_missing = true;
  }
  SkipContextWords(statement->with_context);
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseImport(std::uint32_t offset) {
  auto statement = std::make_unique<ImportStatement>(offset);
  SMELT_ASSIGN(statement->name, ParseExpression());
  SMELT_TRY(ExpectName("as"));
  SMELT_ASSIGN(statement->alias, ExpectIdentifier());
  SkipContextWords(statement->with_context);
  return StatementPointer(std::move(statement));
}

Result<StatementPointer> Parser::ParseFromImport(std::uint32_t offset) {
  auto statement = std::make_unique<ImportStatement>(offset);
  SMELT_ASSIGN(statement->name, ParseExpression());
  SMELT_TRY(ExpectName("import"));
  while (current().type == TokenType::kName) {
    if (SkipContextWords(statement->with_context)) break;
    std::uint32_t name_offset = current().offset;
    SMELT_ASSIGN(std::string name, ExpectIdentifier());
    if (name.starts_with('_')) return Failure(name_offset, "names that start with '_' cannot be imported");
    std::string alias = name;
    if (SkipName("as")) {
      SMELT_ASSIGN(alias, ExpectIdentifier());
    }
    statement->names.emplace_back(std::move(name), std::move(alias));
    if (SkipContextWords(statement->with_context) || !SkipOperator(",")) break;
  }
  if (statement->names.empty()) return Unexpected("a name to import");
  return StatementPointer(std::move(statement));
}

}  // namespace smelt::transform::jinja
