#include "engine/internal/delta_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/internal/duck.h"

namespace smelt::engine {
namespace {

using Words = std::vector<std::string>;

/// What other engines say, in lower case, and what is said here; `{}` is the word behind it.
struct Form {
  std::string_view theirs;
  std::string_view ours;
};

/// What statements begin with; the longer ones first.
constexpr Form kStatements[] = {
    {"optimize table", "call optimize('{}')"},
    {"optimize", "call optimize('{}')"},
    {"vacuum table", "call vacuum('{}'), with retain_hours => 168 for another age than the table's"},
    {"vacuum", "call vacuum('{}'), with retain_hours => 168 for another age than the table's"},
    {"restore table", "call restore('{}', version => 1), or with \"timestamp\" => '…'"},
    {"restore", "call restore('{}', version => 1), or with \"timestamp\" => '…'"},
    {"describe history", "select * from table_history('{}')"},
    {"desc history", "select * from table_history('{}')"},
    {"describe detail", "select * from table_detail('{}')"},
    {"desc detail", "select * from table_detail('{}')"},
    {"analyze table", "call compute_statistics('{}')"},
    {"analyze", "call compute_statistics('{}')"},
    {"reorg table", "call reorg('{}')"},
    {"fsck repair table", "call fsck('{}')"},
    {"convert to delta", "call convert('schema.table'), of a folder of Parquet files in the lake"},
    {"insert overwrite", "call overwrite('table', 'query')"},
    {"copy into", "call copy_into('table', 'files')"},
};
/// What they say anywhere.
constexpr Form kClauses[] = {
    {"version as of", "from schema.table at (version => {})"},
    {"timestamp as of", "from schema.table at (timestamp => {})"},
    {"shallow clone", "call clone('{}', 'target', shallow => true)"},
    {"deep clone", "call clone('{}', 'target')"},
    {"set tblproperties", "alter table … set ('name' = 'value')"},
    {"unset tblproperties", "alter table … reset ('name')"},
    {"tblproperties", "create table … with ('name' = 'value')"},
    {"using delta", "nothing: every table of the lake is a Delta table"},
    {"cluster by", "sorted by (column)"},
};

/// The statements of a script that have something on a line, roughly: as good as a hint needs it. All of them for 0.
std::vector<std::string_view> StatementsOn(std::int64_t wanted, std::string_view script) {
  std::vector<std::string_view> statements;
  std::int64_t line = 1;
  while (!script.empty()) {
    const std::string_view statement = script.substr(0, script.find(';'));
    const auto last_line = line + std::ranges::count(statement, '\n');
    if (wanted == 0 || (line <= wanted && wanted <= last_line)) statements.push_back(statement);
    line = last_line;
    script.remove_prefix(std::min(statement.size() + 1, script.size()));
  }
  return statements;
}

/// The words of a statement, without its comments, what encloses names and what stands between lists.
Words WordsOf(std::string_view statement) {
  constexpr std::string_view kBetween = " \t\r\n(),;=";
  Words words;
  while (true) {
    statement.remove_prefix(std::min(statement.find_first_not_of(kBetween), statement.size()));
    if (statement.empty()) return words;
    if (statement.starts_with("--")) {
      statement.remove_prefix(std::min(statement.find('\n'), statement.size()));
      continue;
    }
    const std::string_view word = statement.substr(0, statement.find_first_of(kBetween));
    statement.remove_prefix(word.size());
    std::string& kept = words.emplace_back(word);
    std::erase_if(kept, [](char c) { return c == '`' || c == '"'; });
  }
}

/// The form of a hint where `words` have those of `form` from `at` on; empty where they do not.
std::string FormAt(const Words& words, std::size_t at, const Form& form) {
  for (const std::string& wanted : WordsOf(form.theirs)) {
    if (at >= words.size() || duckdb::StringUtil::Lower(words[at++]) != wanted) return "";
  }
  if (!form.ours.contains("{}")) return std::string(form.ours);
  // Text cannot be within text as it stands: whoever names a table so sees where the name goes.
  const bool has_name = at < words.size() && (!words[at].contains('\'') || form.ours.contains("=> {}"));
  return fmt::format(fmt::runtime(form.ours), has_name ? words[at] : "…");
}

std::string HintFor(const Words& words) {
  for (const Form& form : kStatements) {
    if (std::string hint = FormAt(words, 0, form); !hint.empty()) return hint;
  }
  for (const Form& form : kClauses) {
    for (std::size_t at = 0; at < words.size(); ++at) {
      if (std::string hint = FormAt(words, at, form); !hint.empty()) return hint;
    }
  }
  return "";
}

}  // namespace

Error SuggestForm(Error error, std::string_view text) {
  const bool is_unknown = error.code() == ErrorCode::kSqlSyntax || error.code() == ErrorCode::kSqlUnsupported;
  if (!is_unknown || !error.hint().empty()) return error;
  for (const std::string_view statement : StatementsOn(error.line(), text)) {
    const std::string form = HintFor(WordsOf(statement));
    if (!form.empty()) return std::move(error).Hint("here that is: " + form);
  }
  return error;
}

}  // namespace smelt::engine
