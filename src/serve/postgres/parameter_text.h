#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

/// Values that clients send as text, as the engine reads them.
namespace smelt::serve::postgres {

/// A text of a type as PostgreSQL reads it, as the engine does; of bytea, the bytes.
/// Errors: kSqlRuntime when it is none of the type, as PostgreSQL says it.
Result<std::string> EngineText(std::uint32_t oid, std::string_view text);
/// An element of a list in the engine's text of one; quoted where that is needed.
std::string ListElement(std::uint32_t element, std::string_view text);
/// A date or timestamp: years before Christ are written otherwise there.
std::string EngineTimeText(std::string text);

}  // namespace smelt::serve::postgres
