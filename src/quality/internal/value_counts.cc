#include "quality/internal/value_counts.h"

#include <fmt/format.h>

#include <iterator>

namespace smelt::quality {
namespace {

/// A relation among the text of a figure: kBegin SQL-of-all-values kPart SQL-of-some kEnd; nothing where all are
/// needed.
constexpr char kBegin = '\x04', kPart = '\x05', kEnd = '\x06';

std::string AllCounts(const Call& call, const Column& column) {
  return fmt::format("select {} as smelt_value, count(*) as smelt_count {} group by 1", column.sql,
                     call.From(column.sql + " is not null"));
}

template <typename OnText, typename OnRelation>
void ForEach(std::string_view expression, OnText on_text, OnRelation on_relation) {
  while (true) {
    const std::size_t begin = expression.find(kBegin);
    on_text(expression.substr(0, begin));
    if (begin == std::string_view::npos) return;
    const std::size_t part = expression.find(kPart, begin);
    const std::size_t end = expression.find(kEnd, part);
    on_relation(std::string(expression.substr(begin + 1, part - begin - 1)),
                expression.substr(part + 1, end - part - 1));
    expression.remove_prefix(end + 1);
  }
}

}  // namespace

std::string ValueCounts(const Call& call, const Column& column) {
  return fmt::format("{}{}{}{}", kBegin, AllCounts(call, column), kPart, kEnd);
}

std::string ValuesWhere(const Call& call, const Column& column, const std::string& where) {
  return fmt::format("{}{}{}select distinct {} as smelt_value {}{}", kBegin, AllCounts(call, column), kPart, column.sql,
                     call.From(where), kEnd);
}

void SharedCounts::Find(std::string_view expression) {
  ForEach(
      expression, [](std::string_view) {},
      [this](const std::string& counts, std::string_view some) {
        Uses& uses = uses_[counts];
        ++(some.empty() ? uses.full : uses.partial);
      });
}

std::string SharedCounts::SpellOut(std::string_view expression) const {
  std::string sql;
  ForEach(
      expression, [&](std::string_view text) { sql += text; },
      [&](const std::string& counts, std::string_view some) {
        const bool shared = uses_.at(counts).shared();
        sql += shared ? NameOf(counts) : fmt::format("({})", some.empty() ? std::string_view(counts) : some);
      });
  return sql;
}

std::string SharedCounts::With() const {
  std::string sql;
  for (const auto& [counts, uses] : uses_) {
    if (!uses.shared()) continue;
    sql += fmt::format("{}{} as materialized ({})", sql.empty() ? "with " : ",\n  ", NameOf(counts), counts);
  }
  return sql.empty() ? sql : sql + "\n";
}

std::string SharedCounts::NameOf(const std::string& counts) const {
  return fmt::format("smelt_counts_{}", std::distance(uses_.begin(), uses_.find(counts)) + 1);
}

}  // namespace smelt::quality
