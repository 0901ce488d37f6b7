#include "serve/postgres/column_labels.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "serve/postgres/select_list.h"

namespace smelt::serve::postgres {
namespace {

template <std::size_t kSize>
bool IsOneOf(const SqlToken& token, const std::array<std::string_view, kSize>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.Is(word); });
}

constexpr std::array<std::string_view, 14> kEndsList = {"from",  "where",  "group", "order",  "having",
                                                        "limit", "offset", "union", "except", "intersect",
                                                        "fetch", "window", "for",   "into"};
/// Words between operands: what stands around them is an expression without a name.
constexpr std::array<std::string_view, 11> kOperators = {"and", "or",      "not",     "is",     "like",   "ilike",
                                                         "in",  "between", "similar", "isnull", "notnull"};
constexpr std::array<std::string_view, 3> kConstants = {"null", "true", "false"};
constexpr std::array<std::string_view, 5> kTimes = {"current_date", "current_time", "current_timestamp", "localtime",
                                                    "localtimestamp"};

constexpr std::string_view kNameless = "?column?";

/// Finds names by the rules of PostgreSQL's FigureColname: a column's or function's own name, else that of a type.
class Labeller {
 public:
  explicit Labeller(const std::vector<SqlToken>& tokens) : tokens_(tokens) {}

