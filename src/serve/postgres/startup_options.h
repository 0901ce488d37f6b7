#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/postgres/portal.h"

namespace smelt::serve::postgres {

/// The settings in the startup parameter `options`, which libpq fills from PGOPTIONS: `-c name=value` or
/// `--name=value`, between spaces; a backslash takes the next character as it is.
/// Errors: 42601 for what is no setting.
WireResult<std::vector<std::pair<std::string, std::string>>> ReadStartupOptions(std::string_view text);

}  // namespace smelt::serve::postgres
