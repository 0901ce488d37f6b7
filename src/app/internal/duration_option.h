#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::app {

/// The milliseconds of a duration on the command line: "30s", "5m". Errors: kConfigValueInvalid, naming the option.
Result<std::int64_t> ReadDuration(const std::string& text, std::string_view option);

}  // namespace smelt::app
