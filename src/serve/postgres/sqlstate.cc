#include "serve/postgres/sqlstate.h"

#include <algorithm>
#include <array>

namespace smelt::serve::postgres {
namespace {

/// What a message of the engine's contains, and the state of such errors.
struct MessageState {
  std::string_view part;
  std::string_view state;
};

constexpr std::array kStates = {
    MessageState{"cannot contain window functions", "42P20"},
    MessageState{"LIMIT/OFFSET cannot be negative", "2201W"},
    MessageState{"term out of range", "42P10"},
    MessageState{"Unimplemented type for cast", "42846"},
    MessageState{"must appear in the GROUP BY", "42803"},
    MessageState{"Referenced column", "42703"},
    MessageState{"does not have a column named", "42703"},
    MessageState{"column \"", "42703"},
    MessageState{"Column with name", "42703"},
    MessageState{"No function matches", "42883"},
    MessageState{"Scalar Function with name", "42883"},
    MessageState{"Table Function with name", "42883"},
    MessageState{"Aggregate Function with name", "42883"},
    MessageState{"Macro Function", "42883"},
    MessageState{"Function with name", "42883"},
    MessageState{"Type with name", "42704"},
    MessageState{"Schema with name", "3F000"},
    MessageState{"there is no schema", "3F000"},
    MessageState{"schema named", "3F000"},
    MessageState{"Referenced table", "42P01"},
    MessageState{"Ambiguous reference", "42702"},
    MessageState{"aggregate", "42803"},
    MessageState{"already exists", "42P07"},
    MessageState{"there is no table", "42P01"},
    MessageState{"Table with name", "42P01"},
    MessageState{"View with name", "42P01"},
    MessageState{"unrecognized configuration parameter", "42704"},
    MessageState{"ivision by zero", "22012"},
    MessageState{"ivide by zero", "22012"},
    MessageState{"invalid input syntax", "22P02"},
    MessageState{"malformed array literal", "22P02"},
    MessageState{"field value", "22008"},
    MessageState{"square root of a negative", "2201F"},
    MessageState{"take logarithm of", "2201E"},
    MessageState{"out of range", "22003"},
    MessageState{"Overflow", "22003"},
    MessageState{"overflow", "22003"},
    MessageState{"invalid timestamp", "22007"},
    MessageState{"invalid date", "22007"},
    MessageState{"Could not convert string", "22P02"},
    MessageState{"Could not convert", "22P02"},
    MessageState{"Malformed JSON", "22P02"},
    MessageState{"NOT NULL", "23502"},
    MessageState{"Duplicate key", "23505"},
    MessageState{"CHECK constraint", "23514"},
    MessageState{"cannot change the lake", "25006"},
    MessageState{"read-only mode", "25006"},
    MessageState{"More than one row returned by a subquery", "21000"},
    MessageState{"type \"", "42704"},
    MessageState{"role \"", "42704"},
    MessageState{"schema \"", "3F000"},
    MessageState{"function \"", "42883"},
};

/// Codes whose own state says less than the message does.
bool TellsByMessage(ErrorCode code) {
  switch (code) {
    case ErrorCode::kSqlBinding:
    case ErrorCode::kSqlCatalog:
    case ErrorCode::kSqlRuntime:
    case ErrorCode::kSqlConstraint: return true;
    default: return false;
  }
}

std::string_view StateOf(const Error& error) {
  if (TellsByMessage(error.code())) {
    for (const MessageState& known : kStates) {
      if (error.message().find(known.part) != std::string::npos) return known.state;
    }
    if (error.code() == ErrorCode::kSqlCatalog) return "42P01";
  }
  if (error.code() == ErrorCode::kUsage) return "22023";
  return Describe(error.code()).sqlstate;
}

/// Without the line of the text that the engine shows below its messages: clients show it by the position.
std::string MessageOf(const Error& error) {
  std::string message = error.message();
  message.resize(std::min(message.find("\n\nLINE "), message.size()));
  message.resize(std::min(message.find("\nLINE "), message.size()));
  return message;
}

/// The number of characters before a place, from 1.
std::size_t PositionOf(const Error& error, std::string_view sql) {
  if (error.file() != "SQL" || error.line() < 1 || error.column() < 1) return 0;
  std::size_t begin = 0;
  for (std::int64_t line = 1; line < error.line(); ++line) {
    begin = sql.find('\n', begin);
    if (begin == std::string_view::npos) return 0;
    ++begin;
  }
  const std::size_t at = begin + static_cast<std::size_t>(error.column()) - 1;
  if (at > sql.size()) return 0;
  constexpr unsigned kTopBits = 0xC0;
  constexpr unsigned kFollows = 0x80;
  const auto characters = std::ranges::count_if(
      sql.substr(0, at), [](char c) { return (static_cast<unsigned char>(c) & kTopBits) != kFollows; });
  return static_cast<std::size_t>(characters) + 1;
}

void PutFields(char type, const WireError& error, WireBuffer& out) {
  const std::size_t message = out.Begin(type);
  auto field = [&](char code, std::string_view text) {
    if (text.empty()) return;
    out.PutByte(code);
    out.PutText(text);
  };
  field('S', error.severity);
  field('V', error.severity);
  field('C', error.state);
  field('M', error.message.empty() ? "unknown" : error.message);
  field('D', error.detail);
  field('H', error.hint);
  field('R', error.routine);
  if (error.position > 0) field('P', std::to_string(error.position));
  out.PutByte('\0');
  out.End(message);
}

}  // namespace

WireError ToWire(const Error& error, std::string_view sql) {
  WireError wire{.state = std::string(StateOf(error)), .message = MessageOf(error), .hint = error.hint()};
  if (wire.state.empty()) wire.state = "XX000";
  wire.position = PositionOf(error, sql);
  return wire;
}

WireError WireErrorOf(std::string_view state, std::string message, std::string hint) {
  return {.state = std::string(state), .message = std::move(message), .hint = std::move(hint)};
}

void PutError(const WireError& error, WireBuffer& out) {
  PutFields('E', error, out);
}

void PutNotice(const WireError& notice, WireBuffer& out) {
  PutFields('N', notice, out);
}

}  // namespace smelt::serve::postgres
