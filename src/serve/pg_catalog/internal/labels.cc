#include "serve/pg_catalog/internal/labels.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "serve/pg_catalog/internal/names.h"

namespace smelt::serve::pg_catalog {
namespace {

using postgres::SqlToken;
using postgres::TokenKind;

bool Opens(const SqlToken& token) {
  return token.IsSymbol("(") || token.IsSymbol("[");
}

bool Closes(const SqlToken& token) {
  return token.IsSymbol(")") || token.IsSymbol("]");
}

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

constexpr std::string_view kNameless = "?column?";

/// Finds names by the rules of PostgreSQL's FigureColname: a column's or function's own name, else that of a type.
class Labeller {
 public:
  explicit Labeller(const std::vector<SqlToken>& tokens) : tokens_(tokens) {}

  std::map<std::size_t, std::string> Run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].Is("select")) List(i + 1);
    }
    return std::move(labels_);
  }

 private:
  struct Name {
    std::string text;
    int strength = 0;  ///< 0: none; 1: of a type or construct; 2: of a column or function
  };

  std::size_t SkipGroup(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
      if (Opens(tokens_[i])) ++depth;
      if (Closes(tokens_[i]) && --depth == 0) return i + 1;
    }
    return tokens_.size();
  }

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
      const bool is_distinct_from = token.Is("from") && i > begin && tokens_[i - 1].Is("distinct");
      if (cases == 0 && !is_distinct_from && IsOneOf(token, kEndsList)) break;
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

  void List(std::size_t begin) {
    begin = ListBegin(begin);
    while (true) {
      const std::size_t end = ItemEnd(begin);
      if (end > begin && !HasName(begin, end)) {
        const Name name = NameOf(begin, end);
        labels_[end - 1] = name.strength == 0 ? std::string(kNameless) : name.text;
      }
      if (end >= tokens_.size() || !tokens_[end].IsSymbol(",")) return;
      begin = end + 1;
    }
  }

  bool IsName(std::size_t i) const {
    return tokens_[i].kind == TokenKind::kQuoted || tokens_[i].kind == TokenKind::kWord;
  }

  /// Whether an item has a name that the engine gives, too: AS, one without AS, or that of a column.
  bool HasName(std::size_t begin, std::size_t end) const {
    const SqlToken& last = tokens_[end - 1];
    if (last.IsSymbol("*")) return true;
    if (!IsName(end - 1)) return false;
    if (end - begin == 1) {
      return last.kind == TokenKind::kQuoted || !(IsValueWord(last.Value()) || IsOneOf(last, kConstants));
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
           !before.Is("collate") && !before.Is("from") && !before.Is("else") && !before.Is("escape");
  }

  Name TypeName(std::size_t i, std::size_t end) const {
    if (i + 2 < end && tokens_[i + 1].IsSymbol(".")) i += 2;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kOwnNames = {
        {{"integer", "int4"},
         {"int", "int4"},
         {"bigint", "int8"},
         {"smallint", "int2"},
         {"boolean", "bool"},
         {"real", "float4"},
         {"double", "float8"},
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

  std::size_t CaseEnd(std::size_t begin, std::size_t end) const {
    int depth = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens_[i].Is("case")) ++depth;
      if (tokens_[i].Is("end") && --depth == 0) return i + 1;
    }
    return end;
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
    if (first.Is("cast")) return {};
    if (first.Is("exists") || first.Is("array")) return {first.Value(), 1};
    if (first.Is("true") || first.Is("false")) return {"bool", 1};
    if (first.Is("null") || !IsName(begin)) return {};
    std::size_t last = begin;
    while (last + 2 < end && tokens_[last + 1].IsSymbol(".") && IsName(last + 2)) last += 2;
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

}  // namespace smelt::serve::pg_catalog
