#include "serve/pg_catalog/internal/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "engine/session.h"
#include "serve/pg_catalog/internal/cast_types.h"
#include "serve/postgres/column_labels.h"
#include "serve/postgres/select_list.h"
#include "serve/postgres/sql_tokens.h"

namespace smelt::serve::pg_catalog {
namespace {

using postgres::IsValueWord;
using postgres::SqlToken;
using postgres::TokenKind;

/// A part of the text that is being written.
struct Piece {
  enum class Kind : std::uint8_t { kOperand, kWord, kDot, kOpen, kClose, kCast, kOther };
  std::string text;
  Kind kind = Kind::kOther;
  bool blank_before = true;
};

/// Calls in which FROM is a word of their own, as in extract(year from x).
bool HasOwnFrom(const SqlToken& function) {
  return function.Is("extract") || function.Is("substring") || function.Is("trim") || function.Is("overlay");
}

bool MakesJson(const SqlToken& function) {
  return function.Is("json_build_object") || function.Is("jsonb_build_object");
}

/// A type that a value is cast to.
struct TypeText {
  std::string lower{};   ///< its name without schema
  std::string engine{};  ///< how the engine writes it, with [] of arrays
  bool is_array = false;
  std::size_t end = 0;  ///< after its last token
};

/// Words before "(" that are no functions, or after which an operand begins.
bool IsKeyword(std::string_view lower) {
  static constexpr std::array<std::string_view, 35> kWords = {
      "select",  "from",   "where",   "and",       "or",     "not",    "in",   "like",  "ilike",
      "is",      "on",     "join",    "using",     "as",     "case",   "when", "then",  "else",
      "between", "by",     "having",  "union",     "all",    "any",    "some", "limit", "over",
      "order",   "filter", "lateral", "intersect", "except", "values", "with", "array"};
  return std::ranges::find(kWords, lower) != kWords.end();
}

bool IsSelect(std::string_view word) {
  return EqualsIgnoringCase(word, "select");
}

class Translator {
 public:
  Translator(const std::vector<SqlToken>& tokens, const Names& names, const RelationFinder& find)
      : tokens_(tokens), names_(names), find_(find), labels_(postgres::MissingLabels(tokens)) {}

  Result<std::string> Run() {
    SMELT_TRY(Range(0, tokens_.size()));
    std::string text;
    for (const Piece& piece : out_) {
      if (piece.blank_before && !text.empty()) text += ' ';
      text += piece.text;
    }
    return text;
  }

 private:
  bool Is(std::size_t i, std::string_view word) const { return i < tokens_.size() && tokens_[i].Is(word); }
  bool IsSymbol(std::size_t i, std::string_view symbol) const {
    return i < tokens_.size() && tokens_[i].IsSymbol(symbol);
  }
  bool IsName(std::size_t i) const {
    return i < tokens_.size() && (tokens_[i].kind == TokenKind::kWord || tokens_[i].kind == TokenKind::kQuoted);
  }
  bool Touches(std::size_t i) const { return i > 0 && tokens_[i - 1].at + tokens_[i - 1].text.size() == tokens_[i].at; }

  void Put(std::string text, Piece::Kind kind, bool blank = true) { out_.push_back({std::move(text), kind, blank}); }

  Status Range(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end;) {
      const std::size_t first = i;
      SMELT_ASSIGN(i, One(i));
      for (std::size_t k = first; k < i; ++k) {
        if (const auto label = labels_.find(k); label != labels_.end()) {
          Put("AS \"" + label->second + "\"", Piece::Kind::kOther);
        }
      }
    }
    return {};
  }

  /// Writes an operand to which more belongs: a label stands behind all of it.
  Status Operand(std::size_t begin, std::size_t end) {
    auto label = labels_.extract(end - 1);
    SMELT_TRY(Range(begin, end));
    if (!label.empty()) labels_.insert(std::move(label));
    return {};
  }

