#include "transform/internal/project/macro_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/id.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/jinja/lexer.h"
#include "transform/internal/project/built_in_macros.h"

namespace smelt::transform {
namespace {

/// What dispatch puts before a name, the most specific first.
constexpr std::array<std::string_view, 2> kDispatchPrefixes = {"duckdb__", "default__"};

}  // namespace

std::string_view MacroEntry::Text() const {
  const std::string_view source = home->source;
  const std::size_t tag = source.rfind("{%", statement->offset);  // the statement begins at its first word
  const std::size_t begin = tag == std::string_view::npos ? statement->offset : tag;
  return source.substr(begin, statement->end - begin);
}

Result<MacroSet> MacroSet::BuiltIn() {
  MacroSet set;
  for (const BuiltInFile& file : BuiltInMacros()) {
    const std::string name(file.name);
    SMELT_TRY(set.AddFile(std::string(kBuiltInPackage), std::string(file.text), name, "built-in " + name));
  }
  return set;
}

Status MacroSet::AddFile(const std::string& package, std::string source, const std::string& file,
                         const std::string& shown) {
  SMELT_ASSIGN(jinja::TemplatePointer parsed,
               jinja::ParseTemplate(std::move(source), shown, package == kBuiltInPackage));
  Table& table = packages_[package];
  for (const jinja::StatementPointer& statement : parsed->body) {
    if (statement->kind != jinja::Statement::Kind::kMacro) continue;
    const auto& definition = static_cast<const jinja::MacroStatement&>(*statement);
    jinja::Place place = jinja::Locate(parsed->source, definition.offset);
    auto [known, added] = table.emplace(definition.name, nullptr);
    if (!added) {
      return Fail(Error(ErrorCode::kDbtDuplicate, fmt::format("macro '{}' is defined twice, in {} and {}",
                                                              definition.name, known->second->home->name, shown))
                      .At(shown, place.line, place.column));
    }
    known->second = std::make_unique<MacroEntry>();
    MacroEntry& entry = *known->second;
    entry.unique_id = fmt::format("macro.{}.{}", package, definition.name);
    entry.package = package;
    entry.name = definition.name;
    entry.file = file;
    entry.line = place.line;
    entry.value =
        jinja::Value(std::make_shared<jinja::Macro>(definition.name, parsed, definition.signature, definition.body));
    entry.home = parsed;
    entry.statement = &definition;
  }
  return {};
}

void MacroSet::Connect() {
  for (auto& [package, table] : packages_) {
    for (auto& [name, entry] : table) {
      entry->depends_on = Named(entry->statement->words, package);
      std::erase(entry->depends_on, entry.get());
    }
  }
}

const MacroEntry* MacroSet::FindIn(std::string_view package, std::string_view name) const {
  auto table = packages_.find(package);
  if (table == packages_.end()) return nullptr;
  auto found = table->second.find(name);
  return found == table->second.end() ? nullptr : found->second.get();
}

MacroEntry* MacroSet::FindIn(std::string_view package, std::string_view name) {
  return const_cast<MacroEntry*>(std::as_const(*this).FindIn(package, name));
}

const MacroEntry* MacroSet::Find(std::string_view name, std::string_view package) const {
  if (const MacroEntry* found = FindIn(package, name)) return found;
  if (package != root_) {
    if (const MacroEntry* found = FindIn(root_, name)) return found;
  }
  return FindIn(kBuiltInPackage, name);
}

const MacroEntry* MacroSet::FindDispatched(std::string_view name, const std::vector<std::string>& packages) const {
  for (const std::string& package : packages) {
    for (std::string_view prefix : kDispatchPrefixes) {
      if (const MacroEntry* found = FindIn(package, fmt::format("{}{}", prefix, name))) return found;
    }
  }
  return nullptr;
}

const MacroEntry* MacroSet::FindDispatched(std::string_view name, std::string_view package) const {
  for (std::string_view prefix : kDispatchPrefixes) {
    if (const MacroEntry* found = Find(fmt::format("{}{}", prefix, name), package)) return found;
  }
  return nullptr;
}

const MacroEntry* MacroSet::FindMaterialization(std::string_view name) const {
  const MacroEntry* built_in = nullptr;
  for (std::string_view adapter : {"duckdb", "default"}) {
    if (built_in == nullptr) built_in = FindIn(kBuiltInPackage, fmt::format("materialization_{}_{}", name, adapter));
  }
  for (std::string_view adapter : {"duckdb", "default"}) {
    const std::string macro = fmt::format("materialization_{}_{}", name, adapter);
    if (const MacroEntry* found = FindIn(root_, macro)) return found;
    for (const auto& [package, table] : packages_) {
      if (package == kBuiltInPackage || built_in != nullptr) continue;
      if (const MacroEntry* found = FindIn(package, macro)) return found;
    }
    if (built_in != nullptr && built_in->name == macro) return built_in;
  }
  return nullptr;
}

std::vector<const MacroEntry*> MacroSet::Named(const std::vector<std::string>& words, std::string_view package) const {
  std::vector<const MacroEntry*> named;
  auto add = [&named](const MacroEntry* entry) {
    if (entry != nullptr && std::ranges::find(named, entry) == named.end()) named.push_back(entry);
  };
  std::vector<std::string_view> spaces = {package, root_, kBuiltInPackage};
  for (const std::string& word : words) {
    if (packages_.contains(word) && std::ranges::find(spaces, word) == spaces.end()) spaces.push_back(word);
  }
  for (const std::string& word : words) {
    add(Find(word, package));
    for (std::string_view space : spaces) {
      if (space != package) add(FindIn(space, word));
      for (std::string_view prefix : kDispatchPrefixes) add(FindIn(space, fmt::format("{}{}", prefix, word)));
    }
  }
  return named;
}

std::vector<std::string> MacroSet::NamesBehind(std::string_view prefix) const {
  std::set<std::string> names;
  for (const auto& [package, table] : packages_) {
    for (const auto& [name, entry] : table) {
      if (!name.starts_with(prefix)) continue;
      bool is_plain = package == root_ || package == kBuiltInPackage;
      names.insert(is_plain ? name.substr(prefix.size()) : package + "." + name.substr(prefix.size()));
    }
  }
  return {names.begin(), names.end()};
}

std::string MacroSet::HashOf(const std::vector<const MacroEntry*>& macros) const {
  std::map<std::string_view, const MacroEntry*> reached;
  std::vector<const MacroEntry*> front = macros;
  while (!front.empty()) {
    const MacroEntry* entry = front.back();
    front.pop_back();
    if (!reached.emplace(entry->unique_id, entry).second) continue;
    front.insert(front.end(), entry->depends_on.begin(), entry->depends_on.end());
  }
  ContentHasher hasher;
  for (const auto& [id, entry] : reached) {
    if (entry->package == kBuiltInPackage) continue;
    hasher.Update(id);
    hasher.Update(entry->Text());
  }
  return hasher.Finish();
}

}  // namespace smelt::transform
