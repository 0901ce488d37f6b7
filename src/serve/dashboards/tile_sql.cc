#include "serve/dashboards/tile_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"

namespace smelt::serve {
namespace {

/// What a place in SQL belongs to.
enum class Within { kSql, kText, kName, kLineComment, kComment };

/// Walks over SQL and knows what is text, name or comment. Dollar quotes are not known: they are refused with other
/// dollars.
class SqlWalk {
 public:
  explicit SqlWalk(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool done() const { return at_ >= text_.size(); }
  Within within() const { return within_; }
  std::int64_t line() const { return line_; }
  bool StartsWith(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void Skip(std::size_t count) {
    for (; count > 0 && !done(); --count) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
  }

  void Step() {
    switch (within_) {
      case Within::kSql: Enter(); return;
      case Within::kText: LeaveAt("'"); return;
      case Within::kName: LeaveAt("\""); return;
      case Within::kLineComment: LeaveAt("\n"); return;
      case Within::kComment: LeaveAt("*/"); return;
    }
  }

 private:
  void Enter() {
    if (StartsWith("'")) {
      within_ = Within::kText;
    } else if (StartsWith("\"")) {
      within_ = Within::kName;
    } else if (StartsWith("--")) {
      within_ = Within::kLineComment;
    } else if (StartsWith("/*")) {
      within_ = Within::kComment;
      Skip(1);
    }
    Skip(1);
  }
  void LeaveAt(std::string_view end) {
    if (!StartsWith(end)) return Skip(1);
    within_ = Within::kSql;
    Skip(end.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0;  ///< from 0
  Within within_ = Within::kSql;
};

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// The quoted texts of "('a', \"b\")"; nothing when it is no such list.
std::optional<std::vector<std::string>> Arguments(std::string_view text) {
  text = Trimmed(text);
  if (!text.starts_with('(') || !text.ends_with(')')) return std::nullopt;
  text = Trimmed(text.substr(1, text.size() - 2));
  std::vector<std::string> arguments;
  while (!text.empty()) {
    const char quote = text[0];
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = text.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    arguments.emplace_back(text.substr(1, end - 1));
    text = Trimmed(text.substr(end + 1));
    if (text.empty()) break;
    if (text[0] != ',') return std::nullopt;
    text = Trimmed(text.substr(1));
    if (text.empty()) return std::nullopt;
  }
  return arguments;
}

constexpr std::string_view kForms =
    "write filter('name', 'column'), value('name'), grain('column') or previous('name', 'column')";

/// What stands between the braces.
Result<TileSql::Placeholder> ReadPlaceholder(std::string_view text) {
  const std::string_view inner = Trimmed(text);
  const std::size_t open = inner.find('(');
  const std::string_view name = Trimmed(inner.substr(0, open));
  const auto arguments =
      open == std::string_view::npos ? std::optional<std::vector<std::string>>() : Arguments(inner.substr(open));
  const auto wrong = [&](std::string_view why) {
    return Fail(
        Error(ErrorCode::kConfigValueInvalid, fmt::format("{{{{ {} }}}} {}", inner, why)).Hint(std::string(kForms)));
  };
  const std::vector<std::string_view> known = {"filter", "value", "grain", "previous"};
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const std::string nearest = NearestWord(name, known);
    return wrong(nearest.empty() ? "is no placeholder" : fmt::format("is no placeholder; did you mean {}?", nearest));
  }
  if (!arguments) return wrong("has no list of quoted arguments");
  const std::size_t wanted = name == "filter" || name == "previous" ? 2 : 1;
  if (arguments->size() != wanted) return wrong(fmt::format("has {} arguments, not {}", arguments->size(), wanted));
  if (std::any_of(arguments->begin(), arguments->end(), [](const auto& one) { return Trimmed(one).empty(); })) {
    return wrong("has an empty argument");
  }
  TileSql::Placeholder placeholder;
  if (name == "grain") return TileSql::Placeholder{.kind = PlaceholderKind::kGrain, .column = (*arguments)[0]};
  placeholder.filter = (*arguments)[0];
  if (name == "value") {
    placeholder.kind = PlaceholderKind::kValue;
    for (const std::string_view side : {".from", ".to"}) {
      if (!placeholder.filter.ends_with(side)) continue;
      placeholder.side = side.substr(1);
      placeholder.filter.erase(placeholder.filter.rfind('.'));
    }
    return placeholder;
  }
  placeholder.kind = name == "filter" ? PlaceholderKind::kFilter : PlaceholderKind::kPrevious;
  placeholder.column = (*arguments)[1];
  return placeholder;
}

/// What the text at the walk's place must not be.
Status CheckOwnParameters(const SqlWalk& walk) {
  if (walk.within() != Within::kSql || !(walk.StartsWith("$") || walk.StartsWith("?"))) return {};
  return Fail(Error(ErrorCode::kConfigValueInvalid, "the SQL of a tile has no parameters of its own")
                  .Hint("take the values of filters with {{ value('name') }}, and write texts in single quotes"));
}

Result<TileSql::Placeholder> TakePlaceholder(std::string_view text, SqlWalk& walk) {
  if (walk.within() != Within::kSql) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, "a placeholder stands within quotes")
                    .Hint("leave the quotes away: it stands for a whole value or condition"));
  }
  const std::size_t end = text.find("}}", walk.at());
  if (end == std::string_view::npos) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, "'{{' has no '}}'").Hint(std::string(kForms)));
  }
  SMELT_ASSIGN(TileSql::Placeholder placeholder, ReadPlaceholder(text.substr(walk.at() + 2, end - walk.at() - 2)));
  placeholder.line = walk.line();
  walk.Skip(end + 2 - walk.at());
  return placeholder;
}

}  // namespace

Result<TileSql> TileSql::Parse(std::string_view text, const std::string& file, std::int64_t line) {
  TileSql sql;
  SqlWalk walk(text);
  std::size_t begin = 0;
  while (!walk.done()) {
    const bool comment = walk.within() == Within::kLineComment || walk.within() == Within::kComment;
    if (auto own = CheckOwnParameters(walk); !own) return Fail(std::move(own.error()).At(file, line + walk.line()));
    if (comment || !walk.StartsWith("{{")) {
      walk.Step();
      continue;
    }
    const std::size_t at = walk.at();
    const std::int64_t here = line + walk.line();
    auto placeholder = TakePlaceholder(text, walk);
    if (!placeholder) return Fail(std::move(placeholder.error()).At(file, here));
    placeholder->line = here;
    sql.parts_.push_back({std::string(text.substr(begin, at - begin)), std::move(*placeholder)});
    begin = walk.at();
  }
  sql.parts_.push_back({std::string(text.substr(begin)), std::nullopt});
  return sql;
}

std::vector<std::string> TileSql::filters() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) {
    if (!part.placeholder || part.placeholder->filter.empty()) continue;
    if (std::find(names.begin(), names.end(), part.placeholder->filter) == names.end()) {
      names.push_back(part.placeholder->filter);
    }
  }
  return names;
}

bool TileSql::uses_grain() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.placeholder && part.placeholder->kind == PlaceholderKind::kGrain;
  });
}

}  // namespace smelt::serve