  /// Writes what begins at a token; the position after it.
  Result<std::size_t> One(std::size_t i) {
    const SqlToken& token = tokens_[i];
    if (token.IsSymbol("::")) return Cast(i);
    if (token.Is("cast") && IsSymbol(i + 1, "(")) return CastCall(i);
    if (token.Is("collate")) return SkipCollation(i);
    if (token.Is("operator") && IsSymbol(i + 1, "(")) return NamedOperator(i);
    if (IsOperator(i)) return Operator(i);
    if (IsLike(i)) return Like(std::string(token.text), i + 1);
    if (postgres::IsUntypedColumn(tokens_, i)) {
      Put("NULL::VARCHAR", Piece::Kind::kOperand);
      return i + 1;
    }
    if (IsEmptyArray(i)) {
      Put("[]", Piece::Kind::kOperand);
      return i + 1;
    }
    if ((token.Is("any") || token.Is("all") || token.Is("some")) && IsSymbol(i + 1, "(")) return Quantified(i);
    if (IsName(i) && !(i > 0 && IsSymbol(i - 1, "."))) return Name(i);
    if (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuoted) {
      Put(std::string(token.text), Piece::Kind::kOperand, false);
    } else if (token.kind == TokenKind::kString || token.kind == TokenKind::kNumber ||
               token.kind == TokenKind::kParameter) {
      Put(std::string(token.text), Piece::Kind::kOperand);
    } else {
      Mark(i);
    }
    return i + 1;
  }

  void Mark(std::size_t i) {
    const SqlToken& token = tokens_[i];
    Piece::Kind kind = Piece::Kind::kOther;
    if (token.IsSymbol(".")) kind = Piece::Kind::kDot;
    if (token.IsSymbol("(") || token.IsSymbol("[")) kind = Piece::Kind::kOpen;
    if (token.IsSymbol(")") || token.IsSymbol("]")) kind = Piece::Kind::kClose;
    if (kind == Piece::Kind::kOpen && i > 0) {
      scopes_.push_back({.own_from = HasOwnFrom(tokens_[i - 1]), .makes_json = MakesJson(tokens_[i - 1])});
    } else if (kind == Piece::Kind::kOpen) {
      scopes_.push_back({});
    }
    if (kind == Piece::Kind::kClose && scopes_.size() > 1) scopes_.pop_back();
    Put(std::string(token.text), kind, !Touches(i));
  }

  /// Writes what is within parentheses that are written already.
  Status Within(std::size_t begin, std::size_t end) {
    scopes_.push_back({});
    SMELT_TRY(Range(begin, end));
    scopes_.pop_back();
    return {};
  }

  /// The position after the group that begins here.
  std::size_t SkipGroup(std::size_t open) const { return postgres::GroupEnd(tokens_, open); }

  // Operators

  bool IsLike(std::size_t i) const {
    return (Is(i, "like") || Is(i, "ilike")) && i > 0 && !Is(i - 1, "as") && !IsSymbol(i - 1, ".");
  }

  /// '{}' takes the type of its place in PostgreSQL: it is written for an array.
  bool IsEmptyArray(std::size_t i) const {
    return tokens_[i].kind == TokenKind::kString && tokens_[i].Value() == "{}" && !IsSymbol(i + 1, "::") &&
           !Is(i + 1, "as");
  }

  bool IsOperator(std::size_t i) const { return IsSymbol(i, "~") || (IsSymbol(i, "!") && IsSymbol(i + 1, "~")); }

  Result<std::size_t> NamedOperator(std::size_t i) {
    const std::size_t close = SkipGroup(i + 1) - 1;
    std::size_t begin = i + 2;
    if (IsName(begin) && IsSymbol(begin + 1, ".")) begin += 2;
    std::string symbols;
    for (std::size_t k = begin; k < close; ++k) symbols += tokens_[k].text;
    return Match(symbols, close + 1);
  }

  Result<std::size_t> Operator(std::size_t i) {
    std::string symbols;
    while (i < tokens_.size() && (IsSymbol(i, "~") || IsSymbol(i, "!") || IsSymbol(i, "*")) &&
           (symbols.empty() || Touches(i))) {
      symbols += tokens_[i++].text;
    }
    return Match(symbols, i);
  }

  /// Regular expressions match anywhere in PostgreSQL, the whole text in the engine.
  Result<std::size_t> Match(const std::string& symbols, std::size_t i) {
    static const std::map<std::string, std::string, std::less<>> kLike = {
        {"~~", "LIKE"}, {"!~~", "NOT LIKE"}, {"~~*", "ILIKE"}, {"!~~*", "NOT ILIKE"}};
    if (const auto like = kLike.find(symbols); like != kLike.end()) return Like(like->second, i);
    if (symbols != "~" && symbols != "!~" && symbols != "~*" && symbols != "!~*") {
      Put(symbols, Piece::Kind::kOther);
      return i;
    }
    const bool folds = symbols.ends_with('*');
    const std::size_t end = OperandEnd(i);
    Put(symbols.starts_with('!') ? "!~" : "~", Piece::Kind::kOther);
    Put(folds ? "('(?is).*(?:' ||" : "('(?s).*(?:' ||", Piece::Kind::kOpen);
    SMELT_TRY(Operand(i, end));
    Put("|| ').*')", Piece::Kind::kClose);
    return end;
  }

