#include "engine/internal/missing_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/config.h"

namespace smelt::engine {
namespace {

constexpr std::size_t kSuggestionsMax = 3;

/// The name of the table or view that was not found; empty when the error is about something else.
std::string MissingName(const duckdb::ErrorData& data) {
  const auto& info = data.ExtraInfo();
  const auto get = [&info](const char* key) {
    const auto found = info.find(key);
    return found == info.end() ? std::string() : found->second;
  };
  if (get("error_subtype") != "MISSING_ENTRY") return "";
  const std::string type = get("type");
  return type == "Table" || type == "View" ? get("name") : "";
}

/// The tables and views of the lake; those of a schema that cannot be listed are left out.
std::vector<TableKey> KnownTables(Lake& lake) {
  std::vector<TableKey> keys;
  const auto schemas = lake.Schemas();
  const auto release = lake.releases().Current();
  if (!schemas || !release) return keys;
  for (const std::string& schema : *schemas) {
    for (const auto& names : {lake.TableNames(schema), lake.SeenViewNames(schema, **release)}) {
      if (!names) continue;
      for (const std::string& name : *names) {
        if (!(*release)->hidden.contains({.schema = schema, .name = name})) keys.push_back({schema, name});
      }
    }
  }
  return keys;
}

/// The tables whose name is nearest to `name`, as SQL writes them. The schema counts where `name` has one.
std::vector<std::string> NearestTables(const std::string& name, Lake& lake) {
  const std::vector<TableKey> keys = KnownTables(lake);
  const bool qualified = name.find('.') != std::string::npos;
  std::vector<std::string> words;
  for (const TableKey& key : keys) words.push_back(qualified ? key.Text() : key.table);
  const std::string nearest = NearestWord(name, {words.begin(), words.end()});
  std::vector<std::string> tables;
  for (std::size_t i = 0; i < keys.size() && tables.size() < kSuggestionsMax; ++i) {
    if (words[i] == nearest) tables.push_back(QuoteIdentifier(keys[i].schema) + "." + QuoteIdentifier(keys[i].table));
  }
  return tables;
}

std::string WithoutGuess(std::string message) {
  const std::size_t begin = message.find("\nDid you mean");
  if (begin != std::string::npos) message.erase(begin, message.find('\n', begin + 1) - begin);
  return message;
}

}  // namespace

Error SuggestTables(Error error, const duckdb::ErrorData& data, Lake& lake) {
  const std::string name = MissingName(data);
  if (name.empty()) return error;
  const std::vector<std::string> nearest = NearestTables(name, lake);
  std::string hint = nearest.empty() ? "" : fmt::format("did you mean {}?", fmt::join(nearest, " or "));
  return Error(error.code(), WithoutGuess(error.message()))
      .Hint(std::move(hint))
      .At(error.file(), error.line(), error.column());
}

}  // namespace smelt::engine
