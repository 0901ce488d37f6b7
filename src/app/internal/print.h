#pragma once

#include <string>
#include <vector>

#include "app/internal/terminal/list_view.h"
#include "base/json.h"

namespace smelt::app {

/// Prints a document as one line. Bytes that are not UTF-8 are replaced.
void PrintLine(const Json& line);

/// Prints entries as wide as the terminal is; nothing for none.
void PrintList(const std::vector<std::string>& names, const std::vector<ListEntry>& entries);

}  // namespace smelt::app