  /// A pattern of LIKE: a backslash escapes in PostgreSQL, and nothing does in the engine. `i` is its first token.
  Result<std::size_t> Like(const std::string& word, std::size_t i) {
    Put(word, Piece::Kind::kOther);
    if (Is(i, "any") || Is(i, "all")) return i;
    std::size_t end = OperandEnd(i);
    while (IsSymbol(end, "|") && IsSymbol(end + 1, "|")) end = OperandEnd(end + 2);
    const bool plain =
        end == i + 1 && tokens_[i].kind == TokenKind::kString && tokens_[i].text.find('\\') == std::string_view::npos;
    SMELT_TRY(Operand(i, end));
    if (!plain && !Is(end, "escape")) Put("ESCAPE '\\'", Piece::Kind::kOther);
    return end;
  }

  /// Where the operand ends that begins at a token: a name, call, group or value, with what is attached to it.
  std::size_t OperandEnd(std::size_t i) const {
    if (IsName(i)) {
      ++i;
      while (IsSymbol(i, ".") && IsName(i + 1)) i += 2;
      if (IsSymbol(i, "(") || IsSymbol(i, "[")) i = SkipGroup(i);
    } else if (IsSymbol(i, "(")) {
      i = SkipGroup(i);
    } else {
      ++i;
    }
    while (i < tokens_.size()) {
      if (IsSymbol(i, "::")) {
        i = TypeAt(i + 1).end;
      } else if (Is(i, "collate")) {
        i = CollationEnd(i);
      } else if (IsSymbol(i, "[")) {
        i = SkipGroup(i);
      } else {
        break;
      }
    }
    return std::min(i, tokens_.size());
  }

  std::size_t CollationEnd(std::size_t i) const {
    i += 2;
    while (IsSymbol(i, ".")) i += 2;
    return std::min(i, tokens_.size());
  }

  Result<std::size_t> SkipCollation(std::size_t i) { return CollationEnd(i); }

  /// x = ANY (array), x <> ALL (array): the engine has no such thing for arrays of outer queries.
  Result<std::size_t> Quantified(std::size_t i) {
    const bool all = tokens_[i].Is("all");
    const bool query = Is(i + 2, "select") || Is(i + 2, "with") || Is(i + 2, "values") ||
                       (IsSymbol(i + 2, "(") && Is(i + 3, "select"));
    std::size_t operators = 0;
    while (operators < out_.size() && out_[out_.size() - 1 - operators].kind == Piece::Kind::kOther &&
           std::string_view("=<>!").contains(out_[out_.size() - 1 - operators].text[0])) {
      ++operators;
    }
    std::string symbols;
    for (std::size_t k = out_.size() - operators; k < out_.size(); ++k) symbols += out_[k].text;
    const bool equal = !all && symbols == "=";
    const bool unequal = all && (symbols == "<>" || symbols == "!=");
    if (query || (!equal && !unequal)) {
      Put(std::string(tokens_[i].text), Piece::Kind::kWord);
      return i + 1;
    }
    out_.resize(out_.size() - operators);
    const std::size_t begin = OperandBegin();
    std::vector<Piece> left(std::make_move_iterator(out_.begin() + static_cast<std::ptrdiff_t>(begin)),
                            std::make_move_iterator(out_.end()));
    out_.resize(begin);
    Put(unequal ? "(NOT list_contains(" : "list_contains(", Piece::Kind::kOpen);
    const std::size_t close = SkipGroup(i + 1) - 1;
    if (close == i + 3 && tokens_[i + 2].kind == TokenKind::kString && IsBraces(tokens_[i + 2].Value())) {
      Put(ListOf(tokens_[i + 2].Value()), Piece::Kind::kOperand);
    } else {
      SMELT_TRY(Within(i + 2, close));
    }
    Put(",", Piece::Kind::kOther, false);
    for (Piece& piece : left) out_.push_back(std::move(piece));
    Put(unequal ? "))" : ")", Piece::Kind::kClose, false);
    return close + 1;
  }

