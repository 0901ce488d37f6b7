#include "engine/internal/folded_names.h"

#include "engine/internal/duck.h"

namespace smelt::engine {
namespace {

constexpr std::chrono::seconds kKeptFor(1);

}  // namespace

Result<std::optional<std::string>> FoldedNames::Find(const std::string& schema, const std::string& name) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard guard(lock_);
  auto known = schemas_.find(schema);
  if (known == schemas_.end() || now - known->second.listed > kKeptFor) {
    Names names{now, {}};
    SMELT_ASSIGN(const std::vector<std::string> folders, store_.ListFolders(schema));
    for (const std::string& folder : folders) names.by_lower[duckdb::StringUtil::Lower(folder)].insert(folder);
    known = schemas_.insert_or_assign(schema, std::move(names)).first;
  }
  const auto same = known->second.by_lower.find(duckdb::StringUtil::Lower(name));
  if (same == known->second.by_lower.end()) return std::optional<std::string>();
  for (const std::string& other : same->second) {
    if (other != name) return std::optional(other);
  }
  return std::optional<std::string>();
}

void FoldedNames::Add(const std::string& schema, const std::string& name) {
  const std::lock_guard guard(lock_);
  if (auto known = schemas_.find(schema); known != schemas_.end()) {
    known->second.by_lower[duckdb::StringUtil::Lower(name)].insert(name);
  }
}

}  // namespace smelt::engine
