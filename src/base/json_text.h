#pragma once

#include <string>
#include <string_view>

namespace smelt {

/// Appends a text as a JSON string, in quotes. Bytes beyond ASCII are taken as they are: the text must be UTF-8.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace smelt