  // Casts

  /// The type that is written at a token.
  TypeText TypeAt(std::size_t i) const {
    TypeText type;
    if (IsName(i) && IsSymbol(i + 1, ".") && IsName(i + 2)) i += 2;
    if (i >= tokens_.size()) return {.end = tokens_.size()};
    type.lower = tokens_[i].Value();
    const bool plain_char = type.lower == "char" && tokens_[i].kind == TokenKind::kWord;
    const bool plain = plain_char || (type.lower == "varchar" && scopes_.back().makes_json);
    type.engine = plain ? "VARCHAR" : EngineType(type.lower);
    ++i;
    static constexpr std::array<std::string_view, 6> kMore = {"varying", "precision", "with",
                                                              "without", "time",      "zone"};
    const bool wordy = type.lower == "character" || type.lower == "double" || type.lower == "timestamp" ||
                       type.lower == "time" || type.lower == "bit";
    if (IsSymbol(i, "(")) {
      std::string modifier;
      const std::size_t end = SkipGroup(i);
      for (; i < end; ++i) modifier += tokens_[i].text;
      if (type.lower == "numeric" || type.lower == "decimal") type.engine += modifier;
    }
    while (wordy && i < tokens_.size() && tokens_[i].kind == TokenKind::kWord &&
           std::ranges::find(kMore, tokens_[i].Value()) != kMore.end()) {
      type.engine += " " + tokens_[i++].Value();
    }
    if (IsSymbol(i, "(")) i = SkipGroup(i);
    while (IsSymbol(i, "[")) {
      type.is_array = true;
      type.engine += "[]";
      i = SkipGroup(i);
    }
    type.end = i;
    return type;
  }

  /// Where the operand begins that was written last.
  std::size_t OperandBegin() const {
    std::size_t i = out_.size();
    while (i > 0) {
      const Piece& last = out_[i - 1];
      if (last.kind == Piece::Kind::kClose) {
        i = GroupBegin(i - 1);
        // A call's name, or what is subscripted.
        const bool named =
            i > 0 && (out_[i - 1].kind == Piece::Kind::kOperand || out_[i - 1].kind == Piece::Kind::kClose);
        const bool array =
            i > 0 && out_[i - 1].text.size() == 5 && SqlToken{TokenKind::kWord, out_[i - 1].text}.Is("array");
        if (array) return i - 1;
        if (!named) return i;
        continue;
      }
      if (last.kind != Piece::Kind::kOperand) return i;
      --i;
      if (i > 0 && (out_[i - 1].kind == Piece::Kind::kDot || out_[i - 1].kind == Piece::Kind::kCast)) {
        --i;
        continue;
      }
      return i;
    }
    return 0;
  }

  std::size_t GroupBegin(std::size_t close) const {
    int depth = 0;
    for (std::size_t i = close + 1; i-- > 0;) {
      if (out_[i].kind == Piece::Kind::kClose) ++depth;
      if (out_[i].kind == Piece::Kind::kOpen && --depth == 0) return i;
    }
    return 0;
  }

  Result<std::size_t> CastCall(std::size_t i) {
    const std::size_t close = SkipGroup(i + 1) - 1;
    std::size_t as = close;
    for (std::size_t k = i + 2; k < close;) {
      if (IsSymbol(k, "(") || IsSymbol(k, "[")) {
        k = SkipGroup(k);
        continue;
      }
      if (Is(k, "as")) as = k;
      ++k;
    }
    if (as == close) {
      Put("CAST", Piece::Kind::kWord);
      return i + 1;
    }
    const bool literal = as == i + 3;
    if (!literal) Put("(", Piece::Kind::kOpen);
    const std::size_t around = std::exchange(cast_as_, as);
    SMELT_TRY(Within(i + 2, as));
    cast_as_ = around;
    if (!literal) Put(")", Piece::Kind::kClose, false);
    const SqlToken* value = literal && tokens_[i + 2].kind == TokenKind::kString ? &tokens_[i + 2] : nullptr;
    SMELT_ASSIGN(const std::size_t next, CastTo(TypeAt(as + 1), value, close + 1));
    return next;
  }

