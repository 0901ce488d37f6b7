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

}  // namespace smelt
