#include "quality/internal/column_pairs.h"

#include <strings.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/config.h"

namespace smelt::quality {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Column Described(const engine::ResultColumn& column) {
  return {column.name, engine::QuoteIdentifier(column.name), column.type, column.kind};
}

ColumnPair Pair(const Column& a, const Column& b) {
  ColumnPair pair{.name = a.name, .type_a = a.type, .type_b = b.type, .sql_a = a.sql, .sql_b = b.sql};
  pair.numbers = a.is_number() && b.is_number();
  pair.temporal = a.is_temporal() && b.is_temporal();
  if (a.type == b.type || pair.numbers || pair.temporal) return pair;
  pair.sql_a = a.kind == engine::TypeKind::kText ? a.sql : a.sql + "::varchar";
  pair.sql_b = b.kind == engine::TypeKind::kText ? b.sql : b.sql + "::varchar";
  return pair;
}

}  // namespace

ColumnPairs PairColumns(const DataSource& a, const DataSource& b) {
  ColumnPairs pairs;
  const auto find_in = [](const DataSource& side, const std::string& name) {
    return std::ranges::find_if(side.columns, [&](const auto& column) { return SameName(column.name, name); });
  };
  for (const engine::ResultColumn& column : a.columns) {
    const auto other = find_in(b, column.name);
    if (other == b.columns.end()) {
      pairs.only_a.push_back({column.name, column.type});
    } else {
      pairs.both.push_back(Pair(Described(column), Described(*other)));
    }
  }
  for (const engine::ResultColumn& column : b.columns) {
    if (find_in(a, column.name) == a.columns.end()) pairs.only_b.push_back({column.name, column.type});
  }
  return pairs;
}

Result<ColumnPair> FindPair(const ColumnPairs& pairs, std::string_view name) {
  const auto found = std::ranges::find_if(pairs.both, [&](const auto& pair) { return SameName(pair.name, name); });
  if (found != pairs.both.end()) return *found;
  std::vector<std::string_view> names;
  for (const ColumnPair& pair : pairs.both) names.push_back(pair.name);
  const std::string nearest = NearestWord(name, names);
  return Fail(Error(ErrorCode::kUsage, fmt::format("no column \"{}\" is in both", name))
                  .Hint(nearest.empty() ? fmt::format("both have: {}", fmt::join(names, ", "))
                                        : fmt::format("did you mean \"{}\"?", nearest)));
}

Result<std::vector<ColumnPair>> SelectPairs(const ColumnPairs& pairs, std::span<const std::string> columns,
                                            std::span<const std::string> ignored) {
  std::vector<ColumnPair> selected;
  for (const std::string& name : columns) {
    SMELT_ASSIGN(ColumnPair pair, FindPair(pairs, name));
    selected.push_back(std::move(pair));
  }
  if (columns.empty()) selected = pairs.both;
  for (const std::string& name : ignored) {
    // A column of one side alone is not compared anyway.
    const auto is_named = [&](const auto& column) { return SameName(column.name, name); };
    if (std::ranges::any_of(pairs.only_a, is_named) || std::ranges::any_of(pairs.only_b, is_named)) continue;
    SMELT_TRY(FindPair(pairs, name));
    std::erase_if(selected, is_named);
  }
  return selected;
}

}  // namespace smelt::quality