  Result<std::size_t> Cast(std::size_t i) {
    const bool literal = i > 0 && tokens_[i - 1].kind == TokenKind::kString && !out_.empty() &&
                         out_.back().kind == Piece::Kind::kOperand && out_.back().text == tokens_[i - 1].text;
    const TypeText type = TypeAt(i + 1);
    return CastTo(type, literal ? &tokens_[i - 1] : nullptr, type.end);
  }

  /// Casts the operand that was written last. `next` is the position after the cast.
  Result<std::size_t> CastTo(const TypeText& type, const SqlToken* literal, std::size_t next) {
    if (IsRegType(type.lower) && !type.is_array) return CastToName(type, literal, next);
    if (literal != nullptr && type.engine.ends_with("[]") && IsBraces(literal->Value())) {
      out_.back().text = ListOf(literal->Value());
    }
    if (literal != nullptr && (type.lower == "oidvector" || type.lower == "int2vector")) {
      std::string list = literal->Value();
      std::ranges::replace(list, ' ', ',');
      out_.back().text = "[" + list + "]";
    }
    Put("::", Piece::Kind::kCast, false);
    Put(type.engine, Piece::Kind::kOperand, false);
    return next;
  }

  /// The type of the cast that follows, by :: or as the AS of a CAST around; empty for none.
  std::string FollowingCast(std::size_t i) const {
    return IsSymbol(i, "::") || i == cast_as_ ? TypeAt(i + 1).lower : std::string();
  }

