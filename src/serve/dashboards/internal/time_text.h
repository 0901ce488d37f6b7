#pragma once

#include <cstdint>
#include <string>

namespace smelt::serve::internal {

/// "2018-05-24T06:00:00.123Z".
std::string MillisText(std::int64_t since_epoch_ms);

}  // namespace smelt::serve::internal
