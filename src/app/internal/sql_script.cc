#include "app/internal/sql_script.h"

#include <algorithm>
#include <cctype>

namespace smelt::app {
namespace {

enum class PieceKind { kCode, kQuoted, kComment };

/// A stretch of SQL that is all code, one quoted text or one comment.
struct Piece {
  PieceKind kind = PieceKind::kCode;
  std::string_view text;
  bool open = false;  ///< its end is missing
};

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

Piece Until(std::string_view sql, PieceKind kind, std::size_t from, std::string_view end) {
  const std::size_t at = sql.find(end, from);
  if (at == std::string_view::npos) return {kind, sql, true};
  return {kind, sql.substr(0, at + end.size())};
}

/// 'it''s' reads as two quoted texts, which comes to the same. With `escapes`, a backslash hides a quote.
Piece Quoted(std::string_view sql, char quote, bool escapes) {
  for (std::size_t at = 1; at < sql.size(); ++at) {
    if (escapes && sql[at] == '\\') {
      ++at;
    } else if (sql[at] == quote) {
      return {PieceKind::kQuoted, sql.substr(0, at + 1)};
    }
  }
  return {PieceKind::kQuoted, sql, true};
}

Piece BlockComment(std::string_view sql) {
  int depth = 0;
  for (std::size_t at = 0; at + 1 < sql.size(); ++at) {
    if (sql.substr(at, 2) == "/*") {
      ++depth;
      ++at;
    } else if (sql.substr(at, 2) == "*/") {
      ++at;
      if (--depth == 0) return {PieceKind::kComment, sql.substr(0, at + 1)};
    }
  }
  return {PieceKind::kComment, sql, true};
}

/// The $tag$ that begins here, or nothing.
std::string_view DollarTag(std::string_view sql) {
  std::size_t end = 1;
  while (end < sql.size() && IsWord(sql[end])) ++end;
  const bool tag = end < sql.size() && sql[end] == '$' && std::isdigit(static_cast<unsigned char>(sql[1])) == 0;
  return tag ? sql.substr(0, end + 1) : std::string_view();
}

/// What begins at the front of `sql` and is not plain code. `before` is the code before it.
Piece SpecialPiece(std::string_view sql, std::string_view before) {
  if (sql.starts_with("--")) {
    const std::size_t end = sql.find('\n');
    return {PieceKind::kComment, sql.substr(0, end)};
  }
  if (sql.starts_with("/*")) return BlockComment(sql);
  const char last = before.empty() ? ' ' : before.back();
  if (sql[0] == '\'') {
    const bool escapes = (last == 'e' || last == 'E') && (before.size() < 2 || !IsWord(before[before.size() - 2]));
    return Quoted(sql, '\'', escapes);
  }
  if (sql[0] == '"') return Quoted(sql, '"', false);
  if (sql[0] == '$' && !IsWord(last)) {
    if (const std::string_view tag = DollarTag(sql); !tag.empty()) {
      return Until(sql, PieceKind::kQuoted, tag.size(), tag);
    }
  }
  return {};
}

template <typename Visit>
void ForEachPiece(std::string_view sql, Visit visit) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < sql.size();) {
    const Piece special = SpecialPiece(sql.substr(at), sql.substr(begin, at - begin));
    if (special.text.empty()) {
      ++at;
      continue;
    }
    if (at > begin) visit(Piece{PieceKind::kCode, sql.substr(begin, at - begin)});
    visit(special);
    begin = at += special.text.size();
  }
  if (begin < sql.size()) visit(Piece{PieceKind::kCode, sql.substr(begin)});
}

constexpr std::string_view kSpace = " \t\r\n";

}  // namespace

bool IsComplete(std::string_view sql) {
  char last = 0;
  bool open = false;
  ForEachPiece(sql, [&](const Piece& piece) {
    open = piece.open;
    if (piece.kind == PieceKind::kComment) return;
    const std::size_t at = piece.text.find_last_not_of(kSpace);
    if (at != std::string_view::npos) last = piece.kind == PieceKind::kCode ? piece.text[at] : 'q';
  });
  return !open && (last == 0 || last == ';');
}

std::string OnOneLine(std::string_view sql) {
  std::string line;
  ForEachPiece(sql, [&](const Piece& piece) {
    if (piece.kind == PieceKind::kQuoted) {
      line += piece.text;
      return;
    }
    if (piece.kind == PieceKind::kComment) return;
    for (const char c : piece.text) {
      const bool space = kSpace.find(c) != std::string_view::npos;
      if (!space) line += c;
      if (space && !line.empty() && line.back() != ' ') line += ' ';
    }
  });
  std::ranges::replace(line, '\n', ' ');
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

Error InScript(Error error, std::string_view script, std::size_t offset) {
  const auto before = std::ranges::count(script.substr(0, offset), '\n');
  if (error.file() != "SQL" || before == 0) return error;
  const std::int64_t line = error.line() + before;
  std::string message = error.message();
  const std::string mark = "\nLINE " + std::to_string(error.line()) + ":";
  if (const std::size_t at = message.find(mark); at != std::string::npos) {
    const std::string shown = "\nLINE " + std::to_string(line) + ":";
    message.replace(at, mark.size(), shown);
    // The caret below the line keeps its column.
    const std::size_t caret = message.find('\n', at + 1);
    if (caret != std::string::npos) message.insert(caret + 1, shown.size() - mark.size(), ' ');
  }
  return Error(error.code(), std::move(message)).Hint(error.hint()).At(error.file(), line, error.column());
}

}  // namespace smelt::app
