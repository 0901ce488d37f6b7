#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "serve/postgres/wire_buffer.h"

namespace smelt::serve::postgres {

/// An error as PostgreSQL's clients know it.
struct WireError {
  std::string severity = "ERROR";  ///< ERROR, FATAL; of notices WARNING, NOTICE
  std::string state = "XX000";
  std::string message{};
  std::string detail{};
  std::string hint{};
  std::string routine{};     ///< PostgreSQL's function that says so, where clients go by that
  std::size_t position = 0;  ///< in characters of the client's text, from 1; 0 when it is not known
};

/// Finds the SQLSTATE that PostgreSQL has for an error, by its code and, where the engine has one code for many, by its
/// message; its place becomes a position in `sql`.
WireError ToWire(const Error& error, std::string_view sql = {});
/// An error of the door's own.
WireError WireErrorOf(std::string_view state, std::string message, std::string hint = {});
/// Writes an ErrorResponse or a NoticeResponse.
void PutError(const WireError& error, WireBuffer& out);
void PutNotice(const WireError& notice, WireBuffer& out);

}  // namespace smelt::serve::postgres