  std::map<std::size_t, std::string> Run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const bool is_name = i > 0 && (tokens_[i - 1].Is("as") || tokens_[i - 1].IsSymbol("."));
      if (tokens_[i].Is("select") && !is_name) List(i + 1);
    }
    return std::move(labels_);
  }

  /// The names of the rows' columns; see OutputNames.
  std::vector<std::optional<std::string>> Outputs(std::size_t columns) const {
    const std::size_t list = OuterList();
    if (list == tokens_.size()) return {};
    std::vector<std::optional<std::string>> names(columns);
    const std::vector<Item> items = Items(list);
    const auto spreads = [this](const Item& item) { return Spreads(item); };
    // As many items as columns: what might be several of them, as unnest of a struct, is one.
    const auto first = items.size() == columns ? items.end() : std::ranges::find_if(items, spreads);
    if (first == items.end() ? items.size() != columns : items.size() > columns + 1) return {};
    for (auto item = items.begin(); item != first; ++item) {
      names[static_cast<std::size_t>(item - items.begin())] = OutputOf(*item);
    }
    // What comes after the last item of many columns is counted from the end.
    for (std::size_t last = 1; last <= items.size() && first != items.end(); ++last) {
      const Item& item = items[items.size() - last];
      if (Spreads(item)) break;
      names[columns - last] = OutputOf(item);
    }
    return names;
  }

 private:
  struct Item {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  struct Name {
    std::string text;
    int strength = 0;  ///< 0: none; 1: of a type or construct; 2: of a column or function
  };

  /// Where the select list begins that names the rows' columns; the number of tokens when there is none.
  std::size_t OuterList() const {
    std::size_t first = 0;
    while (first < tokens_.size() && tokens_[first].IsSymbol("(")) ++first;
    const bool queries = first < tokens_.size() &&
                         (tokens_[first].Is("select") || tokens_[first].Is("with") || tokens_[first].Is("from"));
    if (!queries) return tokens_.size();
    for (std::size_t i = first; i < tokens_.size(); i = Opens(tokens_[i]) ? SkipGroup(i) : i + 1) {
      if (tokens_[i].Is("select")) return i + 1;
    }
    return tokens_.size();
  }

  /// Whether an item is any number of columns: *, t.*, * EXCLUDE (…), COLUMNS(…), unnest of a struct.
  bool Spreads(const Item& item) const {
    for (std::size_t i = item.begin; i < item.end; ++i) {
      const bool leads = i == item.begin || tokens_[i - 1].IsSymbol(".");
      if (tokens_[i].IsSymbol("*") && leads) return true;
      if (tokens_[i].Is("columns") || tokens_[i].Is("unnest")) return true;
    }
    return false;
  }

  /// The name of an item's column; nothing when the engine has the same. A name that is given without quotes is in
  /// lower case, that of a column is as the table has it.
  std::optional<std::string> OutputOf(const Item& item) const {
    if (!HasName(item.begin, item.end)) return LabelOf(item);
    const SqlToken& last = tokens_[item.end - 1];
    const bool is_column = item.end - item.begin == 1 || tokens_[item.end - 2].IsSymbol(".");
    if (is_column || last.kind != TokenKind::kWord) return std::nullopt;
    return last.Value();
  }

  /// The name of an item that PostgreSQL gives it; nothing when the engine has the same.
  std::optional<std::string> LabelOf(const Item& item) const {
    if (HasName(item.begin, item.end)) return std::nullopt;
    Name name = NameOf(item.begin, item.end);
    return name.strength == 0 ? std::string(kNameless) : std::move(name.text);
  }

  std::size_t SkipGroup(std::size_t open) const { return GroupEnd(tokens_, open); }

  /// Where the item of a select list ends: at a comma, or with the list.
  std::size_t ItemEnd(std::size_t begin) const {
    std::size_t i = begin;
    int cases = 0;
    while (i < tokens_.size()) {
      const SqlToken& token = tokens_[i];
      if (Opens(token)) {
        i = SkipGroup(i);
        continue;
      }
      if (token.Is("case")) ++cases;
      if (token.Is("end")) --cases;
      if (Closes(token) || token.kind == TokenKind::kEnd || token.IsSymbol(",")) break;
      const bool belongs = i > begin && ((token.Is("from") && tokens_[i - 1].Is("distinct")) ||
                                         (token.Is("group") && tokens_[i - 1].Is("within")));
      if (cases == 0 && !belongs && IsOneOf(token, kEndsList)) break;
      ++i;
    }
    return i;
  }

  std::size_t ListBegin(std::size_t begin) const {
    if (begin < tokens_.size() && tokens_[begin].Is("all")) return begin + 1;
    if (begin >= tokens_.size() || !tokens_[begin].Is("distinct")) return begin;
    ++begin;
    if (begin + 1 < tokens_.size() && tokens_[begin].Is("on")) return SkipGroup(begin + 1);
    return begin;
  }

  /// The items of a select list: where each begins and ends.
  std::vector<Item> Items(std::size_t begin) const {
    std::vector<Item> items;
    begin = ListBegin(begin);
    while (true) {
      const std::size_t end = ItemEnd(begin);
      if (end > begin) items.push_back({begin, end});
      if (end >= tokens_.size() || !tokens_[end].IsSymbol(",")) return items;
      begin = end + 1;
    }
  }

  void List(std::size_t begin) {
    for (const Item& item : Items(begin)) {
      if (auto label = LabelOf(item)) labels_[item.end - 1] = *std::move(label);
    }
  }

  bool IsName(std::size_t i) const {
    return tokens_[i].kind == TokenKind::kQuoted || tokens_[i].kind == TokenKind::kWord;
  }

  /// Whether an item has a name that the engine gives, too: AS, one without AS, or that of a column.
  bool HasName(std::size_t begin, std::size_t end) const {
    const SqlToken& last = tokens_[end - 1];
    const bool named_first = end - begin > 2 && IsName(begin) && tokens_[begin + 1].IsSymbol(":");
    if (last.IsSymbol("*") || named_first) return true;
    if (!IsName(end - 1)) return false;
    if (end - begin == 1) {
      return last.kind == TokenKind::kQuoted ||
             !(IsValueWord(last.Value()) || IsOneOf(last, kConstants) || IsOneOf(last, kTimes));
    }
    const SqlToken& before = tokens_[end - 2];
    if (before.Is("as")) return true;
    if (before.IsSymbol(".")) {
      for (std::size_t i = begin; i < end; ++i) {
        if (tokens_[i].IsSymbol("::")) return false;
        if (!IsName(i) && !tokens_[i].IsSymbol(".")) return false;
      }
      return true;
    }
    if (last.Is("end") || IsOneOf(last, kConstants) || last.Is("isnull") || last.Is("notnull")) return false;
    if (before.Is("varying") || last.Is("varying") || last.Is("zone") || last.Is("precision")) return false;
    if (Closes(before) || before.kind == TokenKind::kString || before.kind == TokenKind::kNumber ||
        before.kind == TokenKind::kParameter || before.kind == TokenKind::kQuoted || before.Is("end")) {
      return true;
    }
    return before.kind == TokenKind::kWord && !IsOneOf(before, kOperators) && !before.Is("distinct") &&
           !before.Is("collate") && !before.Is("from") && !before.Is("else") && !before.Is("escape") &&
           !before.Is("over");
  }

  Name TypeName(std::size_t i, std::size_t end) const {
    if (i + 2 < end && tokens_[i + 1].IsSymbol(".")) i += 2;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kOwnNames = {
        {{"integer", "int4"},
         {"int", "int4"},
         {"bigint", "int8"},
         {"smallint", "int2"},
         {"boolean", "bool"},
         {"real", "float4"},
         {"double", "float8"},
         {"float", "float8"},
         {"decimal", "numeric"},
         {"character", "varchar"}}};
    const std::string value = i < end ? tokens_[i].Value() : std::string();
    for (const auto& [word, name] : kOwnNames) {
      if (word == value) return {std::string(name), 1};
    }
    return {value, value.empty() ? 0 : 1};
  }

  /// Where an operator stands that makes an expression nameless, or the last cast; `end` for none.
  std::size_t FindOuter(std::size_t begin, std::size_t end, bool casts) const {
    std::size_t found = end;
    for (std::size_t i = begin; i < end;) {
      if (Opens(tokens_[i])) {
        i = SkipGroup(i);
        continue;
      }
      if (tokens_[i].Is("case")) {
        i = CaseEnd(i, end);
        continue;
      }
      const bool mark = tokens_[i].IsSymbol(".") || tokens_[i].IsSymbol("::") || tokens_[i].IsSymbol(",");
      if (casts && tokens_[i].IsSymbol("::")) found = i;
      if (!casts && ((tokens_[i].kind == TokenKind::kSymbol && !mark) || IsOneOf(tokens_[i], kOperators))) return i;
      ++i;
    }
    return found;
  }

  /// Whether AT TIME ZONE stands in an expression itself: it is the call of a function.
  bool AtTimeZone(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i + 2 < end; i = Opens(tokens_[i]) ? SkipGroup(i) : i + 1) {
      if (tokens_[i].Is("at") && tokens_[i + 1].Is("time") && tokens_[i + 2].Is("zone")) return true;
    }
    return false;
  }

  std::size_t CaseEnd(std::size_t begin, std::size_t end) const {
    int depth = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens_[i].Is("case")) ++depth;
      if (tokens_[i].Is("end") && --depth == 0) return i + 1;
    }
    return end;
  }

  /// CAST (value AS type)
  Name NameOfCast(std::size_t open) const {
    const std::size_t close = SkipGroup(open) - 1;
    for (std::size_t i = open + 1; i < close; i = Opens(tokens_[i]) ? SkipGroup(i) : i + 1) {
      if (!tokens_[i].Is("as")) continue;
      const Name inner = NameOf(open + 1, i);
      return inner.strength == 2 ? inner : TypeName(i + 1, close);
    }
    return {};
  }

  Name NameOfCase(std::size_t begin, std::size_t end) const {
    int depth = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens_[i].Is("case") || Opens(tokens_[i])) ++depth;
      if (tokens_[i].Is("end") || Closes(tokens_[i])) --depth;
      if (depth != 1 || !tokens_[i].Is("else")) continue;
      const Name name = NameOf(i + 1, end - 1);
      if (name.strength == 2) return name;
    }
    return {"case", 1};
  }

  Name NameOf(std::size_t begin, std::size_t end) const {
    if (begin >= end) return {};
    if (FindOuter(begin, end, false) != end) return {};
    if (AtTimeZone(begin, end)) return {"timezone", 2};
    if (const std::size_t cast = FindOuter(begin, end, true); cast != end) {
      const Name inner = NameOf(begin, cast);
      return inner.strength == 2 ? inner : TypeName(cast + 1, end);
    }
    const SqlToken& first = tokens_[begin];
    if (first.IsSymbol("(")) {
      const std::size_t close = SkipGroup(begin);
      if (close + 1 < end && tokens_[close].IsSymbol(".")) return {tokens_[end - 1].Value(), 2};
      if (begin + 1 < end && tokens_[begin + 1].Is("select")) return NameOfQuery(begin + 2);
      return NameOf(begin + 1, close - 1);
    }
    if (first.Is("case")) return NameOfCase(begin, end);
    if (first.Is("cast")) return NameOfCast(begin + 1);
    if (first.Is("exists") || first.Is("array")) return {first.Value(), 2};
    if (first.Is("true") || first.Is("false") || first.Is("null") || !IsName(begin)) return {};
    std::size_t last = begin;
    while (last + 2 < end && tokens_[last + 1].IsSymbol(".") && IsName(last + 2)) last += 2;
    // TRIM is a construct of the grammar there.
    if (tokens_[last].Is("trim")) {
      const std::size_t side = last + 2;
      if (side < end && tokens_[side].Is("leading")) return {"ltrim", 2};
      return {side < end && tokens_[side].Is("trailing") ? "rtrim" : "btrim", 2};
    }
    return {tokens_[last].Value(), 2};
  }

  Name NameOfQuery(std::size_t begin) const {
    begin = ListBegin(begin);
    const std::size_t end = ItemEnd(begin);
    if (end > begin && HasName(begin, end)) return {tokens_[end - 1].Value(), 2};
    return NameOf(begin, end);
  }

  const std::vector<SqlToken>& tokens_;
  std::map<std::size_t, std::string> labels_;
};

}  // namespace

std::map<std::size_t, std::string> MissingLabels(const std::vector<SqlToken>& tokens) {
  return Labeller(tokens).Run();
}

std::vector<std::optional<std::string>> OutputNames(const std::vector<SqlToken>& tokens, std::size_t columns) {
  if (!tokens.empty() && tokens.front().Is("values")) {
    std::vector<std::optional<std::string>> names;
    for (std::size_t i = 1; i <= columns; ++i) names.emplace_back("column" + std::to_string(i));
    return names;
  }
  return Labeller(tokens).Outputs(columns);
}

bool IsValueWord(std::string_view lower) {
  static constexpr std::array<std::string_view, 6> kWords = {"current_user", "session_user",    "current_role",
                                                             "user",         "current_catalog", "current_schema"};
  return std::ranges::find(kWords, lower) != kWords.end();
}

}  // namespace smelt::serve::postgres
