#include "serve/postgres/command.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace smelt::serve::postgres {
namespace {

struct FirstWord {
  std::string_view word;
  Command command;
};

constexpr std::array kFirstWords = {
    FirstWord{"begin", Command::kBegin},
    FirstWord{"start", Command::kBegin},
    FirstWord{"commit", Command::kCommit},
    FirstWord{"end", Command::kCommit},
    FirstWord{"rollback", Command::kRollback},
    FirstWord{"abort", Command::kRollback},
    FirstWord{"savepoint", Command::kSavepoint},
    FirstWord{"release", Command::kSavepoint},
    FirstWord{"set", Command::kSet},
    FirstWord{"reset", Command::kReset},
    FirstWord{"show", Command::kShow},
    FirstWord{"discard", Command::kDiscard},
    FirstWord{"prepare", Command::kPrepare},
    FirstWord{"execute", Command::kExecute},
    FirstWord{"deallocate", Command::kDeallocate},
    FirstWord{"declare", Command::kDeclare},
    FirstWord{"fetch", Command::kFetch},
    FirstWord{"move", Command::kFetch},
    FirstWord{"close", Command::kClose},
    FirstWord{"listen", Command::kListen},
    FirstWord{"unlisten", Command::kListen},
    FirstWord{"notify", Command::kNotify},
};

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper;
}

/// COPY … FROM STDIN or TO STDOUT: the word stands outside of parentheses.
Command CopyOf(const std::vector<SqlToken>& tokens) {
  int depth = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].IsSymbol("(")) ++depth;
    if (tokens[i].IsSymbol(")")) --depth;
    if (depth > 0) continue;
    if (tokens[i].Is("from") && tokens[i + 1].Is("stdin")) return Command::kCopyIn;
    if (tokens[i].Is("to") && tokens[i + 1].Is("stdout")) return Command::kCopyOut;
  }
  return Command::kEngine;
}

/// The statement behind WITH …: the first of its words outside of parentheses.
std::string WithTag(const std::vector<SqlToken>& tokens) {
  int depth = 0;
  for (const SqlToken& token : tokens) {
    if (token.IsSymbol("(")) ++depth;
    if (token.IsSymbol(")")) --depth;
    if (depth > 0) continue;
    for (const std::string_view word : {"select", "insert", "update", "delete"}) {
      if (token.Is(word)) return Upper(word);
    }
  }
  return "SELECT";
}

/// CREATE OR REPLACE TEMP TABLE … and its kin.
std::string DefinitionTag(const std::vector<SqlToken>& tokens) {
  constexpr std::array<std::string_view, 12> kPassed = {"or",       "replace",    "temp",      "temporary",
                                                        "unlogged", "unique",     "recursive", "global",
                                                        "local",    "persistent", "if",        "not"};
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].kind != TokenKind::kWord) break;
    if (std::ranges::any_of(kPassed, [&](std::string_view word) { return tokens[i].Is(word); })) continue;
    const std::string object = Upper(tokens[i].text);
    if (object == "MATERIALIZED") return Upper(tokens[0].text) + " MATERIALIZED VIEW";
    if (object == "TABLE" && tokens[0].Is("create")) {
      const bool as_query = std::ranges::any_of(tokens, [](const SqlToken& token) { return token.Is("as"); });
      if (as_query) return "SELECT";
    }
    return Upper(tokens[0].text) + " " + object;
  }
  return Upper(tokens[0].text);
}

}  // namespace

Command CommandOf(const ScriptPart& part) {
  const auto& tokens = part.tokens;
  if (tokens.empty()) return Command::kEngine;
  if (tokens[0].Is("copy")) return CopyOf(tokens);
  if (tokens[0].Is("rollback") || tokens[0].Is("abort")) {
    const std::size_t to = IsWordAt(tokens, 1, "work") || IsWordAt(tokens, 1, "transaction") ? 2 : 1;
    return IsWordAt(tokens, to, "to") ? Command::kSavepoint : Command::kRollback;
  }
  if (tokens[0].Is("set")) {
    if (IsWordAt(tokens, 1, "transaction")) return Command::kSetTransaction;
    if (IsWordAt(tokens, 1, "session") && IsWordAt(tokens, 2, "characteristics")) return Command::kSetTransaction;
    return Command::kSet;
  }
  for (const FirstWord& first : kFirstWords) {
    if (tokens[0].Is(first.word)) return first.command;
  }
  return Command::kEngine;
}

std::string TagOf(const ScriptPart& part) {
  const auto& tokens = part.tokens;
  if (tokens.empty()) return "";
  const SqlToken& first = tokens[0];
  for (const std::string_view word :
       {"values", "table", "from", "describe", "summarize", "pivot", "unpivot", "pragma"}) {
    if (first.Is(word)) return "SELECT";
  }
  if (first.kind == TokenKind::kSymbol) return "SELECT";
  if (first.Is("with")) return WithTag(tokens);
  if (first.Is("create") || first.Is("drop") || first.Is("alter")) return DefinitionTag(tokens);
  if (first.Is("end")) return "COMMIT";
  if (first.Is("abort")) return "ROLLBACK";
  if (first.Is("start")) return "START TRANSACTION";
  if (first.Is("declare")) return "DECLARE CURSOR";
  if (first.Is("close")) return IsWordAt(tokens, 1, "all") ? "CLOSE CURSOR ALL" : "CLOSE CURSOR";
  if (first.Is("discard")) return IsWordAt(tokens, 1, "all") ? "DISCARD ALL" : "DISCARD " + Upper(tokens.back().text);
  if (first.Is("deallocate")) return IsWordAt(tokens, 1, "all") ? "DEALLOCATE ALL" : "DEALLOCATE";
  if (first.Is("truncate")) return "TRUNCATE TABLE";
  return Upper(first.text);
}

bool TagHasRows(const std::string& tag) {
  for (const std::string_view word : {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "FETCH", "MOVE", "COPY"}) {
    if (tag == word) return true;
  }
  return false;
}

}  // namespace smelt::serve::postgres
