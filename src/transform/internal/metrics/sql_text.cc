#include "transform/internal/metrics/sql_text.h"

#include <fmt/format.h>

#include <cctype>

namespace smelt::transform {
namespace {

bool IsNameStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool IsNamePart(char c) {
  return IsNameStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

class Reader {
 public:
  explicit Reader(std::string_view sql) : sql_(sql) {}

  Result<std::vector<SqlPiece>> Read() {
    while (at_ < sql_.size()) {
      const std::size_t begin = at_;
      SMELT_ASSIGN(const SqlPiece::Kind kind, Next());
      pieces_.push_back({.kind = kind, .text = sql_.substr(begin, at_ - begin)});
    }
    return std::move(pieces_);
  }

 private:
  Result<SqlPiece::Kind> Next() {
    const char c = sql_[at_];
    if (c == '\'') return Quoted('\'', SqlPiece::Kind::kString);
    if (c == '"') return Quoted('"', NameKind());
    if (c == '$' && Ahead("$$")) return Until("$$", SqlPiece::Kind::kString);
    if (Ahead("--")) return Line();
    if (Ahead("/*")) return Until("*/", SqlPiece::Kind::kOther);
    if (IsNameStart(c)) {
      while (at_ < sql_.size() && IsNamePart(sql_[at_])) ++at_;
      return NameKind();
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      while (at_ < sql_.size() && (IsNamePart(sql_[at_]) || sql_[at_] == '.')) ++at_;
      return SqlPiece::Kind::kOther;
    }
    ++at_;
    if (c == '(' || c == '[') return SqlPiece::Kind::kOpen;
    if (c == ')' || c == ']') return SqlPiece::Kind::kClose;
    return c == ';' ? SqlPiece::Kind::kEnd : SqlPiece::Kind::kOther;
  }

  bool Ahead(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  Result<SqlPiece::Kind> Quoted(char quote, SqlPiece::Kind kind) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] != quote) continue;
      ++at_;
      if (at_ == sql_.size() || sql_[at_] != quote) return kind == SqlPiece::Kind::kString ? kind : NameKind();
    }
    return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}': a quote is not closed", sql_));
  }

  Result<SqlPiece::Kind> Until(std::string_view end, SqlPiece::Kind kind) {
    const std::size_t found = sql_.find(end, at_ + 2);
    if (found == std::string_view::npos) {
      return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}': there is no closing {}", sql_, end));
    }
    at_ = found + end.size();
    return kind;
  }

  Result<SqlPiece::Kind> Line() {
    const std::size_t end = sql_.find('\n', at_);
    at_ = end == std::string_view::npos ? sql_.size() : end;
    return SqlPiece::Kind::kOther;
  }

  /// Of the name that ends here: not a column's when it is called, or a part of what is before a dot.
  SqlPiece::Kind NameKind() const {
    std::size_t next = at_;
    while (next < sql_.size() && std::isspace(static_cast<unsigned char>(sql_[next])) != 0) ++next;
    const bool is_called = next < sql_.size() && sql_[next] == '(';
    const bool is_part = !pieces_.empty() && pieces_.back().text == ".";
    return is_called || is_part ? SqlPiece::Kind::kOther : SqlPiece::Kind::kName;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<SqlPiece> pieces_;
};

}  // namespace

Result<std::vector<SqlPiece>> SqlPieces(std::string_view sql) {
  return Reader(sql).Read();
}

Status CheckExpression(std::string_view sql) {
  SMELT_ASSIGN(const auto pieces, SqlPieces(sql));
  std::string open;
  for (const SqlPiece& piece : pieces) {
    if (piece.kind == SqlPiece::Kind::kEnd) {
      return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}': a condition cannot have ';'", sql))
                      .Hint("write one condition without an end"));
    }
    if (piece.kind == SqlPiece::Kind::kOpen) open += piece.text == "(" ? ')' : ']';
    if (piece.kind != SqlPiece::Kind::kClose) continue;
    if (open.empty() || open.back() != piece.text.front()) {
      return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}': '{}' closes nothing", sql, piece.text));
    }
    open.pop_back();
  }
  if (open.empty()) return {};
  return Fail(ErrorCode::kMetricImpossible, fmt::format("'{}': '{}' is missing", sql, open.back()));
}

}  // namespace smelt::transform
