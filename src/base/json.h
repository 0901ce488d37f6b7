#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt {

/// The JSON value used everywhere in smelt; object keys keep their order. The only third-party type that public
/// headers may name (docs/decisions/0003-one-json-type.md).
using Json = nlohmann::ordered_json;

/// Parses one JSON document.
/// Errors: kConfigSyntax, with line and column; `origin` names the text in the message.
Result<Json> ParseJson(std::string_view text, std::string_view origin);

/// One JSON document, or a value that is_discarded() when the text is none.
Json JsonOrDiscarded(std::string_view text);

/// The value as text: on one line, or with `indent` spaces for each level. Bytes that are not UTF-8, which texts from
/// outside may hold, become U+FFFD.
/// This and the two above exist so that what reads and writes JSON is compiled once, not in every file that needs it.
std::string JsonText(const Json& json, int indent = -1);

/// What an object has at a key; null when it has nothing there, or is no object.
const Json& ValueAt(const Json& object, std::string_view key);

/// The text at a key; empty when there is none.
std::string TextAt(const Json& object, std::string_view key);

}  // namespace smelt
