#include "transform/internal/project/macro_set.h"

#include <fmt/format.h>

#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/lexer.h"
#include "transform/internal/project/built_in_macros.h"

namespace smelt::transform {

Result<MacroSet> MacroSet::BuiltIn() {
  MacroSet set;
  SMELT_TRY(set.Add(std::string(BuiltInMacros()), "built-in macros", set.built_in_));
  set.files_.clear();
  return set;
}

Status MacroSet::AddFile(std::string source, const std::string& file) {
  hasher_.Update(file);
  hasher_.Update(source);
  return Add(std::move(source), file, own_);
}

Status MacroSet::Add(std::string source, const std::string& file, Table& table) {
  SMELT_ASSIGN(jinja::TemplatePointer parsed, jinja::ParseTemplate(std::move(source), file));
  for (const jinja::StatementPointer& statement : parsed->body) {
    if (statement->kind != jinja::Statement::Kind::kMacro) continue;
    const auto& definition = static_cast<const jinja::MacroStatement&>(*statement);
    auto [known, added] = files_.emplace(definition.name, file);
    if (!added) {
      jinja::Place place = jinja::Locate(parsed->source, definition.offset);
      return Fail(Error(ErrorCode::kDbtDuplicate,
                        fmt::format("macro '{}' is defined twice, in {} and {}", definition.name, known->second, file))
                      .At(file, place.line, place.column));
    }
    table.emplace(definition.name, jinja::Value(std::make_shared<jinja::Macro>(definition.name, parsed,
                                                                               definition.signature, definition.body)));
  }
  return {};
}

const jinja::Value* MacroSet::Find(std::string_view name) const {
  if (auto found = own_.find(name); found != own_.end()) return &found->second;
  auto found = built_in_.find(name);
  return found == built_in_.end() ? nullptr : &found->second;
}

const jinja::Value* MacroSet::FindDispatched(std::string_view name) const {
  for (std::string_view prefix : {"duckdb__", "default__"}) {
    if (const jinja::Value* found = Find(fmt::format("{}{}", prefix, name))) return found;
  }
  return nullptr;
}

std::vector<std::string> MacroSet::TestNames() const {
  constexpr std::string_view kPrefix = "test_";
  std::vector<std::string> names;
  for (const Table* table : {&own_, &built_in_}) {
    for (const auto& [name, macro] : *table) {
      if (name.starts_with(kPrefix)) names.push_back(name.substr(kPrefix.size()));
    }
  }
  return names;
}

}  // namespace smelt::transform
