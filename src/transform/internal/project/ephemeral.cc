#include "transform/internal/project/ephemeral.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/ascii.h"
#include "engine/session.h"

namespace smelt::transform {
namespace {

/// The offset of the first character from `at` on that is neither white space nor in a comment.
std::size_t SkipBlank(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    std::string_view rest = sql.substr(at);
    if (std::isspace(static_cast<unsigned char>(rest[0])) != 0) {
      ++at;
    } else if (rest.starts_with("--")) {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (rest.starts_with("/*")) {
      std::size_t end = sql.find("*/", at + 2);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      break;
    }
  }
  return at;
}

/// Whether the word stands at `at`, in any case, and ends there.
bool WordAt(std::string_view sql, std::size_t at, std::string_view word) {
  if (sql.size() < at + word.size()) return false;
  bool same = EqualsIgnoringCase(sql.substr(at, word.size()), word);
  if (!same || sql.size() == at + word.size()) return same;
  auto next = static_cast<unsigned char>(sql[at + word.size()]);
  return std::isalnum(next) == 0 && next != '_';
}

}  // namespace

std::string AddCommonTables(const std::vector<CommonTable>& tables, const std::string& sql, jinja::SourceMap* places) {
  if (tables.empty()) return sql;
  const std::size_t first = std::min(sql.find_first_not_of(" \t\r\n"), sql.size());
  std::size_t cut = SkipBlank(sql, first);
  const bool has_list = WordAt(sql, cut, "with");
  if (has_list) {
    cut = SkipBlank(sql, cut + 4);
    if (WordAt(sql, cut, "recursive")) cut = SkipBlank(sql, cut + 9);
  } else {
    cut = first;
  }
  jinja::SourceMap mapped;
  const jinja::SourceMap own = places == nullptr ? jinja::SourceMap() : std::move(*places);
  mapped.Append(own, 0, cut, 0);
  std::string text = sql.substr(0, cut) + (has_list ? "" : "with");
  for (const CommonTable& table : tables) {
    if (&table != &tables.front()) text += ", ";
    text += " " + engine::QuoteIdentifier(table.name) + " as (\n";
    mapped.Append(table.places, 0, table.sql.size(), text.size());
    // The line break before the parenthesis ends a comment on the query's last line.
    text += table.sql + "\n)";
  }
  text += has_list ? ", " : " ";
  mapped.Append(own, cut, sql.size(), text.size());
  if (places != nullptr) *places = std::move(mapped);
  return text + sql.substr(cut);
}

}  // namespace smelt::transform