  /// x::regclass and the like: numbers where a name is looked up or compared, names where they are shown.
  Result<std::size_t> CastToName(const TypeText& type, const SqlToken* literal, std::size_t next) {
    const std::string following = FollowingCast(next);
    const bool as_text = following == "text" || following == "varchar" || following == "name";
    const bool as_number = following == "oid" || following == "int4" || following == "int8" || following == "integer" ||
                           following == "bigint" || following == "int";
    const bool is_class = type.lower == "regclass";
    if (literal != nullptr && is_class && !as_text) {
      const std::string name = literal->Value();
      const auto oid = find_(name);
      if (!oid) return Fail(ErrorCode::kSqlCatalog, fmt::format("relation \"{}\" does not exist", name));
      const bool shown = IsWholeColumn(next);
      out_.back().text = fmt::format("{}{}::pg_oid{}", shown ? "pgc.smelt_regclass(" : "", *oid, shown ? ")" : "");
      return next;
    }
    const std::size_t begin = OperandBegin();
    const bool compared = begin > 0 && (out_[begin - 1].text == "=" || out_[begin - 1].text == ">");
    const bool parameter = next > 1 && out_.back().kind == Piece::Kind::kOperand && out_.back().text.starts_with('$');
    const bool looked_up = (literal != nullptr && !as_text) || parameter || (is_class && (as_number || compared));
    std::string function = looked_up ? "pgc.to_" + type.lower : "pgc.smelt_" + type.lower;
    if (looked_up && is_class) function = "pgc.smelt_relation";
    const bool shown = literal != nullptr && looked_up && IsWholeColumn(next);
    if (!looked_up && as_number) return next;
    if (literal != nullptr && as_text) {
      Put("::", Piece::Kind::kCast, false);
      Put("VARCHAR", Piece::Kind::kOperand, false);
      return next;
    }
    const std::string missing =
        literal != nullptr && looked_up ? NotFound(type.lower, literal->Value()) : std::string();
    if (!missing.empty()) function = "pgc.smelt_found(" + function;
    if (shown) function = fmt::format("pgc.smelt_{}({}", type.lower, function);
    out_[begin].blank_before = false;
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(begin), Piece{function, Piece::Kind::kOperand, true});
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(begin) + 1, Piece{"(", Piece::Kind::kOpen, false});
    const std::string closing = missing.empty() ? ")" : fmt::format("), {})", engine::QuoteLiteral(missing));
    Put(shown ? closing + ")" : closing, Piece::Kind::kClose, false);
    return next;
  }

  /// Whether what was written last, with a cast that ends before a token, is a column of a select list by itself.
  bool IsWholeColumn(std::size_t next) const {
    const std::size_t begin = OperandBegin();
    return begin > 0 && (out_[begin - 1].text == "," || IsSelect(out_[begin - 1].text)) && EndsColumn(next);
  }

  /// Whether a column of a select list ends before a token.
  bool EndsColumn(std::size_t next) const {
    const bool ends =
        next >= tokens_.size() || Is(next, "as") || Is(next, "from") || IsSymbol(next, ",") || IsSymbol(next, ";");
    return ends && postgres::InSelectList(tokens_, std::min(next, tokens_.size()));
  }

  /// Whether a column of a select list begins where is being written.
  bool BeginsColumn() const { return !out_.empty() && (out_.back().text == "," || IsSelect(out_.back().text)); }

  // Names

  /// alias.tableoid and the other columns that every table of PostgreSQL's has.
  bool SystemColumn(std::size_t i) {
    if (!IsName(i) || !IsSymbol(i + 1, ".") || !IsName(i + 2)) return false;
    const std::string column = tokens_[i + 2].Value();
    if (column == "xmin" || column == "xmax") {
      Put("0::xid", Piece::Kind::kOperand);
      return true;
    }
    if (column != "tableoid") return false;
    const std::string alias = tokens_[i].Value();
    for (std::size_t k = 1; k < tokens_.size(); ++k) {
      if (!IsName(k) || tokens_[k].Value() != alias || k == i) continue;
      const std::size_t named = Is(k - 1, "as") ? k - 2 : k - 1;
      if (named >= tokens_.size() || !names_.IsRelation(tokens_[named].Value())) continue;
      Put(fmt::format("{}::pg_oid", find_("pg_catalog." + tokens_[named].Value()).value_or(0)), Piece::Kind::kOperand);
      return true;
    }
    return false;
  }

  Result<std::size_t> Name(std::size_t i) {
    if (SystemColumn(i)) return i + 3;
    std::size_t at = i;
    if (tokens_[at].Value() == "lake" && IsSymbol(at + 1, ".") && IsName(at + 2) && IsSymbol(at + 3, ".")) {
      const std::string schema = tokens_[at + 2].Value();
      if (schema == "pg_catalog" || schema == "information_schema") at += 2;
    }
    const std::string value = tokens_[at].Value();
    if ((value == "pg_catalog" || value == "information_schema") && IsSymbol(at + 1, ".") && IsName(at + 2)) {
      return OfSchema(value == "pg_catalog" ? "pgc" : "infs", at + 2);
    }
    if (tokens_[i].kind == TokenKind::kWord && !(i > 0 && Is(i - 1, "as"))) Clause(value);
    if (IsSymbol(i + 1, "(") && !IsKeyword(value)) return Function(i, false);
    if (tokens_[i].kind == TokenKind::kWord && IsValueWord(value) && !IsSymbol(i + 1, ".")) {
      Put("pgc." + value, Piece::Kind::kOperand);
      Put("(", Piece::Kind::kOpen, false);
      Put(")", Piece::Kind::kClose, false);
      return i + 1;
    }
    if (InFrom(i) && names_.IsRelation(value)) {
      Put("pgc.\"" + value + "\"", Piece::Kind::kOperand);
      return i + 1;
    }
    const bool keyword = tokens_[i].kind == TokenKind::kWord && IsKeyword(value);
    Put(std::string(tokens_[i].text), keyword ? Piece::Kind::kWord : Piece::Kind::kOperand);
    return i + 1;
  }

  void Clause(std::string_view word) {
    if (word == "from" && !scopes_.back().own_from) scopes_.back().relations = true;
    static constexpr std::array<std::string_view, 8> kOthers = {"select", "where", "group", "order",
                                                                "having", "limit", "union", "except"};
    if (std::ranges::find(kOthers, word) != kOthers.end()) scopes_.back().relations = false;
  }

  /// Whether the name at a token is that of a relation: after FROM, JOIN, or a comma or parenthesis among relations.
  bool InFrom(std::size_t i) const {
    if (i == 0) return false;
    std::size_t before = i - 1;
    while (before > 0 && (IsSymbol(before, "(") || Is(before, "only") || Is(before, "lateral"))) --before;
    const bool is_clause = before + 1 < i || !scopes_.back().own_from;
    const bool is_distinct = before > 0 && Is(before - 1, "distinct");
    return (Is(before, "from") && is_clause && !is_distinct) || Is(before, "join") ||
           (IsSymbol(before, ",") && scopes_.back().relations);
  }

  /// What comes after `pg_catalog.` or `information_schema.`.
  Result<std::size_t> OfSchema(std::string_view schema, std::size_t i) {
    const std::string value = tokens_[i].Value();
    if (IsSymbol(i + 1, "(")) return Function(i, true);
    const bool relation = schema == "pgc" ? names_.IsRelation(value) : names_.IsInformationRelation(value);
    Put(relation ? fmt::format("{}.\"{}\"", schema, value) : EngineType(value), Piece::Kind::kOperand);
    return i + 1;
  }

  Result<std::size_t> Function(std::size_t i, bool qualified) {
    const std::string value = tokens_[i].Value();
    const std::string plain = qualified ? value : std::string(tokens_[i].text);
    const bool among_relations = InFrom(qualified ? i - 2 : i);
    if (among_relations && (value == "generate_series" || value == "unnest")) return RowsOf(i, plain);
    if (among_relations && names_.IsScalar(value)) return RowOf(i, value);
    if (value == "json_agg" || value == "jsonb_agg") return Wrapped(i, "to_json(list(", "))");
    if (value.starts_with("to_reg") && names_.IsMacro(value)) {
      const std::string name = value.substr(std::string_view("to_").size());
      const bool shown = BeginsColumn() && EndsColumn(SkipGroup(i + 1));
      return Wrapped(i, (shown ? "pgc.smelt_" + name + "(" : "") + "pgc." + value + "(", shown ? "))" : ")");
    }
    const bool spreads = value == "generate_series";
    if (!spreads) {
      const std::string function = MakesJson(tokens_[i]) ? "json_object" : plain;
      Put(names_.IsMacro(value) ? "pgc." + value : function, Piece::Kind::kOperand);
      return i + 1;
    }
    return Wrapped(i, "unnest(generate_series(", "))::INTEGER");
  }

  /// A call whose name and parentheses are written otherwise.
  Result<std::size_t> Wrapped(std::size_t i, std::string_view opening, std::string closing) {
    const std::size_t close = SkipGroup(i + 1) - 1;
    const std::size_t name_end = opening.find('(');
    Put(std::string(opening.substr(0, name_end)), Piece::Kind::kOperand);
    Put(std::string(opening.substr(name_end)), Piece::Kind::kOpen, false);
    SMELT_TRY(Within(i + 2, close));
    Put(std::move(closing), Piece::Kind::kClose, false);
    return close + 1;
  }

  /// FROM generate_series(…) s: its column is named as it is. The integers of the catalogue have 4 bytes.
  Result<std::size_t> RowsOf(std::size_t i, const std::string& function) {
    const bool counts = tokens_[i].Value() == "generate_series";
    const std::size_t close = SkipGroup(i + 1) - 1;
    Put(counts ? "(SELECT unnest(generate_series" : function, Piece::Kind::kOperand);
    Put("(", Piece::Kind::kOpen, false);
    SMELT_TRY(Within(i + 2, close));
    Put(counts ? "))::INTEGER)" : ")", Piece::Kind::kClose, false);
    const std::size_t alias = AliasAt(close + 1);
    if (alias == tokens_.size() || IsSymbol(alias + 1, "(")) return close + 1;
    Put(fmt::format("AS {0}({0})", tokens_[alias].text), Piece::Kind::kOther);
    return alias + 1;
  }

  /// FROM version() v: one row with one column, which is named as it is.
  Result<std::size_t> RowOf(std::size_t i, const std::string& function) {
    const std::size_t close = SkipGroup(i + 1) - 1;
    const std::size_t alias = AliasAt(close + 1);
    const std::string name = alias == tokens_.size() ? function : std::string(tokens_[alias].text);
    Put("(SELECT " + (names_.IsMacro(function) ? "pgc." + function : function), Piece::Kind::kOperand);
    Put("(", Piece::Kind::kOpen, false);
    SMELT_TRY(Within(i + 2, close));
    Put(fmt::format(")) AS {0}({0})", name), Piece::Kind::kClose, false);
    return alias == tokens_.size() ? close + 1 : alias + 1;
  }

  /// Where the alias of what stands in FROM is named; the number of tokens when it has none.
  std::size_t AliasAt(std::size_t i) const {
    if (Is(i, "as")) return i + 1;
    const bool named = IsName(i) && !IsKeyword(tokens_[i].Value()) && !Is(i, "cross") && !Is(i, "left") &&
                       !Is(i, "inner") && !Is(i, "right") && !Is(i, "full") && !Is(i, "group");
    return named ? i : tokens_.size();
  }

  const std::vector<SqlToken>& tokens_;
  const Names& names_;
  const RelationFinder& find_;
  std::map<std::size_t, std::string> labels_;
  std::vector<Piece> out_;
  std::size_t cast_as_ = 0;  ///< where the AS of the CAST stands that is being written
  /// What is being written within a pair of parentheses.
  struct Scope {
    bool relations = false;   ///< relations are being named: the clause FROM
    bool own_from = false;    ///< of a call that has a FROM of its own
    bool makes_json = false;  ///< of a call whose texts must be plain ones
  };
  std::vector<Scope> scopes_{Scope{}};  ///< by depth
};

/// What a statement's tokens say of where it belongs.
struct Signs {
  bool catalog = false;  ///< something that only PostgreSQL's catalogue has
  bool lake = false;     ///< a relation that is not the catalogue's
};

/// Names of common table expressions: name AS (, name (…) AS (.
bool IsDefinedHere(const std::vector<SqlToken>& tokens, const std::string& name) {
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].Value() != name || tokens[i].kind == TokenKind::kString) continue;
    const bool begins =
        i > 0 && (tokens[i - 1].Is("with") || tokens[i - 1].Is("recursive") || tokens[i - 1].IsSymbol(","));
    if (begins && (tokens[i + 1].Is("as") || tokens[i + 1].IsSymbol("("))) return true;
  }
  return false;
}

Signs ReadSigns(const std::vector<SqlToken>& tokens, const Names& names) {
  Signs signs;
  std::vector<bool> own_from;  ///< by parenthesis: whether FROM within is the call's own, as in extract(year from x)
  const auto symbol = [&](std::size_t i, std::string_view text) {
    return i < tokens.size() && tokens[i].IsSymbol(text);
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (token.IsSymbol("(")) {
      own_from.push_back(i > 0 && HasOwnFrom(tokens[i - 1]));
    }
    if (token.IsSymbol(")") && !own_from.empty()) own_from.pop_back();
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuoted) continue;
    const std::string value = token.Value();
    const bool of_schema = (value == "pg_catalog" || value == "information_schema") && symbol(i + 1, ".");
    const bool after_from = i > 0 && (tokens[i - 1].Is("from") || tokens[i - 1].Is("join"));
    const bool is_distinct = i > 1 && tokens[i - 1].Is("from") && tokens[i - 2].Is("distinct");
    const bool call = symbol(i + 1, "(");
    if (of_schema && i + 2 < tokens.size()) {
      const std::string inner = tokens[i + 2].Value();
      const bool plain =
          value == "pg_catalog" && !names.IsRelation(inner) && !names.IsOnlyOfPostgres(inner) && !IsRegType(inner);
      if (!plain) signs.catalog = true;
      i += 2;
      continue;
    }
    if (i > 0 && symbol(i - 1, "::") && IsRegType(value)) signs.catalog = true;
    if (call && names.IsOnlyOfPostgres(value)) signs.catalog = true;
    if (token.kind == TokenKind::kWord && IsValueWord(value) && !symbol(i + 1, ".") && !(i > 0 && symbol(i - 1, "."))) {
      signs.catalog = true;
    }
    if (!after_from || is_distinct || (!own_from.empty() && own_from.back())) continue;
    if (names.IsRelation(value) && !symbol(i + 1, ".")) {
      signs.catalog = true;
    } else if (!call && value != "lateral" && value != "only" && value != "select" && !IsDefinedHere(tokens, value)) {
      const bool of_database = value == "lake" && i + 2 < tokens.size() &&
                               (tokens[i + 2].Value() == "pg_catalog" || tokens[i + 2].Value() == "information_schema");
      if (!of_database) signs.lake = true;
    }
  }
  return signs;
}

}  // namespace

Result<std::string> TranslateQuery(std::string_view sql, const Names& names, const RelationFinder& find) {
  const std::vector<SqlToken> tokens = postgres::Tokens(sql);
  return Translator(tokens, names, find).Run();
}

bool IsForCatalog(std::string_view sql, const Names& names) {
  const std::vector<SqlToken> tokens = postgres::Tokens(sql);
  std::size_t first = 0;
  while (first < tokens.size() && tokens[first].IsSymbol("(")) ++first;
  if (first >= tokens.size()) return false;
  const SqlToken& begin = tokens[first];
  if (!begin.Is("select") && !begin.Is("with") && !begin.Is("values") && !begin.Is("table")) return false;
  const Signs signs = ReadSigns(tokens, names);
  return signs.catalog && !signs.lake;
}

}  // namespace smelt::serve::pg_catalog
